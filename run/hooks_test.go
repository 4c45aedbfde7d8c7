package run

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/terrace-iac/terrace/shell"
)

// hooksOf writes hook blocks: each is kind, label, and further lines.
func hooksOf(hooks ...[3]string) string {
	var b strings.Builder
	b.WriteString("terraform {\n")
	for _, h := range hooks {
		text := h[2]
		for name, preset := range map[string]string{"commands": `["plan"]`, "execute": fmt.Sprintf("[%q]", h[1])} {
			if !strings.Contains(text, name) {
				text += fmt.Sprintf("\n%s = %s", name, preset)
			}
		}
		if h[0] == "error_hook" && !strings.Contains(text, "on_errors") {
			text += "\non_errors = [\".*\"]"
		}
		fmt.Fprintf(&b, "%s %q {\n%s\n}\n", h[0], h[1], text)
	}
	return b.String() + "}\n"
}

// failing answers with a failure for the named programs and commands.
func failing(codes map[string]int) func(shell.Cmd) answer {
	return func(c shell.Cmd) answer {
		name := c.Path
		if name == "tofu" {
			name = c.Args[0]
		}
		return answer{code: codes[name], stderr: "err of " + name, stdout: "out of " + name}
	}
}

func TestHookOrder(t *testing.T) {
	t.Parallel()
	const onError = "run_on_error = true"
	for name, c := range map[string]struct {
		hooks [][3]string
		fail  map[string]int
		want  string // what ran, in order
		code  int
		text  string // of the error
	}{
		"all well": {
			[][3]string{{"after_hook", "a1", ""}, {"before_hook", "b1", ""}, {"before_hook", "b2", ""}, {"error_hook", "e1", ""}, {"after_hook", "a2", ""}},
			nil, "b1 b2 plan a1 a2", 0, "",
		},
		"only for the command": {
			[][3]string{{"before_hook", "b1", `commands = ["apply"]`}, {"before_hook", "b2", `commands = ["apply", "plan"]`}},
			nil, "b2 plan", 0, "",
		},
		"switched off": {
			[][3]string{{"before_hook", "b1", "if = false"}, {"before_hook", "b2", "if = true"}},
			nil, "b2 plan", 0, "",
		},
		"a before-hook fails": {
			[][3]string{{"before_hook", "b1", ""}, {"before_hook", "b2", ""}, {"before_hook", "b3", onError}, {"after_hook", "a1", ""}, {"after_hook", "a2", onError}},
			map[string]int{"b1": 5}, "b1 b3 a2", 5, `Hook "b1" (command: b1) exited with non-zero exit code 5`,
		},
		"the binary fails": {
			[][3]string{{"before_hook", "b1", ""}, {"after_hook", "a1", ""}, {"after_hook", "a2", onError}, {"error_hook", "e1", ""}},
			map[string]int{"plan": 7}, "b1 plan a2 e1", 7, "exit status 7",
		},
		"an after-hook fails": {
			[][3]string{{"after_hook", "a1", ""}, {"after_hook", "a2", ""}, {"after_hook", "a3", onError}},
			map[string]int{"a1": 4}, "plan a1 a3", 4, `Hook "a1"`,
		},
		"the first failure gives the status": {
			[][3]string{{"after_hook", "a1", onError}, {"error_hook", "e1", ""}},
			map[string]int{"plan": 1, "a1": 4, "e1": 5}, "plan a1 e1", 1, `Hook "e1"`,
		},
		"error hooks by what was said": {
			[][3]string{
				{"error_hook", "e1", `on_errors = ["nothing of the kind"]`},
				{"error_hook", "e2", `on_errors = ["no", "err of plan"]`},
				{"error_hook", "e3", `on_errors = ["out of plan"]`},
				{"error_hook", "e4", `commands = ["apply"]`},
			},
			map[string]int{"plan": 1}, "plan e2 e3", 1, "exit status 1",
		},
		"error hooks see the error of an after-hook too": {
			[][3]string{{"after_hook", "a1", onError}, {"error_hook", "e1", `on_errors = ["err of a1"]`}},
			map[string]int{"plan": 1, "a1": 2}, "plan a1 e1", 1, "",
		},
		"error hooks of a before-hook": {
			[][3]string{{"before_hook", "b1", ""}, {"error_hook", "e1", ""}},
			map[string]int{"b1": 3}, "b1 e1", 3, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, map[string]string{"unit/main.tf": "", "unit/terragrunt.hcl": hooksOf(c.hooks...)})
			b.rec.script = failing(c.fail)
			o, err := b.run("unit", "plan")
			var ran []string
			for _, line := range b.rec.lines() {
				if line != "tofu init" {
					ran = append(ran, strings.TrimPrefix(line, "tofu "))
				}
			}
			if got := strings.Join(ran, " "); got != c.want {
				t.Errorf("ran %q, want %q", got, c.want)
			}
			if o.ExitCode != c.code {
				t.Errorf("exit code %d, want %d", o.ExitCode, c.code)
			}
			if (err != nil) != (c.code != 0) {
				t.Fatalf("got %v", err)
			}
			if c.code != 0 {
				wantError(t, err, c.text)
			}
		})
	}
}

