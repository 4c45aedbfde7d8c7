package run

import (
	"bytes"
	"context"
	"io"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/shell"
)

var _ config.Host = (*Runner)(nil)

// Env is the environment of this process with what the credentials command
// says for the unit in dir.
func (r *Runner) Env(ctx context.Context, dir string) (config.Env, error) {
	return r.environment(ctx, dir)
}

// Exec runs a program for an expression and gives its standard output, which
// is shown too unless it may be a secret.
func (r *Runner) Exec(ctx context.Context, c config.Exec) ([]byte, error) {
	var out bytes.Buffer
	err := r.exec.Run(ctx, shell.Cmd{Path: c.Argv[0], Args: c.Argv[1:], Dir: c.Dir, Env: c.Env, Stdout: &out, Stderr: r.opts.EchoErr})
	if err == nil && !c.Quiet && r.opts.Echo != nil && out.Len() > 0 {
		_, _ = io.Copy(r.opts.Echo, bytes.NewReader(out.Bytes()))
	}
	return out.Bytes(), err
}

// WorkingDir is the folder in which the binary will run.
func (r *Runner) WorkingDir(_ context.Context, p config.Place) (string, error) {
	req, err := r.request(p.UnitDir, p.DownloadDir, p.Source)
	if err != nil {
		return "", err
	}
	return req.Layout().WorkDir, nil
}
