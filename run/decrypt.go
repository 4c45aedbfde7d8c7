package run

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/run/sops"
	"github.com/terrace-iac/terrace/shell"
)

// Decrypt gives the plain text of a file encrypted with sops. The sops program
// is asked only where none of the file's keys could be used and one belongs to
// a service that cannot be spoken to here with the unit's environment.
func (r *Runner) Decrypt(ctx context.Context, path string, env config.Env) ([]byte, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, &sops.Error{Path: path, Err: err}
	}
	keys := &sops.Keys{Env: env, Run: r.keyProgram}
	plain, err := keys.Decrypt(ctx, path, data)
	var failed *sops.KeyError
	if !errors.As(err, &failed) || !failed.Foreign {
		return plain, err
	}
	r.log.Debug("decrypting with the sops program", "file", path)
	out, programErr := r.keyProgram(ctx, sops.Command{Argv: []string{"sops", "decrypt", path}, Env: env})
	if programErr != nil {
		return nil, errors.Join(err, programErr)
	}
	return out, nil
}

// keyProgram runs a program that holds keys. What it says of an error is in the
// error.
func (r *Runner) keyProgram(ctx context.Context, c sops.Command) ([]byte, error) {
	var out bytes.Buffer
	err := r.exec.Run(ctx, shell.Cmd{Path: c.Argv[0], Args: c.Argv[1:], Env: c.Env, Stdin: c.Stdin, Stdout: &out, Stderr: io.Discard})
	var exit *shell.ExitError
	if errors.As(err, &exit) && strings.TrimSpace(exit.Stderr) != "" {
		err = fmt.Errorf("%w: %s", err, strings.TrimSpace(exit.Stderr))
	}
	return out.Bytes(), err
}
