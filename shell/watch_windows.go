package shell

import (
	"os"
	"syscall"
)

// endSignals: SIGTERM is what closing the console, logging off and shutting
// down arrive as.
func endSignals() []os.Signal {
	return []os.Signal{os.Interrupt, syscall.SIGTERM}
}

func pipeSignals() []os.Signal { return nil }
