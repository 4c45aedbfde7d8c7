package run

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/run/awsauth"
)

// Role is the AWS role that the command line and the variables ask for. What
// is set here wins over configuration.
type Role struct {
	ARN      string
	Duration int // seconds; 0 for the unit's choice or an hour
	Session  string
	Token    string // web identity token, or an absolute path to one
}

// over gives the role that a unit is run with: field by field, the command
// line's in front of the unit's.
func (o Role) over(unit config.IAM) config.IAM {
	for _, f := range []struct {
		own string
		to  *string
	}{{o.ARN, &unit.Role}, {o.Session, &unit.SessionName}, {o.Token, &unit.WebIdentityToken}} {
		if f.own != "" {
			*f.to = f.own
		}
	}
	if o.Duration != 0 {
		unit.DurationSec = int64(o.Duration)
	}
	return unit
}

// Assume gives env with the credentials of the role that a unit being read
// asks for. A role of the command line leaves nothing of the unit's: its
// session, its duration and its token were written for another role.
func (r *Runner) Assume(ctx context.Context, dir string, env config.Env, unit config.IAM) (config.Env, error) {
	if r.opts.Role.ARN != "" {
		unit = config.IAM{}
	}
	return r.assume(ctx, dir, env, r.opts.Role.over(unit))
}

func (r *Runner) assume(ctx context.Context, dir string, env []string, role config.IAM) ([]string, error) {
	if role.Role == "" {
		return env, nil
	}
	c, err := r.roles.get(ctx, awsauth.Env(env), role, dir)
	if err != nil {
		return nil, err
	}
	return override(env, c.Variables()), nil
}

// assumeRole gives the unit's processes the credentials of its role.
func (j *job) assumeRole(ctx context.Context) error {
	role := j.opts.Role.over(j.cfg.IAM)
	if role.Role == "" {
		return nil
	}
	env, err := j.assume(ctx, j.unit.Dir(), j.env, role)
	if err != nil {
		return err
	}
	if j.authGaveAWS(j.unit.Dir()) {
		j.log.Warn(fmt.Sprintf("The credentials of the AWS role %s replace those that the auth provider command gave", role.Role))
	}
	j.log.Debug("Assumed the AWS role " + role.Role)
	j.env = env
	return nil
}

// roleCache keeps the credentials of roles.
//
// Key: the role, its session, duration and token, and the credentials that it
// is assumed with. Lifetime: that of the Runner. Stale: shortly before the
// credentials end, so that a command that starts with them can work.
type roleCache struct {
	entries sync.Map // string -> *roleEntry
	now     func() time.Time
}

type roleEntry struct {
	mu   sync.Mutex // held while STS is asked, so that units that start together ask once
	have awsauth.Credentials
}

// get gives the credentials of a role. A token that names a file is read each
// time: the file is renewed by whoever put it there.
func (c *roleCache) get(ctx context.Context, env awsauth.Env, role config.IAM, dir string) (awsauth.Credentials, error) {
	token, err := readToken(role.WebIdentityToken, dir)
	if err != nil {
		return awsauth.Credentials{}, &awsauth.RoleError{ARN: role.Role, Err: err}
	}
	want := awsauth.Role{ARN: role.Role, Session: role.SessionName, Token: token, Duration: time.Duration(role.DurationSec) * time.Second}
	key := strings.Join([]string{want.ARN, want.Session, want.Token, want.Duration.String(), env.Key()}, "\x00")
	e, _ := c.entries.LoadOrStore(key, &roleEntry{})
	entry := e.(*roleEntry)
	entry.mu.Lock()
	defer entry.mu.Unlock()
	if c.now().Before(entry.have.Expires.Add(-margin(want.Duration))) {
		return entry.have, nil
	}
	got, err := awsauth.Assume(ctx, env, want)
	if err == nil {
		entry.have = got
	}
	return got, err
}

// margin is how long before their end credentials are renewed.
func margin(session time.Duration) time.Duration {
	if session == 0 {
		session = awsauth.DefaultDuration
	}
	return min(5*time.Minute, session/5)
}

// readToken gives a web identity token: the content of a file that is named,
// relative to the unit's folder, else the text itself.
func readToken(token, dir string) (string, error) {
	if token == "" {
		return "", nil
	}
	path := token
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		if filepath.IsAbs(token) {
			return "", fmt.Errorf("the web identity token names no file: %s", token)
		}
		return token, nil
	}
	b, err := os.ReadFile(path)
	return strings.TrimSpace(string(b)), err
}
