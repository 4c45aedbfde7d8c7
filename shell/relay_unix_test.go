//go:build !windows

package shell

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// running is a process under test that counts its interrupts.
type running struct {
	out  *lines
	in   pipeEnds
	done chan error
}

func start(t *testing.T, r *Relay, change func(*Cmd)) *running {
	t.Helper()
	p := &running{out: &lines{}, in: stdinPipe(t), done: make(chan error, 1)}
	c := role(t, "count")
	c.Stdin, c.Stdout = p.in.r, p.out
	change(&c)
	go func() { p.done <- NewProcess(r).Run(t.Context(), c) }()
	p.out.wait(t, "ready")
	// The child may be quicker than the relay is told of its number.
	eventually(t, "pid", func() bool {
		list := r.Running()
		return len(list) > 0 && list[len(list)-1].PID != 0
	})
	return p
}

// finish lets the process end and checks how many interrupts it got in all.
func (p *running) finish(t *testing.T, want string) {
	t.Helper()
	p.in.w.Close()
	if err := <-p.done; err != nil {
		t.Errorf("ended with %v", err)
	}
	if !p.out.has(want) {
		t.Errorf("want %q, got: %s", want, p.out)
	}
}

func TestEachSignal(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		shared  bool
		signals []os.Signal
		want    string
	}{
		"one interrupt":            {false, []os.Signal{os.Interrupt}, "sum 1"},
		"one end":                  {false, []os.Signal{syscall.SIGTERM}, "sum 1"},
		"one hangup":               {false, []os.Signal{syscall.SIGHUP}, "sum 1"},
		"second is kept back":      {false, []os.Signal{os.Interrupt, syscall.SIGTERM}, "sum 1"},
		"third is not":             {false, []os.Signal{os.Interrupt, os.Interrupt, os.Interrupt}, "sum 2"},
		"shared interrupt":         {true, []os.Signal{os.Interrupt}, "sum 0"},
		"shared end":               {true, []os.Signal{syscall.SIGTERM}, "sum 1"},
		"shared second":            {true, []os.Signal{syscall.SIGTERM, syscall.SIGTERM}, "sum 1"},
		"shared third":             {true, []os.Signal{os.Interrupt, os.Interrupt, os.Interrupt}, "sum 1"},
		"shared end after a first": {true, []os.Signal{os.Interrupt, syscall.SIGTERM}, "sum 0"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := NewRelay()
			p := start(t, r, func(c *Cmd) { c.Shared = test.shared })
			sent := 0
			for i, s := range test.signals {
				d := r.Signal(s)
				if d.Nth != i+1 || d.Signal != s || len(d.Running) != 1 {
					t.Errorf("got %+v", d)
				}
				if len(d.Forwarded) > 0 {
					sent++
					// Two at once would be seen as one.
					p.out.wait(t, "interrupt "+string(rune('0'+sent)))
				}
			}
			p.finish(t, test.want)
			if r.First() != test.signals[0] {
				t.Errorf("first %v", r.First())
			}
			if n := len(r.Running()); n != 0 {
				t.Errorf("%d still running", n)
			}
		})
	}
}

func TestSignalReachesAll(t *testing.T) {
	t.Parallel()
	r := NewRelay()
	var all []*running
	for range 3 {
		all = append(all, start(t, r, func(c *Cmd) { c.Dir = t.TempDir() }))
	}
	all[1].finish(t, "sum 0")
	d := r.Signal(syscall.SIGTERM)
	if len(d.Forwarded) != 2 || len(d.Running) != 2 {
		t.Errorf("got %+v", d)
	}
	all[0].finish(t, "sum 1")
	all[2].finish(t, "sum 1")
}

