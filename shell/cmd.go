package shell

import (
	"context"
	"io"
	"time"
)

// Cmd describes one process to start.
type Cmd struct {
	// Path is a program's name, looked up on the PATH of Env, or a path; a
	// relative path with a separator in it is relative to Dir.
	Path string
	// Args are the arguments without argv[0].
	Args []string
	// Dir is the folder to start in; empty means our own.
	Dir string
	// Env is the whole environment as KEY=VALUE, the last entry of a key wins.
	// nil means our own environment, empty means none.
	Env []string

	// Stdin nil reads as empty. An *os.File is handed over as it is. Anything
	// else is copied by a goroutine that outlives the process if a Read blocks.
	Stdin io.Reader
	// Stdout and Stderr nil are discarded (but kept in the tails of ExitError).
	// Stdout is handed over as it is if it is an *os.File, so that the process
	// sees the terminal; everything else passes through a pipe. If both are the
	// same writer it is never called from two goroutines at once, and the tail
	// of both streams together is in ExitError.Stderr.
	Stdout, Stderr io.Writer

	// Shared leaves the process in our own process group, where a terminal's
	// Ctrl-C reaches it directly. Without it the process gets a group of its own
	// and must not be given a terminal as Stdin: reading one from a background
	// group stops a process.
	Shared bool
	// Cleanup lets the process start even after an interrupt. It is for hooks
	// that put things back in order; their context must be one that the
	// interrupt does not cancel.
	Cleanup bool
	// Outlives lets the process end its work if we are killed while it runs: its
	// output is read by another process then. It is for the wrapped binary, which
	// would otherwise end at its next line without saving its state. It costs the
	// start of a small shell.
	Outlives bool
	// Timeout, if it is not 0, is how long the process may take: it is then
	// interrupted with its group, and killed a little later. The error is a
	// *TimeoutError. It is not for the wrapped binary, which would lose state.
	Timeout time.Duration
}

// Streams are the standard streams of a process, with the meaning they have in
// Cmd.
type Streams struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
}

// Executor runs one command and returns when it has ended. A command that ran
// and failed gives an *ExitError, one that could not be started a *StartError.
type Executor interface {
	Run(ctx context.Context, c Cmd) error
}
