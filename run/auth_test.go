package run

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/terrace-iac/terrace/shell"
)

func withAuth(t *testing.T, printed string) *bench {
	b := newBench(t, map[string]string{
		"unit/main.tf":         "",
		"unit/terragrunt.hcl":  `inputs = { from_env = get_env("TOKEN", "none") }`,
		"other/main.tf":        "",
		"other/terragrunt.hcl": "",
	})
	b.opts.Auth = `login --for "some one"`
	b.opts.Env = append(b.opts.Env, "AWS_SESSION_TOKEN=stale", "TOKEN=stale")
	b.rec.script = func(c shell.Cmd) answer {
		if c.Path == "login" {
			return answer{stdout: printed}
		}
		return answer{}
	}
	return b
}

func TestAuth(t *testing.T) {
	t.Parallel()
	b := withAuth(t, `{
		"awsCredentials": {"ACCESS_KEY_ID": "id", "SECRET_ACCESS_KEY": "s3cret"},
		"awsRole": {"roleARN": "ignored beside credentials"},
		"envs": {"TOKEN": "fresh"}
	}`)
	b.must("unit", "plan")
	wantLines(t, b.rec.lines(), "login --for some one", "tofu init", "tofu plan")
	if got := b.rec.last(t, "login").Dir; got != b.path("unit") {
		t.Errorf("asked in %s", got)
	}
	for _, word := range []string{"init", "plan"} {
		call := b.rec.last(t, word)
		for name, want := range map[string]string{
			"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "s3cret", "AWS_SESSION_TOKEN": "", "AWS_SECURITY_TOKEN": "",
			"TOKEN": "fresh", "TF_VAR_from_env": "fresh",
		} {
			if got := variableOf(call, name); got != want {
				t.Errorf("%s has %s=%q, want %q", word, name, got, want)
			}
		}
	}
	if strings.Contains(b.log.String(), "s3cret") {
		t.Error("a secret is in the log")
	}
}

func TestAuthOnceAFolder(t *testing.T) {
	t.Parallel()
	b := withAuth(t, `{}`)
	r := b.start()
	l := b.loader("plan")
	for _, name := range []string{"unit", "other", "unit"} {
		if _, err := r.Run(context.Background(), b.unit(l, name), Command{Name: "plan", Args: shell.Argv{"plan"}}, Streams{}); err != nil {
			t.Fatal(err)
		}
	}
	if n := count(b.rec.lines(), "login --for some one"); n != 2 {
		t.Errorf("asked %d times", n)
	}
}

func TestBadAuth(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ printed, want string }{
		"nothing":         {"", "does not contain JSON string"},
		"blanks":          {" \n", "does not contain JSON string"},
		"no JSON":         {"the s3cret is s3cret", "invalid JSON format"},
		"cut off":         {`{"envs": {"A": "s3cret"`, "invalid JSON format"},
		"wrong type":      {`{"envs": "s3cret"}`, "invalid JSON format"},
		"no key":          {`{"awsCredentials": {"SECRET_ACCESS_KEY": "s3cret"}}`, "needs both"},
		"no secret":       {`{"awsCredentials": {"ACCESS_KEY_ID": "s3cret"}}`, "needs both"},
		"nothing therein": {`{"awsCredentials": {}}`, "needs both"},
		"a role":          {`{"awsRole": {"webIdentityToken": "s3cret"}}`, "awsRole needs a roleARN"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := withAuth(t, c.printed)
			_, err := b.run("unit", "plan")
			wantError(t, err, "auth provider command", b.path("unit"), c.want)
			if strings.Contains(fmt.Sprintf("%v %s", err, &b.log), "s3cret") {
				t.Errorf("the secret is told: %v", err)
			}
			wantLines(t, b.rec.lines(), "login --for some one")
		})
	}
}

func TestFailedAuth(t *testing.T) {
	t.Parallel()
	b := withAuth(t, "")
	b.rec.script = func(c shell.Cmd) answer { return answer{code: 4, stdout: "s3cret"} }
	o, err := b.run("unit", "plan")
	var exit *shell.ExitError
	if !errors.As(err, &exit) || o.ExitCode != 4 || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("got %v, %d", err, o.ExitCode)
	}
	b.opts.Auth = `login "`
	_, err = b.run("unit", "plan")
	wantError(t, err, "not a command line")
}

