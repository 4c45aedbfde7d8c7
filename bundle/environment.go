package bundle

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
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
	root := live.FindRoot(e.Root, e.Root)
	here, err := live.Load(root)
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
	env, err := placed(here, units)
	if err != nil || e.Repo == nil {
		return env, err
	}
	files, err := e.atTips(ctx, env)
	if err != nil {
		return env, err
	}
	for _, f := range files {
		there, err := placed(f, units)
		if err != nil {
			return env, err
		}
		if env.Name == "" || there.Name != "" && there.Approvals > env.Approvals {
			env.Name = there.Name
		}
		env.Approvals = max(env.Approvals, there.Approvals)
		if len(env.Branches) == 0 {
			env.Branches = there.Branches
		}
	}
	return env, nil
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

// atTips reads terrace.hcl at the tip of the environment's first branch and of
// the branch that the remote calls its own: a checkout could leave the branches
// of the environment out.
func (e *Engine) atTips(ctx context.Context, env Environment) ([]*live.File, error) {
	usual, err := e.Repo.DefaultBranch(ctx)
	if err != nil {
		return nil, err
	}
	var files []*live.File
	branches := []string{usual}
	if len(env.Branches) > 0 {
		branches = append(branches, env.Branches[0])
	}
	slices.Sort(branches)
	for _, branch := range slices.Compact(branches) {
		if branch == "" {
			continue
		}
		tip, err := e.Repo.RemoteTip(ctx, branch)
		var unknown *live.NoTipError
		if errors.As(err, &unknown) && len(env.Branches) == 0 {
			continue
		}
		if err != nil {
			return nil, err
		}
		text, err := e.Repo.Show(ctx, tip.Commit, live.FileName)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		f, err := live.Parse(text, tip.Short()+":"+live.FileName)
		if err != nil {
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}

// Dirs are the folders of a bundle's units in this checkout.
func (b *Bundle) Dirs(root string) []string {
	var dirs []string
	for _, u := range b.Base.Manifest.Units {
		dirs = append(dirs, filepath.Join(root, filepath.FromSlash(u.Path)))
	}
	return dirs
}
