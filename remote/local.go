package remote

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
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
