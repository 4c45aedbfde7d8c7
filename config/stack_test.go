package config

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"
)

func loadStack(t *testing.T, files map[string]string, dir string) (*StackFile, error) {
	t.Helper()
	root := tree(t, files)
	l := NewLoader(&fakeHost{root: root}, Options{Command: "plan"})
	return l.Stack(context.Background(), filepath.Join(root, dir))
}

// one is a stack of one unit with further lines in its block.
func one(lines string) map[string]string {
	return map[string]string{"live/terragrunt.stack.hcl": `
locals {
  env  = "dev"
  list = ["x", "y"]
}
unit "net" {
  source = "../net"
  path   = "net"
}
unit "web" {
  source = "../web"
  path   = "sub/web"
` + lines + "\n}\n"}
}

// body is a generated text without its comment.
func body(text []byte) string {
	_, rest, _ := strings.Cut(string(text), "\n")
	return strings.TrimSpace(rest)
}

func TestAutoincludeText(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ in, want string }{
		"text":             {`inputs = { a = "${local.env}-${dependency.net.outputs.id}" }`, `inputs = { a = "dev-${dependency.net.outputs.id}" }`},
		"whole value":      {`inputs = { a = local.list }`, "inputs = {\n  a = [\"x\", \"y\"]\n}"},
		"key":              {`inputs = { "${local.env}_id" = dependency.net.outputs.id }`, `inputs = { "dev_id" = dependency.net.outputs.id }`},
		"key in brackets":  {`inputs = { (local.env) = dependency.net.outputs.id }`, `inputs = { "dev" = dependency.net.outputs.id }`},
		"call":             {`inputs = { a = format("%s-%s", upper(local.env), dependency.net.outputs.id) }`, `inputs = { a = format("%s-%s", "DEV", dependency.net.outputs.id) }`},
		"loop variable":    {`inputs = { a = [for x in local.list : "${x}-${dependency.net.outputs.id}-${local.env}"] }`, `inputs = { a = [for x in ["x", "y"] : "${x}-${dependency.net.outputs.id}-dev"] }`},
		"loop that closes": {`inputs = { a = [for x in local.list : upper(x)], b = dependency.net.outputs.id }`, `inputs = { a = ["X", "Y"], b = dependency.net.outputs.id }`},
		"splat":            {`inputs = { a = dependency.net.outputs.all[*].id, b = local.list[*] }`, `inputs = { a = dependency.net.outputs.all[*].id, b = ["x", "y"] }`},
		"dollar before":    {`inputs = { a = "${"$"}${dependency.net.outputs.id}" }`, `inputs = { a = "${"$"}${dependency.net.outputs.id}" }`},
		"escapes":          {`inputs = { a = "$${x} ${local.env} ${dependency.net.outputs.id}" }`, `inputs = { a = "$${x} dev ${dependency.net.outputs.id}" }`},
		"condition":        {`inputs = { a = local.env == "dev" ? dependency.net.outputs.id : "none" }`, `inputs = { a = true ? dependency.net.outputs.id : "none" }`},
		"a call that fails stays": {`inputs = { a = get_env("NOT_SET_ANYWHERE"), b = file("${local.env}.txt") }`,
			`inputs = { a = get_env("NOT_SET_ANYWHERE"), b = file("dev.txt") }`},
		"absolute path": {"dependency \"net\" {\n config_path = unit.net.path\n}", "dependency \"net\" {\n  config_path = \"../../net\"\n}"},
		"relative path": {"dependency \"net\" {\n config_path = \"../../net\"\n}", "dependency \"net\" {\n  config_path = \"../../net\"\n}"},
		"dependency first": {"inputs = { a = 1 }\ndependency \"net\" {\n config_path = unit.net.path\n}",
			"dependency \"net\" {\n  config_path = \"../../net\"\n}\ninputs = { a = 1 }"},
		"nested block": {"errors {\n retry \"x\" {\n retryable_errors = [local.env]\n max_attempts = 2\n sleep_interval_sec = 1\n }\n}",
			"errors {\n\n  retry \"x\" {\n    retryable_errors   = [\"dev\"]\n    max_attempts       = 2\n    sleep_interval_sec = 1\n  }\n}"},
		"heredoc": {"inputs = {\n a = <<-EOT\n  ${local.env}\n  ${dependency.net.outputs.id}\nEOT\n}",
			"inputs = {\n  a = <<-EOT\n  ${\"dev\"}\n  ${dependency.net.outputs.id}\nEOT\n}"},
		"feature of the unit": {`inputs = { a = feature.x.value }`, `inputs = { a = feature.x.value }`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, err := loadStack(t, one("autoinclude {\n"+c.in+"\n}"), "live")
			if err != nil {
				t.Fatal(err)
			}
			if got := body(f.Components[1].Autoinclude); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestStackMistakes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ lines, want string }{
		"misspelt attribute":     {`no_dot_terragrunt_stak = true`, `Did you mean "no_dot_terragrunt_stack"?`},
		"unknown unit":           {`values = { a = unit.nett.path }`, `Did you mean "net"?`},
		"unknown local":          {`values = { a = local.evn }`, `Did you mean "env"?`},
		"outputs outside":        {`values = { a = dependency.net.outputs.id }`, `use them in an autoinclude block`},
		"no values":              {`values = { a = values.x }`, `There is no terragrunt.values.hcl beside the stack file`},
		"values of another kind": {`values = "x"`, `values must be an object`},
		"name of a value":        {`values = { "a b" = 1 }`, `cannot be the name of a value`},
		"locals in autoinclude":  {"autoinclude {\n locals {\n }\n}", `Blocks of type "locals" are not expected here`},
		"two autoincludes":       {"autoinclude {\n}\nautoinclude {\n}", `has one autoinclude block at most`},
		"nested autoinclude":     {"autoinclude {\n autoinclude {\n }\n}", `Blocks of type "autoinclude" are not expected here`},
		"local in autoinclude":   {"autoinclude {\n inputs = { a = \"${local.nope}-${dependency.net.outputs.id}\" }\n}", `does not have an attribute named "nope"`},
		"each outside":           {`values = { a = each.key }`, `each belongs to a block with expansion`},
		"expansion of both":      {"expansion {\n count = 1\n for_each = toset([])\n}", `count stands beside for_each`},
		"expansion of a list":    {"expansion {\n for_each = [\"a\"]\n}", `toset()`},
		"negative count":         {"expansion {\n count = -1\n}", `not negative`},
		"same paths":             {"expansion {\n count = 2\n}", `both generated in .terragrunt-stack/sub/web`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := loadStack(t, one(c.lines), "live")
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("err = %v, want %q", err, c.want)
			}
		})
	}
}

