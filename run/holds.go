package run

import (
	"bytes"
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
		return "", ownBackend(ctx, u, place)
	}
	if len(rs.Encryption) > 0 {
		return "", unreadable("it is encrypted")
	}
	state, err := r.storedState(ctx, u, rs, place)
	if errors.Is(err, remote.ErrNoState) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return holding(state), nil
}

// ownBackend is an error for a unit whose backend is not told by remote_state:
// it was initialised with one, or its files speak of one.
func ownBackend(ctx context.Context, u *config.Unit, workDir string) error {
	if _, err := os.Stat(filepath.Join(workDir, ".terraform", "terraform.tfstate")); err == nil {
		return unreadable("the module chooses the backend itself")
	}
	o, err := u.Outline(ctx)
	if err != nil {
		return err
	}
	files := append(moduleFiles(u.Dir()), u.Path()) // a generate block may hold one
	for _, in := range o.Includes {
		files = append(files, in.Path)
	}
	for _, path := range files {
		if text, err := os.ReadFile(path); err == nil && speaksOfBackend(text) {
			return unreadable("the backend is not configured by remote_state, but in " + path)
		}
	}
	return nil
}

// speaksOfBackend finds the beginning of a backend or cloud block, also in a
// text that is to be generated.
func speaksOfBackend(text []byte) bool {
	for line := range bytes.Lines(text) {
		line = bytes.TrimSpace(line)
		if bytes.Contains(line, []byte(`backend "`)) || bytes.Contains(line, []byte(`backend \"`)) || bytes.HasPrefix(line, []byte("cloud {")) {
			return !bytes.Contains(line, []byte(`"local"`)) && !bytes.HasPrefix(line, []byte("#"))
		}
	}
	return false
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
