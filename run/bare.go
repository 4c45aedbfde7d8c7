package run

import (
	"bytes"
	"context"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/shell"
)

// NeedsNoUnit says whether a command has nothing to do with any unit, so that
// it works in a folder without configuration.
func (r *Runner) NeedsNoUnit(command string) bool { return command == "version" }

// Bare runs a command of the binary in a folder, without a unit.
func (r *Runner) Bare(ctx context.Context, dir string, args shell.Argv, out Streams) error {
	bin, err := r.binary(r.opts.Env, "")
	if err != nil {
		return err
	}
	return r.exec.Run(ctx, shell.Cmd{
		Path: bin, Args: args, Dir: dir, Env: r.opts.Env,
		Stdin: out.Stdin, Stdout: out.Stdout, Stderr: out.Stderr, Shared: out.Shared, Outlives: true,
	})
}

// Help gives what the binary says of itself.
func (r *Runner) Help(ctx context.Context, dir string, args []string) ([]byte, error) {
	var out bytes.Buffer
	err := r.Bare(ctx, dir, args, Streams{Stdout: &out, Stderr: &out})
	return out.Bytes(), err
}

// PlanJSON gives a unit's saved plan as JSON.
func (r *Runner) PlanJSON(ctx context.Context, u *config.Unit, workDir, plan string) ([]byte, error) {
	env, err := r.environment(ctx, u.Dir())
	if err != nil {
		return nil, err
	}
	o, err := u.Outline(ctx)
	if err != nil {
		return nil, err
	}
	bin, err := r.binary(env, o.Versions.Binary)
	if err != nil {
		return nil, err
	}
	return shell.Tofu{Bin: bin, Dir: workDir, Env: env, Exec: r.exec}.ShowJSON(ctx, plan)
}
