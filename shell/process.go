package shell

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"time"
)

// drainTime is how long a process that has exited is waited for while others,
// such as a daemon it has left behind, hold its output open.
const drainTime = 10 * time.Second

// Process runs commands as processes of the operating system.
type Process struct {
	relay *Relay
	drain time.Duration
}

// NewProcess makes an executor whose processes are known to r, which alone
// decides what signals they get. A nil r stands for one that gets no signals.
func NewProcess(r *Relay) *Process {
	if r == nil {
		r = NewRelay()
	}
	return &Process{relay: r, drain: drainTime}
}

// Run starts c and waits for its end.
//
// A context that is done before the start gives its error and nothing is
// started. One that is done later changes nothing: the process is neither
// killed nor signalled, because a wrapped binary that is interrupted twice, or
// killed, loses state. Only the Relay signals, and Run returns when the process
// has ended, at most ten seconds later if others hold its output open.
func (p *Process) Run(ctx context.Context, c Cmd) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	path, err := locate(c)
	if err != nil {
		return &StartError{Path: c.Path, Dir: c.Dir, Err: err}
	}
	ch, err := p.relay.admit(c)
	if err != nil {
		return &StartError{Path: c.Path, Dir: c.Dir, Err: err}
	}
	defer p.relay.forget(ch)

	out := newOutputs(c.Stdout, c.Stderr)
	pipes := &kept{}
	if c.Outlives {
		if pipes, err = out.keep(); err != nil {
			return &StartError{Path: c.Path, Dir: c.Dir, Err: err}
		}
	}
	cmd, err := p.start(path, c, out)
	if err != nil {
		pipes.failed()
		return &StartError{Path: c.Path, Dir: c.Dir, Err: err}
	}
	p.relay.started(ch, cmd.Process)
	ended := limit(cmd.Process, c)
	err = pipes.ran(cmd.Wait, p.drain)
	if ended() {
		return &TimeoutError{Path: c.Path, Dir: c.Dir, After: c.Timeout, Err: c.result(err, out)}
	}
	return c.result(err, out)
}

// locate finds the program, and the folder to run it in.
func locate(c Cmd) (string, error) {
	if c.Dir != "" {
		if info, err := os.Stat(c.Dir); err != nil {
			return "", err
		} else if !info.IsDir() {
			return "", &os.PathError{Op: "chdir", Path: c.Dir, Err: errNotDir}
		}
	}
	env := c.Env
	if env == nil {
		env = os.Environ()
	}
	return lookIn(c.Path, c.Dir, env)
}

// start makes and starts the process. A file that was written a moment ago
// counts as busy while a process forked meanwhile by another goroutine still
// holds it open for writing, which passes in milliseconds.
func (p *Process) start(path string, c Cmd, out outputs) (*exec.Cmd, error) {
	for pause := time.Millisecond; ; pause *= 2 {
		cmd := exec.Command(path, c.Args...)
		cmd.Args[0] = c.Path
		cmd.Dir, cmd.Env = c.Dir, c.Env
		cmd.Stdout, cmd.Stderr = out.stdout, out.stderr
		cmd.WaitDelay = p.drain
		cmd.SysProcAttr = processGroup(c.Shared)

		err := startWithStdin(cmd, c.Stdin)
		if err == nil {
			return cmd, nil
		}
		if !isBusy(err) || pause > 200*time.Millisecond {
			return nil, err
		}
		time.Sleep(pause)
	}
}

// startWithStdin copies a reader itself because exec.Cmd would wait for the
// copy to end, and a reader may block long after the process has gone.
func startWithStdin(cmd *exec.Cmd, in io.Reader) error {
	f, isFile := in.(*os.File)
	if in == nil || isFile {
		if isFile && f != nil {
			cmd.Stdin = f
		}
		return cmd.Start()
	}
	pipe, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	go func() {
		// A process need not read its input to the end: a closed pipe is no failure.
		_, _ = io.Copy(pipe, in)
		_ = pipe.Close()
	}()
	return nil
}

// result turns what Wait said into our errors.
func (c Cmd) result(err error, out outputs) error {
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		code, signal := exitStatus(exit.ProcessState)
		return &ExitError{
			Path: c.Path, Args: c.Args, Dir: c.Dir,
			Code: code, Signal: signal,
			Stdout: out.out.text(), Stderr: out.err.text(),
			Err: err,
		}
	case err != nil && !errors.Is(err, exec.ErrWaitDelay):
		return &OutputError{Path: c.Path, Args: c.Args, Dir: c.Dir, Err: err}
	}
	// ErrWaitDelay: the process itself ended well and all it wrote was read.
	if err := out.failure(); err != nil {
		return &OutputError{Path: c.Path, Args: c.Args, Dir: c.Dir, Err: err}
	}
	return nil
}