func TestStackFileMistakes(t *testing.T) {
	t.Parallel()
	unit := func(name, path string) string {
		return "unit \"" + name + "\" {\n source = \"../a\"\n path = \"" + path + "\"\n}\n"
	}
	for name, c := range map[string]struct{ text, want string }{
		"paths that are equal when clean": {unit("a", "a") + unit("b", "./a"), `unit "a" and unit "b" are both generated in .terragrunt-stack/a`},
		"leaves":                          {unit("a", "x/../../a"), "must not lead out of .terragrunt-stack"},
		"absolute":                        {unit("a", "/a"), "must be relative"},
		"same name":                       {unit("a", "a") + unit("a", "b"), "Duplicate unit block"},
		"empty":                           {"locals {\n}\n", "declares no unit and no stack"},
		"include itself included":         {"include \"x\" {\n path = \"x.hcl\"\n}\n", "Only one level of includes"},
		"blank source":                    {"unit \"a\" {\n source = \" \"\n path = \"a\"\n}\n", "source of unit \"a\" must not be blank"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := loadStack(t, map[string]string{"live/terragrunt.stack.hcl": c.text, "live/x.hcl": "include \"y\" {\n path = \"y.hcl\"\n}\n"}, "live")
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("err = %v, want %q", err, c.want)
			}
		})
	}
}

// TestExpandedComponents: each instance sees its own key, can be referred to by
// it, and an autoinclude block does not get in the way.
func TestExpandedComponents(t *testing.T) {
	t.Parallel()
	f, err := loadStack(t, map[string]string{"live/terragrunt.stack.hcl": `
unit "each" {
  expansion {
    for_each = { a = 1, b = 2 }
  }
  source = "../x"
  path   = "each-${each.key}"
  values = { v = each.value }
  autoinclude {
    inputs = { k = each.key, o = dependency.x.outputs.y }
  }
}
unit "n" {
  expansion {
    count = 2
  }
  source = "../x"
  path   = "n-${count.index}"
  values = { first = unit.each["a"].path, all = [for k, u in unit.each : k] }
}
`}, "live")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range f.Components {
		got = append(got, c.String()+" "+c.Path)
	}
	if want := `unit "each[a]" each-a, unit "each[b]" each-b, unit "n[0]" n-0, unit "n[1]" n-1`; strings.Join(got, ", ") != want {
		t.Errorf("got %s", strings.Join(got, ", "))
	}
	if got := body(f.Components[1].Autoinclude); got != `inputs = { k = "b", o = dependency.x.outputs.y }` {
		t.Errorf("autoinclude: %s", got)
	}
	if got := body(f.Components[2].Values); !strings.Contains(got, `all   = ["a", "b"]`) || !strings.Contains(got, `each-a"`) {
		t.Errorf("values: %s", got)
	}
}

