package run

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/zclconf/go-cty/cty"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/shell"
)

const localState = `remote_state {
	backend  = "local"
	config   = { path = "${get_terragrunt_dir()}/state.json" }
	generate = { path = "backend.tf", if_exists = "overwrite" }
}
`

func stateText(id string) string {
	return fmt.Sprintf(`{"version":4,"serial":1,"lineage":"x","outputs":{"id":{"value":%q,"type":"string"},`+
		`"list":{"value":["a"],"type":["list","string"]},"pw":{"value":"s3cret","type":"string","sensitive":true}},"resources":[]}`, id)
}

const needsBase = `dependency "base" {
	config_path = "../base"
}
inputs = { id = dependency.base.outputs.id }
`

func twoUnits(t *testing.T, base string) *bench {
	return newBench(t, map[string]string{
		"base/main.tf":        "",
		"base/terragrunt.hcl": base,
		"base/state.json":     stateText("one"),
		"app/main.tf":         `variable "id" {}`,
		"app/terragrunt.hcl":  needsBase,
	})
}

func TestOutputsFromLocalState(t *testing.T) {
	t.Parallel()
	b := twoUnits(t, localState)
	r := b.start()
	v, err := r.Outputs(context.Background(), b.unit(b.loader("plan"), "base"))
	if err != nil {
		t.Fatal(err)
	}
	want := cty.ObjectVal(map[string]cty.Value{
		"id": cty.StringVal("one"), "list": cty.ListVal([]cty.Value{cty.StringVal("a")}), "pw": cty.StringVal("s3cret"),
	})
	if !v.RawEquals(want) {
		t.Errorf("got %#v", v)
	}
	wantLines(t, b.rec.lines())
	b.must("app", "plan")
	wantLines(t, b.rec.lines(), "tofu init", "tofu plan")
	if got := variableOf(b.rec.last(t, "plan"), "TF_VAR_id"); got != "one" {
		t.Errorf("app was given %q", got)
	}
}

// TestOutputsThroughBinary: where the state cannot be read here the unit is
// prepared and asked, as for any command.
func TestOutputsThroughBinary(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ base, state string }{
		"no remote_state":            {"", ""},
		"another backend":            {"remote_state {\n backend = \"http\"\n config = {}\n generate = { path = \"b.tf\", if_exists = \"overwrite\" }\n}", ""},
		"switched off":               {strings.Replace(localState, "config ", "disable_dependency_optimization = true\nconfig ", 1), ""},
		"an encrypted state":         {localState, `{"serial":1,"encrypted_data":"x","encryption_version":"v0"}`},
		"encryption set":             {strings.Replace(localState, "config ", "encryption = { key_provider = \"pbkdf2\", passphrase = \"0123456789abcdef\" }\nconfig ", 1), ""},
		"a state of another version": {localState, `{"version":5}`},
		"no state at all":            {localState, `hello`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := twoUnits(t, c.base)
			if c.state != "" {
				b.write("base/state.json", c.state)
			}
			b.rec.script = func(c shell.Cmd) answer {
				if c.Args[0] == "output" {
					return answer{stdout: "a warning\n" + `{"id":{"value":"two","type":"string","sensitive":false}}`}
				}
				return answer{}
			}
			b.must("app", "plan")
			wantLines(t, b.rec.lines(), "tofu init", "tofu output -json", "tofu init", "tofu plan")
			if got := variableOf(b.rec.last(t, "plan"), "TF_VAR_id"); got != "two" {
				t.Errorf("app was given %q", got)
			}
			if dir := b.rec.last(t, "output").Dir; !strings.HasPrefix(dir, b.path("base")) {
				t.Errorf("asked in %s", dir)
			}
		})
	}
}

func TestOutputsOfUnitThatIsNotApplied(t *testing.T) {
	t.Parallel()
	b := twoUnits(t, strings.Replace(localState, "state.json", "nowhere.json", 1))
	_, err := b.run("app", "plan")
	wantError(t, err, b.path("app/terragrunt.hcl")+":1", b.path("base"), "detected no outputs", "not been applied yet")
	wantLines(t, b.rec.lines())
}

// TestOutputsOfExcludedUnit: a unit whose configuration keeps it from being
// asked has none.
func TestOutputsOfExcludedUnit(t *testing.T) {
	t.Parallel()
	b := twoUnits(t, "exclude {\n if = true\n no_run = true\n actions = [\"output\"]\n}")
	_, err := b.run("app", "plan")
	wantError(t, err, "detected no outputs")
}

