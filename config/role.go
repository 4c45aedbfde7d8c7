package config

import (
	"path/filepath"
	"strings"
)

// iam gives the AWS role that the unit asks for. It is evaluated in a view of
// the unit of its own, with the base credentials: an expression that the role
// is made of may ask the cloud who we are, and the answer must neither wait for
// the role nor change with it. What depends on outputs that are not known yet
// counts as unset.
func (v view) iam(ev *eval) (IAM, error) {
	if !v.asksForRole() {
		return IAM{}, nil
	}
	return v.core.iam(ev)
}

// iam is the same for a unit that is not bound yet, or seen from a file that it
// reads.
func (c *core) iam(ev *eval) (IAM, error) {
	unit, err := c.l.bind(ev, c.baseKey())
	if err != nil {
		return IAM{}, err
	}
	v := unit.view()
	if !v.asksForRole() {
		return IAM{}, nil
	}
	return v.decodeRole(ev)
}

func (c *core) baseKey() coreKey {
	return coreKey{path: c.origin, origin: c.origin, base: true, dir: c.from}
}

func (v view) decodeRole(ev *eval) (IAM, error) {
	var role IAM
	var ps problems
	var err error
	for name, to := range map[string]*string{
		"iam_role": &role.Role, "iam_assume_role_session_name": &role.SessionName, "iam_web_identity_token": &role.WebIdentityToken,
	} {
		*to, err = v.topString(ev, name)
		ps.add(err)
	}
	duration, ok, err := v.top(ev, "iam_assume_role_duration")
	ps.add(err)
	if ok && duration.IsKnown() {
		role.DurationSec, _ = duration.AsBigFloat().Int64()
	}
	return role, ps.joined()
}

// asksForRole says whether a file of the unit names a role.
func (v view) asksForRole() bool {
	for _, fr := range v.frames {
		for name := range fr.file.attrs {
			if strings.HasPrefix(name, "iam_") {
				return true
			}
		}
	}
	return false
}

// cloudEnv is the environment in which the cloud is asked: that of the unit
// with the credentials of the role that the unit assumes. It is not kept here,
// since those credentials end.
func (c *core) cloudEnv(ev *eval) (Env, error) {
	env, err := c.env(ev)
	if err != nil || c.base {
		return env, err
	}
	role, err := c.role(ev)
	if err != nil {
		return nil, err
	}
	return c.l.host.Assume(ev.ctx, c.originDir(), env, role)
}

// role is the role while the unit is being read.
func (c *core) role(ev *eval) (IAM, error) {
	entry, _ := c.l.roles.LoadOrStore(c.baseKey(), &cell{})
	v, err := c.l.force(ev, entry.(*cell), step{c.origin, "role"}, func(ev *eval) (any, error) {
		return c.iam(ev)
	})
	if err != nil {
		return IAM{}, err
	}
	return v.(IAM), nil
}

// originDir is the folder of the unit that the reading started from.
func (c *core) originDir() string {
	if c.from != "" {
		return c.from
	}
	return filepath.Dir(c.origin)
}
