//go:build !windows

package shell

import (
	"bytes"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"testing"
	"time"
)

func sigintIgnored() bool { return signal.Ignored(os.Interrupt) }

// TestWatch runs the whole in a process of its own and signals that process.
func TestWatch(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		mode    string
		signals []syscall.Signal
		want    []string
	}{
		"terminate": {"own", []syscall.Signal{syscall.SIGTERM, syscall.SIGTERM, syscall.SIGINT}, []string{
			"notified 1 forwarded 1 running 1",
			"notified 2 forwarded 0 running 1",
			"notified 3 forwarded 1 running 1",
			"child sum 2", "first terminated status 143 err <nil>",
		}},
		"interrupt": {"own", []syscall.Signal{syscall.SIGINT}, []string{
			"notified 1 forwarded 1 running 1", "child sum 1", "first interrupt status 130 err <nil>",
		}},
		"shared": {"shared", []syscall.Signal{syscall.SIGINT, syscall.SIGTERM}, []string{
			"notified 1 forwarded 0 running 1", "notified 2 forwarded 0 running 1",
			"child sum 0", "first interrupt status 130 err <nil>",
		}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.signals[0] == syscall.SIGINT && sigintIgnored() {
				t.Skip("our parent ignores SIGINT")
			}
			c := role(t, "watch:"+test.mode)
			in, out := stdinPipe(t), &lines{}
			cmd := exec.Command(c.Path)
			cmd.Env, cmd.Stdin, cmd.Stdout = c.Env, in.r, out
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			out.wait(t, "child ready")
			for i, s := range test.signals {
				// The second of a pair is an echo and changes nothing.
				_ = cmd.Process.Signal(s)
				out.wait(t, test.want[i])
				_ = cmd.Process.Signal(s)
				time.Sleep(echoTime + 30*time.Millisecond)
			}
			in.w.Close()
			if err := cmd.Wait(); err != nil {
				t.Fatal(err)
			}
			for _, line := range test.want {
				if !out.has(line) {
					t.Errorf("no line %q in:\n%s", line, out)
				}
			}
			if n := strings.Count(out.String(), "notified"); n != len(test.signals) {
				t.Errorf("notified %d times:\n%s", n, out)
			}
		})
	}
}

func TestWatchOutlivesABrokenPipe(t *testing.T) {
	t.Parallel()
	broken := stdinPipe(t)
	broken.r.Close()
	c := role(t, "pipe")
	var errs bytes.Buffer
	cmd := exec.Command(c.Path)
	cmd.Env, cmd.Stdout, cmd.Stderr = c.Env, broken.w, &errs
	if err := cmd.Run(); err != nil || !strings.Contains(errs.String(), "survived: write") {
		t.Errorf("err %v, said %q", err, &errs)
	}
}

func TestIgnoredSignalsStayIgnored(t *testing.T) {
	t.Parallel()
	all := len(endSignals())
	if got := wantedSignals(func(os.Signal) bool { return false }); len(got) != all {
		t.Errorf("got %v", got)
	}
	got := wantedSignals(func(s os.Signal) bool { return s == syscall.SIGHUP })
	if len(got) != all-1 || got[0] != os.Interrupt || got[1] != syscall.SIGTERM {
		t.Errorf("got %v", got)
	}
}
