package shell

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"
)

// ErrInterrupted is the cause in a *StartError when a process was not started
// because an interrupt had arrived before.
var ErrInterrupted = errors.New("interrupted")

// ExitError says that a process ran and failed. Its message names the program
// and its subcommand only: the other arguments and the output may hold secrets
// and are left to the fields.
type ExitError struct {
	Path string
	Args []string
	Dir  string
	// Code is the exit status, 128+n if signal n ended the process.
	Code int
	// Signal is the name of that signal, such as SIGKILL; empty if there was none.
	Signal string
	// Stdout and Stderr are the last 64 KiB of the streams. Stdout is empty if
	// it went directly to a file or a terminal, or into Stderr's writer.
	Stdout, Stderr string
	Err            error
}

func (e *ExitError) Error() string {
	what := fmt.Sprintf("exit status %d", e.Code)
	if e.Signal != "" {
		what = "ended by " + e.Signal
	}
	return subject(e.Path, e.Args, e.Dir) + ": " + what
}

func (e *ExitError) Unwrap() error { return e.Err }

// StartError says that a process could not be, or was not, started.
type StartError struct {
	Path, Dir string
	Err       error
}

func (e *StartError) Error() string {
	return fmt.Sprintf("%s: not started: %v", subject(e.Path, nil, e.Dir), e.Err)
}

func (e *StartError) Unwrap() error { return e.Err }

// OutputError says that a process ended well, but that what it wrote could not
// be passed on, or was not what it had been asked for.
type OutputError struct {
	Path string
	Args []string
	Dir  string
	Err  error
}

func (e *OutputError) Error() string {
	return fmt.Sprintf("%s: output: %v", subject(e.Path, e.Args, e.Dir), e.Err)
}

func (e *OutputError) Unwrap() error { return e.Err }

// MissingBinaryError says that there is nothing to wrap.
type MissingBinaryError struct {
	Names []string // the programs looked for, in order
}

func (e *MissingBinaryError) Error() string {
	return fmt.Sprintf("%s: not found on PATH: install OpenTofu (https://opentofu.org/docs/intro/install) or Terraform, or name the binary with --tf-path",
		strings.Join(e.Names, ", "))
}

// subject names a process for people: "terraform plan in /live/vpc".
func subject(path string, args []string, dir string) string {
	s := filepath.Base(path)
	if len(args) > 0 && isSubcommand(args[0]) {
		s += " " + args[0]
	}
	if dir != "" {
		s += " in " + dir
	}
	return s
}

// isSubcommand tells whether a first argument is safe to show: lower-case words
// are commands, anything else may be a value.
func isSubcommand(arg string) bool {
	if arg == "" || len(arg) > 20 || arg[0] == '-' {
		return false
	}
	return strings.Trim(arg, "abcdefghijklmnopqrstuvwxyz-") == ""
}
