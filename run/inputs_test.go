package run

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/terrace-iac/terrace/shell"
)

// TestEncodeInput compares with the exact text that modules and other tools
// see.
func TestEncodeInput(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		value cty.Value
		want  string
	}{
		"string":                {cty.StringVal("x y"), "x y"},
		"empty string":          {cty.StringVal(""), ""},
		"string as it is":       {cty.StringVal("a\n\"b\" ${c} %{d} é"), "a\n\"b\" ${c} %{d} é"},
		"number":                {cty.NumberIntVal(42), "42"},
		"fraction":              {cty.NumberFloatVal(0.5), "0.5"},
		"many digits":           {cty.MustParseNumberVal("123456789012345678901234567890.125"), "123456789012345678901234567890.125"},
		"negative":              {cty.NumberIntVal(-1), "-1"},
		"bool":                  {cty.True, "true"},
		"empty list":            {cty.ListValEmpty(cty.String), "[]"},
		"empty object":          {cty.EmptyObjectVal, "{}"},
		"tuple":                 {cty.TupleVal([]cty.Value{cty.StringVal("a"), cty.NumberIntVal(1), cty.True}), `["a",1,true]`},
		"set":                   {cty.SetVal([]cty.Value{cty.StringVal("b"), cty.StringVal("a")}), `["a","b"]`},
		"map":                   {cty.MapVal(map[string]cty.Value{"k": cty.StringVal("v")}), `{"k":"v"}`},
		"nested null":           {cty.ObjectVal(map[string]cty.Value{"a": cty.NullVal(cty.String)}), `{"a":null}`},
		"nested template":       {cty.TupleVal([]cty.Value{cty.StringVal("${x}")}), `["$${x}"]`},
		"nested directive":      {cty.TupleVal([]cty.Value{cty.StringVal("%{if x}")}), `["%%{if x}"]`},
		"template in a key":     {cty.ObjectVal(map[string]cty.Value{"${k}": cty.True}), `{"$${k}":true}`},
		"nested quotes, lines":  {cty.TupleVal([]cty.Value{cty.StringVal("a\"b\nc\td\\")}), `["a\"b\nc\td\\"]`},
		"escapes of JSON alone": {cty.TupleVal([]cty.Value{cty.StringVal("\b\f"), cty.StringVal(`\b\f`)}), `["\u0008\u000c","\\b\\f"]`},
		"unicode":               {cty.TupleVal([]cty.Value{cty.StringVal("é 日本 🙂")}), `["é 日本 🙂"]`},
		"unknown":               {cty.UnknownVal(cty.String), ""},
		"nested unknown":        {cty.ListVal([]cty.Value{cty.NumberIntVal(1), cty.UnknownVal(cty.Number)}), "[1,null]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := encodeInput(c.value)
			if err != nil || got != c.want {
				t.Errorf("got %s (%v), want %s", got, err, c.want)
			}
		})
	}
}

// TestEncodeInputReadsBack reads what is written as the binary does, as an
// expression, and wants the same value.
func TestEncodeInputReadsBack(t *testing.T) {
	t.Parallel()
	texts := []string{
		"", "plain", "a\"b", "a\\b", "\\", "\\\\b", "\b\f\v\x00\x1f", "tab\tline\nreturn\r", "${x}", "$${x}", "$$${x}", "%{x}", "%%{x}",
		"$", "$$", "{", "a$", "a%", "\\${x}", "\\b${x}", "</script>&", "\u2028\u2029", "é日本🙂", "~}", "${", "%{", strings.Repeat("long ${x} ", 10000),
	}
	var values []cty.Value
	attrs := map[string]cty.Value{}
	for _, s := range texts {
		values = append(values, cty.StringVal(s))
		attrs[s] = cty.StringVal(s)
	}
	for name, v := range map[string]cty.Value{
		"list":   cty.ListVal(values),
		"map":    cty.MapVal(attrs),
		"nested": cty.TupleVal([]cty.Value{cty.ObjectVal(map[string]cty.Value{"a": cty.TupleVal(values)}), cty.True, cty.NullVal(cty.DynamicPseudoType)}),
	} {
		text, err := encodeInput(v)
		if err != nil {
			t.Fatal(err)
		}
		if !readsAs(t, name, text, v) {
			t.Errorf("%s does not read back", name)
		}
	}
}

func readsAs(t *testing.T, name, text string, want cty.Value) bool {
	t.Helper()
	expr, diags := hclsyntax.ParseExpression([]byte(text), "", hcl.InitialPos)
	if diags.HasErrors() {
		t.Errorf("%s: %v", name, diags)
		return false
	}
	got, diags := expr.Value(nil)
	if diags.HasErrors() {
		t.Errorf("%s: %v", name, diags)
		return false
	}
	got, err := convert.Convert(got, want.Type())
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return false
	}
	return got.RawEquals(want)
}

