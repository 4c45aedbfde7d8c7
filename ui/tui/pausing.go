package tui

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os/exec"
)

// pausing runs a command and leaves what it printed on the terminal until
// somebody has read it.
type pausing struct {
	cmd *exec.Cmd
	in  io.Reader
	out io.Writer
}

// SetStdin, SetStdout and SetStderr give the command the terminal.
func (p *pausing) SetStdin(r io.Reader)  { p.in, p.cmd.Stdin = r, r }
func (p *pausing) SetStdout(w io.Writer) { p.out, p.cmd.Stdout = w, w }
func (p *pausing) SetStderr(w io.Writer) { p.cmd.Stderr = w }

// Run fails only if the command could not be started: how it ended has been
// told by itself.
func (p *pausing) Run() error {
	err := p.cmd.Run()
	var ended *exec.ExitError
	status := "It is done"
	switch {
	case errors.As(err, &ended):
		status = fmt.Sprintf("It ended with status %d", ended.ExitCode())
	case err != nil:
		return err
	}
	if _, err := fmt.Fprintf(p.out, "\n%s: press Enter to go back. ", status); err != nil {
		return err
	}
	_, err = bufio.NewReader(p.in).ReadString('\n')
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