// TestAutoincludeWins: the file beside a unit is laid over it, key by key, and
// the unit may rely on it for a value that it does not have.
func TestAutoincludeWins(t *testing.T) {
	t.Parallel()
	root := tree(t, map[string]string{
		"root.hcl":                              "inputs = { a = \"root\", r = \"root\" }\nprevent_destroy = true\n",
		"net/terragrunt.hcl":                    "",
		"app/terragrunt.autoinclude.hcl":        "dependency \"net\" {\n config_path = \"../net\"\n}\ninputs = { b = dependency.net.outputs.id, c = local.own }\n",
		"app/terragrunt.hcl":                    "locals {\n own = \"local\"\n}\ninclude \"root\" {\n path = \"../root.hcl\"\n}\ncatalog {\n urls = [\"x\"]\n}\ninputs = { a = \"unit\", b = values.missing, k = 1 }\n",
		"other/terragrunt.hcl":                  "inputs = { seen = read_terragrunt_config(\"../app/terragrunt.hcl\").inputs.c }\n",
		"withlocals/terragrunt.hcl":             "",
		"withlocals/terragrunt.autoinclude.hcl": "locals {\n a = 1\n}\n",
	})
	host := &fakeHost{root: root, outputs: map[string]cty.Value{"net": cty.ObjectVal(map[string]cty.Value{"id": cty.StringVal("out")})}}
	l := NewLoader(host, Options{Command: "plan"})
	config := func(name string) *Config {
		u, err := l.Unit(context.Background(), filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		c, err := u.Config(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	c := config("app")
	if got := inputsJSON(t, c); got != `{"a":"unit","b":"out","c":"local","k":1,"r":"root"}` {
		t.Errorf("inputs %s", got)
	}
	if c.Catalog == nil || !c.PreventDestroy {
		t.Error("what the autoinclude file does not mention is gone")
	}
	if got := inputsJSON(t, config("other")); got != `{"seen":"local"}` {
		t.Errorf("inputs of the reader %s", got)
	}
	if _, err := l.Unit(context.Background(), filepath.Join(root, "withlocals")); err == nil || !strings.Contains(err.Error(), "can have no locals") {
		t.Errorf("err = %v", err)
	}
}

// TestDependencyOnStack: outputs by unit name, by key for those that one block
// makes; nested stacks show none; mocks stand in for single units.
func TestDependencyOnStack(t *testing.T) {
	t.Parallel()
	root := tree(t, map[string]string{
		"net/terragrunt.stack.hcl": `
unit "vpc" {
  source = "../x"
  path   = "vpc"
}
unit "late" {
  source = "../x"
  path   = "late"
}
unit "many" {
  expansion {
    for_each = toset(["a", "b"])
  }
  source = "../x"
  path   = "many-${each.key}"
}
stack "inner" {
  source = "../y"
  path   = "inner"
}
`,
		"net/.terragrunt-stack/vpc/terragrunt.hcl":    "",
		"net/.terragrunt-stack/late/terragrunt.hcl":   "",
		"net/.terragrunt-stack/many-a/terragrunt.hcl": "",
		"net/.terragrunt-stack/many-b/terragrunt.hcl": "",
		"app/terragrunt.hcl": "dependency \"net\" {\n config_path = \"../net\"\n mock_outputs = { late = { id = \"mock\" } }\n}\n" +
			"inputs = { all = dependency.net.outputs }\n",
	})
	id := func(s string) cty.Value { return cty.ObjectVal(map[string]cty.Value{"id": cty.StringVal(s)}) }
	host := &fakeHost{root: root, outputs: map[string]cty.Value{
		"net/.terragrunt-stack/vpc": id("1"), "net/.terragrunt-stack/many-a": id("a"), "net/.terragrunt-stack/many-b": id("b"),
	}}
	u, err := NewLoader(host, Options{Command: "plan"}).Unit(context.Background(), filepath.Join(root, "app"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := u.Config(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	want := `{"all":{"late":{"id":"mock"},"many":{"a":{"id":"a"},"b":{"id":"b"}},"vpc":{"id":"1"}}}`
	if got := inputsJSON(t, c); got != want {
		t.Errorf("got %s", got)
	}
	o, err := u.Outline(context.Background())
	if err != nil || len(o.Dependencies) != 1 || o.Dependencies[0] != filepath.Join(root, "net") {
		t.Errorf("%v %v", o, err)
	}
}
