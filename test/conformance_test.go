package test

import (
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

const (
	pendingFile = "conformance/pending.txt"

	// pendingLimit is shorter than scriptLimit: a case that is expected to fail may hang.
	pendingLimit = time.Minute
)

var pendingMode = flag.String("pending", "", `rewrite conformance/pending.txt: "shrink" drops the cases that pass now, "rewrite" lists all that fail`)

// TestConformance runs the cases that say what a drop-in for Terragrunt must do. The cases
// named in pending.txt are run too, and must fail: the list only shrinks.
func TestConformance(t *testing.T) {
	listed := readPending(t)
	cases := conformanceCases(t)
	for name := range listed {
		if !slices.Contains(cases, name) {
			t.Errorf("%s lists %s, which does not exist", pendingFile, name)
		}
	}
	setup := conformanceSetup(t)
	results := &caseResults{}
	if *pendingMode != "" {
		t.Cleanup(func() { writePending(t, listed, results) })
	}
	for _, name := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join("conformance", name+".txtar")
			if needsJQ(t, file) {
				tally(t, string(skipped), "conformance/"+name)
				t.Skip("needs jq, which is not on PATH")
			}
			limit := scriptLimit
			if listed[name] {
				limit = pendingLimit
			}
			got := runScript(file, limit, setup)
			results.add(name, got.Verdict)
			word, problem := judge(listed[name], got)
			tally(t, word, "conformance/"+name)
			switch {
			case *pendingMode != "":
				t.Logf("%s: %s", got.Verdict, got.Log)
			case problem != "":
				t.Fatal(problem)
			case got.Verdict == skipped:
				t.Skip(got.Log)
			}
		})
	}
}

// judge returns the word for the tally and, where the outcome is not the expected one, what
// is wrong.
func judge(listed bool, got outcome) (word, problem string) {
	switch {
	case !listed && got.Verdict == failed:
		return string(failed), got.Log
	case listed && got.Verdict == passed:
		return string(failed), "passes now: remove it from " + pendingFile
	case listed && got.Verdict == failed:
		return "pending", ""
	}
	return string(got.Verdict), ""
}

func TestJudge(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		listed  bool
		verdict verdict
		word    string
		problem bool
	}{
		{false, passed, "pass", false},
		{false, failed, "fail", true},
		{false, skipped, "skip", false},
		{true, passed, "fail", true},
		{true, failed, "pending", false},
		{true, skipped, "skip", false},
	} {
		word, problem := judge(c.listed, outcome{c.verdict, "log"})
		if word != c.word || (problem != "") != c.problem {
			t.Errorf("judge(%v, %s) = %q, %q", c.listed, c.verdict, word, problem)
		}
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

// readPending reads the list: one case a line, # begins a comment.
func readPending(t *testing.T) map[string]bool {
	data, err := os.ReadFile(pendingFile)
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for line := range strings.Lines(string(data)) {
		name, _, _ := strings.Cut(line, "#")
		if name = strings.TrimSpace(name); name != "" {
			listed[name] = true
		}
	}
	return listed
}

const pendingHead = `# Conformance cases that do not pass yet, one a line. Each is run all the same, and the test
# fails when one passes, so the list can only shrink:
#
#	go test ./test -run TestConformance -pending shrink

`

func writePending(t *testing.T, listed map[string]bool, results *caseResults) {
	var names []string
	for name, v := range results.all() {
		if v == failed && (*pendingMode == "rewrite" || listed[name]) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	text := pendingHead
	for _, name := range names {
		text += name + "\n"
	}
	if err := os.WriteFile(pendingFile, []byte(text), 0o644); err != nil {
		t.Error(err)
	}
	fmt.Printf("%s: %d of %d cases\n", pendingFile, len(names), len(results.all()))
}

// caseResults collects from cases that run at once.
type caseResults struct {
	mu sync.Mutex
	m  map[string]verdict
}

func (r *caseResults) add(name string, v verdict) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.m == nil {
		r.m = map[string]verdict{}
	}
	r.m[name] = v
}

func (r *caseResults) all() map[string]verdict {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.m
}
