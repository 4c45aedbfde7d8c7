package configstack

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// Orphan is a component that was generated once and is declared no longer.
type Orphan struct {
	Name    string // "" where another tool has generated it
	Dir     string // absolute
	Stack   string // folder of the stack file that declared it
	IsStack bool
	Marked  bool // it was left in place before

	files []string // what was generated
	known bool     // files is all that was
}

// orphans lists what earlier generations have left, of stacks that were
// generated now or are there no longer. Deepest first.
func (g *generation) orphans() []*Orphan {
	var list []*Orphan
	gone := map[string]bool{}
	for dir, m := range g.before {
		if g.wanted[dir] != nil || m.owner == "" || m.foreign && g.insideWanted(dir) {
			continue
		}
		if g.done[m.owner] || !isStackDir(m.owner) {
			gone[dir] = true
		}
	}
	for dir, m := range g.before {
		if !gone[dir] && !(g.wanted[dir] == nil && g.before[m.owner] != nil && g.goneAbove(m.owner, gone)) {
			continue
		}
		if m.foreign && g.before[filepath.Dir(dir)] != nil && g.before[filepath.Dir(dir)].foreign {
			continue // a folder of the component above
		}
		list = append(list, &Orphan{
			Name: m.name, Dir: dir, Stack: m.owner, IsStack: m.isStack || m.foreign && isStackDir(dir),
			Marked: exists(filepath.Join(dir, removedFile)), files: m.files, known: !m.foreign,
		})
	}
	innermostFirst(list)
	return list
}

func (g *generation) insideWanted(dir string) bool {
	for at := dir; within(at, g.root) && filepath.Base(at) != generatedDir && at != filepath.Dir(at); at = filepath.Dir(at) {
		if g.wanted[at] != nil {
			return true
		}
	}
	return false
}

// goneAbove says that a stack, or one that it was generated from, is gone.
func (g *generation) goneAbove(dir string, gone map[string]bool) bool {
	for m := g.before[dir]; m != nil; m = g.before[dir] {
		if gone[dir] {
			return true
		}
		if m.owner == dir {
			return false
		}
		dir = m.owner
	}
	return gone[dir]
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// Unit says whether there is a unit's configuration to destroy it with.
func (o *Orphan) Unit() bool {
	return !o.IsStack && (exists(filepath.Join(o.Dir, UnitFile)) || exists(filepath.Join(o.Dir, UnitFileJSON)))
}

// Mark leaves the component where it is, but out of discovery.
func (o *Orphan) Mark() error {
	if o.Marked {
		return nil
	}
	text := "The stack declares this no longer. It is kept because it may still manage something; runs of many units pass it by.\n"
	err := os.WriteFile(filepath.Join(o.Dir, removedFile), []byte(text), 0o644)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // another run has removed the whole folder
	}
	return err
}

// Remove removes what was generated, and what runs have left behind if nothing
// else is there. It returns the files that are not of either kind, which stay.
func (o *Orphan) Remove() ([]string, error) {
	if !o.known {
		if err := o.Mark(); err != nil {
			return nil, err
		}
		return []string{o.Dir}, nil
	}
	var errs []error
	for _, name := range append(slices.Clone(o.files), manifestFile, removedFile) {
		if isState(name) {
			continue
		}
		if err := os.Remove(filepath.Join(o.Dir, filepath.FromSlash(name))); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	left, err := foreignFiles(o.Dir)
	if err != nil || len(left) > 0 {
		return left, err
	}
	if err := os.RemoveAll(o.Dir); err != nil {
		return nil, err
	}
	removeEmptyAbove(o.Dir, o.Stack)
	return nil, nil
}

// foreignFiles lists the files in a folder that no run leaves behind.
func foreignFiles(dir string) (left []string, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		case d.IsDir() && slices.Contains([]string{".terragrunt-cache", ".terraform"}, d.Name()):
			return fs.SkipDir
		case d.IsDir() || slices.Contains([]string{".terraform.lock.hcl", "terragrunt-debug.tfvars.json"}, d.Name()):
			return nil
		}
		left = append(left, path)
		return nil
	})
	return left, err
}

// removeEmptyAbove removes the folders between a component and the outermost
// stack around it that are empty now.
func removeEmptyAbove(dir, stack string) {
	top := stack
	for at := stack; at != filepath.Dir(at); at = filepath.Dir(at) {
		if filepath.Base(at) == generatedDir {
			top = filepath.Dir(at)
		}
	}
	for dir = filepath.Dir(dir); dir != top && within(dir, top); dir = filepath.Dir(dir) {
		if os.Remove(dir) != nil {
			return
		}
	}
}
