package run

import (
	"context"
	"slices"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/shell"
)

// Program is any program, to be run in the context of a unit.
type Program struct {
	Argv []string // the program and its arguments
	// InWorkDir runs it where the binary would run, after an init if that is
	// needed. Otherwise it runs in the unit's folder, which need not hold
	// anything that the binary could run on.
	InWorkDir bool
}

const execName = "exec"

// RunProgram prepares a unit and runs a program between the hooks for exec, with the
// unit's inputs as TF_VAR_ variables. Rules for errors do not apply: they are
// written for what the binary prints.
func (r *Runner) RunProgram(ctx context.Context, u *config.Unit, p Program, out Streams) (Outcome, error) {
	c := Command{Name: execName, Args: slices.Concat(shell.Argv{execName}, p.Argv)}
	return r.walk(ctx, u, c, out, p.steps())
}

func (p Program) steps() []step {
	start := step{"exec", func(ctx context.Context, j *job) error { return j.program(ctx, p) }}
	if p.InWorkDir {
		return append(preparing(), start)
	}
	return []step{
		{"evaluate", evaluate},
		{"fetch", fetch},
		{"generate", generate},
		{"leave out", leaveOut},
		{"arguments", arguments},
		start,
	}
}

func (j *job) program(ctx context.Context, p Program) error {
	dir := j.unit.Dir()
	if p.InWorkDir {
		dir = j.workDir
		if err := j.retrying(ctx, j.ensureInit); err != nil {
			return err
		}
		restore, err := j.writeFileInputs()
		if err != nil {
			return err
		}
		defer restore()
	}
	j.outcome.Attempts++
	return j.withHooks(ctx, execName, func() error {
		return j.watched(ctx, func() error {
			return j.exec.Run(ctx, shell.Cmd{
				Path: p.Argv[0], Args: p.Argv[1:], Dir: dir, Env: j.env,
				Stdin: j.out.Stdin, Stdout: j.out.Stdout, Stderr: j.out.Stderr, Shared: j.out.Shared,
			})
		})
	})
}
