package run

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"

	"github.com/google/shlex"

	"github.com/terrace-iac/terrace/shell"
)

// credentials is what the command of --auth-provider-cmd prints.
type credentials struct {
	AWS *struct {
		AccessKeyID     string `json:"ACCESS_KEY_ID"`
		SecretAccessKey string `json:"SECRET_ACCESS_KEY"`
		SessionToken    string `json:"SESSION_TOKEN"`
	} `json:"awsCredentials"`
	Role *struct {
		ARN string `json:"roleARN"`
	} `json:"awsRole"`
	Envs map[string]string `json:"envs"`
}

// AuthError says that the credentials command gave nothing to work with. It
// never repeats what the command printed.
type AuthError struct {
	Command, Dir, Why string
	Err               error
}

func (e *AuthError) Error() string {
	text := fmt.Sprintf("auth provider command %q in %s: %s", e.Command, e.Dir, e.Why)
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap gives the failure of the process.
func (e *AuthError) Unwrap() error { return e.Err }

type lazyEnv struct {
	once sync.Once
	env  []string
	err  error
}

// environment gives the environment of a unit, asking the credentials command
// once for each folder.
func (r *Runner) environment(ctx context.Context, dir string) ([]string, error) {
	if r.opts.Auth == "" {
		return r.opts.Env, nil
	}
	entry, _ := r.envs.LoadOrStore(dir, &lazyEnv{})
	lazy := entry.(*lazyEnv)
	lazy.once.Do(func() { lazy.env, lazy.err = r.authenticate(ctx, dir) })
	return lazy.env, lazy.err
}

func (r *Runner) authenticate(ctx context.Context, dir string) ([]string, error) {
	fail := func(why string, err error) ([]string, error) {
		return nil, &AuthError{Command: r.opts.Auth, Dir: dir, Why: why, Err: err}
	}
	argv, err := shlex.Split(r.opts.Auth)
	if err != nil || len(argv) == 0 {
		return fail("not a command line", err)
	}
	var out bytes.Buffer
	if err := r.exec.Run(ctx, shell.Cmd{Path: argv[0], Args: argv[1:], Dir: dir, Env: r.opts.Env, Stdout: &out, Stderr: r.opts.EchoErr}); err != nil {
		return fail("it failed", err)
	}
	if strings.TrimSpace(out.String()) == "" {
		return fail("its output does not contain JSON string", nil)
	}
	var c credentials
	if err := json.Unmarshal(out.Bytes(), &c); err != nil {
		return fail("its output is in an invalid JSON format", nil)
	}
	vars, why := c.variables()
	if why != "" {
		return fail(why, nil)
	}
	return override(r.opts.Env, vars), nil
}

func (c credentials) variables() (vars map[string]string, problem string) {
	vars = map[string]string{}
	for k, v := range c.Envs {
		vars[k] = v
	}
	switch {
	case c.AWS != nil && (c.AWS.AccessKeyID == "" || c.AWS.SecretAccessKey == ""):
		return nil, "awsCredentials needs both ACCESS_KEY_ID and SECRET_ACCESS_KEY"
	case c.AWS != nil:
		vars["AWS_ACCESS_KEY_ID"], vars["AWS_SECRET_ACCESS_KEY"] = c.AWS.AccessKeyID, c.AWS.SecretAccessKey
		vars["AWS_SESSION_TOKEN"], vars["AWS_SECURITY_TOKEN"] = c.AWS.SessionToken, c.AWS.SessionToken
	case c.Role != nil:
		return nil, "assuming an awsRole is not supported by this version; let the command print awsCredentials"
	}
	return vars, ""
}
