package config

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

// fakeHost answers from memory and counts.
type fakeHost struct {
	mu      sync.Mutex
	env     Env
	outputs map[string]cty.Value // by unit folder, relative to root
	root    string
	asked   []string
}

func (h *fakeHost) Env(context.Context, string) (Env, error) { return h.env, nil }

func (h *fakeHost) Exec(ctx context.Context, c Exec) ([]byte, error) {
	cmd := exec.CommandContext(ctx, c.Argv[0], c.Argv[1:]...)
	cmd.Dir = c.Dir
	return cmd.Output()
}

func (h *fakeHost) Outputs(_ context.Context, u *Unit) (cty.Value, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	rel, _ := filepath.Rel(h.root, u.Dir())
	h.asked = append(h.asked, rel)
	if v, ok := h.outputs[filepath.ToSlash(rel)]; ok {
		return v, nil
	}
	return cty.EmptyObjectVal, nil
}

func (h *fakeHost) WorkingDir(_ context.Context, p Place) (string, error) {
	return filepath.Join(p.UnitDir, ".terragrunt-cache", p.Source), nil
}

func (h *fakeHost) Assume(_ context.Context, _ string, env Env, _ IAM) (Env, error) { return env, nil }

func (h *fakeHost) AccountAlias(context.Context, Env) (string, error) {
	return "", errors.New("no cloud")
}

func (h *fakeHost) Identity(context.Context, Env) (Identity, error) {
	return Identity{}, errors.New("no cloud")
}

func (h *fakeHost) Decrypt(context.Context, string, Env) ([]byte, error) {
	return nil, errors.New("no key")
}

