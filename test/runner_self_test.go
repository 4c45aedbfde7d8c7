//go:build unix

package test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestRunScript holds the runner to its word: it tells a pass from a failure and a skip, and
// it comes back from a script that hangs.
func TestRunScript(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		script string
		limit  time.Duration
		want   verdict
		log    string
	}{
		"pass":                {"exec true\n", time.Minute, passed, ""},
		"fail":                {"exec false\n", time.Minute, failed, "exit status 1"},
		"skip":                {"skip 'not today'\nexec false\n", time.Minute, skipped, "not today"},
		"bad command":         {"no-such-command\n", time.Minute, failed, "no-such-command"},
		"hang":                {"exec sleep 600\n", time.Second, failed, "timed out"},
		"grandchild hangs":    {"exec sh -c 'trap : QUIT; sleep 600 & sleep 600'\n", time.Second, failed, "did not end"},
		"failure is expected": {"! exec false\n", time.Minute, passed, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "case.txtar")
			if err := os.WriteFile(file, []byte(c.script), 0o644); err != nil {
				t.Fatal(err)
			}
			got := runScript(file, c.limit, func(*testscript.Env) error { return nil })
			if got.Verdict != c.want || !strings.Contains(got.Log, c.log) {
				t.Errorf("got %s, want %s with %q:\n%s", got.Verdict, c.want, c.log, got.Log)
			}
		})
	}
}
