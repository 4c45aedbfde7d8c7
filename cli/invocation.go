package cli

import (
	"context"
	"io"

	"github.com/terrace-iac/terrace/telemetry"
)

// invocation is one parsed call of the program: all that a handler is given.
type invocation struct {
	Command *command
	Values  *values
	Args    []string // words for our own command
	TF      []string // argv of the wrapped binary, or of the program for `exec`
	Global  globalOptions
	Cwd     string // absolute
	Env     []string
	Stdin   io.Reader
	Stdout  io.Writer
	Stderr  io.Writer
	Notify  notifier
	// Recorder takes spans; nil where nothing is recorded.
	Recorder *telemetry.Recorder
}

// handler runs a command and returns the exit status. With an error and status
// 0 the program ends with 1. The error is printed by the caller, once.
type handler func(ctx context.Context, inv *invocation) (int, error)

// tofuHelpKey is the handler that asks the wrapped binary for help. Its
// invocation's TF is the argv for that; what it prints should go through
// trimTofuHelp.
const tofuHelpKey = "help of the wrapped binary"

// RunOptions builds the run flags' options.
func (inv *invocation) RunOptions() (runOptions, error) {
	o, err := newRunOptions(inv.Values, inv.Global, inv.Cwd)
	o.Queue.All = o.Queue.All || inv.Command.ofStack()
	return o, err
}

// wordHandlers are the commands that touch no other room.
func wordHandlers() map[string]handler {
	return map[string]handler{
		"completion":       runCompletion,
		"docs cli":         runDocs(WriteReference),
		"docs config":      runDocs(WriteConfigReference),
		"docs functions":   runDocs(WriteFunctionReference),
		"info strict list": runStrictList,
	}
}

func runCompletion(_ context.Context, inv *invocation) (int, error) {
	shell := ""
	if len(inv.Args) > 0 {
		shell = inv.Args[0]
	}
	script, err := completionScript(shell)
	if err != nil {
		return 1, err
	}
	_, err = io.WriteString(inv.Stdout, script)
	return 0, err
}

// runDocs makes the handler of a reference page.
func runDocs(write func(io.Writer) error) handler {
	return func(_ context.Context, inv *invocation) (int, error) { return 0, write(inv.Stdout) }
}

func runStrictList(_ context.Context, inv *invocation) (int, error) {
	if len(inv.Args) > 0 {
		return 0, writeControl(inv.Stdout, inv.Args[0])
	}
	return 0, writeControls(inv.Stdout, inv.Values.Bool("all"))
}
