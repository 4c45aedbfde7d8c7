package config

import (
	"context"
	"log/slog"
	"strings"

	"github.com/zclconf/go-cty/cty"
)

// Host is the outside world as configuration sees it. A Loader asks it only
// when an expression needs it, and may ask from several goroutines at once.
type Host interface {
	// Env is the environment that the unit in dir is evaluated and run with.
	Env(ctx context.Context, dir string) (Env, error)
	// Exec runs a command and gives its standard output.
	Exec(ctx context.Context, c Exec) ([]byte, error)
	// Outputs gives the outputs of an applied unit as an object, empty when
	// it has none. The unit handed in belongs to the evaluation that asks:
	// using another handle of the same unit could wait for itself.
	Outputs(ctx context.Context, u *Unit) (cty.Value, error)
	// WorkingDir is the folder in which the binary will run.
	WorkingDir(ctx context.Context, p Place) (string, error)
	// Assume gives an environment with the credentials of the AWS role that
	// the unit in dir asks for, or env itself where there is no role.
	Assume(ctx context.Context, dir string, env Env, role IAM) (Env, error)
	// Identity says who the cloud takes us for.
	Identity(ctx context.Context, env Env) (Identity, error)
	// AccountAlias gives the name of the account, "" where it has none. It is
	// asked apart from Identity, since it takes a permission of its own.
	AccountAlias(ctx context.Context, env Env) (string, error)
	// Decrypt gives the plain text of an encrypted file.
	Decrypt(ctx context.Context, path string, env Env) ([]byte, error)
}

// Exec is a command that configuration wants run.
type Exec struct {
	Dir   string
	Env   Env
	Argv  []string
	Quiet bool // standard output is not to be shown: it may hold a secret
}

// Place is what the working folder of a unit is computed from.
type Place struct {
	UnitDir     string
	DownloadDir string // "" for the default
	Source      string // "" for the unit itself
}

// Identity is the answer of the cloud's "who am I".
type Identity struct {
	Account, ARN, UserID string
}

// Env is a process environment in the form of os.Environ. Later entries win.
type Env []string

// Lookup returns the value of a variable and whether it is set.
func (e Env) Lookup(name string) (string, bool) {
	for i := len(e) - 1; i >= 0; i-- {
		if k, v, ok := strings.Cut(e[i], "="); ok && k == name {
			return v, true
		}
	}
	return "", false
}

// Options are what a Loader is told once.
type Options struct {
	Command     string            // first word given to the binary: plan, apply, render...
	Args        []string          // the command and its arguments
	Source      string            // value of the source override, "" when not given
	DownloadDir string            // overrides the attribute and the default
	Features    map[string]string // overrides of feature flags
	ToolVersion string            // what terragrunt_version_constraint is compared with
	Mocks       MockPolicy
	Log         *slog.Logger              // nil for none
	Strict      func(control string) bool // whether a deprecated use is an error; nil for never
	DeepMerge   bool                      // deep_merge exists
	// Overlay holds texts by absolute path that stand in for files on disk,
	// which need not be there. Only files that are evaluated are looked for in
	// it, not what is copied or run.
	Overlay   map[string][]byte
	Evaluated func(file, cell string) // called for each evaluation of an expression; nil for none
}

// MockPolicy says what stands in for outputs that are not there.
type MockPolicy struct {
	Never         bool // outputs are always unknown: hcl validate
	Skip          bool // never fetch, as if each dependency had skip_outputs
	AllowNotFound bool // missing outputs are no error: render
}