func TestNothingStartsAfterASignal(t *testing.T) {
	t.Parallel()
	r := NewRelay()
	r.Signal(os.Interrupt)
	err := NewProcess(r).Run(t.Context(), role(t, "say:0"))
	var refused *StartError
	if !errors.Is(err, ErrInterrupted) || !errors.As(err, &refused) {
		t.Errorf("got %v", err)
	}
	p := start(t, r, func(c *Cmd) { c.Cleanup = true })
	if d := r.Signal(os.Interrupt); len(d.Forwarded) != 0 || len(d.Running) != 1 {
		t.Errorf("second: %+v", d)
	}
	if d := r.Signal(os.Interrupt); len(d.Forwarded) != 1 {
		t.Errorf("third: %+v", d)
	}
	p.finish(t, "sum 1")
}

// A wrapper script waits for what it has started and would keep an interrupt to
// itself; the group gets it, each process once.
func TestSignalReachesTheGroup(t *testing.T) {
	t.Parallel()
	r := NewRelay()
	p := start(t, r, func(c *Cmd) {
		c.Args = []string{"-c", `trap 'echo script' INT; "$0"; echo "$?"`, c.Path}
		c.Path = "/bin/sh"
	})
	r.Signal(syscall.SIGTERM)
	p.out.wait(t, "interrupt 1")
	p.finish(t, "sum 1")
	if n := strings.Count(p.out.String(), "script\n"); n != 1 && !sigintIgnored() {
		t.Errorf("the script got %d: %s", n, p.out)
	}
}

func TestSignalDuringStart(t *testing.T) {
	t.Parallel()
	r := NewRelay()
	ch, err := r.admit(Cmd{Path: "x"})
	if err != nil {
		t.Fatal(err)
	}
	if d := r.Signal(os.Interrupt); len(d.Forwarded) != 1 || d.Running[0].PID != 0 {
		t.Errorf("got %+v", d)
	}
	c := role(t, "count")
	in, out := stdinPipe(t), &lines{}
	cmd := exec.Command(c.Path)
	cmd.Env, cmd.Stdin, cmd.Stdout, cmd.SysProcAttr = c.Env, in.r, out, processGroup(false)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	out.wait(t, "ready")
	r.started(ch, cmd.Process)
	out.wait(t, "interrupt 1")
	in.w.Close()
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if !out.has("sum 1") {
		t.Errorf("got %s", out)
	}
	if d := r.Signal(os.Interrupt); len(d.Forwarded) != 0 {
		t.Errorf("second: %+v", d)
	}
	if d := r.Signal(os.Interrupt); len(d.Forwarded) != 0 {
		t.Errorf("a process that has ended was signalled: %+v", d)
	}
	r.forget(ch)
}

// What a process leaves behind in its group is not ours to signal.
func TestSignalSparesWhatIsLeftBehind(t *testing.T) {
	t.Parallel()
	r := NewRelay()
	p := NewProcess(r)
	p.drain = 600 * time.Millisecond
	out, done := &lines{}, make(chan error, 1)
	go func() {
		done <- p.Run(t.Context(), Cmd{Path: "sh", Args: []string{"-c", "sleep 3 & echo done"}, Stdout: out})
	}()
	out.wait(t, "done")
	time.Sleep(200 * time.Millisecond) // until the shell has gone
	if d := r.Signal(os.Interrupt); len(d.Forwarded) != 0 || len(d.Running) != 1 {
		t.Errorf("got %+v", d)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

func TestChildIsFitToShow(t *testing.T) {
	t.Parallel()
	c := Child{Path: "/bin/terraform", Args: []string{"apply", "-var=password=x"}, Dir: "/live", PID: 7}
	if got := fmt.Sprint(c); got != "terraform apply in /live" {
		t.Errorf("got %q", got)
	}
}

func TestExitStatus(t *testing.T) {
	t.Parallel()
	for s, want := range map[os.Signal]int{os.Interrupt: 130, syscall.SIGTERM: 143, syscall.SIGHUP: 129, nil: 1} {
		if got := ExitStatus(s); got != want {
			t.Errorf("%v: got %d", s, got)
		}
	}
}
