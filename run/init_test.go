package run

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/terrace-iac/terrace/shell"
)

// fakeInit leaves behind what an init of the binary does.
func fakeInit(c shell.Cmd) answer {
	if c.Args[0] != "init" {
		return answer{}
	}
	return answer{do: func() {
		_ = os.MkdirAll(filepath.Join(c.Dir, ".terraform", "providers"), 0o755)
		_ = os.MkdirAll(filepath.Join(c.Dir, ".terraform", "modules"), 0o755)
		_ = os.WriteFile(filepath.Join(c.Dir, lockFile), []byte("# lock\n"), 0o644)
	}}
}

const moduleText = `
	terraform {
		required_version = ">= 1.0"
		backend "local" {}
	}
	module "a" {
		source = "./below"
		text   = "x"
	}
	resource "null_resource" "a" {
		count = 1
	}
	output "a" { value = 1 }
`

// TestInitDecision changes one thing after an init and says whether the next
// plan needs another one, and why.
func TestInitDecision(t *testing.T) {
	t.Parallel()
	replace := func(file, from, to string) func(*bench, string) {
		return func(b *bench, _ string) {
			text := b.read(file)
			if !strings.Contains(text, from) {
				b.t.Fatalf("%s does not hold %q", file, from)
			}
			b.write(file, strings.ReplaceAll(text, from, to))
		}
	}
	remove := func(name string) func(*bench, string) {
		return func(b *bench, work string) {
			if err := os.RemoveAll(filepath.Join(work, name)); err != nil {
				b.t.Fatal(err)
			}
		}
	}
	for name, c := range map[string]struct {
		change func(b *bench, work string)
		why    string // "" for no init
	}{
		"nothing":                      {func(*bench, string) {}, ""},
		"an output":                    {replace("unit/main.tf", "value = 1", "value = 2"), ""},
		"an argument of a module call": {replace("unit/main.tf", `"x"`, `"y"`), ""},
		"a resource's argument":        {replace("unit/main.tf", "count = 1", "count = 2"), ""},
		"another resource of the same provider": {func(b *bench, _ string) {
			b.write("unit/more.tf", `resource "null_resource" "b" {}`)
		}, ""},
		"a comment in a local module":          {replace("unit/below/main.tf", "variable", "# a comment\nvariable"), ""},
		"inputs":                               {replace("unit/terragrunt.hcl", "text = 1", "text = 2"), ""},
		"extra arguments of another command":   {replace("unit/terragrunt.hcl", "-lock=false", "-lock=true"), ""},
		"a backend setting":                    {replace("unit/terragrunt.hcl", "one.tfstate", "two.tfstate"), "backend settings"},
		"extra arguments of init":              {replace("unit/terragrunt.hcl", "-upgrade", "-upgrade=false"), "backend settings"},
		"a required version":                   {replace("unit/main.tf", ">= 1.0", ">= 1.1"), "requirements"},
		"the source of a module call":          {replace("unit/main.tf", "./below", "./other"), "module calls"},
		"a new module call":                    {func(b *bench, _ string) { b.write("unit/more.tf", "module \"b\" {\n source = \"./below\"\n}") }, "module calls"},
		"a module call in a local module":      {func(b *bench, _ string) { b.write("unit/below/more.tf", "module \"c\" {\n source = \"../other\"\n}") }, "module calls"},
		"a resource of a new provider":         {func(b *bench, _ string) { b.write("unit/more.tf", `resource "random_id" "b" {}`) }, "requirements"},
		"a provider block":                     {func(b *bench, _ string) { b.write("unit/more.tf", `provider "null" {}`) }, "requirements"},
		"a file that cannot be parsed changed": {func(b *bench, _ string) { b.write("unit/broken.tf", `provider "null" {`) }, "requirements"},
		"the lock file":                        {func(b *bench, _ string) { b.write("unit/"+lockFile, "# another\n") }, "lock file"},
		"the data folder":                      {remove(".terraform"), "data folder"},
		"the providers":                        {remove(".terraform/providers"), "providers are gone"},
		"the modules":                          {remove(".terraform/modules"), "modules are gone"},
		"the record":                           {remove(initRecord), "never initialised"},
		"a broken record": {func(b *bench, work string) {
			mustWrite(b.t, filepath.Join(work, initRecord), "{")
		}, "cannot be read"},
		"the marker": {func(b *bench, work string) {
			mustWrite(b.t, filepath.Join(work, initMarker), "")
		}, "fetched again"},
		"another data folder": {func(b *bench, _ string) {
			b.opts.Env = append(b.opts.Env, "TF_DATA_DIR=.elsewhere")
		}, "data folder is gone"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, map[string]string{
				"unit/main.tf":       moduleText,
				"unit/below/main.tf": `variable "text" {}`,
				"unit/other/main.tf": `variable "text" {}`,
				"unit/terragrunt.hcl": `
					inputs = { text = 1 }
					remote_state {
						backend = "local"
						config  = { path = "one.tfstate" }
					}
					terraform {
						extra_arguments "a" {
							commands  = ["init"]
							arguments = ["-upgrade"]
						}
						extra_arguments "b" {
							commands  = ["plan"]
							arguments = ["-lock=false"]
						}
					}`,
			})
			b.rec.script = fakeInit
			o := b.must("unit", "plan")
			if !o.Init || !strings.Contains(b.log.String(), "never initialised") {
				t.Fatalf("the first run: %+v\n%s", o, &b.log)
			}
			mustWrite(t, filepath.Join(o.WorkDir, ".terraform", "modules", "modules.json"),
				`{"Modules":[{"Key":"","Dir":"."},{"Key":"a","Dir":"below"},{"Key":"far","Dir":".terraform/modules/far"}]}`)
			if o = b.must("unit", "init"); o.Init {
				t.Fatal("an init before an init")
			}
			c.change(b, o.WorkDir)
			if why := initReasonOf(b, name != "the marker"); (why == "") != (c.why == "") || !strings.Contains(why, c.why) {
				t.Errorf("init because of %q, want %q", why, c.why)
			}
			if o = b.must("unit", "plan"); c.why != "" && !o.Init {
				t.Error("no init")
			}
			if o = b.must("unit", "plan"); o.Init {
				t.Errorf("and once more:\n%s", &b.log)
			}
		})
	}
}

