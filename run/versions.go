package run

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/hashicorp/go-version"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/shell"
)

// VersionError says that a program is not of a version that a unit works with.
type VersionError struct {
	Subject, Have, Constraint string
	Tool                      bool // ours, not the binary's
}

func (e *VersionError) Error() string {
	if e.Tool {
		return fmt.Sprintf("The currently installed version of terrace (compatible with %s) is not compatible with the version constraint requiring %s in %s", e.Have, e.Constraint, e.Subject)
	}
	return fmt.Sprintf("The currently installed version of Terraform (%s) is not compatible with the version that the unit requires (%s) in %s", e.Have, e.Constraint, e.Subject)
}

// checkVersions settles which binary runs the unit and checks the unit's
// version constraints, before anything else of it is evaluated.
func (j *job) checkVersions(ctx context.Context) error {
	o, err := j.unit.Outline(ctx)
	if err != nil {
		return err
	}
	j.bin, err = j.unitBinary(j.unit, j.env, o)
	if err != nil {
		return err
	}
	return j.Runner.CheckVersions(ctx, j.unit, o)
}

// CheckVersions checks that a unit's binary is there, and the constraints on
// the versions of this tool and of the binary. The binary is asked only where
// there is a constraint.
func (r *Runner) CheckVersions(ctx context.Context, u *config.Unit, o *config.Outline) error {
	if c := o.Versions.Terragrunt; c != "" {
		if err := satisfies(u.Path(), r.opts.ToolVersion, c, true); err != nil {
			return u.Blame(config.Setting{Attr: "terragrunt_version_constraint"}, "Constraint not met", err)
		}
	}
	env, err := r.environment(ctx, u.Dir())
	if err != nil {
		return err
	}
	bin, err := r.unitBinary(u, env, o)
	if err != nil || o.Versions.Terraform == "" {
		return err
	}
	v, err := r.versions.Version(ctx, bin, env, u.Dir())
	if err != nil {
		return err
	}
	if err := satisfies(u.Path(), v.Number, o.Versions.Terraform, false); err != nil {
		return u.Blame(config.Setting{Attr: "terraform_version_constraint"}, "Constraint not met", err)
	}
	return nil
}

// unitBinary names the binary of a unit, which must be there.
func (r *Runner) unitBinary(u *config.Unit, env []string, o *config.Outline) (string, error) {
	bin, err := r.binary(env, o.Versions.Binary)
	if err != nil || filepath.Base(bin) != bin && !filepath.IsAbs(bin) {
		return bin, err // a relative path starts from the working folder, which is not there yet
	}
	if _, err := shell.LookPath(bin, env); err == nil {
		return bin, nil
	}
	err = &shell.MissingBinaryError{Names: []string{bin}}
	if r.opts.Binary != "" {
		return "", err
	}
	return "", u.Blame(config.Setting{Attr: "terraform_binary"}, "No such program", err)
}

func (r *Runner) binary(env []string, configured string) (string, error) {
	switch {
	case r.opts.Binary != "":
		return r.opts.Binary, nil
	case configured != "":
		return configured, nil
	}
	return shell.FindBinary(env)
}

func satisfies(subject, have, constraint string, tool bool) error {
	c, err := version.NewConstraint(constraint)
	if err != nil {
		return fmt.Errorf("malformed constraint %q in %s: %w", constraint, subject, err)
	}
	v, err := version.NewVersion(strings.TrimPrefix(have, "v"))
	if err != nil {
		return fmt.Errorf("version %q: %w", have, err)
	}
	if !c.Check(v.Core()) {
		return &VersionError{Subject: subject, Have: have, Constraint: constraint, Tool: tool}
	}
	return nil
}
