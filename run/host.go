package run

import (
	"bytes"
	"context"
	"fmt"
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

// UnsupportedError says that something cannot be had in this build.
type UnsupportedError struct{ What, Instead string }

func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("%s is not supported by this version; %s", e.What, e.Instead)
}

// Decrypt gives the plain text of a file encrypted with sops, by the sops
// program.
func (r *Runner) Decrypt(ctx context.Context, path string, env config.Env) ([]byte, error) {
	var out bytes.Buffer
	err := r.exec.Run(ctx, shell.Cmd{Path: "sops", Args: []string{"decrypt", path}, Env: env, Stdout: &out, Stderr: io.Discard})
	if err != nil {
		return nil, fmt.Errorf("decrypting %s: %w", path, err)
	}
	return out.Bytes(), nil
}