// initReasonOf prepares the unit and asks. A change in a local source always
// leaves the marker; without it the answer is that for a remote one.
func initReasonOf(b *bench, withoutMarker bool) (why string) {
	b.t.Helper()
	ask := step{"ask", func(_ context.Context, j *job) error {
		if withoutMarker {
			_ = os.Remove(filepath.Join(j.workDir, initMarker))
		}
		why = j.initReason()
		if why == "" || !withoutMarker {
			return nil
		}
		return os.WriteFile(filepath.Join(j.workDir, initMarker), nil, 0o644)
	}}
	r := b.start()
	o := order{unit: b.unit(b.loader("plan"), "unit"), cmd: Command{Name: "plan", Args: shell.Argv{"plan"}}}
	if _, err := r.carryOut(context.Background(), o, append(preparing(), ask)); err != nil {
		b.t.Fatal(err)
	}
	return why
}

// TestInitWithoutProviders: a module without providers leaves hardly anything
// behind, and is initialised once all the same.
func TestInitWithoutProviders(t *testing.T) {
	t.Parallel()
	b := newBench(t, map[string]string{"unit/main.tf": "", "unit/terragrunt.hcl": ""})
	b.must("unit", "plan")
	if o := b.must("unit", "plan"); o.Init {
		t.Errorf("initialised again:\n%s", &b.log)
	}
	b.must("unit", "apply")
	wantLines(t, b.rec.lines(), "tofu init", "tofu plan", "tofu plan", "tofu apply")
}

func TestExplicitInit(t *testing.T) {
	t.Parallel()
	for line, complete := range map[string]bool{
		"init": true, "init -upgrade": true, "init -backend=true": true,
		"init -backend=false": false, "init -get=false": false, "init -backend=0": false, "init -help": false,
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, map[string]string{"unit/main.tf": "", "unit/terragrunt.hcl": ""})
			o := b.must("unit", strings.Fields(line)...)
			mustWrite(t, filepath.Join(o.WorkDir, initMarker), "")
			b.must("unit", strings.Fields(line)...)
			if exists(filepath.Join(o.WorkDir, initMarker)) == complete {
				t.Error("the marker was not dealt with as it should")
			}
			if o := b.must("unit", "plan"); o.Init == complete {
				t.Errorf("init before the plan: %v", o.Init)
			}
		})
	}
}

