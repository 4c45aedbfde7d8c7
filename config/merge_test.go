package config

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

// rendered evaluates the unit "app" of a tree and gives its JSON form.
func rendered(t *testing.T, files map[string]string, o Options) map[string]any {
	t.Helper()
	root := tree(t, files)
	u, err := NewLoader(&fakeHost{root: root}, o).Unit(t.Context(), filepath.Join(root, "app"))
	if err != nil {
		t.Fatal(err)
	}
	r, err := u.Render(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	text, err := r.JSON(false)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(text, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// at follows dots into a JSON value and writes what is there.
func at(t *testing.T, v any, path string) string {
	t.Helper()
	for name := range strings.SplitSeq(path, ".") {
		object, _ := v.(map[string]any)
		v = object[name]
	}
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestMergeTable goes through the rows of section 2.1, with the defects D5 to
// D8 settled.
func TestMergeTable(t *testing.T) {
	t.Parallel()
	const keep = `generate = { path = "b.tf", if_exists = "skip" }`
	for _, c := range []struct {
		name, parent, child string
		path, shallow, deep string
	}{
		{"string, child's", `iam_role = "p"`, `iam_role = "c"`, "iam_role", `"c"`, `"c"`},
		{"string, child's is empty", `iam_role = "p"`, `iam_role = ""`, "iam_role", `"p"`, `"p"`},
		{"string, child's is null", `iam_role = "p"`, `iam_role = null`, "iam_role", `"p"`, `"p"`},
		{"string, parent's only", `terraform_binary = "p"`, ``, "terraform_binary", `"p"`, `"p"`},
		{"bool, child's false counts", `prevent_destroy = true`, `prevent_destroy = false`, "prevent_destroy", `false`, `false`},
		{"number", `iam_assume_role_duration = 900`, `iam_assume_role_duration = 1800`, "iam_assume_role_duration", `1800`, `1800`},
		{"constraint", `terraform_version_constraint = ">= 1"`, `terraform_version_constraint = ">= 2"`, "terraform_version_constraint", `"\u003e= 2"`, `"\u003e= 2"`},

		{"inputs", `inputs = {
  a = { x = 1, y = 1 }
  b = "p"
}`, `inputs = {
  a = { y = 2 }
  c = "c"
}`, "inputs", `{"a":{"y":2},"b":"p","c":"c"}`, `{"a":{"x":1,"y":2},"b":"p","c":"c"}`},
		{"locals are not merged", `locals { p = 1 }`, `locals { c = 1 }`, "locals", `{"c":1}`, `{"c":1}`},
		{"catalog is not merged", `catalog { urls = ["p"] }`, ``, "catalog", `null`, `null`},

		{"source", `terraform { source = "p" }`, `terraform { source = "c" }`, "terraform.source", `"c"`, `"c"`},
		{"source, child's block has none", `terraform { source = "p" }`, `terraform { mutable = true }`, "terraform.source", `"p"`, `"p"`},
		{"copy_terraform_lock_file", `terraform { copy_terraform_lock_file = true }`, `terraform { copy_terraform_lock_file = false }`, "terraform.copy_terraform_lock_file", `false`, `false`},
		{"include_in_copy [D5]", `terraform { include_in_copy = ["p"] }`, `terraform { include_in_copy = ["c"] }`, "terraform.include_in_copy", `["c"]`, `["c","p"]`},
		{"exclude_from_copy, parent's only [D5]", `terraform { exclude_from_copy = ["p"] }`, `terraform { source = "c" }`, "terraform.exclude_from_copy", `["p"]`, `["p"]`},
		{"mutable [D5]", `terraform { mutable = false }`, `terraform { mutable = true }`, "terraform.mutable", `true`, `true`},
		{"mutable, child's false [D5]", `terraform { mutable = true }`, `terraform { mutable = false }`, "terraform.mutable", `false`, `false`},
		{"update_source_with_cas [D5]", `terraform { update_source_with_cas = true }`, `terraform { update_source_with_cas = false }`, "terraform.update_source_with_cas", `false`, `false`},
		{"extra_arguments by label", `terraform {
  extra_arguments "a" {
    commands  = ["plan"]
    arguments = ["p"]
    env_vars  = { X = "1" }
  }
}`, `terraform {
  extra_arguments "a" {
    commands  = ["apply"]
  }
}`, "terraform.extra_arguments.a.arguments", `null`, `null`},

		{"remote_state whole", `remote_state {
  backend      = "http"
  config       = { address = "p" }
  disable_init = true
  ` + keep + `
}`, `remote_state {
  backend = "http"
  config  = { other = "c" }
}`, "remote_state.config", `{"other":"c"}`, `{"other":"c"}`},
		{"remote_state, rest of the parent's is gone", `remote_state {
  backend = "http"
  config  = {}
  ` + keep + `
}`, `remote_state {
  backend = "http"
  config  = {}
}`, "remote_state.generate", `null`, `null`},
		{"remote_state = null is unset [D2]", `remote_state {
  backend = "http"
  config  = {}
}`, `remote_state = null`, "remote_state.backend", `"http"`, `"http"`},
		{"remote_state = {} is unset [D2]", `remote_state {
  backend = "http"
  config  = {}
}`, `remote_state = {}`, "remote_state.backend", `"http"`, `"http"`},

		{"generate, the same label [D6]", `generate "a" {
  path           = "p.tf"
  if_exists      = "skip"
  contents       = "p"
  comment_prefix = "//"
}`, `generate "a" {
  path      = "c.tf"
  if_exists = "overwrite"
  contents  = "c"
}`, "generate.a.path", `"c.tf"`, `"c.tf"`},
		{"generate, nothing of the parent's block stays", `generate "a" {
  path           = "p.tf"
  if_exists      = "skip"
  contents       = "p"
  comment_prefix = "//"
}`, `generate "a" {
  path      = "c.tf"
  if_exists = "overwrite"
  contents  = "c"
}`, "generate.a.comment_prefix", `null`, `null`},
		{"generate, union", `generate "a" {
  path      = "p.tf"
  if_exists = "skip"
  contents  = "p"
}`, `generate = { b = { path = "c.tf", if_exists = "skip", contents = "c" } }`, "generate.a.contents", `"p"`, `"p"`},

		{"dependencies", `dependencies { paths = ["../x", "../y"] }`, `dependencies { paths = ["../y", "../z"] }`, "dependencies.paths", `["../x","../y","../z"]`, `["../x","../y","../z"]`},

		{"feature, scalar [D8]", `feature "f" { default = 1 }`, `feature "f" { default = 2 }`, "feature.f.default", `2`, `2`},
		{"feature, object", `feature "f" { default = { a = 1, b = 1 } }`, `feature "f" { default = { b = 2 } }`, "feature.f.default", `{"b":2}`, `{"a":1,"b":2}`},

		{"exclude whole", `exclude {
  if      = true
  actions = ["plan"]
  no_run  = true
}`, `exclude {
  if      = false
  actions = ["apply"]
}`, "exclude.no_run", `null`, `null`},
		{"exclude whole, actions", `exclude {
  if      = true
  actions = ["plan"]
}`, `exclude {
  if      = false
  actions = ["apply"]
}`, "exclude.actions", `["apply"]`, `["apply"]`},

		{"errors, patterns", errorsWith("b", "p", 3, 5, "p = 1"), errorsWith("a", "c", 0, 0, "c = 2"), "errors.retry.r.retryable_errors", `["a"]`, `["a","b"]`},
		{"errors, sleep", errorsWith("b", "p", 3, 5, "p = 1"), errorsWith("a", "", 1, 0, "c = 2"), "errors.retry.r.sleep_interval_sec", `0`, `5`},
		{"errors, message", errorsWith("b", "p", 3, 5, "p = 1"), errorsWith("a", "", 1, 0, "c = 2"), "errors.ignore.i.message", `""`, `"p"`},
		{"errors, signals", errorsWith("b", "p", 3, 5, "p = 1, k = 1"), errorsWith("a", "", 1, 0, "c = 2, k = 2"), "errors.ignore.i.signals", `{"c":2,"k":2}`, `{"c":2,"k":2,"p":1}`},

		{"engine", `engine {
  source  = "p"
  version = "1"
}`, `engine { source = "c" }`, "engine.version", `null`, `"1"`},
	} {
		for strategy, want := range map[string]string{"shallow": c.shallow, "deep": c.deep} {
			if strings.HasPrefix(c.name, "errors, patterns") && strategy == "shallow" {
				c.child = errorsWith("a", "c", 1, 0, "c = 2") // alone, it must be valid
			}
			files := map[string]string{
				"root.hcl":           c.parent,
				"app/terragrunt.hcl": "include \"root\" {\n  path           = \"../root.hcl\"\n  merge_strategy = \"" + strategy + "\"\n}\n" + c.child,
				"x/terragrunt.hcl":   "", "y/terragrunt.hcl": "", "z/terragrunt.hcl": "",
			}
			if got := at(t, rendered(t, files, Options{}), c.path); got != want {
				t.Errorf("%s, %s: %s = %s, want %s", c.name, strategy, c.path, got, want)
			}
		}
	}
}

func errorsWith(pattern, message string, attempts, sleep int, signals string) string {
	return strings.NewReplacer("PATTERN", pattern, "MESSAGE", message, "ATTEMPTS", jsonText(attempts), "SLEEP", jsonText(sleep), "SIGNALS", signals).Replace(`errors {
  retry "r" {
    retryable_errors   = ["PATTERN"]
    max_attempts       = ATTEMPTS
    sleep_interval_sec = SLEEP
  }
  ignore "i" {
    ignorable_errors = ["PATTERN"]
    message          = "MESSAGE"
    signals          = { SIGNALS }
  }
}`)
}

func jsonText(v any) string {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// TestDeepMergeOfValues goes through the cells of the table in section 2.2,
// with D9 settled.
func TestDeepMergeOfValues(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ parent, child, want string }{
		{``, `"c"`, `"c"`},
		{``, `[1]`, `[1]`},
		{``, `{ a = 1 }`, `{"a":1}`},
		{`null`, `"c"`, `"c"`},
		{`null`, `[1]`, `[1]`},
		{`null`, `{ a = 1 }`, `{"a":1}`},
		{`"p"`, `"c"`, `"c"`},
		{`"p"`, `""`, `""`},
		{`"p"`, `0`, `0`},
		{`true`, `false`, `false`},
		{`"p"`, `null`, `null`},
		{`"p"`, `["c"]`, `["c"]`}, // D9
		{`"p"`, `{ a = 1 }`, `{"a":1}`},
		{`["p"]`, `"c"`, `"c"`},
		{`["p"]`, `null`, `null`},
		{`["p"]`, `["c"]`, `["p","c"]`},
		{`["p"]`, `[]`, `["p"]`},
		{`["p"]`, `[1]`, `["p",1]`},
		{`["p"]`, `{ a = 1 }`, `{"a":1}`},
		{`[{ a = 1 }]`, `[{ b = 2 }]`, `[{"a":1},{"b":2}]`},
		{`{ a = 1 }`, `"c"`, `"c"`},
		{`{ a = 1 }`, `null`, `null`},
		{`{ a = 1 }`, `["c"]`, `["c"]`}, // D9
		{`{ a = 1 }`, `{}`, `{"a":1}`},
		{`{ a = 1, b = 1 }`, `{ b = 2, c = 3 }`, `{"a":1,"b":2,"c":3}`},
		{`{ a = { b = [1], c = 1 } }`, `{ a = { b = [2], d = 2 } }`, `{"a":{"b":[1,2],"c":1,"d":2}}`},
		{`tomap({ a = "1" })`, `tomap({ b = "2" })`, `{"a":"1","b":"2"}`},
		{`toset(["p"])`, `tolist(["c"])`, `["p","c"]`},
		{`sensitive({ a = 1 })`, `{ b = 2 }`, `{"a":1,"b":2}`},
		{`{ a = sensitive([1]) }`, `{ a = [sensitive(2)] }`, `{"a":[1,2]}`},
		{`sensitive("p")`, `"c"`, `"c"`},
	} {
		parent := ""
		if c.parent != "" {
			parent = "inputs = {\n  v = " + c.parent + "\n}\n"
		}
		files := map[string]string{
			"root.hcl": parent,
			"app/terragrunt.hcl": `include "root" {
  path           = "../root.hcl"
  merge_strategy = "deep"
}
inputs = {
  v = ` + c.child + "\n}\n",
		}
		if got := at(t, rendered(t, files, Options{}), "inputs.v"); got != c.want {
			t.Errorf("%s under %s = %s, want %s", c.parent, c.child, got, c.want)
		}
	}
}

func TestHooksAreMergedInTheParentsOrder(t *testing.T) {
	t.Parallel()
	hook := func(label, word string) string {
		return "  before_hook \"" + label + "\" {\n    commands = [\"plan\"]\n    execute = [\"" + word + "\"]\n  }\n"
	}
	for _, strategy := range []string{"shallow", "deep"} {
		c, err := loadOne(t, map[string]string{
			"root.hcl": "terraform {\n" + hook("a", "pa") + hook("b", "pb") + hook("c", "pc") + "}\n",
			"app/terragrunt.hcl": "include \"root\" {\n  path = \"../root.hcl\"\n  merge_strategy = \"" + strategy + "\"\n}\n" +
				"terraform {\n" + hook("z", "cz") + hook("b", "cb1") + hook("b", "cb2") + "}\n",
		}, "app", Options{})
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, h := range c.Terraform.BeforeHooks {
			got = append(got, h.Execute[0])
		}
		if strings.Join(got, " ") != "pa cb1 cb2 pc cz" {
			t.Errorf("%s: %v", strategy, got)
		}
	}
}

func TestPrecedenceOfSeveralIncludes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ first, last, child, want string }{
		{"shallow", "shallow", `{}`, `{"m":{"l":1},"v":"last"}`},
		{"deep", "deep", `{}`, `{"m":{"f":1,"l":1},"v":"last"}`},
		{"shallow", "deep", `{}`, `{"m":{"l":1},"v":"last"}`},
		{"deep", "shallow", `{}`, `{"m":{"f":1,"l":1},"v":"last"}`},
		{"deep", "deep", `{ v = "child", m = { c = 1 } }`, `{"m":{"c":1,"f":1,"l":1},"v":"child"}`},
		{"deep", "shallow", `{ m = { c = 1 } }`, `{"m":{"c":1,"f":1},"v":"last"}`},
		{"shallow", "no_merge", `{}`, `{"m":{"f":1},"v":"first"}`},
		{"no_merge", "no_merge", `{ v = 1 }`, `{"v":1}`},
	} {
		files := map[string]string{
			"first.hcl": `inputs = {
  v = "first"
  m = { f = 1 }
}`,
			"last.hcl": `inputs = {
  v = "last"
  m = { l = 1 }
}`,
			"app/terragrunt.hcl": "include \"first\" {\n  path = \"../first.hcl\"\n  merge_strategy = \"" + c.first + "\"\n}\n" +
				"include \"last\" {\n  path = \"../last.hcl\"\n  merge_strategy = \"" + c.last + "\"\n}\ninputs = " + c.child + "\n",
		}
		if got := at(t, rendered(t, files, Options{}), "inputs"); got != c.want {
			t.Errorf("%s, %s, %s: %s, want %s", c.first, c.last, c.child, got, c.want)
		}
	}
}

// TestInputsOneByOne compares the inputs asked for by key, as an exposed parent
// gives them, with all of them at once.
func TestInputsOneByOne(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"other/terragrunt.hcl": `include "root" {
  path           = "../root.hcl"
  merge_strategy = "deep"
}
inputs = {
  m = { c = 1 }
  v = 2
}`,
		"root.hcl": `inputs = {
  m = { p = 1 }
  v = 1
  w = 1
}`,
		"app/terragrunt.hcl": `locals {
  whole = read_terragrunt_config("../other").inputs
  m     = read_terragrunt_config("../other").inputs.m
  w     = read_terragrunt_config("../other").inputs.w
}
inputs = {
  same = local.whole.m == local.m
  v    = local.whole.v
  w    = local.w
  m    = local.m
}`,
	}
	if got, want := at(t, rendered(t, files, Options{}), "inputs"), `{"m":{"c":1,"p":1},"same":true,"v":2,"w":1}`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestJSONParents is D33: a parent may be written in JSON, as a child may.
func TestJSONParents(t *testing.T) {
	t.Parallel()
	files := map[string]string{
		"root.hcl.json": `{
  "locals": {"region": "north"},
  "dependency": {"base": {"config_path": "../base", "mock_outputs": {"id": "mock"}}},
  "generate": {"p": {"path": "p.tf", "if_exists": "skip", "contents": "x"}},
  "inputs": {"region": "${local.region}", "id": "${dependency.base.outputs.id}"}
}`,
		"base/terragrunt.hcl":     "",
		"app/terragrunt.hcl.json": `{"include": {"root": {"path": "../root.hcl.json", "expose": true}}, "inputs": {"again": "${include.root.locals.region}"}}`,
	}
	out := rendered(t, files, Options{Command: "plan"})
	if got, want := at(t, out, "inputs"), `{"again":"north","id":"mock","region":"north"}`; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := at(t, out, "generate.p.path"); got != `"p.tf"` {
		t.Errorf("generate.p.path = %s", got)
	}
}