// TestHookThatCannotStart is not one that exited.
func TestHookThatCannotStart(t *testing.T) {
	t.Parallel()
	b := newBench(t, map[string]string{"unit/main.tf": "", "unit/terragrunt.hcl": hooksOf([3]string{"before_hook", "check", `execute = ["no-such-program", "x"]`})})
	b.rec.script = func(c shell.Cmd) answer {
		if c.Path == "no-such-program" {
			return answer{err: &shell.StartError{Path: c.Path, Dir: c.Dir, Err: errors.New("executable file not found in $PATH")}}
		}
		return answer{}
	}
	o, err := b.run("unit", "plan")
	wantError(t, err, `Hook "check" (command: no-such-program)`, "not found in $PATH")
	if strings.Contains(err.Error(), "exit code") || o.ExitCode != 1 {
		t.Errorf("status %d, error %v", o.ExitCode, err)
	}
}

func TestHookSurroundings(t *testing.T) {
	t.Parallel()
	b := newBench(t, map[string]string{
		"module/main.tf": `variable "a" {}`,
		"unit/terragrunt.hcl": `inputs = { a = 1 }
			` + strings.Replace(hooksOf(
			[3]string{"before_hook", "here", ""},
			[3]string{"after_hook", "there", `working_dir = "../elsewhere"`},
			[3]string{"error_hook", "error", `working_dir = "ABS"`},
		), "terraform {", "terraform {\nsource = \"../module\"\n", 1),
		"elsewhere/x": "",
	})
	b.write("unit/terragrunt.hcl", strings.ReplaceAll(b.read("unit/terragrunt.hcl"), "ABS", b.path("elsewhere")))
	b.opts.Source.Map = map[string]string{"../module": "../module"}
	o := b.must("unit", "plan")
	b.rec.script = failing(map[string]int{"plan": 1})
	if _, err := b.run("unit", "plan"); err == nil {
		t.Fatal("no failure")
	}
	for _, c := range []struct{ name, kind, dir string }{
		{"here", "before_hook", o.WorkDir},
		{"there", "after_hook", b.path("elsewhere")}, // from the unit, not from where we were started
		{"error", "error_hook", b.path("elsewhere")},
	} {
		call := b.rec.last(t, c.name)
		if call.Dir != c.dir {
			t.Errorf("%s ran in %s, want %s", c.name, call.Dir, c.dir)
		}
		for name, want := range map[string]string{
			"TG_CTX_TF_PATH": "tofu", "TG_CTX_COMMAND": "plan", "TG_CTX_HOOK_NAME": c.name, "TG_CTX_HOOK_TYPE": c.kind,
			"TG_CTX_SOURCE": "../module", "TG_CTX_TERRAGRUNT_DIR": b.path("unit"), "TF_VAR_a": "1",
		} {
			if got := variableOf(call, name); got != want {
				t.Errorf("%s has %s=%s, want %s", c.name, name, got, want)
			}
		}
	}
}

func TestHookStreams(t *testing.T) {
	t.Parallel()
	b := newBench(t, map[string]string{"unit/main.tf": "", "unit/terragrunt.hcl": hooksOf(
		[3]string{"before_hook", "loud", ""}, [3]string{"after_hook", "quiet", "suppress_stdout = true"},
	)})
	b.rec.script = func(c shell.Cmd) answer {
		return answer{stdout: "out " + c.Path + "\n", stderr: "err " + c.Path + "\n"}
	}
	r := b.start()
	out, errs := &strings.Builder{}, &strings.Builder{}
	_, err := r.Run(context.Background(), b.unit(b.loader("plan"), "unit"), Command{Name: "plan", Args: shell.Argv{"plan"}}, Streams{Stdout: out, Stderr: errs})
	if err != nil {
		t.Fatal(err)
	}
	if out.String() != "out loud\nout tofu\n" || errs.String() != "err tofu\nerr loud\nerr tofu\nerr quiet\n" {
		t.Errorf("out %q, errs %q", out, errs)
	}
}