// TestStringsForTypes: what the binary makes of a string depends on the type
// that the module declares.
func TestStringsForTypes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ declared, text, want string }{
		{"", "${x}", "${x}"},
		{"string", "${x}", "${x}"},
		{"string", "5", "5"},
		{"number", "5", "5"},
		{"list(string)", `["a","${x}"]`, `["a","$${x}"]`},
		{"any", "5", "5"},
		{"any", "true", "true"},
		{"any", `["a","${x}"]`, `["a","$${x}"]`},
		{"any", "eu-west-1", `"eu-west-1"`},
		{"any", "name", `"name"`},
		{"any", "", `""`},
		{"any", "two words", `"two words"`},
		{"any", "a ${x} %{y}", `"a $${x} %%{y}"`},
	} {
		if got := forType(c.text, c.declared); got != c.want {
			t.Errorf("%q for %q is %q, want %q", c.text, c.declared, got, c.want)
		}
	}
}

func TestInputsReachTheBinary(t *testing.T) {
	t.Parallel()
	b := newBench(t, map[string]string{
		"unit/main.tf": `
			variable "text" { type = string }
			variable "list" { type = list(string) }
			variable "loose" { type = any }`,
		"unit/terragrunt.hcl": `inputs = {
			text       = "$${a}"
			list       = jsonencode(["$${a}"])
			loose      = "eu-west-1"
			undeclared = "$${a}"
			secret     = sensitive("s3cret")
			object     = { a = ["$${b}"], b = null }
			long       = file("long.txt")
		}`,
		"unit/long.txt": strings.Repeat("0123456789", 10000),
	})
	b.must("unit", "plan")
	got := b.rec.last(t, "plan")
	for name, want := range map[string]string{
		"text": "${a}", "list": `["$${a}"]`, "loose": `"eu-west-1"`, "undeclared": "${a}", "secret": "s3cret",
		"object": `{"a":["$${b}"],"b":null}`, "long": strings.Repeat("0123456789", 10000),
	} {
		if v := variableOf(got, "TF_VAR_"+name); v != want {
			t.Errorf("TF_VAR_%s is %.80q, want %.80q", name, v, want)
		}
	}
	if strings.Contains(b.log.String(), "s3cret") {
		t.Error("a secret is in the log")
	}
}

func fileInputs(t *testing.T, dir string) map[string]any {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, nullVarsFile))
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	return asJSON(t, string(text))
}

// TestFileInputs: what the environment cannot carry is in a file while the
// binary runs, and the file is gone afterwards, however the binary ended.
func TestFileInputs(t *testing.T) {
	t.Parallel()
	for name, code := range map[string]int{"success": 0, "failure": 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBench(t, map[string]string{
				"unit/main.tf": `
					variable "none" {}
					variable "set" {}
					variable "huge" {}`,
				"unit/terragrunt.hcl": `inputs = {
					none       = null
					set        = null
					undeclared = null
					huge       = jsondecode(file("huge.json"))
				}`,
				"unit/huge.json": `["` + strings.Repeat(`0123456789","`, 20000) + `"]`,
			})
			b.opts.Env = append(b.opts.Env, "TF_VAR_set=from outside")
			var seen map[string]any
			b.rec.script = func(c shell.Cmd) answer {
				if c.Args[0] != "plan" {
					return answer{}
				}
				return answer{code: code, do: func() { seen = fileInputs(t, c.Dir) }}
			}
			o, err := b.run("unit", "plan")
			if (err != nil) != (code != 0) {
				t.Fatalf("the run ended with %v", err)
			}
			none, there := seen["none"]
			huge, _ := seen["huge"].([]any)
			if len(seen) != 2 || !there || none != nil || len(huge) != 20001 {
				keys, _ := json.Marshal(sortedKeys(seen))
				t.Errorf("the binary saw a file with %s", keys)
			}
			if left := fileInputs(t, o.WorkDir); left != nil {
				t.Errorf("%v is left behind", sortedKeys(left))
			}
			call := b.rec.last(t, "plan")
			if v := variableOf(call, "TF_VAR_huge"); v != "(unset)" {
				t.Errorf("a variable of %d bytes is in the environment", len(v))
			}
		})
	}
}

func TestNoFileInputs(t *testing.T) {
	t.Parallel()
	b := newBench(t, map[string]string{"unit/main.tf": `variable "a" {}`, "unit/terragrunt.hcl": `inputs = { a = 1, undeclared = null }`})
	b.rec.script = func(c shell.Cmd) answer {
		if got := fileInputs(t, c.Dir); got != nil {
			t.Errorf("%s was given a file with %v", c.Args[0], got)
		}
		return answer{}
	}
	b.must("unit", "plan")
}

func TestDebugInputs(t *testing.T) {
	t.Parallel()
	b := newBench(t, map[string]string{
		"unit/main.tf":        "variable \"a\" {}\nvariable \"b\" {}\nvariable \"n\" {}\n",
		"unit/terragrunt.hcl": `inputs = { a = { x = ["$${y}"] }, b = 1, n = null, undeclared = 2 }`,
	})
	b.opts.InputsDebug = true
	b.opts.Env = append(b.opts.Env, "TF_VAR_b=2")
	b.must("unit", "plan")
	got := asJSON(t, b.read("unit/terragrunt-debug.tfvars.json"))
	text, _ := json.Marshal(got)
	if string(text) != `{"a":{"x":["${y}"]},"n":null}` {
		t.Errorf("got %s", text)
	}
	info, err := os.Stat(b.path("unit/terragrunt-debug.tfvars.json"))
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		t.Errorf("mode is %v (%v)", info.Mode(), err)
	}
}
