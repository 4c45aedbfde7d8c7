package promote

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestWriteKeepsModesAndLinks(t *testing.T) {
	t.Parallel()
	root := writeTree(t, map[string]string{"a.hcl": "old", "real/b.hcl": "old"})
	a, b, link := filepath.Join(root, "a.hcl"), filepath.Join(root, "real", "b.hcl"), filepath.Join(root, "b.hcl")
	if err := os.Chmod(a, 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(b, link); err != nil {
		t.Skip("no symbolic links here:", err)
	}
	if err := Write(map[string][]byte{a: []byte("new a"), link: []byte("new b")}); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{a: "new a", b: "new b"} {
		if have, err := os.ReadFile(path); err != nil || string(have) != want {
			t.Errorf("%s: %q, %v", path, have, err)
		}
	}
	if info, err := os.Stat(a); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o750 {
		t.Errorf("the mode has changed: %v, %v", info.Mode(), err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Error("the link was replaced")
	}
	onlyFiles(t, root, "a.hcl", "b.hcl", "real")
}

// TestWriteAllOrNone: a file that cannot be written leaves the others as they
// were, and nothing beside them.
func TestWriteAllOrNone(t *testing.T) {
	t.Parallel()
	root := writeTree(t, map[string]string{"a.hcl": "old a", "c.hcl": "old c"})
	a, missing, c := filepath.Join(root, "a.hcl"), filepath.Join(root, "b", "b.hcl"), filepath.Join(root, "c.hcl")
	err := Write(map[string][]byte{a: []byte("new"), missing: []byte("new"), c: []byte("new")})
	if err == nil || !strings.Contains(err.Error(), "nothing was changed") {
		t.Errorf("%v", err)
	}
	for path, want := range map[string]string{a: "old a", c: "old c"} {
		if have, err := os.ReadFile(path); err != nil || string(have) != want {
			t.Errorf("%s: %q, %v", path, have, err)
		}
	}
	onlyFiles(t, root, "a.hcl", "c.hcl")
}

// TestWriteTakesBack: where a rename fails, what was renamed before is put
// back.
func TestWriteTakesBack(t *testing.T) {
	t.Parallel()
	root := writeTree(t, map[string]string{"a.hcl": "old a", "b.hcl": "old b"})
	a, b := filepath.Join(root, "a.hcl"), filepath.Join(root, "b.hcl")
	w := &writing{}
	for _, path := range []string{a, b} {
		if err := w.prepare(path, []byte("new")); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Remove(w.list[1].temp); err != nil { // so that its rename fails
		t.Fatal(err)
	}
	if err := w.rename(); err == nil || !strings.Contains(err.Error(), b) {
		t.Errorf("%v", err)
	}
	for path, want := range map[string]string{a: "old a", b: "old b"} {
		if have, err := os.ReadFile(path); err != nil || string(have) != want {
			t.Errorf("%s: %q, %v", path, have, err)
		}
	}
	onlyFiles(t, root, "a.hcl", "b.hcl")
}

func onlyFiles(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var have []string
	for _, e := range entries {
		have = append(have, e.Name())
	}
	if strings.Join(have, " ") != strings.Join(names, " ") {
		t.Errorf("%s holds %v", dir, have)
	}
}
