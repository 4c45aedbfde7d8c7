package source

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// isState knows the names of local state; those of other workspaces are the
// same, in folders of their own.
func isState(name string) bool {
	switch name {
	case "terraform.tfstate", "terraform.tfstate.backup", erroredState:
		return true
	}
	return false
}

// holdsState reports whether a file of a working folder may be a state that is
// nowhere else: by its usual name, or by its ending where no copy of ours has
// put it there. A backend "local" may give it any name.
func holdsState(path string) bool {
	name := filepath.Base(path)
	if isState(name) {
		return true
	}
	if !strings.HasSuffix(name, ".tfstate") && !strings.HasSuffix(name, ".tfstate.backup") {
		return false
	}
	for _, list := range []string{sourceManifest, moduleManifest} {
		data, err := os.ReadFile(filepath.Join(filepath.Dir(path), list))
		if err == nil && decodeManifest(data).hasFile(name) {
			return false
		}
	}
	return true
}

// statesIn lists the states in a working folder and below it. What init keeps
// in .terraform under the name of a state is none; a state that could not be
// saved is one wherever it lies, and it comes first.
func statesIn(ctx context.Context, root string) ([]string, error) {
	var unsaved, local []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return errors.Join(ignoreNotExist(err), ctx.Err())
		}
		inData := strings.Contains(filepath.ToSlash(path[len(root):]), "/.terraform/")
		switch {
		case d.Name() == erroredState:
			unsaved = append(unsaved, path)
		case !inData && holdsState(path):
			local = append(local, path)
		}
		return nil
	})
	return append(unsaved, local...), err
}

// emptyRoot removes a cached copy but for the local state in it. One that could
// not be saved is not to be built upon, so that nothing is removed then. The
// choice of a workspace stays where states of workspaces do: the next plan
// would otherwise be one of another state.
func (s *Store) emptyRoot(ctx context.Context, root string) error {
	states, err := statesIn(ctx, root)
	if err != nil {
		return err
	}
	keep := map[string]bool{}
	for _, path := range states {
		if filepath.Base(path) == erroredState {
			return &UnsavedStateError{Path: path}
		}
		s.log.Info("Keeping the local state " + path + ": it is stored nowhere else")
		keep[path] = true
		if dir, _, found := strings.Cut(path, "terraform.tfstate.d"+string(filepath.Separator)); found {
			keep[filepath.Join(dir, ".terraform", "environment")] = true
		}
	}
	s.log.Debug("deleting the cached source", "dir", root)
	if len(keep) == 0 {
		return os.RemoveAll(root)
	}
	_, err = removeAllBut(root, keep)
	return err
}

// removeAllBut removes what is in a folder, and the folder if nothing of it is
// kept.
func removeAllBut(dir string, keep map[string]bool) (kept bool, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return true, err
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		switch {
		case keep[path]:
			kept = true
		case e.IsDir():
			inner, err := removeAllBut(path, keep)
			if err != nil {
				return true, err
			}
			kept = kept || inner
		default:
			if err := ignoreNotExist(os.Remove(path)); err != nil {
				return true, err
			}
		}
	}
	if kept {
		return true, nil
	}
	return false, ignoreNotExist(os.Remove(dir))
}