func TestSpecialHooks(t *testing.T) {
	t.Parallel()
	b := newBench(t, map[string]string{
		"module/main.tf": "",
		"unit/terragrunt.hcl": strings.Replace(hooksOf(
			[3]string{"after_hook", "read", `commands = ["terragrunt-read-config"]`},
			[3]string{"after_hook", "read-documented", `commands = ["read-config"]`},
			[3]string{"after_hook", "read-both", `commands = ["read-config", "terragrunt-read-config"]`},
			[3]string{"before_hook", "read-before", `commands = ["terragrunt-read-config"]`},
			[3]string{"before_hook", "fetch-before", `commands = ["init-from-module"]`},
			[3]string{"after_hook", "fetch-after", `commands = ["init-from-module"]`},
			[3]string{"before_hook", "init-before", `commands = ["init"]`},
			[3]string{"after_hook", "init-after", `commands = ["init"]`},
		), "terraform {", "terraform {\nsource = \"../module\"\n", 1),
	})
	o := b.must("unit", "plan")
	wantLines(t, b.rec.lines(), "read", "read-documented", "read-both", "fetch-before", "fetch-after", "init-before", "tofu init", "init-after", "tofu plan")
	for name, dir := range map[string]string{"read": b.path("unit"), "fetch-after": b.path("unit"), "init-after": o.WorkDir} {
		if got := b.rec.last(t, name).Dir; got != dir {
			t.Errorf("%s ran in %s, want %s", name, got, dir)
		}
	}
	b.rec.reset()
	b.must("unit", "plan")
	wantLines(t, b.rec.lines(), "read", "read-documented", "read-both", "tofu plan")
}

func TestFailedFetchHooks(t *testing.T) {
	t.Parallel()
	b := newBench(t, map[string]string{
		"unit/terragrunt.hcl": strings.Replace(hooksOf(
			[3]string{"after_hook", "after", `commands = ["init-from-module"]`},
			[3]string{"after_hook", "cleanup", "commands = [\"init-from-module\"]\nrun_on_error = true"},
			[3]string{"error_hook", "error", "commands = [\"init-from-module\"]\non_errors = [\"no such file\"]"},
		), "terraform {", "terraform {\nsource = \"../nowhere\"\n", 1),
	})
	if _, err := b.run("unit", "plan"); err == nil {
		t.Fatal("no failure")
	}
	wantLines(t, b.rec.lines(), "cleanup", "error")
	if got := b.rec.last(t, "error").Dir; got != b.path("unit") {
		t.Errorf("the error hook ran in %s", got)
	}
}

func TestNoHooks(t *testing.T) {
	t.Parallel()
	b := newBench(t, map[string]string{"unit/main.tf": "", "unit/terragrunt.hcl": hooksOf(
		[3]string{"before_hook", "b", `commands = ["init", "plan"]`}, [3]string{"after_hook", "read", `commands = ["read-config"]`}, [3]string{"error_hook", "e", ""},
	)})
	b.opts.NoHooks = true
	b.must("unit", "plan")
	wantLines(t, b.rec.lines(), "tofu init", "tofu plan")
}

// TestCleanupHooks: what puts things back in order runs after an interrupt
// too, when nothing else is started.
func TestCleanupHooks(t *testing.T) {
	t.Parallel()
	b := newBench(t, map[string]string{"unit/main.tf": "", "unit/terragrunt.hcl": hooksOf(
		[3]string{"after_hook", "plain", ""}, [3]string{"after_hook", "cleanup", "run_on_error = true"}, [3]string{"error_hook", "error", ""},
	)})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	b.rec.script = func(c shell.Cmd) answer {
		if c.Path == "tofu" && c.Args[0] == "plan" {
			return answer{code: 1, do: cancel}
		}
		return answer{}
	}
	r := b.start()
	_, err := r.Run(ctx, b.unit(b.loader("plan"), "unit"), Command{Name: "plan", Args: shell.Argv{"plan"}}, Streams{})
	wantError(t, err, "exit status 1")
	wantLines(t, b.rec.lines(), "tofu init", "tofu plan", "cleanup", "error")
	if !b.rec.last(t, "cleanup").Cleanup || !b.rec.last(t, "error").Cleanup {
		t.Error("the relay would refuse them")
	}
}
