package run

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/remote"
)

// Holds says what the unit's state still holds, in words that follow the
// unit's name, or "" for nothing. The error says why that cannot be told.
func (r *Runner) Holds(ctx context.Context, u *config.Unit) (string, error) {
	states, err := localStates(u.Dir())
	if err != nil {
		return "", err
	}
	for _, state := range states {
		if text := holding(state); text != "" {
			return text, nil
		}
	}
	rs, err := u.RemoteState(ctx)
	if err != nil {
		return "", err
	}
	place, err := r.place(ctx, u)
	if err != nil {
		return "", err
	}
	if rs == nil {
		return "", ownBackend(place)
	}
	if len(rs.Encryption) > 0 {
		return "", unreadable("it is encrypted")
	}
	env, err := r.outputEnv(ctx, u)
	if err != nil {
		return "", err
	}
	workspace, ok := r.workspace(env, place)
	if !ok {
		return "", unreadable("the workspace is not known")
	}
	state, err := remote.For(rs.Backend).State(ctx, settings(rs, place, workspace))
	if errors.Is(err, remote.ErrNoState) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return holding(state), nil
}

// ownBackend is an error for a module that was initialised with a backend
// which its configuration does not tell of.
func ownBackend(workDir string) error {
	_, err := os.Stat(filepath.Join(workDir, ".terraform", "terraform.tfstate"))
	if err == nil {
		return unreadable("the module chooses the backend itself")
	}
	return nil
}

func holding(s *remote.State) string {
	switch {
	case s.Resources > 0:
		return fmt.Sprintf("its state holds resources (%d)", s.Resources)
	case len(s.Outputs) > 0:
		return fmt.Sprintf("its state holds outputs (%d)", len(s.Outputs))
	}
	return ""
}

// LocalStates lists the state files below a folder that hold resources.
func LocalStates(dir string) ([]string, error) {
	states, err := localStates(dir)
	if err != nil {
		return nil, err
	}
	var paths []string
	for path, s := range states {
		if s.Resources > 0 {
			paths = append(paths, path)
		}
	}
	return paths, nil
}

// localStates reads the state files below a folder. Those in .terraform only
// say which backend is used.
func localStates(dir string) (map[string]*remote.State, error) {
	states := map[string]*remote.State{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		case d.IsDir() && d.Name() == ".terraform":
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(d.Name(), ".tfstate"):
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		state, err := remote.ParseState(text)
		switch {
		case errors.Is(err, remote.ErrNoState):
		case err != nil:
			states[path] = &remote.State{Resources: 1} // it cannot be read, so it must be taken for one
		default:
			states[path] = state
		}
		return nil
	})
	return states, err
}
