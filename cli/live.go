package cli

import (
	"context"
	"path/filepath"

	"github.com/terrace-iac/terrace/configstack"
	"github.com/terrace-iac/terrace/live"
)

// liveRepository is the whole live repository around the working folder.
type liveRepository struct {
	Root   string // absolute
	File   *live.File
	Stack  *configstack.Stack // all units, by path
	Layout *live.Layout
}

// liveRepository finds every unit of the live repository and the environment
// that it belongs to. Mistakes in units are in the stack's problems.
func (s *session) liveRepository(ctx context.Context) (*liveRepository, error) {
	dir := s.inv.Global.WorkingDir
	top := repositoryTop(dir)
	if !fileExists(filepath.Join(top, ".git")) {
		top = "" // in no repository at all
	}
	root := live.FindRoot(dir, top)
	file, err := live.Load(root)
	if err != nil {
		return nil, err
	}
	stack, err := configstack.Discover(ctx, s.loader, root, s.discoverOptions())
	if err != nil {
		return nil, err
	}
	r := &liveRepository{Root: root, File: file, Stack: stack}
	var units []string
	for _, c := range stack.Components {
		if c.Kind == configstack.KindUnit {
			units = append(units, r.rel(c.Dir))
		}
	}
	r.Layout, err = file.Assign(units)
	return r, err
}

// rel is a path from the root, with slashes.
func (r *liveRepository) rel(path string) string {
	rel, err := filepath.Rel(r.Root, path)
	if err != nil {
		return filepath.ToSlash(path)
	}
	return filepath.ToSlash(rel)
}
