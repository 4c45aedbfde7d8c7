package shell

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// The tests start this very binary in other roles: unlike a shell script, it
// behaves the same on every system, and even where a parent ignores signals.
const roleVar = "SHELL_TEST_ROLE"

// quickExit spares each process the second that the race detector waits in the end.
const quickExit = "GORACE=atexit_sleep_ms=0"

func TestMain(m *testing.M) {
	role, arg, _ := strings.Cut(os.Getenv(roleVar), ":")
	switch role {
	case "":
		os.Exit(m.Run())
	case "say": // writes to both streams and exits with the given status
		fmt.Fprintln(os.Stdout, "to stdout")
		fmt.Fprintln(os.Stderr, "to stderr")
		code, _ := strconv.Atoi(arg)
		os.Exit(code)
	case "flood": // more than a tail holds, then a last line
		_, _ = io.WriteString(os.Stderr, strings.Repeat("0123456789abcde\n", 20_000)+"the end\n")
		os.Exit(1)
	case "mode": // what kind of file stdout is
		info, err := os.Stdout.Stat()
		fmt.Fprintln(os.Stdout, info.Mode().IsRegular(), err)
	case "cat":
		_, _ = io.Copy(os.Stdout, os.Stdin)
	case "count":
		countInterrupts()
	default:
		roleOfSystem(role, arg)
	}
	os.Exit(0)
}

// countInterrupts reports each interrupt, and the sum once stdin has ended.
func countInterrupts() {
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, os.Interrupt)
	fmt.Println("ready")
	ended := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		time.Sleep(30 * time.Millisecond) // one sent just before is still counted
		close(ended)
	}()
	for n := 0; ; {
		select {
		case <-signals:
			n++
			fmt.Println("interrupt", n)
		case <-ended:
			fmt.Println("sum", n+len(signals))
			return
		}
	}
}

// role makes a command that runs this binary in a role.
func role(t *testing.T, name string) Cmd {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return Cmd{Path: self, Env: append(os.Environ(), roleVar+"="+name, quickExit)}
}

// lines collects what a process writes and lets a test wait for a line.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) has(line string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	s := bufio.NewScanner(bytes.NewReader(l.text.Bytes()))
	for s.Scan() {
		if s.Text() == line {
			return true
		}
	}
	return false
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *lines) wait(t *testing.T, line string) {
	t.Helper()
	eventually(t, fmt.Sprintf("line %q", line), func() bool { return l.has(line) })
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); time.Now().Before(end); time.Sleep(2 * time.Millisecond) {
		if ok() {
			return
		}
	}
	t.Fatalf("waited in vain for %s", what)
}
