package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// stdEval evaluates an expression with the standard functions alone.
func stdEval(t *testing.T, c *call, source string) (cty.Value, hcl.Diagnostics) {
	t.Helper()
	expr, diags := hclsyntax.ParseExpression([]byte(source), "test.hcl", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatalf("%s: %s", source, diags)
	}
	return expr.Value(&hcl.EvalContext{Functions: stdTestFunctions(c)})
}

// stdJSON is how a test writes a value down: sets and lists look the same.
func stdJSON(t *testing.T, v cty.Value) string {
	t.Helper()
	v, _ = v.UnmarkDeep()
	s, err := stdlib.JSONEncode(v)
	if err != nil {
		t.Fatalf("%#v: %s", v, err)
	}
	return s.AsString()
}

// stdTestDir holds the files that the examples read.
func stdTestDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"greeting.txt": "hello", "letter.tmpl": "Dear ${who}"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestStdExamples(t *testing.T) {
	t.Parallel()
	c := stdTestCall(stdTestDir(t))
	for _, spec := range stdFunctions() {
		t.Run(spec.Name, func(t *testing.T) {
			if spec.Summary == "" || spec.Subject == "" {
				t.Error("summary or subject is missing")
			}
			expr, want, ok := strings.Cut(spec.Example, " # ")
			if !ok || !strings.Contains(expr, spec.Name+"(") {
				t.Fatalf("the example does not call the function, or gives no result: %s", spec.Example)
			}
			got, diags := stdEval(t, c, expr)
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			wanted, diags := stdEval(t, c, want)
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			if g, w := stdJSON(t, got), stdJSON(t, wanted); g != w {
				t.Errorf("%s\n got %s\nwant %s", spec.Example, g, w)
			}
		})
	}
}

// TestStdNames holds the list that users of Terraform 0.15.3 rely on, and
// that newer functions are not among it.
func TestStdNames(t *testing.T) {
	t.Parallel()
	const names = `abs abspath alltrue anytrue basename base64decode base64encode base64gzip base64sha256 base64sha512 bcrypt can ceil chomp cidrhost cidrnetmask cidrsubnet cidrsubnets coalesce coalescelist compact concat contains chunklist csvdecode dirname distinct element file fileexists fileset filebase64 filebase64sha256 filebase64sha512 filemd5 filesha1 filesha256 filesha512 flatten floor format formatdate formatlist indent index join jsondecode jsonencode keys length log lookup lower matchkeys max md5 merge min nonsensitive one parseint pathexpand pow range regex regexall replace reverse rsadecrypt sensitive setintersection setproduct setsubtract setunion sha1 sha256 sha512 signum slice sort split strrev substr sum templatefile textdecodebase64 textencodebase64 timeadd timestamp title tobool tolist tomap tonumber toset tostring transpose trim trimprefix trimspace trimsuffix try upper urlencode uuid uuidv5 values yamldecode yamlencode zipmap list map defaults startswith endswith strcontains timecmp constraint_check`
	have := map[string]bool{}
	for _, spec := range stdFunctions() {
		if have[spec.Name] {
			t.Errorf("%s is defined twice", spec.Name)
		}
		have[spec.Name] = true
	}
	for _, name := range strings.Fields(names) {
		if !have[name] {
			t.Errorf("%s is missing", name)
		}
		delete(have, name)
	}
	for name := range have {
		t.Errorf("%s should not exist", name)
	}
}

