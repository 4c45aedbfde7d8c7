package shell

import (
	"os"
	"slices"
	"sync"
	"syscall"
	"time"
)

// Child is a running process without its environment. Its String is fit to show;
// Args may hold secrets.
type Child struct {
	Path  string
	Args  []string
	Dir   string
	PID   int // 0 while it is being started
	Start time.Time
}

// String is such as "terraform apply in /live/vpc".
func (c Child) String() string { return subject(c.Path, c.Args, c.Dir) }

// Delivery says what one signal to us led to.
type Delivery struct {
	Signal os.Signal
	// Nth counts the signals since the start, from 1.
	Nth int
	// Forwarded are the processes that were sent an interrupt now.
	Forwarded []Child
	// Running are all processes, those of Forwarded among them, oldest first.
	Running []Child
}

// Relay knows the running processes and passes interrupts on to them.
//
// OpenTofu and Terraform stop gracefully at the first interrupt they see and
// exit at once at the second, which can lose state; so a process gets one, and
// a second one only if the user insists:
//
//   - The first signal is forwarded, as an interrupt, to each process. The
//     exception is an interrupt (SIGINT) when the process is Shared: the terminal
//     has sent it there already. From now on no process is started unless its
//     Cmd.Cleanup says so.
//   - The second is not forwarded. It is the moment to tell the user what is
//     still running.
//   - The third and later ones are forwarded to every process: one that shares
//     our terminal and is still there has not taken notice of the others.
//
// A process in a group of its own is interrupted together with its group, as a
// terminal would do; one that shares our group is interrupted alone.
type Relay struct {
	mu       sync.Mutex
	first    os.Signal
	nth      int
	children []*child // oldest first
}

// child is an entry of the relay. A signal that arrives between admission and
// start is owed and sent as soon as there is a process.
type child struct {
	info   Child
	shared bool
	proc   *os.Process
	owed   bool
}

// NewRelay makes a relay without processes.
func NewRelay() *Relay { return &Relay{} }

// Signal tells the relay that a signal to end has reached us, and passes it on
// by the rules above. The kind of signal matters only for Shared processes.
func (r *Relay) Signal(s os.Signal) Delivery {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.nth++
	if r.first == nil {
		r.first = s
	}
	d := Delivery{Signal: s, Nth: r.nth}
	for _, ch := range r.children {
		d.Running = append(d.Running, ch.info)
		if forwards(s, r.nth, ch.shared) && ch.interrupt() {
			d.Forwarded = append(d.Forwarded, ch.info)
		}
	}
	return d
}

// forwards is the rule: does the nth signal go on to a process?
func forwards(s os.Signal, nth int, shared bool) bool {
	switch nth {
	case 1:
		return !shared || s != os.Interrupt
	case 2:
		return false
	}
	return true
}

// First is the first signal that reached us, nil if none has.
func (r *Relay) First() os.Signal {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.first
}

// Running lists the processes that have not ended, oldest first.
func (r *Relay) Running() []Child {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := make([]Child, 0, len(r.children))
	for _, ch := range r.children {
		list = append(list, ch.info)
	}
	return list
}

// admit enters a process about to be started, or refuses it. Doing so before
// the start leaves no moment in which a process runs and the relay is unaware.
func (r *Relay) admit(c Cmd) (*child, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.nth > 0 && !c.Cleanup {
		return nil, ErrInterrupted
	}
	ch := &child{
		info:   Child{Path: c.Path, Args: c.Args, Dir: c.Dir, Start: time.Now()},
		shared: c.Shared,
	}
	r.children = append(r.children, ch)
	return ch, nil
}

func (r *Relay) started(ch *child, p *os.Process) {
	r.mu.Lock()
	defer r.mu.Unlock()
	ch.proc = p
	ch.info.PID = p.Pid
	if ch.owed {
		ch.interrupt()
	}
}

func (r *Relay) forget(ch *child) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.children = slices.DeleteFunc(r.children, func(c *child) bool { return c == ch })
}

// interrupt tells whether the process has been, or will be, sent one.
func (ch *child) interrupt() bool {
	if ch.proc == nil {
		ch.owed = true
		return true
	}
	return interrupt(ch.proc, ch.shared) == nil
}

// ExitStatus is the status of a program that a signal has ended: 130 for an
// interrupt, 143 for SIGTERM.
func ExitStatus(s os.Signal) int {
	if n, ok := s.(syscall.Signal); ok {
		return 128 + int(n)
	}
	return 1
}
