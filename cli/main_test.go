package cli

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
)

// call is a run of the program with handlers that only record.
type call struct {
	code           int
	stdout, stderr string
	ran            string      // key of the handler
	inv            *invocation // what it was given
}

func runProgram(line string, h handler, env ...string) call {
	var out, errs bytes.Buffer
	var c call
	p := &program{table: newTable(), env: newEnvironment(env), environ: env, handlers: wordHandlers(),
		stdin: strings.NewReader(""), stdout: &out, stderr: &errs}
	for _, key := range []string{"run", "exec", "find", "list", "dag graph", "hcl format", "hcl validate", "info print", "render", tofuHelpKey} {
		p.handlers[key] = func(ctx context.Context, inv *invocation) (int, error) {
			c.ran, c.inv = key, inv
			if h == nil {
				return 0, nil
			}
			return h(ctx, inv)
		}
	}
	c.code = p.run(context.Background(), testWords(line))
	c.stdout, c.stderr = out.String(), errs.String()
	return c
}

func TestDispatch(t *testing.T) {
	t.Parallel()
	tests := []struct{ line, ran, args, tf string }{
		{"run --all plan", "run", "", "plan"},
		{"plan -out=x", "run", "", "plan -out=x"},
		{"apply -- -lock=false", "run", "", "apply -lock=false"},
		{"run --all", "run", "", ""},
		{"run --graph", "run", "", ""},
		{"run --filter a", "run", "", ""},
		{"exec -- env", "exec", "", "env"},
		{"fd", "find", "", ""},
		{"hcl fmt --check", "hcl format", "", ""},
		{"hcl validate --inputs -var a=1", "hcl validate", "-var a=1", ""},
		{"dag graph", "dag graph", "", ""},
		{"run-all plan", "run", "", "plan"},
		{"graph-dependencies", "dag graph", "", ""},
	}
	for _, tt := range tests {
		got := runProgram(tt.line, nil)
		check(t, tt.line+" code", got.code, 0)
		check(t, tt.line+" stdout", got.stdout, "")
		check(t, tt.line+" handler", got.ran, tt.ran)
		if got.inv == nil {
			t.Fatalf("%s: %s", tt.line, got.stderr)
		}
		check(t, tt.line+" args", strings.Join(got.inv.Args, " "), tt.args)
		check(t, tt.line+" tf", strings.Join(got.inv.TF, " "), tt.tf)
	}
}

func TestHelpAndVersionCalls(t *testing.T) {
	t.Parallel()
	tests := []struct{ line, stdout, ran string }{
		{"", "Usage: terrace [global options]", ""},
		{"--help", "Usage: terrace [global options]", ""},
		{"help", "Usage: terrace [global options]", ""},
		{"-h", "Usage: terrace [global options]", ""},
		{"find --help", "Usage: terrace find ", ""},
		{"help find", "Usage: terrace find ", ""},
		{"help hcl fmt", "Usage: terrace hcl format ", ""},
		{"help help", "Usage: terrace help ", ""},
		{"hcl", "Usage: terrace hcl ", ""},
		{"info strict", "Usage: terrace info strict ", ""},
		{"run", "Usage: terrace run ", ""},
		{"run --help", "Usage: terrace run ", ""},
		{"run --parallelism 2", "Usage: terrace run ", ""},
		{"exec", "Usage: terrace exec ", ""},
		{"plan --help", "Usage: terrace plan [options] [arguments]\n", tofuHelpKey},
		{"run plan --help", "Usage: terrace run [options] plan [arguments]\n", tofuHelpKey},
		{"help run plan", "Usage: terrace run [options] plan [arguments]\n", tofuHelpKey},
		{"help plan", "Usage: terrace plan ", tofuHelpKey},
		{"state list --help", "Usage: terrace state ", tofuHelpKey},
		{"--version", versionLine() + "\n", ""},
		{"-v", versionLine() + "\n", ""},
		{"version", versionLine() + "\n", ""},
		{"find --version", versionLine() + "\n", ""},
	}
	for _, tt := range tests {
		// A wrong variable must not keep anybody from reading help.
		var env []string
		if tt.ran == "" && tt.line != "run" && !strings.HasPrefix(tt.line, "run --p") {
			env = []string{"TG_NO_COLOR=perhaps"}
		}
		got := runProgram(tt.line, nil, env...)
		check(t, tt.line+" code", got.code, 0)
		check(t, tt.line+" stderr", got.stderr, "")
		check(t, tt.line+" handler", got.ran, tt.ran)
		if !strings.HasPrefix(got.stdout, tt.stdout) {
			t.Errorf("%s: got %q", tt.line, got.stdout)
		}
	}
	check(t, "argv for help", strings.Join(runProgram("state list x --help", nil).inv.TF, " "), "-help state list")
	check(t, "same page", runProgram("help find", nil).stdout, runProgram("find --help", nil).stdout)
}