func TestOutputsWorkspace(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]func(b *bench, work string){
		"by variable": func(b *bench, _ string) { b.opts.Env = append(b.opts.Env, "TF_WORKSPACE=blue") },
		"by choice": func(b *bench, work string) {
			b.write(strings.TrimPrefix(work, b.root)[1:]+"/.terraform/environment", "blue\n")
		},
		"by extra arguments": func(b *bench, _ string) {
			b.write("base/terragrunt.hcl", b.read("base/terragrunt.hcl")+`terraform {
				extra_arguments "w" {
					commands = ["output"]
					env_vars = { TF_WORKSPACE = "blue" }
				}
			}`)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := twoUnits(t, strings.Replace(localState, "config   = {", "config   = { workspace_dir = \"${get_terragrunt_dir()}/spaces\",", 1))
			b.write("base/spaces/blue/terraform.tfstate", stateText("blue"))
			work := b.must("base", "plan").WorkDir
			set(b, work)
			b.rec.reset()
			b.must("app", "plan")
			if got := variableOf(b.rec.last(t, "plan"), "TF_VAR_id"); got != "blue" {
				t.Errorf("app was given %q", got)
			}
		})
	}
}

// TestOutputsOnceARun: many units ask at once, the unit is asked once.
func TestOutputsOnceARun(t *testing.T) {
	t.Parallel()
	b := newBench(t, map[string]string{"base/main.tf": "", "base/terragrunt.hcl": ""})
	for i := range 8 {
		b.write(fmt.Sprintf("app%d/terragrunt.hcl", i), needsBase)
		b.write(fmt.Sprintf("app%d/main.tf", i), "")
	}
	b.rec.script = outputs("one")
	r := b.start()
	l := b.loader("plan")
	var wg sync.WaitGroup
	for i := range 8 {
		u := b.unit(l, fmt.Sprintf("app%d", i))
		wg.Go(func() {
			if _, err := r.Run(context.Background(), u, Command{Name: "plan", Args: shell.Argv{"plan"}}, Streams{}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := count(b.rec.lines(), "tofu output -json"); n != 1 {
		t.Errorf("asked %d times", n)
	}
}

func outputs(id string) func(shell.Cmd) answer {
	return func(c shell.Cmd) answer {
		if c.Args[0] == "output" {
			return answer{stdout: fmt.Sprintf(`{"id":{"value":%q,"type":"string"}}`, id)}
		}
		return answer{}
	}
}

// TestOutputsAgainAfterApply, also when it failed half-way.
func TestOutputsAgainAfterApply(t *testing.T) {
	t.Parallel()
	for line, again := range map[string]bool{
		"apply": true, "destroy": true, "apply fails": true, "state rm x": true, "plan": false, "plan fails": false, "show": false,
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, map[string]string{"base/main.tf": "", "base/terragrunt.hcl": ""})
			r := b.start()
			id := "one"
			words := strings.Fields(strings.TrimSuffix(line, " fails"))
			b.rec.script = func(c shell.Cmd) answer {
				if c.Args[0] == words[0] {
					a := answer{do: func() { id = "two" }}
					if strings.HasSuffix(line, "fails") {
						a.code = 1
					}
					return a
				}
				return outputs(id)(c)
			}
			if got := idOf(t, r, b.unit(b.loader(words[0]), "base")); got != "one" {
				t.Fatalf("first %q", got)
			}
			_, err := r.Run(context.Background(), b.unit(b.loader(words[0]), "base"), Command{Name: words[0], Args: words}, Streams{})
			if (err != nil) != strings.HasSuffix(line, "fails") {
				t.Fatal(err)
			}
			want := "one"
			if again {
				want = "two"
			}
			if got := idOf(t, r, b.unit(b.loader(words[0]), "base")); got != want {
				t.Errorf("then %q, want %q", got, want)
			}
		})
	}
}

func idOf(t *testing.T, r *Runner, u *config.Unit) string {
	t.Helper()
	v, err := r.Outputs(context.Background(), u)
	if err != nil {
		t.Fatal(err)
	}
	return v.GetAttr("id").AsString()
}

// TestOutputsFailure is shown at the dependency that asked, with the binary's
// status, and is not remembered.
func TestOutputsFailure(t *testing.T) {
	t.Parallel()
	b := twoUnits(t, "")
	b.rec.script = func(c shell.Cmd) answer {
		if c.Args[0] == "output" {
			return answer{code: 3, stderr: "no access"}
		}
		return answer{}
	}
	r := b.start()
	u := b.unit(b.loader("plan"), "base")
	if _, err := r.Outputs(context.Background(), u); err == nil {
		t.Fatal("no error")
	}
	_, err := b.run("app", "plan")
	wantError(t, err, b.path("app/terragrunt.hcl")+":1", `dependency "base"`, "exit status 3")
	b.rec.script = outputs("one")
	if got := idOf(t, r, b.unit(b.loader("plan"), "base")); got != "one" {
		t.Errorf("got %q", got)
	}
}

// TestAsideWritesNoDebugFile: a dependency was not asked for.
func TestAsideWritesNoDebugFile(t *testing.T) {
	t.Parallel()
	b := twoUnits(t, "")
	b.rec.script = outputs("one")
	b.opts.InputsDebug = true
	b.must("app", "plan")
	if exists(b.path("base/terragrunt-debug.tfvars.json")) || !exists(b.path("app/terragrunt-debug.tfvars.json")) {
		t.Error("the debug file is in the wrong unit")
	}
}
