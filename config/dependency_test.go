package config

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

// jsonValue reads a value.
func jsonValue(t testing.TB, text string) cty.Value {
	t.Helper()
	var v ctyjson.SimpleJSONValue
	if err := v.UnmarshalJSON([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return v.Value
}

// failingHost cannot read outputs.
type failingHost struct {
	fakeHost
	err error
}

func (h *failingHost) Outputs(ctx context.Context, u *Unit) (cty.Value, error) {
	if h.err != nil {
		return cty.NilVal, h.err
	}
	return h.fakeHost.Outputs(ctx, u)
}

// TestOutputsTable goes through the decision table of section 8.1.
func TestOutputsTable(t *testing.T) {
	t.Parallel()
	const mocks = `mock_outputs = { id = "mock", extra = "mock", m = { a = "mock", l = ["mock"] } }` + "\n"
	const only = `mock_outputs_allowed_terraform_commands = ["validate"]` + "\n"
	const outputs = `{"id":"real","m":{"b":"real","l":["real"]}}`
	const mocked = `{"extra":"mock","id":"mock","m":{"a":"mock","l":["mock"]}}`
	strategy := func(s string) string {
		return mocks + "mock_outputs_merge_strategy_with_state = \"" + s + "\"\n"
	}
	failed := errors.New("no state")
	for _, c := range []struct {
		name, block string
		outputs     string // "" for none
		err         error
		policy      MockPolicy
		want        string // JSON; "absent"; "unknown"; "error: text"
	}{
		{name: "disabled", block: "enabled = false\n", outputs: outputs, want: "absent"},
		{name: "disabled with mocks", block: "enabled = false\n" + mocks, outputs: outputs, want: mocked},
		{name: "disabled with mocks not allowed", block: "enabled = false\n" + mocks + only, outputs: outputs, want: mocked},
		{name: "skipped", block: "skip_outputs = true\n", outputs: outputs, want: "absent"},
		{name: "skipped with mocks", block: "skip_outputs = true\n" + mocks, outputs: outputs, want: mocked},
		{name: "skipped with mocks not allowed", block: "skip_outputs = true\n" + mocks + only, outputs: outputs, want: "absent"},
		{name: "skipped by flag", outputs: outputs, policy: MockPolicy{Skip: true}, want: "absent"},
		{name: "skipped by flag with mocks", block: mocks, outputs: outputs, policy: MockPolicy{Skip: true}, want: mocked},
		{name: "no outputs", want: "error: detected no outputs"},
		{name: "no outputs with mocks", block: mocks, want: mocked},
		{name: "no outputs with mocks not allowed", block: mocks + only, want: "error: detected no outputs"},
		{name: "no outputs with an empty list of commands", block: mocks + "mock_outputs_allowed_terraform_commands = []\n", want: mocked},
		{name: "no outputs, render", policy: MockPolicy{AllowNotFound: true}, want: "unknown"},
		{name: "outputs", outputs: outputs, want: outputs},
		{name: "outputs and mocks", block: mocks, outputs: outputs, want: outputs},
		{name: "outputs and mocks, no_merge", block: strategy("no_merge"), outputs: outputs, want: outputs},
		{name: "outputs and mocks, shallow", block: strategy("shallow"), outputs: outputs, want: `{"extra":"mock","id":"real","m":{"b":"real","l":["real"]}}`},
		{name: "outputs and mocks, deep_map_only", block: strategy("deep_map_only"), outputs: outputs, want: `{"extra":"mock","id":"real","m":{"a":"mock","b":"real","l":["real"]}}`},
		{name: "outputs and mocks, shallow, not allowed", block: strategy("shallow") + only, outputs: outputs, want: outputs},
		{name: "old spelling", block: mocks + "mock_outputs_merge_with_state = true\n", outputs: outputs, want: `{"extra":"mock","id":"real","m":{"b":"real","l":["real"]}}`},
		{name: "unknown strategy", block: strategy("deep"), outputs: outputs, want: "error: Include merge strategy deep is unknown"},
		{name: "failed", err: failed, want: "error: no state"},
		{name: "failed with mocks", block: mocks, err: failed, want: "error: no state"},
		{name: "failed, render", err: failed, policy: MockPolicy{AllowNotFound: true}, want: "unknown"},
		{name: "failed, render with mocks", block: mocks, err: failed, policy: MockPolicy{AllowNotFound: true}, want: mocked},
		{name: "validate", block: mocks, outputs: outputs, policy: MockPolicy{Never: true}, want: "unknown"},
	} {
		root := tree(t, map[string]string{
			"base/terragrunt.hcl": "",
			"a/terragrunt.hcl":    "dependency \"base\" {\nconfig_path = \"../base\"\n" + c.block + "}\ninputs = { all = dependency.base }\n",
		})
		h := &failingHost{fakeHost: fakeHost{root: root, outputs: map[string]cty.Value{}}, err: c.err}
		if c.outputs != "" {
			h.outputs["base"] = jsonValue(t, c.outputs)
		}
		got := outputsSeen(t, NewLoader(h, Options{Command: "plan", Mocks: c.policy}), filepath.Join(root, "a"))
		text, wantError := strings.CutPrefix(c.want, "error: ")
		if wantError && !(strings.HasPrefix(got, "error: ") && strings.Contains(got, text)) || !wantError && got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}

func outputsSeen(t *testing.T, l *Loader, path string) string {
	t.Helper()
	u, err := l.Unit(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	c, err := u.Config(t.Context())
	if err != nil {
		return "error: " + err.Error()
	}
	v, there := c.Inputs["all"].AsValueMap()["outputs"]
	switch {
	case !there:
		return "absent"
	case !v.IsKnown():
		return "unknown"
	}
	text, err := ctyjson.Marshal(v, v.Type())
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestMergeOfDependencies is the row "dependency" of section 2.1, with D7
// settled.
func TestMergeOfDependencies(t *testing.T) {
	t.Parallel()
	const parent = `dependency "base" {
  config_path  = "../p"
  enabled      = true
  skip_outputs = true
  mock_outputs = { a = { p = 1 }, l = ["p"] }
  mock_outputs_allowed_terraform_commands = ["plan", "validate"]
  mock_outputs_merge_strategy_with_state  = "shallow"
}
dependency "other" {
  config_path = "../p"
  skip_outputs = true
}
`
	const child = `dependency "base" {
  config_path  = "../c"
  mock_outputs = { a = { c = 1 }, l = ["c"] }
  mock_outputs_allowed_terraform_commands = ["plan", "apply"]
  mock_outputs_merge_strategy_with_state  = "deep_map_only"
}
dependency "new" {
  config_path  = "../c"
  skip_outputs = true
}
`
	for strategy, want := range map[string]string{
		"shallow": `base ../c enabled=true skip=false {"a":{"c":1},"l":["c"]} [plan apply] deep_map_only
other ../p enabled=true skip=true - [] no_merge
new ../c enabled=true skip=true - [] no_merge
`,
		"deep": `base ../c enabled=true skip=true {"a":{"c":1,"p":1},"l":["p","c"]} [plan validate apply] deep_map_only
other ../p enabled=true skip=true - [] no_merge
new ../c enabled=true skip=true - [] no_merge
`,
	} {
		root := tree(t, map[string]string{
			"root.hcl": parent, "p/terragrunt.hcl": "", "c/terragrunt.hcl": "",
			"app/terragrunt.hcl": "include \"root\" {\n  path = \"../root.hcl\"\n  merge_strategy = \"" + strategy + "\"\n}\n" + child,
		})
		u, err := NewLoader(&fakeHost{root: root}, Options{Command: "plan"}).Unit(t.Context(), filepath.Join(root, "app"))
		if err != nil {
			t.Fatal(err)
		}
		c, err := u.Config(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for _, d := range c.Dependencies {
			rel, _ := filepath.Rel(filepath.Join(root, "app"), d.ConfigPath)
			mocks := "-"
			if d.MockOutputs != cty.NilVal {
				text, _ := ctyjson.Marshal(d.MockOutputs, d.MockOutputs.Type())
				mocks = string(text)
			}
			fmt.Fprintf(&b, "%s %s enabled=%t skip=%t %s %v %s\n", d.Name, filepath.ToSlash(rel), d.Enabled, d.SkipOutputs, mocks, d.MockCommands, d.MockMergeStrategy)
		}
		if b.String() != want {
			t.Errorf("%s:\n%s\nwant:\n%s", strategy, b.String(), want)
		}
	}
}

// TestDependenciesAreSharedWithParents: expressions of a parent may use the
// child's dependencies, and the other way round, but not under no_merge.
func TestDependenciesAreSharedWithParents(t *testing.T) {
	t.Parallel()
	files := func(strategy, parent, child string) map[string]string {
		return map[string]string{
			"base/terragrunt.hcl": "",
			"root.hcl":            parent,
			"app/terragrunt.hcl":  "include \"root\" {\n  path = \"../root.hcl\"\n  merge_strategy = \"" + strategy + "\"\n}\n" + child,
		}
	}
	const block = "dependency \"base\" {\n  config_path  = \"../base\"\n  mock_outputs = { id = \"x\" }\n}\n"
	const use = "inputs = { id = dependency.base.outputs.id }\n"
	for _, strategy := range []string{"shallow", "deep", "no_merge"} {
		for _, f := range []map[string]string{files(strategy, block, use), files(strategy, use, block)} {
			c, err := loadOne(t, f, "app", Options{Command: "plan"})
			switch {
			case strategy == "no_merge" && f["root.hcl"] == use:
				// the parent's inputs are not merged, so nobody asks for them
				if err != nil || len(c.Inputs) > 0 {
					t.Errorf("%s: %v", strategy, err)
				}
			case strategy == "no_merge":
				if err == nil {
					t.Errorf("%s: the parent's dependency can be used", strategy)
				}
			case err != nil || inputsJSON(t, c) != `{"id":"x"}`:
				t.Errorf("%s: %v", strategy, err)
			}
		}
	}
}

// TestFeatureOverrides is D17: an override has the type of the default.
func TestFeatureOverrides(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ def, override, want string }{
		{`"a"`, `b`, `"b"`},
		{`"a"`, `1`, `"1"`},
		{`"a"`, ``, `""`},
		{`false`, `true`, `true`},
		{`false`, `T`, `true`},
		{`true`, `0`, `false`},
		{`true`, `no`, `error`},
		{`1`, `2`, `2`},
		{`1`, `2.5`, `2.5`},
		{`1`, `two`, `error`},
		{`["a"]`, `["b","c"]`, `["b","c"]`},
		{`["a"]`, `[]`, `[]`},
		{`["a"]`, `b`, `error`},
		{`["a"]`, `{"a":1}`, `error`},
		{`["a"]`, `null`, `error`},
		{`{ a = 1 }`, `{"a": 2}`, `{"a":2}`},
		{`{ a = 1 }`, `{ a = 2 }`, `{"a":2}`},
		{`{ a = 1 }`, `[1]`, `error`},
		{`{ a = 1 }`, `5`, `error`},
		{`{ a = 1 }`, `upper("x")`, `error`},
		{`tolist(["a"])`, `["b"]`, `["b"]`},
		{`tomap({ a = "1" })`, `{"b":"2"}`, `{"b":"2"}`},
	} {
		got := "error"
		cfg, err := loadOne(t, map[string]string{"a/terragrunt.hcl": "feature \"f\" {\n  default = " + c.def + "\n}\ninputs = { f = feature.f.value, n = feature.f.name }\n"},
			"a", Options{Features: map[string]string{"f": c.override}})
		if err == nil {
			v := cfg.Inputs["f"]
			text, _ := ctyjson.Marshal(v, v.Type())
			got = string(text)
		} else if !strings.Contains(err.Error(), "Invalid feature override") {
			t.Errorf("%s: %v", c.def, err)
		}
		if got != c.want {
			t.Errorf("default %s, override %s: %s, want %s", c.def, c.override, got, c.want)
		}
	}
	cfg, err := loadOne(t, map[string]string{"a/terragrunt.hcl": "inputs = { f = feature.undeclared.value }\n"}, "a", Options{Features: map[string]string{"undeclared": "x"}})
	if err != nil || inputsJSON(t, cfg) != `{"f":"x"}` {
		t.Errorf("undeclared: %v", err)
	}
}

func TestReadingAFileEvaluatesNoInputs(t *testing.T) {
	t.Parallel()
	root := tree(t, map[string]string{
		"root.hcl": "inputs = { broken = jsondecode(\"{\") }\n",
		"env/terragrunt.hcl": `include "root" {
  path = "../root.hcl"
}
locals {
  region = "north"
}
dependency "base" {
  config_path = "../base"
}
inputs = {
  id = dependency.base.outputs.id
}
`,
		"base/terragrunt.hcl": "",
		"a/terragrunt.hcl": `locals {
  region = read_terragrunt_config("../env").locals.region
  env    = read_terragrunt_config("../env")
}
terraform { source = "${local.region}-${local.env.locals.region}" }
`,
	})
	var mu sync.Mutex
	var evaluated []string
	h := &fakeHost{root: root}
	l := NewLoader(h, Options{Evaluated: func(_, cell string) {
		mu.Lock()
		defer mu.Unlock()
		evaluated = append(evaluated, cell)
	}})
	u, err := l.Unit(t.Context(), filepath.Join(root, "a"))
	if err != nil {
		t.Fatal(err)
	}
	o, err := u.Outline(t.Context())
	if err != nil || o.Source != "north-north" {
		t.Fatalf("%v, %v", o, err)
	}
	for _, cell := range evaluated {
		if strings.HasPrefix(cell, "inputs") || strings.HasPrefix(cell, "dependency") {
			t.Errorf("%s was evaluated", cell)
		}
	}
	if len(h.asked) > 0 {
		t.Errorf("outputs of %v were fetched", h.asked)
	}
}

func TestReads(t *testing.T) {
	t.Parallel()
	root := tree(t, map[string]string{
		"root.hcl":     "locals { common = read_terragrunt_config(find_in_parent_folders(\"common.hcl\")) }\n",
		"common.hcl":   "locals { a = file(\"${get_parent_terragrunt_dir()}/a.txt\") }\n",
		"a.txt":        "a",
		"c.tfvars":     "x = 1\n",
		"marked.txt":   "",
		"data/one.yml": "", "data/two.yml": "",
		"late.txt": "late",
		"a/terragrunt.hcl": `include "root" {
  path = "../root.hcl"
}
locals {
  vars   = read_tfvars_file("../c.tfvars")
  marked = mark_as_read("${get_terragrunt_dir()}/../marked.txt")
  all    = mark_glob_as_read("--terragrunt-boundary=${get_terragrunt_dir()}/..", "../data/*.yml")
  gone   = fileexists("../nothing.txt")
}
inputs = { late = file("../late.txt") }
`,
	})
	u, err := NewLoader(&fakeHost{root: root}, Options{}).Unit(t.Context(), filepath.Join(root, "a"))
	if err != nil {
		t.Fatal(err)
	}
	read := func() []string {
		files, err := u.Reads(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for i := range files {
			rel, _ := filepath.Rel(root, files[i])
			files[i] = filepath.ToSlash(rel)
		}
		return files
	}
	want := []string{"c.tfvars", "common.hcl", "data/one.yml", "data/two.yml", "marked.txt", "root.hcl"}
	for _, w := range want {
		if got := read(); !slices.Contains(got, w) {
			t.Errorf("%s is missing in %v", w, got)
		}
	}
	if got := read(); slices.Contains(got, "late.txt") || slices.Contains(got, "a/terragrunt.hcl") || !slices.IsSorted(got) {
		t.Errorf("%v", got)
	}
}

// TestManyAtOnce evaluates units that depend on and read each other from many
// goroutines, each of which must see the same.
func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	const units = 12
	files := map[string]string{
		"root.hcl": "locals {\n  name = path_relative_to_include()\n  env = read_terragrunt_config(\"${get_parent_terragrunt_dir()}/env.hcl\")\n}\ninputs = { name = local.name, region = local.env.locals.region }\n",
		"env.hcl":  "locals {\n  region = run_cmd(\"printf\", \"north\")\n}\n",
	}
	for i := range units {
		var b strings.Builder
		b.WriteString("include \"root\" {\n  path = find_in_parent_folders(\"root.hcl\")\n}\n")
		for d := range i {
			fmt.Fprintf(&b, "dependency \"u%d\" {\n  config_path = \"../u%d\"\n}\n", d, d)
		}
		if i > 0 {
			fmt.Fprintf(&b, "locals {\n  before = read_terragrunt_config(\"../u%d\").inputs.name\n}\ninputs = { before = local.before, id = dependency.u%d.outputs.id }\n", i-1, i-1)
		}
		files[fmt.Sprintf("u%d/terragrunt.hcl", i)] = b.String()
	}
	root := tree(t, files)
	h := &recursiveHost{fakeHost{root: root}}
	for range 3 {
		l := NewLoader(h, Options{Command: "plan"})
		var wg sync.WaitGroup
		for range 3 {
			for i := range units {
				wg.Go(func() {
					u, err := l.Unit(t.Context(), filepath.Join(root, fmt.Sprintf("u%d", i)))
					if err != nil {
						t.Error(err)
						return
					}
					if _, err := u.Check(t.Context()); err != nil {
						t.Error(err)
					}
					c, err := u.Config(t.Context())
					if err != nil {
						t.Error(err)
						return
					}
					want := fmt.Sprintf(`{"name":"u%d","region":"north"}`, i)
					if i > 0 {
						want = fmt.Sprintf(`{"before":"u%d","id":"u%d","name":"u%d","region":"north"}`, i-1, i-1, i)
					}
					if got := inputsJSON(t, c); got != want {
						t.Errorf("%s, want %s", got, want)
					}
				})
			}
		}
		wg.Wait()
	}
}

// recursiveHost evaluates a unit to give its outputs, as running it does.
type recursiveHost struct{ fakeHost }

func (h *recursiveHost) Outputs(ctx context.Context, u *Unit) (cty.Value, error) {
	if _, err := u.Config(ctx); err != nil {
		return cty.NilVal, err
	}
	return cty.ObjectVal(map[string]cty.Value{"id": cty.StringVal(filepath.Base(u.Dir()))}), nil
}
