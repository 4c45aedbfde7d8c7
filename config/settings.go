package config

import "context"

// Settings are what can be told of a unit's run without its inputs and without
// the outputs of other units.
type Settings struct {
	Terraform Terraform
	IAM       IAM
}

// Settings evaluates them and nothing else. What depends on outputs counts as
// unset. With an error it still returns what could be evaluated.
func (u *Unit) Settings(ctx context.Context) (Settings, error) {
	ev, done := u.start(ctx, early)
	defer done()
	var s Settings
	var ps problems
	v := u.core.view()
	var err error
	s.Terraform, err = v.knownTerraform(ev)
	ps.add(err)
	s.IAM, err = v.iam(ev)
	ps.add(err)
	if err := ctx.Err(); err != nil {
		return s, err
	}
	return s, ps.err(u.core.l, u.core.path)
}

// knownTerraform decodes the terraform block. A block that depends on outputs
// has no hooks yet: what they would run may be what is not known.
func (v view) knownTerraform(ev *eval) (Terraform, error) {
	blocks, err := v.section(ev, "terraform")
	if err != nil {
		return Terraform{}, err
	}
	t, err := decodeTerraform(blocks)
	if !ev.open {
		return t, err
	}
	t.BeforeHooks, t.AfterHooks, t.ErrorHooks = nil, nil, nil
	return t, nil
}
