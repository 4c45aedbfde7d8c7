package bundle

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/terrace-iac/terrace/live"
)

// MixedError says that a bundle would be of more than one environment.
type MixedError struct {
	Units map[string][]string // by environment, "" for none
}

func (e *MixedError) Error() string {
	var parts []string
	for name, units := range e.Units {
		if name == "" {
			name = "no environment"
		}
		parts = append(parts, fmt.Sprintf("%s (%s)", name, strings.Join(units[:min(3, len(units))], ", ")))
	}
	slices.Sort(parts)
	return "a bundle is of one environment, and these units are of several: " + strings.Join(parts, ", ") + ". Choose those of one with --filter or --working-dir"
}

// EnvironmentOf finds the environment of units, given by their folders, and
// its rules. What a checkout says counts only where it is stricter than the
// tips of the branches that decide.
func EnvironmentOf(ctx context.Context, e *Engine, dirs []string) (Environment, error) {
	policies, _, err := live.Policies(ctx, e.Repo, dirs)
	if err != nil {
		return Environment{}, err
	}
	if len(policies) == 0 {
		return e.guessed(dirs)
	}
	var env Environment
	for _, p := range policies {
		there, err := placed(p.File, p.Units)
		if err != nil {
			return env, err
		}
		if p.Branch != "" && len(there.Branches) > 0 && there.Branches[0] != p.Branch {
			continue // a copy: the file at the tip of the first branch decides
		}
		env.Approvals = max(env.Approvals, there.Approvals)
		if env.Name == "" {
			env.Name = there.Name
		}
		if len(env.Branches) == 0 || p.Branch != "" && len(there.Branches) > 0 {
			env.Branches = there.Branches
		}
	}
	return env, nil
}

// guessed is the environment by folder names, where no file says anything.
func (e *Engine) guessed(dirs []string) (Environment, error) {
	f, err := live.Load(live.FindRoot(e.Root, e.Root))
	if err != nil {
		return Environment{}, err
	}
	var units []string
	for _, dir := range dirs {
		path, err := e.path(dir)
		if err != nil {
			return Environment{}, err
		}
		units = append(units, path)
	}
	return placed(f, units)
}

// placed is the one environment that all units are in.
func placed(f *live.File, units []string) (Environment, error) {
	by := map[string][]string{}
	for _, u := range units {
		p, err := f.Place(u)
		if err != nil {
			return Environment{}, err
		}
		by[p.Environment] = append(by[p.Environment], u)
	}
	if len(by) > 1 {
		return Environment{}, &MixedError{by}
	}
	for name := range by {
		if found := f.Environment(name); found != nil {
			return Environment{Name: name, Branches: found.Branches, Approvals: found.Approvals}, nil
		}
	}
	return Environment{}, nil
}

// Dirs are the folders of a bundle's units in this checkout.
func (b *Bundle) Dirs(root string) []string {
	var dirs []string
	for _, u := range b.Base.Manifest.Units {
		dirs = append(dirs, filepath.Join(root, filepath.FromSlash(u.Path)))
	}
	return dirs
}