func TestStdResults(t *testing.T) {
	t.Parallel()
	c := stdTestCall(stdTestDir(t))
	for _, tt := range []struct{ expr, want string }{
		{`alltrue([])`, `true`},
		{`anytrue([])`, `false`},
		{`anytrue([null, "true"])`, `true`},
		{`alltrue([null])`, `false`},
		{`sum(toset([1, 1, 2]))`, `3`},
		{`sum(["1", 2])`, `3`},
		{`length("👩‍👩‍👧")`, `1`},
		{`length({ a = 1 })`, `1`},
		{`length(toset(["a", "a"]))`, `1`},
		{`length(range(3))`, `3`},
		{`lookup({ a = 1, b = "x" }, "a")`, `1`},
		{`lookup(tomap({ a = 1 }), "b", "2")`, `2`},
		{`lookup({ a = 1 }, "b", null)`, `null`},
		{`matchkeys(["a", "b", "c"], [1, 2, 1], ["1"])`, `["a","c"]`},
		{`matchkeys(["a"], ["x"], ["y"])`, `[]`},
		{`one([])`, `null`},
		{`one(toset(["a"]))`, `"a"`},
		{`one(tolist([1]))`, `1`},
		{`index(tolist(["a", "b"]), "b")`, `1`},
		{`transpose({})`, `{}`},
		{`replace("a.b", ".", "-")`, `"a-b"`},
		{`replace("a/b", "/", "-")`, `"a-b"`},
		{`replace("hello", "/l+/", "L")`, `"heLo"`},
		{`replace("abc", "/(?P<x>b)/", "[$x]")`, `"a[b]c"`},
		{`substr("hello", 1, -1)`, `"ello"`},
		{`substr("🤔🤷", 0, 1)`, `"🤔"`},
		{`coalesce(null, 0, 1)`, `0`},
		{`cidrhost("fd00:fd12:3456:7890::/56", 18446744073709551616)`, `"fd00:fd12:3456:7801::"`},
		{`cidrhost("10.0.0.0/8", -2)`, `"10.255.255.254"`},
		{`cidrsubnet("fd00::/16", 64, 1)`, `"fd00::1:0:0:0/80"`},
		{`textdecodebase64(textencodebase64("é", "ISO-8859-1"), "latin1")`, `"é"`},
		{`timecmp("2024-01-02T00:00:00Z", "2024-01-01T00:00:00Z")`, `1`},
		{`constraint_check("1.3.0-rc1", ">= 1.0.0")`, `false`},
		{`constraint_check("v1.2.3", "> 1.2.0")`, `true`},
		{`try(tonumber("x"), nonsuch.y, [1])`, `[1]`},
		{`nonsensitive("plain")`, `"plain"`},
		{`upper(sensitive("s"))`, `"S"`},
		{`jsonencode({ a = sensitive("s") })`, `"{\"a\":\"s\"}"`},
		{`fileset(".", "**")`, `["greeting.txt","letter.tmpl"]`},
		{`fileexists("nothing")`, `false`},
		{`setunion([1], ["a"])`, `["1","a"]`},
		{`merge({ a = 1 }, null, { b = "x" })`, `{"a":1,"b":"x"}`},
		{`format("%v %s %t %05.1f", [1], "a", true, 2.25)`, `"[1] a true 002.2"`},
	} {
		got, diags := stdEval(t, c, tt.expr)
		if diags.HasErrors() {
			t.Errorf("%s: %s", tt.expr, diags)
			continue
		}
		if g := stdJSON(t, got); g != tt.want {
			t.Errorf("%s\n got %s\nwant %s", tt.expr, g, tt.want)
		}
	}
}

