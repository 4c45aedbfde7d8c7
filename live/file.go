package live

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// FileName is the file that describes a live repository, at its root.
const FileName = "terrace.hcl"

// File is a terrace.hcl, or what stands for it where there is none.
type File struct {
	// Path is how the file is named to people: a path, or "origin/main:terrace.hcl"
	// for one that was read from a commit.
	Path         string
	Guessed      bool           // there is no file: the environments were made of folder names
	Environments []*Environment // in promotion order: each after those in its After
	Checks       []*Check
	Notifies     []*Notify
}

// Range is a place in a terrace.hcl. The zero value is no place.
type Range struct {
	File string
	Line int // 1-based
}

// Environment is a stage that changes pass through.
type Environment struct {
	Name      string
	Paths     []string // folders from the root, with slashes, or patterns of them
	After     []string // environments that a change must have been in before
	Branches  []string // the only ones from which it may be changed; empty: any
	Approvals int      // signatures that a bundle needs; above 0 only bundles may change it
	Range     Range    // of the block
	// BranchesAt and ApprovalsAt are where these are written.
	BranchesAt, ApprovalsAt Range
}

// Check is a command that must succeed after an environment was changed.
type Check struct {
	Name         string
	Environments []string // empty: all
	Command      []string
	Timeout      time.Duration // of one attempt
	Attempts     int           // at least 1
	Delay        time.Duration // between attempts
	Range        Range
}

// In says whether the check is about an environment.
func (c *Check) In(environment string) bool {
	return len(c.Environments) == 0 || slices.Contains(c.Environments, environment)
}

// Notify is a command that is told of events.
type Notify struct {
	Name    string
	Command []string
	Range   Range
}

// Environment finds one by its name; nil if there is none.
func (f *File) Environment(name string) *Environment {
	for _, e := range f.Environments {
		if e.Name == name {
			return e
		}
	}
	return nil
}

// Names lists the environments in promotion order.
func (f *File) Names() []string {
	names := make([]string, len(f.Environments))
	for i, e := range f.Environments {
		names[i] = e.Name
	}
	return names
}

// ChecksOf lists the checks of an environment, as written.
func (f *File) ChecksOf(environment string) []*Check {
	return slices.DeleteFunc(slices.Clone(f.Checks), func(c *Check) bool { return !c.In(environment) })
}

// Load reads the file at the root of a live repository. Without one the
// environments are guessed from the names of folders. The error is a
// *config.Error with all that is wrong in the file, or that of reading it.
func Load(root string) (*File, error) {
	path := filepath.Join(root, FileName)
	src, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return guess(root)
	}
	if err != nil {
		return nil, err
	}
	return Parse(src, path)
}

// FindRoot gives the root of the live repository around a folder: the nearest
// one that holds a terrace.hcl, up to the top of the git repository, else that
// top. An empty top is that of no repository; the folder itself is then the
// last resort.
func FindRoot(dir, top string) string {
	for at := dir; ; at = filepath.Dir(at) {
		if info, err := os.Stat(filepath.Join(at, FileName)); err == nil && !info.IsDir() {
			return at
		}
		if at == top || at == filepath.Dir(at) {
			break
		}
	}
	if top == "" {
		return dir
	}
	return top
}

// guess makes environments of the usual folder names, each kind after the one
// before it.
func guess(root string) (*File, error) {
	f := &File{Path: filepath.Join(root, FileName), Guessed: true}
	var before []string
	for _, kind := range [][]string{{"dev", "development"}, {"stage", "staging"}, {"prod", "production"}} {
		var found []string
		for _, name := range kind {
			info, err := os.Stat(filepath.Join(root, name))
			if err == nil && info.IsDir() {
				found = append(found, name)
				f.Environments = append(f.Environments, &Environment{Name: name, Paths: []string{name}, After: before})
			} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return nil, err
			}
		}
		if len(found) > 0 {
			before = found
		}
	}
	return f, nil
}
