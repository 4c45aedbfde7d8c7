package run

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/terrace-iac/terrace/shell"
)

func TestPreventDestroy(t *testing.T) {
	t.Parallel()
	for line, refused := range map[string]bool{
		"destroy": true, "plan -destroy": true, "plan -destroy=true": true, "apply -destroy=1": true, "plan --destroy": true,
		"plan -destroy=false": false, "plan": false, "apply": false, "plan -var destroy": false, "apply -destroy=true -destroy=false": false,
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, map[string]string{"unit/main.tf": "", "unit/terragrunt.hcl": "prevent_destroy = true"})
			o, err := b.run("unit", strings.Fields(line)...)
			var protected *ProtectedError
			if errors.As(err, &protected) != refused {
				t.Fatalf("got %v", err)
			}
			if refused {
				wantError(t, err, "Unit is protected by the prevent_destroy flag in "+b.path("unit/terragrunt.hcl"))
			}
			if ran := count(b.rec.lines(), "tofu "+line); (ran == 0) != refused || refused && o.ExitCode != 1 {
				t.Errorf("ran %d times, exit code %d", ran, o.ExitCode)
			}
		})
	}
}

func TestDetailedExitCode(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		line   string
		status int
		code   int
		failed bool
	}{
		{"plan -detailed-exitcode", 2, 2, false},
		{"plan -detailed-exitcode=true", 2, 2, false},
		{"plan -detailed-exitcode=false", 2, 2, true},
		{"plan -detailed-exitcode", 1, 1, true},
		{"plan -detailed-exitcode", 0, 0, false},
		{"plan", 2, 2, true},
	} {
		b := newBench(t, map[string]string{"unit/main.tf": "", "unit/terragrunt.hcl": ""})
		b.rec.script = func(call shell.Cmd) answer {
			if call.Args[0] == "plan" {
				return answer{code: c.status}
			}
			return answer{}
		}
		o, err := b.run("unit", strings.Fields(c.line)...)
		if o.ExitCode != c.code || (err != nil) != c.failed {
			t.Errorf("%s with status %d: code %d, error %v", c.line, c.status, o.ExitCode, err)
		}
	}
}

// TestDetailedExitCodeOfLastAttempt: an after-hook fails behind changes and is
// tried again when there are none left.
func TestDetailedExitCodeOfLastAttempt(t *testing.T) {
	t.Parallel()
	b := newBench(t, map[string]string{"unit/main.tf": "", "unit/terragrunt.hcl": "errors {\n" + retryBlock("r", 3, "luck") + "}\n" +
		hooksOf([3]string{"after_hook", "after", ""})})
	n := 0
	b.rec.script = func(c shell.Cmd) answer {
		switch {
		case c.Path == "after" && n == 1:
			return answer{code: 1, stderr: "no luck"}
		case c.Path == "tofu" && c.Args[0] == "plan":
			if n++; n == 1 {
				return answer{code: 2}
			}
		}
		return answer{}
	}
	if o := b.must("unit", "plan", "-detailed-exitcode"); o.ExitCode != 0 || n != 2 {
		t.Errorf("code %d after %d plans", o.ExitCode, n)
	}
}

func TestNoModule(t *testing.T) {
	t.Parallel()
	b := newBench(t, map[string]string{"unit/terragrunt.hcl": ""})
	_, err := b.run("unit", "plan")
	wantError(t, err, "Did not find any Terraform files (*.tf) or OpenTofu files (*.tofu) in "+b.path("unit"))
	wantLines(t, b.rec.lines())
}

func TestExcludedWithNoRun(t *testing.T) {
	t.Parallel()
	for actions, left := range map[string]bool{
		`["all"]`: true, `["plan"]`: true, `["PLAN"]`: true, `["all_except_output"]`: true, `["apply"]`: false, `[]`: false,
	} {
		b := newBench(t, map[string]string{"unit/main.tf": "", "unit/terragrunt.hcl": "exclude {\n if = true\n no_run = true\n actions = " + actions + "\n}"})
		b.must("unit", "plan")
		if ran := len(b.rec.lines()) > 0; ran == left {
			t.Errorf("%s: ran %v", actions, ran)
		}
	}
}

// TestInterruptedBeforeTheBinary: nothing is started any more.
func TestInterruptedBeforeTheBinary(t *testing.T) {
	t.Parallel()
	b := newBench(t, map[string]string{"unit/main.tf": "", "unit/terragrunt.hcl": hooksOf([3]string{"after_hook", "read", `commands = ["read-config"]`})})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	b.rec.script = func(shell.Cmd) answer { return answer{do: cancel} }
	r := b.start()
	_, err := r.Run(ctx, b.unit(b.loader("plan"), "unit"), Command{Name: "plan", Args: shell.Argv{"plan"}}, Streams{})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	wantLines(t, b.rec.lines(), "read")
}
