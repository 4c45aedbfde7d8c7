//go:build !windows

package test

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
)

// On a terminal each running unit has a line that says what it is doing, below all log lines;
// when the run is over nothing of it is left, and no log line was harmed.
func TestLiveProgress(t *testing.T) {
	t.Parallel()
	const height = 24
	work := writeTree(t, map[string]string{
		"live/a/terragrunt.hcl": "", "live/a/main.tf": "",
		"live/a/faketofu.txt":   "plan stdout first of a\nplan await go\nplan stderr last of a\n",
		"live/b/terragrunt.hcl": "", "live/b/main.tf": "",
		"live/b/faketofu.txt":   "plan stdout first of b\nplan stdout last of b\nplan touch b-ran\n",
		"live/c/terragrunt.hcl": "dependencies {\n  paths = [\"../a\"]\n}\n", "live/c/main.tf": "",
		"live/c/faketofu.txt": "plan stderr bad luck\nplan exit 3\n",
	})
	s := &session{screen: newScreen(height)}
	cmd := exec.Command(terraceBin(t), "run", "--all", "--working-dir", filepath.Join(work, "live"), "plan")
	cmd.Env = append(os.Environ(), "TERM=xterm-256color", "WORK="+work, "TG_TF_PATH=faketofu", "TG_NO_TIPS=true",
		"HOME="+filepath.Join(work, "home"), "XDG_CACHE_HOME="+filepath.Join(work, "home", "cache"), "NO_COLOR=", "REC=")
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: height, Cols: 100})
	if err != nil {
		t.Fatal(err)
	}
	defer tty.Close()
	defer cmd.Process.Kill() // does nothing after the end
	read := make(chan error, 1)
	go func() {
		_, err := io.Copy(s, tty)
		read <- err
	}()

	// While a waits and b has ended: a's line, then the count, and nothing below.
	live := regexp.MustCompile(`^  a  plan  [0-9ms]+$`)
	count := regexp.MustCompile(`^1 running, 1 of 3 done \(1 succeeded\)  [0-9ms]+$`)
	s.await(t, "the live lines", func(lines []string) bool {
		n := len(lines)
		return n > 3 && lines[n-1] == "" && count.MatchString(lines[n-2]) && live.MatchString(lines[n-3])
	})
	if err := os.WriteFile(filepath.Join(work, "go"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != 3 {
		t.Errorf("ended with %v", err)
	}
	if err := <-read; err != nil && !errors.Is(err, syscall.EIO) { // what Linux says at the end
		t.Error(err)
	}

	lines := s.lines()
	if s.screen.unknown != nil {
		t.Errorf("escape sequences: %q", s.screen.unknown)
	}
	all := strings.Join(lines, "\n")
	for _, wrong := range []string{"running,", "  a  plan", "  c  plan", "\x1b"} {
		if strings.Contains(all, wrong) {
			t.Errorf("%q is left on the screen", wrong)
		}
	}
	for _, want := range []string{
		`^[0-9:.]{12} STDOUT \[a\] faketofu: first of a$`, `^[0-9:.]{12} STDERR \[a\] faketofu: last of a$`,
		`^[0-9:.]{12} STDOUT \[b\] faketofu: first of b$`, `^[0-9:.]{12} STDOUT \[b\] faketofu: last of b$`,
		`^[0-9:.]{12} STDERR \[c\] faketofu: bad luck$`, `^To run it alone: terrace plan --working-dir .*/live/c$`,
		`^   Succeeded +2$`, `^   Critical path: a -> c  [0-9]+m?s of [0-9]+m?s$`,
	} {
		re := regexp.MustCompile(want)
		if n := len(slices.DeleteFunc(slices.Clone(lines), func(l string) bool { return !re.MatchString(l) })); n != 1 {
			t.Errorf("%d lines are like %s", n, want)
		}
	}
	if t.Failed() {
		t.Log("\n" + all)
	}
}

// session is a screen that is written and looked at by different goroutines.
type session struct {
	mu     sync.Mutex
	screen *screen
}

func (s *session) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.screen.Write(p)
}

func (s *session) lines() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.screen.text()
}

func (s *session) await(t *testing.T, what string, there func([]string) bool) {
	t.Helper()
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if there(s.lines()) {
			return
		}
	}
	t.Fatalf("%s did not appear:\n%s", what, strings.Join(s.lines(), "\n"))
}

// writeTree writes files below a new folder.
func writeTree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}
