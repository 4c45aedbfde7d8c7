package run

import (
	"context"
	"errors"
	"fmt"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/shell"
)

// runCommand initialises if needed, then runs hooks and the binary, as often
// as the rules for errors allow.
func runCommand(ctx context.Context, j *job) error {
	defer j.applied() // also after a failure, half-way through which outputs may have changed
	return j.explained(ctx, j.retrying(ctx, j.attempt))
}

func (j *job) attempt(ctx context.Context) error {
	if err := j.ensureInit(ctx); err != nil {
		return err
	}
	if err := j.protect(); err != nil {
		return err
	}
	restore, err := j.writeFileInputs()
	if err != nil {
		return err
	}
	defer restore()
	j.outcome.Attempts++
	j.outcome.ExitCode = 0
	return j.withHooks(ctx, j.cmd.Name, func() error {
		err := j.call(ctx, j.args)
		if j.installs() {
			err = errors.Join(err, j.copyLockBack())
		}
		if j.cmd.Name == "init" && err == nil && completeInit(j.args) {
			err = j.recordInit()
		}
		return j.detailed(err)
	})
}

// call runs the binary with the unit's own streams.
func (j *job) call(ctx context.Context, args shell.Argv) error {
	j.log.Debug("Running " + j.bin + " " + args.Word() + " in " + j.workDir) // not its arguments: they may hold secrets
	env := j.env
	if j.planEnv != nil {
		env = j.planEnv
	}
	start := func(env []string) error {
		return j.watched(ctx, func() error {
			return j.exec.Run(ctx, shell.Cmd{
				Path: j.bin, Args: args, Dir: j.workDir, Env: env,
				Stdin: j.out.Stdin, Stdout: j.out.Stdout, Stderr: j.out.Stderr, Shared: j.out.Shared, Outlives: true,
			})
		})
	}
	env = addMissing(env, j.cmd.Env)
	if j.installs() {
		return j.installing(ctx, env, args.On("upgrade"), start)
	}
	return start(env)
}

// detailed takes the status 2 of -detailed-exitcode for what it is: changes.
func (j *job) detailed(err error) error {
	var exit *shell.ExitError
	if j.cmd.Args.On("detailed-exitcode") && errors.As(err, &exit) && exit.Code == 2 {
		j.outcome.ExitCode = 2
		return nil
	}
	return err
}

// ProtectedError says that a unit must not be destroyed.
type ProtectedError struct{ Unit string }

func (e *ProtectedError) Error() string {
	return fmt.Sprintf("Unit is protected by the prevent_destroy flag in %s. Set it to false or remove it to allow destroy.", e.Unit)
}

func (j *job) protect() error {
	if j.cfg.PreventDestroy && (j.cmd.Name == "destroy" || j.cmd.Args.On("destroy")) {
		return j.unit.Blame(config.Setting{Attr: "prevent_destroy"}, "Protected unit", &ProtectedError{Unit: j.unit.Path()})
	}
	return nil
}

// applied drops what was remembered of the unit when a command may have
// changed it.
func (j *job) applied() {
	switch j.cmd.Name {
	case "apply", "destroy", "refresh", "import", "state", "taint", "untaint", "init", "workspace", "env":
		j.outputs.Delete(j.unit.Dir())
	}
}
