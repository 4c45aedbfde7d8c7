package test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestMain lets the test binary also be the stand-in: under the name tofu or terraform (a
// script that needs such a name on PATH asks for it with the fakebin command) or faketofu.
func TestMain(m *testing.M) {
	switch strings.TrimSuffix(filepath.Base(os.Args[0]), ".exe") {
	case "tofu", "terraform":
		fakeTofu()
		return
	}
	testscript.Main(suite{m}, map[string]func(){"faketofu": fakeTofu})
}

// suite owns the folder that the binary under test is built into.
type suite struct{ m *testing.M }

// Run refuses to start where the results could not be trusted: inside a git repository the
// functions and filters that ask git would see that repository instead of the case's own.
func (s suite) Run() int {
	if repo := enclosingRepo(os.TempDir()); repo != "" {
		fmt.Fprintf(os.Stderr, "test: the temporary folder %s lies inside the git repository %s: set TMPDIR to a folder outside\n", os.TempDir(), repo)
		return 1
	}
	dir, err := os.MkdirTemp("", "terrace-test-")
	if err != nil {
		fmt.Fprintf(os.Stderr, "test: %v\n", err)
		return 1
	}
	defer os.RemoveAll(dir)
	buildDir = dir
	return s.m.Run()
}

// enclosingRepo returns the nearest folder at or above dir that holds a .git, or "".
func enclosingRepo(dir string) string {
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return ""
	}
	for {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			return dir
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
}