// tree writes files given as "path: text" pairs below a new folder.
func tree(t testing.TB, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for path, text := range files {
		full := filepath.Join(root, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func inputsJSON(t testing.TB, c *Config) string {
	t.Helper()
	v := cty.ObjectVal(c.Inputs)
	b, err := ctyjson.Marshal(v, v.Type())
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestEachExpressionIsEvaluatedOncePerFrameAndPhase(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"root.hcl": `
locals {
  company = upper("acme")
  tags    = { owner = local.company }
  here    = path_relative_to_include()
}
remote_state {
  backend = "local"
  generate = { path = "backend.tf", if_exists = "overwrite" }
  config  = { path = "${get_parent_terragrunt_dir()}/${local.here}.tfstate" }
}
inputs = {
  company = local.company
  tags    = merge(local.tags, { unit = local.here })
}
`,
		"base/terragrunt.hcl": ``,
	}
	const units = 50
	for i := range units {
		files[fmt.Sprintf("u%02d/terragrunt.hcl", i)] = `
include "root" {
  path   = find_in_parent_folders("root.hcl")
  expose = true
}
dependency "base" {
  config_path  = "../base"
  mock_outputs = { id = "mock" }
}
locals { name = include.root.locals.company }
inputs = {
  name = local.name
  id   = dependency.base.outputs.id
}
`
	}
	root := tree(t, files)
	var mu sync.Mutex
	count := map[string]int{}
	host := &fakeHost{root: root, outputs: map[string]cty.Value{"base": cty.ObjectVal(map[string]cty.Value{"id": cty.StringVal("real")})}}
	l := NewLoader(host, Options{Command: "plan", Evaluated: func(file, cell string) {
		rel, _ := filepath.Rel(root, file)
		mu.Lock()
		count[filepath.ToSlash(rel)+" "+cell]++
		mu.Unlock()
	}})
	bound := make([]*Unit, units)
	var wg sync.WaitGroup
	for i := range units {
		wg.Go(func() {
			u, err := l.Unit(t.Context(), filepath.Join(root, fmt.Sprintf("u%02d", i)))
			if err != nil {
				t.Error(err)
				return
			}
			bound[i] = u
			o, err := u.Outline(t.Context())
			if err != nil {
				t.Error(err)
				return
			}
			if len(o.Dependencies) != 1 || filepath.Base(o.Dependencies[0]) != "base" {
				t.Errorf("dependencies = %v", o.Dependencies)
			}
		})
	}
	wg.Wait()
	for k := range count {
		if strings.Contains(k, "inputs") {
			t.Errorf("the outline evaluated %s", k)
		}
	}
	for _, u := range bound {
		if _, err := u.Check(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		for _, u := range bound {
			c, err := u.Config(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			want := fmt.Sprintf(`{"company":"ACME","id":"real","name":"ACME","tags":{"owner":"ACME","unit":"%s"}}`, filepath.Base(u.Dir()))
			if got := inputsJSON(t, c); got != want {
				t.Fatalf("inputs = %s, want %s", got, want)
			}
		}
	}
	for cell, want := range map[string]int{
		"root.hcl local.company":                          1, // the same for everybody
		"root.hcl local.tags":                             1,
		"root.hcl inputs.company":                         1,
		"root.hcl local.here":                             units, // once for each unit
		"root.hcl inputs.tags":                            units,
		"root.hcl remote_state.config":                    units,
		"root.hcl remote_state.backend":                   1,
		"u07/terragrunt.hcl local.name":                   1,
		"u07/terragrunt.hcl inputs.id":                    2, // early, with unknown outputs, and late
		"u07/terragrunt.hcl dependency.base.mock_outputs": 1,
		"u07/terragrunt.hcl include.root.path":            1,
	} {
		if count[cell] != want {
			t.Errorf("%s was evaluated %d times, want %d", cell, count[cell], want)
		}
	}
	for cell, n := range count {
		if n > 1 && !strings.HasPrefix(cell, "root.hcl") && !strings.HasSuffix(cell, " inputs.id") {
			t.Errorf("%s was evaluated %d times", cell, n)
		}
	}
}

func loadOne(t testing.TB, files map[string]string, unit string, o Options) (*Config, error) {
	t.Helper()
	root := tree(t, files)
	l := NewLoader(&fakeHost{root: root, env: Env{"HOME=/home/me"}}, o)
	u, err := l.Unit(t.Context(), filepath.Join(root, unit))
	if err != nil {
		return nil, err
	}
	return u.Config(t.Context())
}

func TestTwoUnitsThatReadEachOther(t *testing.T) {
	t.Parallel()
	root := tree(t, map[string]string{
		"a/terragrunt.hcl": "locals {\n  other = read_terragrunt_config(\"../b/terragrunt.hcl\").locals.x\n  x = local.other\n}",
		"b/terragrunt.hcl": "locals {\n  other = read_terragrunt_config(\"../a/terragrunt.hcl\").locals.x\n  x = local.other\n}",
	})
	l := NewLoader(&fakeHost{root: root}, Options{})
	var wg sync.WaitGroup
	for range 8 {
		for _, name := range []string{"a", "b"} {
			wg.Go(func() {
				u, err := l.Unit(t.Context(), filepath.Join(root, name))
				if err != nil {
					t.Error(err)
					return
				}
				if _, err = u.Config(t.Context()); err == nil || !strings.Contains(err.Error(), " -> ") {
					t.Errorf("err = %v, want a named cycle", err)
				}
			})
		}
	}
	wg.Wait()
}

func TestReadingAFileEvaluatesNoMoreThanIsUsed(t *testing.T) {
	t.Parallel()
	root := tree(t, map[string]string{
		"env.hcl": "locals {\n  region = \"north\"\n  broken = jsondecode(\"{\")\n}",
		"a/terragrunt.hcl": `locals { env = read_terragrunt_config("../env.hcl") }
terraform { source = "../mod/${local.env.locals.region}" }`,
	})
	l := NewLoader(&fakeHost{root: root}, Options{})
	u, err := l.Unit(t.Context(), filepath.Join(root, "a"))
	if err != nil {
		t.Fatal(err)
	}
	o, err := u.Outline(t.Context())
	if err != nil || o.Source != "../mod/north" {
		t.Fatalf("source = %q, %v", o.Source, err)
	}
	if _, err := u.Config(t.Context()); err == nil || !strings.Contains(err.Error(), "env.hcl:3") {
		t.Fatalf("err = %v, want the broken local of env.hcl", err)
	}
}

func TestCheckLeavesWhatNeedsOutputsForLater(t *testing.T) {
	t.Parallel()
	root := tree(t, map[string]string{
		"base/terragrunt.hcl": "",
		"a/terragrunt.hcl": `
dependency "base" {
  config_path = "../base"
}
terraform {
  before_hook "h" {
    commands = ["plan"]
    execute  = [dependency.base.outputs.tool, "x"]
  }
}
generate "g" {
  path      = "g.tf"
  if_exists = dependency.base.outputs.mode
  contents  = ""
}
remote_state {
  backend = dependency.base.outputs.backend
  config  = {}
}
errors {
  retry "r" {
    retryable_errors   = dependency.base.outputs.patterns
    max_attempts       = dependency.base.outputs.times
    sleep_interval_sec = 1
  }
}
`,
	})
	l := NewLoader(&fakeHost{root: root}, Options{Command: "plan"})
	u, err := l.Unit(t.Context(), filepath.Join(root, "a"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := u.Check(t.Context()); err != nil {
		t.Fatalf("check: %v", err)
	}
	if _, err := u.Config(t.Context()); err == nil {
		t.Fatal("outputs that are not there are an error when the unit runs")
	}
}

func TestCheckTellsMistakesFromTheOutsideWorld(t *testing.T) {
	t.Parallel()
	for text, wantSoft := range map[string]bool{
		"locals {\n  a = run_cmd(\"false\")\n}":                                true,
		"locals {\n  a = file(\"missing\")\n}":                                 true,
		"locals {\n  a = run_cmd(\"true\")\n}\ninputs = { x = local.missing }": false,
	} {
		root := tree(t, map[string]string{"a/terragrunt.hcl": text})
		u, err := NewLoader(&fakeHost{root: root}, Options{}).Unit(t.Context(), filepath.Join(root, "a"))
		if err != nil {
			t.Fatal(err)
		}
		soft, err := u.Check(t.Context())
		if err == nil || soft != wantSoft {
			t.Errorf("%s: soft = %v, err = %v, want soft %v", text, soft, err, wantSoft)
		}
	}
}
