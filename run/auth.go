package run

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"sync"

	"github.com/google/shlex"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/run/awsauth"
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
		ARN      string  `json:"roleARN"`
		Session  string  `json:"roleSessionName"`
		Duration float64 `json:"duration"` // seconds
		Token    string  `json:"webIdentityToken"`
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

// lazyEnv is what the credentials command has said for a folder.
type lazyEnv struct {
	once sync.Once
	env  []string
	role config.IAM // to be assumed with env; its credentials end, so they are not in env
	aws  bool       // it gave credentials for AWS, or a role that gives them
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
	lazy.once.Do(func() { lazy.err = r.authenticate(ctx, dir, lazy) })
	if lazy.err != nil {
		return nil, lazy.err
	}
	env, err := r.assume(ctx, dir, lazy.env, lazy.role)
	if err != nil {
		return nil, &AuthError{Command: r.opts.Auth, Dir: dir, Why: "the role that it names was not given", Err: err}
	}
	return env, nil
}

// authGaveAWS says whether the credentials command has given credentials for
// AWS. The environment of the folder must have been asked for.
func (r *Runner) authGaveAWS(dir string) bool {
	entry, ok := r.envs.Load(dir)
	return ok && entry.(*lazyEnv).aws
}

func (r *Runner) authenticate(ctx context.Context, dir string, to *lazyEnv) error {
	fail := func(why string, err error) error {
		return &AuthError{Command: r.opts.Auth, Dir: dir, Why: why, Err: err}
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
	to.env, to.role, to.aws = override(r.opts.Env, vars), c.role(), c.AWS != nil || c.Role != nil
	return nil
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
		maps.Copy(vars, awsauth.Variables(c.AWS.AccessKeyID, c.AWS.SecretAccessKey, c.AWS.SessionToken))
	case c.Role != nil && c.Role.ARN == "":
		return nil, "awsRole needs a roleARN"
	}
	return vars, ""
}

// role is the one to be assumed, which credentials beside it make pointless.
func (c credentials) role() config.IAM {
	if c.AWS != nil || c.Role == nil {
		return config.IAM{}
	}
	return config.IAM{Role: c.Role.ARN, SessionName: c.Role.Session, DurationSec: int64(c.Role.Duration), WebIdentityToken: c.Role.Token}
}
