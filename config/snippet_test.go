package config

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
)

// mistakesOf evaluates a unit without outputs and gives what is wrong with it.
func mistakesOf(t *testing.T, files map[string]string, unit string) []Diagnostic {
	t.Helper()
	root := tree(t, files)
	l := NewLoader(&fakeHost{root: root}, Options{Mocks: MockPolicy{Never: true}})
	u, err := l.Unit(context.Background(), filepath.Join(root, unit))
	if err == nil {
		_, err = u.Config(context.Background())
	}
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("no mistakes: %v", err)
	}
	return e.Diagnostics
}

func TestSnippet(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text string
		want       Snippet
		marked     string
	}{
		{"unknown block", "inputs = {}\n\nnosuchblock {\n}\n", Snippet{Code: "nosuchblock {", StartLine: 3}, "nosuchblock"},
		{"in a block", "terraform {\n  nosuch = 1\n}\n", Snippet{Context: "terraform", Code: "  nosuch = 1", StartLine: 2}, "nosuch"},
		{"labelled block", "feature \"x\" {\n  default = 1\n  nosuch = 1\n}\n", Snippet{Context: `feature "x"`, Code: "  nosuch = 1", StartLine: 3}, "nosuch"},
		{"reference", "locals {\n  a = { b = 1 }\n  c = local.a.é\n}\n", Snippet{Context: "locals", Code: "  c = local.a.é", StartLine: 3}, ".é"},
		{"carriage returns", "inputs = {}\r\nnosuch = 1\r\n", Snippet{Code: "nosuch = 1", StartLine: 2}, "nosuch"},
		{"last line", "nosuch = 1", Snippet{Code: "nosuch = 1", StartLine: 1}, "nosuch"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d := mistakesOf(t, map[string]string{"u/terragrunt.hcl": c.text}, "u")[0]
			got, ok := d.Snippet()
			if !ok {
				t.Fatalf("no snippet: %+v", d)
			}
			if marked := got.Code[got.Highlight.Start:got.Highlight.End]; marked != c.marked {
				t.Errorf("highlighted %q, want %q", marked, c.marked)
			}
			if string(d.Source[d.Bytes.Start:d.Bytes.End]) != c.marked {
				t.Errorf("bytes %v are %q", d.Bytes, d.Source[d.Bytes.Start:d.Bytes.End])
			}
			got.Highlight = Span{}
			if got != c.want {
				t.Errorf("%+v, want %+v", got, c.want)
			}
		})
	}
}

func TestSnippetAtTheEndOfFile(t *testing.T) {
	t.Parallel()
	d := mistakesOf(t, map[string]string{"u/terragrunt.hcl": "locals {\n  a = 1\n"}, "u")[0]
	s, ok := d.Snippet()
	if !ok || s.Highlight.Start > len(s.Code) || s.Highlight.End > len(s.Code) || s.Highlight.Start > s.Highlight.End {
		t.Errorf("%+v %v", s, ok)
	}
	if _, ok := (Diagnostic{Summary: "no place"}).Snippet(); ok {
		t.Error("a snippet of nothing")
	}
}

func TestInputsOpen(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		`inputs = dependency.base.outputs`:                           true,
		`inputs = merge(dependency.base.outputs, { a = 1 })`:         true,
		`inputs = { a = dependency.base.outputs.a }`:                 false,
		`inputs = merge({ a = dependency.base.outputs.a }, {b = 1})`: false,
		``: false,
	} {
		root := tree(t, map[string]string{
			"base/terragrunt.hcl": "",
			"u/terragrunt.hcl":    "dependency \"base\" {\n  config_path = \"../base\"\n}\n" + text + "\n",
		})
		l := NewLoader(&fakeHost{root: root}, Options{Mocks: MockPolicy{Never: true}})
		u, err := l.Unit(context.Background(), filepath.Join(root, "u"))
		if err != nil {
			t.Fatal(err)
		}
		c, err := u.Config(context.Background())
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		if c.InputsOpen != want {
			t.Errorf("%s: open is %v", text, c.InputsOpen)
		}
	}
}

func TestFormat(t *testing.T) {
	t.Parallel()
	got, err := Format([]byte("a=1\nbb=2\n"), "x.hcl")
	if err != nil || string(got) != "a  = 1\nbb = 2\n" {
		t.Errorf("%q %v", got, err)
	}
	_, err = Format([]byte("a=={\n"), "x.hcl")
	var e *Error
	if !errors.As(err, &e) || e.Path != "x.hcl" || e.Diagnostics[0].Line != 1 || !strings.HasPrefix(e.Error(), "x.hcl:1,") {
		t.Errorf("%v", err)
	}
}
