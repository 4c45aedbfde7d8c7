package test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
)

// buildDir is where the binary under test and the wrapped binary's shim lie; TestMain sets
// it before any test and removes it after all of them.
var buildDir string

// terraceDir returns a folder that holds the binary under test as `terrace`: the one named
// by TERRACE_BIN, or a fresh build of this module. The first test that needs it builds it.
func terraceDir(t testing.TB) string {
	t.Helper()
	dir, err := builtTerrace()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func terraceBin(t testing.TB) string {
	t.Helper()
	return filepath.Join(terraceDir(t), "terrace"+exeSuffix())
}

var builtTerrace = sync.OnceValues(func() (string, error) {
	dir := filepath.Join(buildDir, "bin")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	bin := filepath.Join(dir, "terrace"+exeSuffix())
	if finished := os.Getenv("TERRACE_BIN"); finished != "" {
		abs, err := filepath.Abs(finished)
		if err != nil {
			return "", err
		}
		return dir, linkOrCopy(abs, bin)
	}
	if err := noteSources(moduleRoot()); err != nil {
		return "", err
	}
	return dir, build(bin)
})

// buildTags are those of `make build`; TestBuildTags compares.
const buildTags = "disable_grpc_modules,urfave_cli_no_docs"

// build makes the binary. TERRACE_BUILD_FLAGS adds flags of `go build`, such as -race; with
// GOCOVERDIR set the binary counts its coverage.
func build(bin string) error {
	args := []string{"build", "-tags", buildTags, "-o", bin}
	if os.Getenv("GOCOVERDIR") != "" {
		args = append(args, "-cover", "-coverpkg=./...")
	}
	args = append(args, strings.Fields(os.Getenv("TERRACE_BUILD_FLAGS"))...)
	cmd := exec.Command("go", append(args, ".")...)
	cmd.Dir = moduleRoot()
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, out)
	}
	return nil
}

// TestBuildTags: all that builds the binary builds the same.
func TestBuildTags(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"Makefile", "scripts/cross-build.sh", "scripts/demo-lib.sh"} {
		text, err := os.ReadFile(filepath.Join(moduleRoot(), filepath.FromSlash(file)))
		if err != nil || !strings.Contains(string(text), buildTags) {
			t.Errorf("%s does not build with the tags %s: %v", file, buildTags, err)
		}
	}
}

// noteSources looks at every source file of the module. `go test` keeps the result of this
// package until a file that the test itself looked at changes, and it does not see what the
// `go build` above reads.
func noteSources(root string) error {
	return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() && path != root && strings.HasPrefix(name, ".") {
			return filepath.SkipDir
		}
		if strings.HasSuffix(name, ".go") || name == "go.mod" {
			_, err = os.Stat(path)
		}
		return err
	})
}

// wrappedDir returns a folder that holds the real wrapped binary under the name terraform,
// which the conformance cases ask for. OpenTofu stands in for a missing Terraform. The test
// is skipped where there is neither.
func wrappedDir(t testing.TB) string {
	t.Helper()
	dir, err := foundWrapped()
	if errors.Is(err, exec.ErrNotFound) {
		t.Skip("neither terraform nor tofu on PATH; `make test` brings one")
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

var foundWrapped = sync.OnceValues(func() (string, error) {
	if path, err := exec.LookPath("terraform"); err == nil {
		abs, err := filepath.Abs(path)
		return filepath.Dir(abs), err
	}
	tofu, err := exec.LookPath("tofu")
	if err != nil {
		return "", err
	}
	dir := filepath.Join(buildDir, "wrapped")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	return dir, linkOrCopy(tofu, filepath.Join(dir, "terraform"+exeSuffix()))
})

// moduleRoot is the folder above this package's.
func moduleRoot() string {
	dir, err := os.Getwd()
	if err != nil {
		panic(err)
	}
	return filepath.Dir(dir)
}

func exeSuffix() string {
	if runtime.GOOS == "windows" {
		return ".exe"
	}
	return ""
}

// linkOrCopy makes to the same file as from, by a symbolic link where that is possible.
func linkOrCopy(from, to string) error {
	from, err := filepath.EvalSymlinks(from)
	if err != nil {
		return err
	}
	if err := os.Symlink(from, to); err == nil {
		return nil
	}
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o755)
}

// pathList joins folders for PATH, in front of the one of this process.
func pathList(dirs ...string) string {
	return strings.Join(append(dirs, os.Getenv("PATH")), string(os.PathListSeparator))
}