func TestWrongCalls(t *testing.T) {
	t.Parallel()
	tests := []struct {
		line   string
		env    []string
		stderr string
	}{
		{"foo", nil, `unknown command: "foo"`},
		{"help foo", nil, `unknown command: "foo"`},
		{"hcl foo", nil, "must be one of: format, validate"},
		{"find --foo", nil, "-foo"},
		{"find --json=perhaps", nil, `"perhaps" for -json`},
		{"find", []string{"TG_NO_COLOR=perhaps"}, `"perhaps" for env var TG_NO_COLOR`},
		{"find --experiment nonsense", nil, "allowed experiment(s): "},
		{"find --strict-mode", []string{"TERRAGRUNT_WORKING_DIR=."}, "TERRAGRUNT_WORKING_DIR"},
		{"run-all plan --strict-control cli-redesign", nil, "run-all"},
		{"info strict list nonsense", nil, "allowed control(s): "},
		{"completion", nil, "must be one of: bash"},
		{"version --foo=1 extra find", nil, ""},
	}
	for _, tt := range tests {
		got := runProgram(tt.line, nil, append(tt.env, "TG_NO_TIPS=1")...)
		if tt.stderr == "" {
			check(t, tt.line+" code", got.code, 0)
			continue
		}
		check(t, tt.line+" code", got.code, 1)
		check(t, tt.line+" stdout", got.stdout, "")
		check(t, tt.line+" handler", got.ran, "")
		if !strings.Contains(got.stderr, "ERROR  ") || !strings.Contains(got.stderr, tt.stderr) || strings.Contains(got.stderr, "TIP") {
			t.Errorf("%s: got %q", tt.line, got.stderr)
		}
	}
}

func TestWarningsAreShownOnce(t *testing.T) {
	t.Parallel()
	got := runProgram("run-all --terragrunt-parallelism 2 plan", nil, "TERRAGRUNT_TFPATH=x")
	check(t, "lines", strings.Count(got.stderr, "WARN   "), 3)
	check(t, "parallelism", got.inv.Values.Int("parallelism"), 2)
	got = runProgram("run-all plan --log-level error", nil)
	check(t, "quiet", got.stderr, "")
	got = runProgram("run-all plan --log-disable", nil)
	check(t, "disabled", got.stderr, "")
}

func TestHandlerResults(t *testing.T) {
	t.Parallel()
	failed := errors.New("unit: failed")
	tests := []struct {
		name, line string
		code       int
		err        error
		want       int
		tip        bool
	}{
		{"fine", "plan", 0, nil, 0, false},
		{"status", "plan", 2, nil, 2, false},
		{"error", "plan", 0, failed, 1, true},
		{"error with status", "plan", 3, failed, 3, true},
		{"no tips", "plan --no-tips", 1, failed, 1, false},
		{"not this tip", "plan --no-tip debugging-docs", 1, failed, 1, false},
	}
	for _, tt := range tests {
		got := runProgram(tt.line, func(context.Context, *invocation) (int, error) { return tt.code, tt.err })
		check(t, tt.name+" code", got.code, tt.want)
		check(t, tt.name+" error", strings.Contains(got.stderr, "ERROR  unit: failed\n"), tt.err != nil)
		check(t, tt.name+" tip", strings.Contains(got.stderr, "TIP (debugging-docs): "), tt.tip)
	}
}

func TestWordHandlers(t *testing.T) {
	t.Parallel()
	tests := []struct {
		line         string
		wants, lacks []string
	}{
		{"info strict list", []string{"root-terragrunt-hcl", "bare-include", "Active"}, []string{"Completed"}},
		{"info strict list --all", []string{"Completed", "apply-all"}, nil},
		{"info strict list deprecated-env-vars", []string{"terragrunt-prefix-env-vars", "TERRAGRUNT_TFPATH", "TG_TF_PATH", "TG_RENDER_OUT"}, []string{"bare-include"}},
		{"info strict list legacy-logs", []string{"TERRAGRUNT_JSON_LOG", "TG_LOG_FORMAT"}, []string{"TERRAGRUNT_TFPATH"}},
		{"info strict list cli-redesign", []string{"run-all", "run --all"}, nil},
		{"info strict list deprecated-flags", []string{"--units-that-include", "Use `--filter reading=FILE` instead."}, nil},
		{"info strict list bare-include", []string{"bare-include"}, []string{"Use instead"}},
		{"completion bash", []string{"complete -o default"}, nil},
		{"docs cli", []string{"# Commands and flags"}, nil},
		{"docs config", []string{"# Blocks and attributes"}, nil},
		{"docs functions", []string{"# Functions"}, nil},
	}
	for _, tt := range tests {
		got := runProgram(tt.line, nil)
		check(t, tt.line+" code", got.code, 0)
		for _, w := range tt.wants {
			if !strings.Contains(got.stdout, w) {
				t.Errorf("%s: no %q in\n%s", tt.line, w, got.stdout)
			}
		}
		for _, w := range tt.lacks {
			if strings.Contains(got.stdout, w) {
				t.Errorf("%s: %q in\n%s", tt.line, w, got.stdout)
			}
		}
	}
}

func TestMainCompletes(t *testing.T) {
	t.Parallel()
	var out, errs bytes.Buffer
	code := Main([]string{"terrace"}, []string{"COMP_LINE=terrace fin"}, nil, &out, &errs)
	check(t, "code", code, 0)
	check(t, "stdout", out.String(), "find\n")
	out.Reset()
	Main([]string{"terrace"}, []string{"COMP_LINE=terrace fin", describeVar + "=1"}, nil, &out, &errs)
	check(t, "described", out.String(), "find\tFind units and stacks\n")
	check(t, "stderr", errs.String(), "")
}

func TestInstallFromTheCommandLine(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	got := runProgram("--install-autocomplete", nil, "HOME="+home)
	check(t, "code", got.code, 1)
	if !strings.Contains(got.stderr, "no start file") {
		t.Error(got.stderr)
	}
	if got := runProgram("--uninstall-autocomplete", nil, "PATH=x"); !strings.Contains(got.stderr, "no home folder") {
		t.Error(got.stderr)
	}
}

func TestModuleVersion(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"": developmentVersion, "(devel)": developmentVersion, "v0.0.0-20260101000000-abcdefabcdef": developmentVersion, "v1.2.3": "1.2.3",
	} {
		check(t, in, moduleVersion(in), want)
	}
}