func TestStdErrors(t *testing.T) {
	t.Parallel()
	c := stdTestCall(stdTestDir(t))
	for _, tt := range []struct{ expr, want string }{
		{`startswith("a")`, "Expected 2 params for function startswith, but got 1"},
		{`timecmp("a", "b", "c")`, "Expected 2 params for function timecmp, but got 3"},
		{`timecmp("a", "b")`, "not a valid RFC3339 timestamp"},
		{`constraint_check("one", "> 1.0")`, "invalid version"},
		{`constraint_check("1.0", "bigger than 1")`, "invalid constraint"},
		{`list("a")`, "no longer available"},
		{`sum([])`, "cannot sum an empty list"},
		{`sum({ a = 1 })`, "must be list, set, or tuple"},
		{`sum(["x"])`, "number values"},
		{`length(true)`, "argument must be a string"},
		{`lookup({ a = 1 }, "b")`, "no attribute"},
		{`lookup(tomap({ a = 1 }), "b")`, "failed to find key"},
		{`lookup([1], 0, 1)`, "requires a map"},
		{`one([1, 2])`, "zero or one elements"},
		{`one(tolist([1, 2]))`, "zero or one elements"},
		{`index([], 1)`, "empty list"},
		{`index([1], 2)`, "item not found"},
		{`matchkeys(["a"], [], ["x"])`, "length of keys and values"},
		{`replace("a", "/(/", "b")`, "missing closing"},
		{`base64decode("c2VjcmV0!")`, "failed to decode base64"},
		{`base64decode("//8=")`, "not valid UTF-8"},
		{`textencodebase64("é", "US-ASCII")`, "cannot be represented in US-ASCII"},
		{`textencodebase64("a", "no-such")`, "not a supported IANA encoding"},
		{`textdecodebase64("gQ==", "windows-1252")`, "not defined for"},
		{`cidrhost("10.0.0.0", 1)`, "invalid CIDR expression"},
		{`file("nothing")`, "no file exists at"},
		{`fileexists(".")`, "not a regular file"},
		{`file("~other/x")`, "user-specific home"},
		{`try()`, "at least one argument"},
		{`try(tonumber("x"))`, "no expression succeeded"},
		{`templatefile("letter.tmpl", {})`, `vars map does not contain key "who"`},
		{`templatefile("letter.tmpl", "x")`, "must be a map"},
		{`templatefile("letter.tmpl", { "a b" = 1 })`, "invalid template variable name"},
	} {
		_, diags := stdEval(t, c, tt.expr)
		if !diags.HasErrors() || !strings.Contains(diags.Error(), tt.want) {
			t.Errorf("%s\n got %v\nwant %s", tt.expr, diags, tt.want)
		}
		if strings.Contains(diags.Error(), "c2VjcmV0") {
			t.Errorf("%s: the error repeats what may be a secret", tt.expr)
		}
	}
}

// TestStdUnknown checks what the functions make of values that are not known
// yet, as dependency outputs are while the queue is built.
func TestStdUnknown(t *testing.T) {
	t.Parallel()
	fs := stdTestFunctions(stdTestCall(t.TempDir()))
	unknown, text := cty.UnknownVal(cty.DynamicPseudoType), cty.UnknownVal(cty.String)
	for _, tt := range []struct {
		name string
		args []cty.Value
		want cty.Value
	}{
		{"length", []cty.Value{unknown}, cty.UnknownVal(cty.Number)},
		{"length", []cty.Value{cty.TupleVal([]cty.Value{text, text})}, cty.NumberIntVal(2)},
		{"length", []cty.Value{cty.UnknownVal(cty.Object(map[string]cty.Type{"a": cty.String}))}, cty.NumberIntVal(1)},
		{"startswith", []cty.Value{text, cty.StringVal("a")}, cty.UnknownVal(cty.Bool)},
		{"alltrue", []cty.Value{cty.ListVal([]cty.Value{cty.UnknownVal(cty.Bool), cty.False})}, cty.False},
		{"alltrue", []cty.Value{cty.ListVal([]cty.Value{cty.UnknownVal(cty.Bool), cty.True})}, cty.UnknownVal(cty.Bool)},
		{"lookup", []cty.Value{cty.ObjectVal(map[string]cty.Value{"a": cty.True}), cty.StringVal("b"), unknown}, cty.DynamicVal},
		{"lookup", []cty.Value{cty.ObjectVal(map[string]cty.Value{"a": cty.True}), text, cty.True}, cty.DynamicVal},
		{"sum", []cty.Value{cty.ListVal([]cty.Value{cty.UnknownVal(cty.Number)})}, cty.UnknownVal(cty.Number)},
		{"one", []cty.Value{cty.UnknownVal(cty.List(cty.String))}, cty.UnknownVal(cty.String)},
		{"templatefile", []cty.Value{cty.StringVal("x"), unknown}, cty.DynamicVal},
		{"sensitive", []cty.Value{unknown}, unknown.Mark(markSensitive)},
	} {
		got, err := fs[tt.name].Call(tt.args)
		if err != nil {
			t.Errorf("%s(%#v): %s", tt.name, tt.args, err)
			continue
		}
		if got.IsKnown() != tt.want.IsKnown() || got.IsMarked() != tt.want.IsMarked() || !got.Type().Equals(tt.want.Type()) {
			t.Errorf("%s(%#v)\n got %#v\nwant %#v", tt.name, tt.args, got, tt.want)
		} else if got.IsKnown() && !got.RawEquals(tt.want) {
			t.Errorf("%s(%#v)\n got %#v\nwant %#v", tt.name, tt.args, got, tt.want)
		}
	}
}
