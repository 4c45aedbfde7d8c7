package remote

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// local keeps states in files.
type local struct{}

func (local) InitArgs(s Settings) (map[string]any, error) {
	return forwarded(s.Config, none, none), nil
}

func (local) State(ctx context.Context, s Settings) (*State, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	path, err := localPath(s)
	if err != nil {
		return nil, err
	}
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", path, ErrNoState)
	}
	if err != nil {
		return nil, &UnreadableError{Where: path, Reason: "cannot be read", Err: withoutPath(err)}
	}
	state, err := ParseState(b)
	if err != nil {
		return nil, located(path, err)
	}
	return state, nil
}

// List gives the state of the default workspace and those of the others, as far
// as there are files.
func (local) List(ctx context.Context, s Settings) ([]Location, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	dir, err := localSetting(s, "workspace_dir", "terraform.tfstate.d")
	if err != nil {
		return nil, err
	}
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(s.WorkDir, dir)
	}
	names := []string{""}
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	var found []Location
	for _, s.Workspace = range names {
		path, err := localPath(s)
		if err != nil {
			return nil, err
		}
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			found = append(found, Location{Key: path, Workspace: s.Workspace, Modified: info.ModTime()})
		}
	}
	return found, nil
}

// Delete takes the state away and leaves its text beside it, in a file that
// ends in .deleted-TIME.backup. A state that a process holds is left alone.
func (local) Delete(ctx context.Context, s Settings, approve Approve) ([]Change, error) {
	path, err := localPath(s)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	} else if err != nil {
		return nil, err
	}
	backup := path + ".deleted-" + time.Now().UTC().Format("20060102T150405.000000000Z") + ".backup"
	change := Change{Action: "delete", Object: "state " + path, Detail: "kept as " + backup}
	if err := approved(approve, change); err != nil {
		return nil, err
	}
	holder, err := LockOf(ctx, Settings{Backend: "local", Config: s.Config, WorkDir: s.WorkDir, Workspace: s.Workspace})
	if err != nil {
		return nil, err
	}
	if holder != nil {
		return nil, heldLock(path, holder)
	}
	if err := os.Rename(path, backup); err != nil {
		return nil, err
	}
	return []Change{change}, nil
}

// localPath finds the file as the binary does: the path setting is for the
// default workspace only, the others have a folder each.
func localPath(s Settings) (string, error) {
	const name = "terraform.tfstate"
	path, err := localSetting(s, "path", name)
	if err != nil {
		return "", err
	}
	if s.Workspace != "" && s.Workspace != "default" {
		dir, err := localSetting(s, "workspace_dir", "terraform.tfstate.d")
		if err != nil {
			return "", err
		}
		path = filepath.Join(dir, s.Workspace, name)
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(s.WorkDir, path)
	}
	return filepath.Clean(path), nil
}

func localSetting(s Settings, key, preset string) (string, error) {
	switch v := s.Config[key].(type) {
	case nil:
		return preset, nil
	case string:
		if v == "" {
			return preset, nil
		}
		return v, nil
	}
	return "", fmt.Errorf("local backend: %s must be a string", key)
}

// withoutPath drops the operation and path that package os puts in front of
// an error: who wraps it names the path.
func withoutPath(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
