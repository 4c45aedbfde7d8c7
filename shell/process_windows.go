package shell

import (
	"errors"
	"os"
	"syscall"

	"golang.org/x/sys/windows"
)

const errNotDir = syscall.ENOTDIR

func processGroup(shared bool) *syscall.SysProcAttr {
	if shared {
		return nil
	}
	return &syscall.SysProcAttr{CreationFlags: windows.CREATE_NEW_PROCESS_GROUP}
}

func isBusy(err error) bool { return errors.Is(err, windows.ERROR_SHARING_VIOLATION) }

func exitStatus(s *os.ProcessState) (code int, signal string) {
	if uint32(s.ExitCode()) == uint32(windows.STATUS_CONTROL_C_EXIT) {
		return 128 + int(syscall.SIGINT), "SIGINT"
	}
	return s.ExitCode(), ""
}

var errSharedConsole = errors.New("a process that shares our console group cannot be interrupted alone")

// interrupt sends Ctrl-Break to the process's group: new groups ignore Ctrl-C,
// and the wrapped binary takes both for an interrupt.
func interrupt(p *os.Process, shared bool) error {
	if shared {
		return errSharedConsole
	}
	return windows.GenerateConsoleCtrlEvent(windows.CTRL_BREAK_EVENT, uint32(p.Pid))
}

// killGroup ends a process at once. What it has started is not ours to find.
func killGroup(p *os.Process, _ bool) error { return p.Kill() }
