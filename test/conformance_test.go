package test

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestConformance runs the cases that say what a drop-in for Terragrunt must do.
func TestConformance(t *testing.T) {
	setup := conformanceSetup(t)
	for _, name := range conformanceCases(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join("conformance", name+".txtar")
			if needsJQ(t, file) {
				tally(t, string(skipped), "conformance/"+name)
				t.Skip("needs jq, which is not on PATH")
			}
			got := runScript(file, scriptLimit, setup)
			tally(t, string(got.Verdict), "conformance/"+name)
			switch got.Verdict {
			case failed:
				t.Fatal(got.Log)
			case skipped:
				t.Skip(got.Log)
			}
		})
	}
}

// conformanceSetup leaves the environment as bare as the cases expect it: each sets what it
// needs, and nothing of the user's may reach it.
func conformanceSetup(t *testing.T) func(*testscript.Env) error {
	path := pathList(terraceDir(t), wrappedDir(t)) + string(os.PathListSeparator) + partsDir(t)
	return func(e *testscript.Env) error {
		e.Setenv("PATH", path)
		e.Setenv("GIT_CONFIG_NOSYSTEM", "1")
		return nil
	}
}

// partsDir returns a folder with the programs of .tools/bin that cases use. The folder itself
// is not used: a binary to wrap that lies in it would be found beside the one under test.
func partsDir(t *testing.T) string {
	dir := filepath.Join(buildDir, "parts")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"sops", "age", "age-keygen"} {
		name += exeSuffix()
		part := filepath.Join(moduleRoot(), ".tools", "bin", name)
		if _, err := os.Stat(part); err != nil {
			continue // the case says what it needs
		}
		if err := linkOrCopy(part, filepath.Join(dir, name)); err != nil && !errors.Is(err, fs.ErrExist) {
			t.Fatal(err)
		}
	}
	return dir
}

// conformanceCases lists the cases as folder/name.
func conformanceCases(t *testing.T) []string {
	var cases []string
	for _, dir := range []string{"config", "cli", "stacks"} {
		for _, name := range scripts(t, filepath.Join("conformance", dir)) {
			cases = append(cases, dir+"/"+name)
		}
	}
	return cases
}

var haveJQ = sync.OnceValue(func() bool {
	_, err := exec.LookPath("jq")
	return err == nil
})

func needsJQ(t *testing.T, file string) bool {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Contains(string(data), "exec jq") && !haveJQ()
}
