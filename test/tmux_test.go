package test

import (
	"cmp"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// screenLimit is how long a test waits for something to appear. It is far above what any
// screen needs, also on a slow and busy machine.
const screenLimit = 30 * time.Second

// terminalOptions say how a program is started on a terminal. The zero value of a size is 100
// columns and 30 rows.
type terminalOptions struct {
	Dir           string
	Env           []string // complete; nil is that of this process
	Columns, Rows int
}

// terminal is a program on a terminal of its own, which tmux draws. It is for programs that
// use the whole screen; the test is skipped where there is no tmux.
type terminal struct {
	t      *testing.T
	socket string
	env    []string
}

// keepScreen runs a program and keeps its terminal after its end, with its status on it.
const keepScreen = `trap : INT; "$@"; echo "[exit status $?]"; cat >/dev/null`

var endOfProgram = regexp.MustCompile(`\[exit status (\d+)\]`)

// startTerminal starts a program in a tmux server of its own, which ends with the test.
func startTerminal(t *testing.T, o terminalOptions, argv ...string) *terminal {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		t.Skip("tmux is not on PATH")
	}
	// The path of a socket is short on every system, and that of t.TempDir may be long.
	dir, err := os.MkdirTemp("", "tmux-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if o.Env == nil {
		o.Env = os.Environ()
	}
	s := &terminal{t: t, socket: filepath.Join(dir, "s"), env: slices.DeleteFunc(slices.Clone(o.Env), inTmux)}
	settings := filepath.Join(dir, "conf")
	text := "set -g status off\nset -g escape-time 0\nset -g default-terminal screen-256color\n"
	if err := os.WriteFile(settings, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	columns, rows := strconv.Itoa(cmp.Or(o.Columns, 100)), strconv.Itoa(cmp.Or(o.Rows, 30))
	t.Cleanup(func() { _ = s.command("kill-server").Run() })
	args := append([]string{"-f", settings, "new-session", "-d", "-x", columns, "-y", rows, "-c", o.Dir, "--", "sh", "-c", keepScreen, "sh"}, argv...)
	s.run(args...)
	return s
}

func inTmux(variable string) bool {
	return strings.HasPrefix(variable, "TMUX=") || strings.HasPrefix(variable, "TMUX_PANE=")
}

func (s *terminal) command(args ...string) *exec.Cmd {
	cmd := exec.Command("tmux", append([]string{"-u", "-S", s.socket}, args...)...)
	cmd.Env = s.env
	return cmd
}

func (s *terminal) run(args ...string) string {
	s.t.Helper()
	out, err := s.command(args...).Output()
	if err != nil {
		var exit *exec.ExitError
		if errors.As(err, &exit) {
			err = errors.New(strings.TrimSpace(string(exit.Stderr)))
		}
		s.t.Fatalf("tmux %s: %v", strings.Join(args, " "), err)
	}
	return string(out)
}

// press sends keys by the names that tmux gives them: q, Enter, Escape, Tab, Down, C-d.
func (s *terminal) press(keys ...string) {
	s.t.Helper()
	s.run(append([]string{"send-keys", "--"}, keys...)...)
}

// types sends text letter by letter.
func (s *terminal) types(text string) {
	s.t.Helper()
	s.run("send-keys", "-l", "--", text)
}

// screen is what can be seen now, without spaces at line ends.
func (s *terminal) screen() string {
	s.t.Helper()
	return s.run("capture-pane", "-p")
}

// sees waits until all of the texts can be seen at once.
func (s *terminal) sees(texts ...string) {
	s.t.Helper()
	s.until("to see "+strings.Join(texts, " and "), func(screen string) bool {
		return !slices.ContainsFunc(texts, func(text string) bool { return !strings.Contains(screen, text) })
	})
}

// misses waits until none of the texts can be seen.
func (s *terminal) misses(texts ...string) {
	s.t.Helper()
	s.until("not to see "+strings.Join(texts, " or "), func(screen string) bool {
		return !slices.ContainsFunc(texts, func(text string) bool { return strings.Contains(screen, text) })
	})
}

func (s *terminal) until(what string, ok func(screen string) bool) {
	s.t.Helper()
	deadline := time.Now().Add(screenLimit)
	for {
		screen := s.screen()
		if ok(screen) {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("waited %v %s; the screen is:\n%s", screenLimit, what, screen)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// exit waits for the end of the program and gives its status.
func (s *terminal) exit() int {
	s.t.Helper()
	code := 0
	s.until("for the end of the program", func(screen string) bool {
		m := endOfProgram.FindStringSubmatch(screen)
		if m != nil {
			code, _ = strconv.Atoi(m[1])
		}
		return m != nil
	})
	return code
}

// resize changes the size of the terminal, as dragging its window does.
func (s *terminal) resize(columns, rows int) {
	s.t.Helper()
	s.run("resize-window", "-x", strconv.Itoa(columns), "-y", strconv.Itoa(rows))
}

// TestTerminal drives a shell, so that a failure of the driver is not taken for one of a
// program under test.
func TestTerminal(t *testing.T) {
	t.Parallel()
	s := startTerminal(t, terminalOptions{Dir: t.TempDir(), Columns: 60, Rows: 10, Env: append(os.Environ(), "GREETING=hello there")},
		"sh", "-c", `echo "$GREETING"; stty size; read line; clear; echo "got $line"; read line; stty size; read line; exit 3`)
	s.sees("hello there", "10 60")
	s.types("a b")
	s.press("Enter")
	s.sees("got a b")
	s.misses("hello there")
	s.resize(70, 12)
	s.press("Enter")
	s.sees("12 70")
	s.press("Enter")
	if code := s.exit(); code != 3 {
		t.Errorf("exit status %d, want 3", code)
	}
}
