//go:build !windows

package shell

import (
	"errors"
	"fmt"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

const errNotDir = syscall.ENOTDIR

func processGroup(shared bool) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: !shared}
}

func isBusy(err error) bool { return errors.Is(err, syscall.ETXTBSY) }

func exitStatus(s *os.ProcessState) (code int, signal string) {
	ws, ok := s.Sys().(syscall.WaitStatus)
	if !ok || !ws.Signaled() {
		return s.ExitCode(), ""
	}
	name := unix.SignalName(ws.Signal())
	if name == "" {
		name = fmt.Sprintf("signal %d", int(ws.Signal()))
	}
	return 128 + int(ws.Signal()), name
}

// interrupt sends SIGINT to a process, or to its whole group if it leads one.
//
// The group is what a terminal's Ctrl-C would reach, and so what every program
// has been built for: the wrapped binary's provider plugins ignore it, and a
// wrapper or hook script only passes on an interrupt that reaches the program it
// is waiting for as well. A process that has ended gives an error.
func interrupt(p *os.Process, shared bool) error {
	if shared {
		return p.Signal(syscall.SIGINT)
	}
	// A number may be used again once its process has been waited for; asking
	// the handle first keeps the signal from a stranger.
	if err := p.Signal(syscall.Signal(0)); err != nil {
		return err
	}
	return syscall.Kill(-p.Pid, syscall.SIGINT)
}

// killGroup ends a process at once, and its whole group if it leads one.
func killGroup(p *os.Process, shared bool) error {
	if shared {
		return p.Kill()
	}
	if err := p.Signal(syscall.Signal(0)); err != nil {
		return err
	}
	return syscall.Kill(-p.Pid, syscall.SIGKILL)
}
