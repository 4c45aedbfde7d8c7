package configstack

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/terrace-iac/terrace/config"
)

// testRoot is where the units of fakeStack pretend to be.
var testRoot = filepath.Join(string(filepath.Separator), "live")

// fakeStack makes a stack from lines such as "app: db vpc", the unit app that
// depends on db and vpc. A target without a line of its own is not in it.
func fakeStack(lines ...string) *Stack {
	s := &Stack{Root: testRoot, index: map[string]*Unit{}}
	for _, line := range lines {
		name, deps, _ := strings.Cut(line, ":")
		u := &Unit{Unit: &config.Unit{}, Outline: &config.Outline{}, dir: filepath.Join(testRoot, name)}
		for dep := range strings.FieldsSeq(deps) {
			u.deps = append(u.deps, filepath.Join(testRoot, dep))
		}
		s.index[u.dir] = u
		s.Units = append(s.Units, u)
	}
	sortByPath(s.Units)
	return s
}

// unit finds a unit of a fake stack by its name.
func (s *Stack) unit(name string) *Unit { return s.Unit(filepath.Join(testRoot, name)) }

// short gives the paths of units relative to testRoot, separated by spaces.
func short(units []*Unit) string {
	names := make([]string, len(units))
	for i, u := range units {
		names[i] = nameOf(u)
	}
	return strings.Join(names, " ")
}

func nameOf(u *Unit) string {
	rel, err := filepath.Rel(testRoot, u.Dir())
	if err != nil {
		panic(err)
	}
	return filepath.ToSlash(rel)
}

func mustGraph(t testing.TB, s *Stack, d Direction) *Graph {
	t.Helper()
	g, err := s.Graph(context.Background(), d)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// tree writes files below a new directory and returns its path. A name that
// ends with -> is a symbolic link to the content.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		path := filepath.Join(root, filepath.FromSlash(strings.TrimSuffix(name, "->")))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(name, "->") {
			if err := os.Symlink(filepath.FromSlash(files[name]), path); err != nil {
				t.Skip("no symbolic links here:", err)
			}
			continue
		}
		if err := os.WriteFile(path, []byte(files[name]), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// testHost is a host with an empty environment and nothing else.
type testHost struct{ config.Host }

func (testHost) Env(context.Context, string) (config.Env, error) { return config.Env{}, nil }
