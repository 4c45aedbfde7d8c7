package catalog

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/terrace-iac/terrace/source"
)

func write(t *testing.T, path, text string) string {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestIgnore(t *testing.T) {
	t.Parallel()
	g, err := Ignore{}.ReadIgnore(write(t, filepath.Join(t.TempDir(), "f"), "# comment\n\nmodules/x*\n**/legacy\n!modules/x-good\ndocs/[a-c]?\n"))
	if err != nil {
		t.Fatal(err)
	}
	for dir, want := range map[string]bool{
		"modules": false, "modules/x1": true, "modules/x1/deep": false, "modules/x-good": false,
		"legacy": true, "a/b/legacy": true, "a/legacyer": false, "docs/a1": true, "docs/d1": false, "docs/a12": false,
	} {
		if got := g.Matches(dir); got != want {
			t.Errorf("%s: %v, want %v", dir, got, want)
		}
	}
	if _, err := (Ignore{}).ReadIgnore(write(t, filepath.Join(t.TempDir(), "f"), "ok\n[x\n")); err == nil || !strings.Contains(err.Error(), ":2:") {
		t.Errorf("a bad pattern: %v", err)
	}
}

func TestReadme(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text string
		want Readme
	}{
		"heading and paragraph":  {"# Title #\n\n![b](c)\nOne\ntwo.\n\nthree\n", Readme{Name: "Title", Description: "One two."}},
		"underlined heading":     {"Title\n=====\n\nText.\n", Readme{Name: "Title", Description: "Text."}},
		"heading in a code":      {"```\n# no\n```\n# Yes\n", Readme{Name: "Yes"}},
		"front matter":           {"---\nname: N\ndescription: D\ntags: [a, b, a]\n---\n# T\n", Readme{Name: "N", Description: "D", Tags: []string{"a", "b"}}},
		"tags with dashes":       {"---\ntags:\n- x\n- y\n---\n# T\ntext", Readme{Name: "T", Description: "text", Tags: []string{"x", "y"}}},
		"HTML comment":           {"<!-- Frontmatter\nname: N\n-->\ntext\n", Readme{Name: "N", Description: "text"}},
		"another comment":        {"<!-- hello -->\n# T\n", Readme{Name: "T"}},
		"a rule is no matter":    {"# T\n\n---\nafter", Readme{Name: "T", Description: "after"}},
		"matter without an end":  {"---\nname: N\n", Readme{Description: "name: N"}},
		"matter that is no YAML": {"---\n: [\n---\n# T\n", Readme{Name: "T"}},
	} {
		got := parseReadme(c.text)
		if got.Name != c.want.Name || got.Description != c.want.Description || strings.Join(got.Tags, ",") != strings.Join(c.want.Tags, ",") {
			t.Errorf("%s: %+v, want %+v", name, got, c.want)
		}
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	parse := func(raw string) source.Address {
		a, err := source.Parse(raw, "/w")
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	for _, c := range []struct{ got, want string }{
		{withSubdir("github.com/o/r?ref=v1", "a/b"), "github.com/o/r//a/b?ref=v1"},
		{withSubdir("../repo/", "a"), "../repo//a"},
		{withSubdir("../repo", ""), "../repo"},
		{withParameter("x//y", "ref", "v1.0"), "x//y?ref=v1.0"},
		{withParameter("x?depth=1&ref=old", "ref", "feature/a b"), "x?depth=1&ref=feature/a+b"},
		{rebase("../m//x", "/w/live", "/w/live/dev/app"), "../../../m//x"},
		{rebase("mods/x", "/w", "/w"), "./mods/x"},
		{rebase("/abs/m", "/w", "/w/y"), "/abs/m"},
		{rebase("..", "/w/a", "/w/b"), ".."},
		{overSSH("github.com/o/r//m?ref=v1", parse("github.com/o/r//m?ref=v1"), ""), "git::ssh://git@github.com/o/r.git//m?ref=v1"},
		{overSSH("git::https://u@h.io/o/r.git//m", parse("git::https://u@h.io/o/r.git//m"), "me"), "git::ssh://me@h.io/o/r.git//m"},
		{overSSH("git::ssh://git@h.io/r", parse("git::ssh://git@h.io/r"), ""), "git::ssh://git@h.io/r"},
		{pageURL(parse("github.com/o/r"), "v1", "a/b"), "https://github.com/o/r/tree/v1/a/b"},
		{pageURL(parse("git::https://gitlab.com/o/r.git"), "", ""), "https://gitlab.com/o/r/-/tree/HEAD"},
		{pageURL(parse("git::https://example.com/o/r.git"), "", ""), ""},
	} {
		if c.got != c.want && !(runtime.GOOS == "windows" && strings.HasPrefix(c.want, "/")) {
			t.Errorf("%q, want %q", c.got, c.want)
		}
	}
}

func TestExpression(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ typ, text, want string }{
		{"string", "a b", `"a b"`}, {"string", `"a"`, `"a"`}, {"string", "${x}", `"$${x}"`}, {"string", "5", `"5"`},
		{"number", "5", "5"}, {"number", "five", "error"}, {"number", `"5"`, "error"}, {"number", "local.n", "local.n"},
		{"bool", "true", "true"}, {"bool", "yes", "error"}, {"list", "[1]", "[1]"}, {"list", "{}", "error"}, {"map", "{ a = 1 }", "{ a = 1 }"},
		{"", "word", `"word"`}, {"", "two words", `"two words"`}, {"", "[1, 2]", "[1, 2]"}, {"", "true", "true"}, {"object", "{", "error"}, {"number", " ", ""},
	} {
		got, err := Expression(c.typ, c.text)
		if err != nil {
			got = "error"
		}
		if got != c.want {
			t.Errorf("%s %q: %q (%v), want %q", c.typ, c.text, got, err, c.want)
		}
	}
}

func TestModuleVariables(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.tf":             "variable \"old\" {\n type = \"string\"\n}\nvariable \"two\" {\n type = map(object({ a = string }))\n default = { x = { a = \"<>\\\\u003c\" } }\n}\n",
		"b.tf":             "variable \"never\" {}\n",
		"b.tofu":           "variable \"any\" {\n default = null\n sensitive = true\n}\n",
		"c_override.tf":    "variable \"old\" {\n description = \"now described\"\n}\n",
		"d.tf.json":        `{"variable": {"json": {"type": "list(string)", "description": "d"}}}`,
		"nested/x.tf":      "variable \"nested\" {}\n",
		"not-a-module.hcl": "variable \"other\" {}\n",
	} {
		write(t, filepath.Join(dir, name), text)
	}
	list, err := ModuleVariables(dir)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, v := range list {
		got = append(got, strings.Join([]string{v.Name, v.Type, v.FullType, v.Description, v.DefaultValue, v.DefaultValuePlaceholder}, "|"))
	}
	want := []string{
		`old|string|string|now described||""`,
		`two|map|map(object({ a = string }))||{"x":{"a":"<>\\u003c"}}|{}`,
		`any||||null|""`,
		`json|list|list(string)|d||[]`,
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	write(t, filepath.Join(dir, "broken.tf"), "variable {\n")
	var broken *ModuleError
	if _, err := ModuleVariables(dir); !errors.As(err, &broken) || !strings.Contains(err.Error(), "broken.tf:1") {
		t.Errorf("a broken module: %v", err)
	}
}

func TestValuesText(t *testing.T) {
	t.Parallel()
	path := write(t, filepath.Join(t.TempDir(), "terragrunt.hcl"), `
locals {
  n = try(values.both, 1)
  o = values.both
  p = can(values.only_can)
  q = lookup(values, "looked", [1])
}
inputs = {
  a = values.must, b = "${values["index"]}", c = try(values.list[0].x, ["d"]), d = try(values.gone, null),
  e = try(values.computed, local.n), f = other.values.not, g = try(values.nested, try(values.inner, 2))
}
`)
	list, err := ValuesRead(path)
	if err != nil {
		t.Fatal(err)
	}
	want := "both   = \"TODO\"\nlooked = [1]\nmust   = \"TODO\"\nindex  = \"TODO\"\nlist   = [\"d\"]\n# computed = local.n\n# nested = try(values.inner, 2)\ninner = 2\n" // gone and only_can have nothing to fall back on
	if got := string(valuesText(list)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestWriteAll(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	write(t, at("there"), "before")
	if err := os.Mkdir(at("folder"), 0o755); err != nil {
		t.Fatal(err)
	}
	err := writeAll([]File{{Path: at("there"), Text: []byte("after")}, {Path: at("new/deep/x"), Text: []byte("x")}, {Path: at("folder"), Text: []byte("no")}})
	if err == nil {
		t.Fatal("a folder was replaced by a file")
	}
	if text, _ := os.ReadFile(at("there")); string(text) != "before" {
		t.Errorf("there: %q", text)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 2 {
		t.Errorf("left behind: %v", entries)
	}
	w := &writing{}
	for _, f := range []File{{Path: at("there"), Text: []byte("after"), Mode: 0o600}, {Path: at("new/x"), Text: []byte("x")}} {
		if err := w.prepare(f); err != nil {
			t.Fatal(err)
		}
		if err := w.place(&w.steps[len(w.steps)-1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.undo(); err != nil {
		t.Fatal(err)
	}
	if text, _ := os.ReadFile(at("there")); string(text) != "before" {
		t.Errorf("there after undo: %q", text)
	}
	if _, err := os.Stat(at("new")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("new after undo: %v", err)
	}
}