func TestVersionConstraints(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		config string
		want   string // "" for no error
		asked  bool
	}{
		"none":                      {"", "", false},
		"tool, met":                 {`terragrunt_version_constraint = ">= 1.1, < 2"`, "", false},
		"tool, not met":             {`terragrunt_version_constraint = "< 1.1"`, "is not compatible with the version constraint requiring < 1.1", false},
		"tool, malformed":           {`terragrunt_version_constraint = "about 1"`, "malformed constraint", false},
		"binary, met":               {`terraform_version_constraint = "~> 1.11.0"`, "", true},
		"binary, not met":           {`terraform_version_constraint = "= 1.10.0"`, "The currently installed version of Terraform (1.11.4) is not compatible", true},
		"binary, malformed":         {`terraform_version_constraint = "x"`, "malformed constraint", true},
		"nothing else is evaluated": {"terraform_version_constraint = \"< 1\"\ninputs = { a = run_cmd(\"never\") }", "is not compatible", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, map[string]string{"unit/main.tf": "", "unit/terragrunt.hcl": c.config})
			b.opts.Binary = executable(t, b.path("bin"), "tofu")
			b.rec.script = func(c shell.Cmd) answer {
				if c.Args[0] == "-version" {
					return answer{stdout: "OpenTofu v1.11.4\n"}
				}
				return answer{}
			}
			_, err := b.run("unit", "plan")
			if c.want == "" && err != nil {
				t.Fatal(err)
			}
			if c.want != "" {
				wantError(t, err, c.want, b.path("unit/terragrunt.hcl"))
			}
			lines := b.rec.lines()
			if asked := slices.ContainsFunc(lines, func(l string) bool { return strings.HasSuffix(l, " -version") }); asked != c.asked {
				t.Errorf("asked for the version: %v", asked)
			}
			if c.want != "" && slices.ContainsFunc(lines, func(l string) bool { return !strings.HasSuffix(l, "ersion") && !strings.HasSuffix(l, "-json") }) {
				t.Errorf("ran %q", lines)
			}
		})
	}
}

func TestWhichBinary(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ flag, config, onPath, want string }{
		"the flag":        {"mine", `terraform_binary = "theirs"`, "tofu mine", "mine"},
		"the unit's":      {"", `terraform_binary = "theirs"`, "tofu theirs", "theirs"},
		"tofu on PATH":    {"", "", "tofu terraform", "tofu"},
		"the one on PATH": {"", "", "terraform", "terraform"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, map[string]string{"unit/main.tf": "", "unit/terragrunt.hcl": c.config})
			for n := range strings.FieldsSeq(c.onPath) {
				executable(t, b.path("bin"), n)
			}
			b.opts.Binary, b.opts.Env = c.flag, []string{"PATH=" + b.path("bin")}
			b.must("unit", "plan")
			wantLines(t, b.rec.lines(), c.want+" init", c.want+" plan")
		})
	}
}

func TestNoBinary(t *testing.T) {
	t.Parallel()
	b := newBench(t, map[string]string{"unit/main.tf": "", "unit/terragrunt.hcl": ""})
	b.opts.Binary, b.opts.Env = "", []string{"PATH=" + b.path("bin")}
	_, err := b.run("unit", "plan")
	var missing *shell.MissingBinaryError
	if !errors.As(err, &missing) {
		t.Errorf("got %v", err)
	}
	b.opts.Binary = "mine"
	_, err = b.run("unit", "plan")
	wantError(t, err, "mine: not found on PATH", "--tf-path")
	b.opts.Binary = ""
	b.write("unit/terragrunt.hcl", `terraform_binary = "theirs"`)
	_, err = b.run("unit", "plan")
	wantError(t, err, b.path("unit/terragrunt.hcl")+":1", "theirs: not found on PATH")
	wantLines(t, b.rec.lines())
}

// executable makes a file that is found as a program; it is never started.
func executable(t *testing.T, dir, name string) string {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}