func TestFailedInit(t *testing.T) {
	t.Parallel()
	b := newBench(t, map[string]string{"unit/main.tf": "", "unit/terragrunt.hcl": ""})
	b.rec.script = func(c shell.Cmd) answer {
		a := fakeInit(c)
		a.code, a.stderr = 3, "no luck"
		return a
	}
	o, err := b.run("unit", "plan")
	if err == nil || o.ExitCode != 3 || o.Attempts != 0 {
		t.Errorf("got %+v, %v", o, err)
	}
	wantLines(t, b.rec.lines(), "tofu init")
	if got := b.read("unit/" + lockFile); got != "# lock\n" {
		t.Errorf("the lock file was not brought back: %q", got)
	}
	b.rec.script = nil
	if o := b.must("unit", "plan"); !o.Init {
		t.Error("no init after one that failed")
	}
}

func TestNoAutoInit(t *testing.T) {
	t.Parallel()
	b := newBench(t, map[string]string{"unit/main.tf": "", "unit/terragrunt.hcl": ""})
	b.opts.NoAutoInit = true
	b.must("unit", "plan")
	wantLines(t, b.rec.lines(), "tofu plan")
	if !strings.Contains(b.log.String(), "Detected that init is needed, but Auto-Init is disabled") {
		t.Errorf("log: %s", &b.log)
	}
}

func TestCommandsWithoutInit(t *testing.T) {
	t.Parallel()
	for _, word := range []string{"fmt", "login", "logout", "metadata", "-version"} {
		b := newBench(t, map[string]string{"unit/main.tf": "", "unit/terragrunt.hcl": ""})
		b.must("unit", word)
		wantLines(t, b.rec.lines(), "tofu "+word)
	}
}

// TestAutoInitAsksNothing: its questions could not be seen, and standard input
// is for the command.
func TestAutoInitAsksNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t, map[string]string{"unit/main.tf": "", "unit/terragrunt.hcl": ""})
	r := b.start()
	out, errs, quiet := &strings.Builder{}, &strings.Builder{}, &strings.Builder{}
	b.rec.script = func(c shell.Cmd) answer {
		return answer{stdout: "out of " + c.Args[0] + "\n", stderr: "err of " + c.Args[0] + "\n"}
	}
	_, err := r.Run(context.Background(), b.unit(b.loader("apply"), "unit"), Command{Name: "apply", Args: shell.Argv{"apply", "-no-color"}},
		Streams{Stdin: strings.NewReader("yes"), Stdout: out, Stderr: errs, Quiet: quiet})
	if err != nil {
		t.Fatal(err)
	}
	initCall, apply := b.rec.last(t, "init"), b.rec.last(t, "apply")
	if initCall.Stdin != nil || variableOf(initCall, "TF_INPUT") != "0" {
		t.Errorf("init could ask: TF_INPUT=%s", variableOf(initCall, "TF_INPUT"))
	}
	if apply.Stdin == nil || variableOf(apply, "TF_INPUT") != "(unset)" {
		t.Error("apply could not ask")
	}
	if !slices.Equal(initCall.Args, []string{"init", "-no-color"}) {
		t.Errorf("init was given %q", initCall.Args)
	}
	if out.String() != "out of apply\n" || quiet.String() != "out of init\n" || errs.String() != "err of init\nerr of apply\n" {
		t.Errorf("out %q, quiet %q, errs %q", out, quiet, errs)
	}
}

func TestLockFileComesBack(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config string
		words  []string
		want   string
	}{
		"automatic init":      {"", []string{"plan"}, "# lock\n"},
		"explicit init":       {"", []string{"init"}, "# lock\n"},
		"providers lock":      {"", []string{"providers", "lock"}, "# lock of providers\n"},
		"not when told so":    {"terraform {\n copy_terraform_lock_file = false\n}", []string{"init"}, ""},
		"not another command": {"", []string{"providers", "mirror", "x"}, "# lock\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, map[string]string{"unit/main.tf": "", "unit/terragrunt.hcl": c.config})
			b.rec.script = func(call shell.Cmd) answer {
				if call.Args[0] == "providers" {
					return answer{do: func() { mustWrite(t, filepath.Join(call.Dir, lockFile), "# lock of providers\n") }}
				}
				return fakeInit(call)
			}
			b.must("unit", c.words...)
			got, _ := os.ReadFile(b.path("unit/" + lockFile))
			if string(got) != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
