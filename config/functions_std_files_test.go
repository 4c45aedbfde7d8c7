package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestStdTemplates(t *testing.T) {
	t.Parallel()
	dir := stdTestDir(t)
	c := stdTestCall(dir)
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("list.tmpl", `${ids}`)
	write("file.tmpl", `${upper(file("greeting.txt"))} %{ for x in ids }${x}%{ endfor }`)
	write("again.tmpl", `${templatefile("greeting.txt", {})}`)
	write("broken.tmpl", `${`)

	for _, tt := range []struct{ expr, want string }{
		{`templatefile("list.tmpl", { ids = [1, 2] })`, `[1,2]`},
		{`templatefile("file.tmpl", { ids = ["a", "b"] })`, `"HELLO ab"`},
	} {
		got, diags := stdEval(t, c, tt.expr)
		if diags.HasErrors() {
			t.Errorf("%s: %s", tt.expr, diags)
		} else if g := stdJSON(t, got); g != tt.want {
			t.Errorf("%s\n got %s\nwant %s", tt.expr, g, tt.want)
		}
	}
	for expr, want := range map[string]string{
		`templatefile("again.tmpl", {})`:  "cannot recursively call templatefile",
		`templatefile("broken.tmpl", {})`: "broken.tmpl",
		`templatefile("absent.tmpl", {})`: "no file exists",
	} {
		wantStdError(t, c, expr, want)
	}
}

// TestStdReadsAreNoted also shows that the arguments of try are evaluated once, and those
// after the first success not at all.
func TestStdReadsAreNoted(t *testing.T) {
	t.Parallel()
	dir := stdTestDir(t)
	c := stdTestCall(dir)
	expr := `[try(file("absent.txt"), file("greeting.txt"), file("letter.tmpl")), fileexists("letter.tmpl")]`
	if _, diags := stdEval(t, c, expr); diags.HasErrors() {
		t.Fatal(diags)
	}
	want := filepath.Join(dir, "greeting.txt")
	if got := stdTestReads(c); len(got) != 1 || got[0] != want {
		t.Errorf("got %q, want only %q, once", got, want)
	}
}

func TestStdPaths(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := stdTestCall(dir)
	home, err := os.UserHomeDir()
	if err != nil {
		t.Skip(err)
	}
	for expr, want := range map[string]string{
		`abspath("a/../b")`:  filepath.ToSlash(filepath.Join(dir, "b")),
		`pathexpand("~")`:    home,
		`pathexpand("~/x")`:  filepath.Join(home, "x"),
		`pathexpand("a/~/")`: "a/~/",
	} {
		got, diags := stdEval(t, c, expr)
		if diags.HasErrors() {
			t.Errorf("%s: %s", expr, diags)
		} else if got.AsString() != want {
			t.Errorf("%s: got %q, want %q", expr, got.AsString(), want)
		}
	}
}

func wantStdError(t *testing.T, c *call, expr, want string) {
	t.Helper()
	if _, diags := stdEval(t, c, expr); !diags.HasErrors() || !strings.Contains(diags.Error(), want) {
		t.Errorf("%s\n got %v\nwant %s", expr, diags, want)
	}
}
