//go:build !windows

package shell

import (
	"os"
	"syscall"
)

// endSignals counts SIGHUP in: a lost connection would otherwise end us and
// leave processes behind that fail in mid-work when they write their output.
func endSignals() []os.Signal {
	return []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}
}

func pipeSignals() []os.Signal { return []os.Signal{syscall.SIGPIPE} }
