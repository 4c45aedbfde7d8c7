package config

import (
	"context"
	"errors"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"
)

// exampleHost is the world that the examples of functions speak of.
type exampleHost struct{ fakeHost }

func (*exampleHost) Exec(_ context.Context, c Exec) ([]byte, error) {
	if !slices.Equal(c.Argv, []string{"printf", "a"}) || !c.Quiet {
		return nil, errors.New("an unknown command")
	}
	return []byte("a"), nil
}

func (*exampleHost) WorkingDir(_ context.Context, p Place) (string, error) {
	return filepath.Join(p.UnitDir, ".terragrunt-cache", "...", p.Source), nil
}

func (*exampleHost) Identity(context.Context, Env) (Identity, error) {
	return Identity{Account: "123456789012", ARN: "arn:aws:iam::123456789012:user/ci", UserID: "AIDAEXAMPLE"}, nil
}

func (*exampleHost) AccountAlias(context.Context, Env) (string, error) { return "acme-prod", nil }

func (*exampleHost) Assume(_ context.Context, _ string, env Env, _ IAM) (Env, error) { return env, nil }

func (*exampleHost) Decrypt(_ context.Context, path string, _ Env) ([]byte, error) {
	if filepath.Base(path) != "secrets.enc.yaml" {
		return nil, errors.New("an unknown file")
	}
	return []byte("password: hunter2\n"), nil
}

// TestFunctionExamples evaluates the example of every function in the unit
// that the reference describes, and compares with what it says.
func TestFunctionExamples(t *testing.T) {
	t.Parallel()
	for _, f := range Functions() {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			got, want, err := runExample(t, f)
			if err != nil {
				t.Fatal(err)
			}
			if f.Name == "get_platform" && runtime.GOOS != "linux" {
				want = cty.StringVal(runtime.GOOS)
			}
			if g, w := stdJSON(t, got), stdJSON(t, want); g != w {
				t.Errorf("%s\n got %s\nwant %s", f.Example, g, w)
			}
		})
	}
}

func runExample(t *testing.T, f FunctionDoc) (got, want cty.Value, err error) {
	text := `
include "root" {
  path = "../../root.hcl"
}
terraform {
  source = "vpc"
}
inputs = {
  got  = ` + f.Example + `
  want = ` + f.Result + `
}`
	root := tree(t, map[string]string{
		".git/HEAD": "", "root.hcl": "", "prod/db/terragrunt.hcl": text,
		"prod/db/greeting.txt": "hello", "prod/db/letter.tmpl": "Dear ${who}",
		"prod/db/common.tfvars": "region = \"eu-west-1\"\n", "prod/db/secrets.enc.yaml": "password: ENC[...]\n",
	})
	l := NewLoader(&exampleHost{fakeHost{root: root}}, Options{Command: "plan", Args: []string{"plan", "-lock=false"}, DeepMerge: true})
	u, err := l.Unit(t.Context(), filepath.Join(root, "prod", "db"))
	if err != nil {
		return got, want, err
	}
	c, err := u.Config(t.Context())
	if err != nil {
		return got, want, err
	}
	// The repository of the examples is /live, wherever the test runs.
	got, err = cty.Transform(c.Inputs["got"], func(_ cty.Path, v cty.Value) (cty.Value, error) {
		if v.Type() != cty.String || v.IsNull() || v.IsMarked() {
			return v, nil
		}
		return cty.StringVal(strings.ReplaceAll(filepath.ToSlash(v.AsString()), filepath.ToSlash(root), "/live")), nil
	})
	return got, c.Inputs["want"], err
}
