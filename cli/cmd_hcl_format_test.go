package cli

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// formatTree writes an ugly file at each path and gives a formatter for the
// folder, with what it prints.
func formatTree(t *testing.T, paths ...string) (*formatter, *strings.Builder) {
	t.Helper()
	root := t.TempDir()
	for _, p := range paths {
		full := filepath.Join(root, filepath.FromSlash(p))
		if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte("a=1\nbb=2\n"), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	out := &strings.Builder{}
	v := &values{newTable(), newTable().lookupCommand("hcl", "format"), map[string]value{}}
	inv := &invocation{Command: v.command, Values: v, Stdout: out, Stderr: out, Notify: newLineNotifier(out, logOptions{Level: "info"}), Global: globalOptions{WorkingDir: root}}
	return &formatter{inv: inv}, out
}

// lookupCommand finds a command by its path.
func (t *table) lookupCommand(path ...string) *command {
	c := findCommand(t.Commands, path[0])
	for _, name := range path[1:] {
		c = c.sub(name)
	}
	return c
}

func TestFormatFiles(t *testing.T) {
	t.Parallel()
	f, _ := formatTree(t, "z.hcl", "a/terragrunt.hcl", "a/main.tf", "a/x.hcl.json", ".hidden/h.hcl", ".terragrunt-cache/c.hcl",
		"a/.terragrunt-stack/s.hcl", ".boilerplate/b.hcl", "a/.terraform/t.hcl", "skip/k.hcl", "a/one.hcl", "a/also/skip/k.hcl")
	f.opts.ExcludeNames = []string{"skip/", "one.hcl"}
	got, err := f.files(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i := range got {
		got[i] = f.shown(got[i])
	}
	if want := []string{".hidden/h.hcl", "a/terragrunt.hcl", "z.hcl"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestFormatKeepsLinksAndModes(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("needs links and modes")
	}
	f, out := formatTree(t, "real/x.hcl")
	root := f.inv.Global.WorkingDir
	link := filepath.Join(root, "link.hcl")
	if err := os.Symlink(filepath.Join("real", "x.hcl"), link); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("nowhere", filepath.Join(root, "broken.hcl")); err != nil {
		t.Fatal(err)
	}
	files, err := f.files(t.Context())
	if err != nil || len(files) != 2 {
		t.Fatalf("%v %v", files, err)
	}
	if code, err := f.all(t.Context(), []string{link}); code != 0 || err != nil {
		t.Fatalf("%d %v", code, err)
	}
	check(t, "printed", out.String(), "")
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v", err)
	}
	info, err := os.Stat(filepath.Join(root, "real", "x.hcl"))
	if err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	b, _ := os.ReadFile(link)
	check(t, "text", string(b), "a  = 1\nbb = 2\n")
	if left, _ := os.ReadDir(filepath.Join(root, "real")); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
}

func TestFormatCheckAndDiff(t *testing.T) {
	t.Parallel()
	f, out := formatTree(t, "b.hcl", "a.hcl", "c.hcl")
	root := f.inv.Global.WorkingDir
	if err := os.WriteFile(filepath.Join(root, "c.hcl"), []byte("a = 1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	f.opts.Check, f.opts.Diff = true, true
	files, _ := f.files(t.Context())
	if code, err := f.all(t.Context(), files); code != 1 || err != nil {
		t.Errorf("%d %v", code, err)
	}
	text := out.String()
	slash := filepath.ToSlash(filepath.Join(root, "a.hcl"))
	if !strings.HasPrefix(text, "--- old/"+slash+"\n+++ new/"+slash+"\n@@ -1,2 +1,2 @@\n-a=1\n-bb=2\n+a  = 1\n+bb = 2\n") {
		t.Errorf("%s", text)
	}
	if strings.Count(text, "needs formatting") != 2 || !strings.Contains(text, "File 'b.hcl' needs formatting") {
		t.Errorf("%s", text)
	}
	b, _ := os.ReadFile(filepath.Join(root, "a.hcl"))
	check(t, "untouched", string(b), "a=1\nbb=2\n")
}

func TestFormatStdin(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in, out string
		opts    formatOptions
		code    int
	}{
		{"a=1\nbb=2\n", "a  = 1\nbb = 2\n", formatOptions{}, 0},
		{"a = 1\n", "a = 1\n", formatOptions{}, 0},
		{"", "", formatOptions{}, 0},
		{"a = 1\n", "", formatOptions{Check: true, Diff: true}, 0},
		{"a=1\n", "--- old/<stdin>\n+++ new/<stdin>\n@@ -1,1 +1,1 @@\n-a=1\n+a = 1\n", formatOptions{Diff: true}, 0},
		{"a=1\n", "", formatOptions{Check: true}, 1},
	} {
		f, _ := formatTree(t)
		var out, errs strings.Builder
		f.opts, f.inv.Stdin, f.inv.Stdout = c.opts, strings.NewReader(c.in), &out
		f.inv.Notify = newLineNotifier(&errs, logOptions{Level: "info"})
		code, err := f.stdin()
		if err != nil || code != c.code || out.String() != c.out || (code == 1) != strings.Contains(errs.String(), "needs formatting") {
			t.Errorf("%q %+v: %d %v %q %q", c.in, c.opts, code, err, out.String(), errs.String())
		}
	}
	f, _ := formatTree(t)
	f.inv.Stdin = strings.NewReader("a = {")
	if code, err := f.stdin(); code == 0 || err == nil {
		t.Errorf("a mistake: %d %v", code, err)
	}
}
