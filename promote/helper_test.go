package promote

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/configstack"
	"github.com/terrace-iac/terrace/source"
)

// testHost is a host with an empty environment and nothing else.
type testHost struct{ config.Host }

func (testHost) Env(context.Context, string) (config.Env, error) { return config.Env{}, nil }

func (testHost) Assume(_ context.Context, _ string, env config.Env, _ config.IAM) (config.Env, error) {
	return env, nil
}

// writeTree writes files below a new directory and returns its path.
func writeTree(t testing.TB, files map[string]string) string {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func snapshot(t testing.TB, root string) *Snapshot {
	t.Helper()
	load := func(texts map[string][]byte) *config.Loader {
		return config.NewLoader(testHost{}, config.Options{Overlay: texts, Mocks: config.MockPolicy{Never: true}})
	}
	store := source.NewStore(source.Options{})
	t.Cleanup(func() { _ = store.Close() })
	r := &Repository{Root: root, Loader: load, Preview: &configstack.Previewer{Loader: load, Store: store}}
	s, err := r.Snapshot(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// at makes wants for units below root, "dir" or "dir@version".
func at(root, version string, units ...string) []Want {
	var out []Want
	for _, u := range units {
		name, own, ok := strings.Cut(u, "@")
		if !ok {
			own = version
		}
		out = append(out, Want{Dir: filepath.Join(root, filepath.FromSlash(name)), Version: own})
	}
	return out
}

// rel shows text with paths from root.
func rel(root, text string) string {
	text = strings.ReplaceAll(text, root+string(filepath.Separator), "")
	return strings.ReplaceAll(filepath.ToSlash(text), "\r", "")
}
