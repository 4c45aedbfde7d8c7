package config

import (
	"bytes"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The tests of this file show where the language differs from Terragrunt on
// purpose. docs/compatibility.md names them.

// merged evaluates a child that includes a parent by a strategy.
func merged(t *testing.T, strategy, parent, child string) *Config {
	t.Helper()
	c, err := loadOne(t, map[string]string{
		"parent.hcl":         parent,
		"a/terragrunt.hcl":   "include \"p\" {\n  path           = \"../parent.hcl\"\n  merge_strategy = \"" + strategy + "\"\n}\n" + child,
		"vpc/terragrunt.hcl": "",
	}, "a", Options{Command: "plan"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTheChildsTerraformBlockWins(t *testing.T) {
	t.Parallel()
	const parent = "terraform {\n  include_in_copy = [\"p\"]\n  exclude_from_copy = [\"q\"]\n  mutable = false\n}\n"
	const child = "terraform {\n  include_in_copy = [\"c\"]\n  mutable = true\n}\n"
	for strategy, want := range map[string]string{"shallow": "[c] [q] true", "deep": "[c p] [q] true"} {
		got := merged(t, strategy, parent, child).Terraform
		if have := fmt.Sprint(got.IncludeInCopy, got.ExcludeFromCopy, got.Mutable); have != want {
			t.Errorf("%s: %s, want %s", strategy, have, want)
		}
	}
}

func TestTheChildsGenerateBlockWins(t *testing.T) {
	t.Parallel()
	block := func(name, text string) string {
		return fmt.Sprintf("generate %q {\n  path = \"x.tf\"\n  if_exists = \"overwrite\"\n  contents = %q\n}\n", name, text)
	}
	for _, strategy := range []string{"shallow", "deep"} {
		var have []string
		for _, g := range merged(t, strategy, block("x", "parent")+block("y", "parent"), block("x", "child")).Generate {
			have = append(have, g.Name+" "+g.Contents)
		}
		if want := []string{"x child", "y parent"}; !slices.Equal(have, want) {
			t.Errorf("%s: %q, want %q", strategy, have, want)
		}
	}
}

func TestDeepMergedDependencyKeepsItsMockStrategy(t *testing.T) {
	t.Parallel()
	c := merged(t, "deep",
		"dependency \"vpc\" {\n  config_path = \"../vpc\"\n  mock_outputs = { a = 1 }\n}\n",
		"dependency \"vpc\" {\n  config_path = \"../vpc\"\n  mock_outputs = { b = 2 }\n  mock_outputs_merge_strategy_with_state = \"deep_map_only\"\n}\n")
	if d := c.Dependencies[0]; d.MockMergeStrategy != "deep_map_only" || len(d.MockOutputs.AsValueMap()) != 2 {
		t.Errorf("strategy %s, mocks %#v", d.MockMergeStrategy, d.MockOutputs)
	}
}

func TestDeepMergeOfUnlikeValues(t *testing.T) {
	t.Parallel()
	c := merged(t, "deep",
		"feature \"size\" {\n  default = 1\n}\ninputs = {\n  a = \"text\"\n  b = { x = 1 }\n  c = 1\n  d = null\n}\n",
		"feature \"size\" {\n  default = 2\n}\ninputs = {\n  a = [\"list\"]\n  b = [1]\n  c = { x = 1 }\n  d = [\"list\"]\n}\n")
	if have, want := inputsJSON(t, c), `{"a":["list"],"b":[1],"c":{"x":1},"d":["list"]}`; have != want {
		t.Errorf("inputs %s, want %s", have, want)
	}
	if v := c.Features["size"]; v.AsBigFloat().String() != "2" {
		t.Errorf("feature size is %#v, want 2", v)
	}
}

func TestFeatureOverridesHaveTheTypeOfTheDefault(t *testing.T) {
	t.Parallel()
	const text = `
feature "n" { default = 1 }
feature "on" { default = true }
feature "list" { default = ["a"] }
feature "map" { default = { a = 1 } }
feature "text" { default = "1" }
inputs = { n = feature.n.value + 1, on = !feature.on.value, first = feature.list.value[0], b = feature.map.value.b, text = feature.text.value }
`
	c, err := loadOne(t, map[string]string{"a/terragrunt.hcl": text}, "a",
		Options{Features: map[string]string{"n": "41", "on": "false", "list": `["x"]`, "map": `{"b": "y"}`, "text": "007"}})
	if err != nil {
		t.Fatal(err)
	}
	if have, want := inputsJSON(t, c), `{"b":"y","first":"x","n":42,"on":true,"text":"007"}`; have != want {
		t.Errorf("inputs %s, want %s", have, want)
	}
}

func TestDownloadDirIsRelativeToItsFile(t *testing.T) {
	t.Parallel()
	c, err := loadOne(t, map[string]string{
		"shared/parent.hcl": "download_dir = \"cache\"\n",
		"a/terragrunt.hcl":  "include {\n  path = \"../shared/parent.hcl\"\n}\n",
	}, "a", Options{})
	if err != nil || filepath.Base(filepath.Dir(c.DownloadDir)) != "shared" || filepath.Base(c.DownloadDir) != "cache" {
		t.Errorf("download_dir is %v, %v, want shared/cache", c, err)
	}
}

func TestWorkingDirIsTheSameEachTime(t *testing.T) {
	t.Parallel()
	c, err := loadOne(t, map[string]string{"a/terragrunt.hcl": "locals {\n  one = get_working_dir()\n}\nterraform {\n  source = \"mod\"\n}\ninputs = {\n  same = local.one == get_working_dir()\n  set = get_working_dir() != \"\"\n}\n"}, "a", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if have, want := inputsJSON(t, c), `{"same":true,"set":true}`; have != want {
		t.Errorf("inputs %s, want %s", have, want)
	}
}

func TestEngineWithoutMeta(t *testing.T) {
	t.Parallel()
	root := tree(t, map[string]string{
		"e/terragrunt.hcl": "engine {\n  source = \"example.com/engine\"\n}\n",
		"a/terragrunt.hcl": "inputs = { source = read_terragrunt_config(\"../e\").engine.source }\n",
	})
	l := NewLoader(&fakeHost{root: root}, Options{Command: "render"})
	e, err := l.Unit(t.Context(), filepath.Join(root, "e"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := e.Render(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if text, err := r.JSON(false); err != nil || !strings.Contains(string(text), `"source":"example.com/engine"`) {
		t.Errorf("rendered %s, %v", text, err)
	}
	a, err := l.Unit(t.Context(), filepath.Join(root, "a"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := a.Config(t.Context())
	if err != nil || inputsJSON(t, c) != `{"source":"example.com/engine"}` {
		t.Errorf("read as %v, %v", c, err)
	}
}

func TestJSONParentsAreMerged(t *testing.T) {
	t.Parallel()
	c, err := loadOne(t, map[string]string{
		"root.json":        `{"locals": {"x": "from json"}, "inputs": {"a": "${local.x}"}, "dependency": {"vpc": {"config_path": "../vpc", "mock_outputs": {"id": "m"}, "skip_outputs": true}}}`,
		"a/terragrunt.hcl": "include \"root\" {\n  path = \"../root.json\"\n}\ninputs = { id = dependency.vpc.outputs.id }\n",
	}, "a", Options{Command: "plan"})
	if err != nil {
		t.Fatal(err)
	}
	if have, want := inputsJSON(t, c), `{"a":"from json","id":"m"}`; have != want {
		t.Errorf("inputs %s, want %s", have, want)
	}
}

// TestRenderFailsOnMistakes: only outputs that are not there may be absent.
func TestRenderFailsOnMistakes(t *testing.T) {
	t.Parallel()
	for text, mistake := range map[string]string{
		"locals {\n  a = 1\n}\ninputs = { x = local.b }\n":                                                    "does not have an attribute named \"b\"",
		"dependency \"vpc\" {\n  config_path = \"../vpc\"\n}\ninputs = { x = dependency.vpc.outputs.id }\n":   "",
		"dependency \"vpc\" {\n  config_path = \"../vpc\"\n}\ninputs = { x = dependency.other.outputs.id }\n": "\"other\"",
	} {
		root := tree(t, map[string]string{"a/terragrunt.hcl": text, "vpc/terragrunt.hcl": ""})
		u, err := NewLoader(&fakeHost{root: root}, Options{Command: "render", Mocks: MockPolicy{AllowNotFound: true}}).Unit(t.Context(), filepath.Join(root, "a"))
		if err != nil {
			t.Fatal(err)
		}
		_, err = u.Render(t.Context())
		if (err == nil) != (mistake == "") || err != nil && !strings.Contains(err.Error(), mistake) {
			t.Errorf("%s\nerr = %v, want %q", text, err, mistake)
		}
	}
}

// TestOldMockAttributeWarnsOnce: the attribute that there was before merge
// strategies works, with one warning for all units, unless that is an error.
func TestOldMockAttributeWarnsOnce(t *testing.T) {
	t.Parallel()
	const text = "dependency \"vpc\" {\n  config_path = \"../vpc\"\n  mock_outputs = { a = 1 }\n  mock_outputs_merge_with_state = true\n}\n"
	root := tree(t, map[string]string{"a/terragrunt.hcl": text, "b/terragrunt.hcl": text, "vpc/terragrunt.hcl": ""})
	var log bytes.Buffer
	strict := ""
	load := func(unit string, l *Loader) (*Config, error) {
		u, err := l.Unit(t.Context(), filepath.Join(root, unit))
		if err != nil {
			return nil, err
		}
		return u.Config(t.Context())
	}
	options := Options{Command: "plan", Log: slog.New(slog.NewTextHandler(&log, nil)), Strict: func(control string) bool { return control == strict }}
	l := NewLoader(&fakeHost{root: root}, options)
	for _, unit := range []string{"a", "b"} {
		c, err := load(unit, l)
		if err != nil || c.Dependencies[0].MockMergeStrategy != "shallow" {
			t.Errorf("%s: %v, %v, want the shallow strategy", unit, c, err)
		}
	}
	if n := strings.Count(log.String(), "mock_outputs_merge_with_state is deprecated"); n != 1 {
		t.Errorf("%d warnings:\n%s", n, &log)
	}
	strict = "deprecated-configs"
	if _, err := load("a", NewLoader(&fakeHost{root: root}, options)); err == nil || !strings.Contains(err.Error(), "strict control deprecated-configs") {
		t.Errorf("err = %v, want that of the strict control", err)
	}
}
