package configstack

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
)

func readWhole(path string) ([]byte, error) { return os.ReadFile(path) }

// sameMode compares permissions where the system has them.
func sameMode(have, want fs.FileMode) bool {
	return runtime.GOOS == "windows" || have == want
}

// write brings a component's folder up to date.
func (g *generation) write(ctx context.Context, p *planned) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	changes := 0
	note := func(changed bool, err error) error {
		if changed {
			changes++
		}
		if err != nil {
			return p.failed(err)
		}
		return nil
	}
	at := g.tx.at(g.top(p.owner), p.Dir)
	for _, f := range p.files {
		if f.kept != "" {
			continue
		}
		if err := note(at.put(f)); err != nil {
			return err
		}
	}
	if err := note(g.removeStale(at, p)); err != nil {
		return err
	}
	m, err := p.manifest()
	if err != nil {
		return p.failed(err)
	}
	text, err := m.encode(p.Dir)
	if err != nil {
		return p.failed(err)
	}
	if err := note(at.put(plannedFile{name: manifestFile, data: text, mode: 0o644})); err != nil {
		return err
	}
	g.tell(p, changes > 0)
	return nil
}

func (g *generation) tell(p *planned, changed bool) {
	text := fmt.Sprintf("Generating %s %s from %s", kindOf(p.IsStack), p.Name, filepath.Join(p.owner, StackFile))
	if changed {
		g.Log.Info(text)
		return
	}
	g.Log.Debug(text + ": nothing has changed")
}

func kindOf(isStack bool) Kind {
	if isStack {
		return KindStack
	}
	return KindUnit
}

// top is the folder of the outermost stack file around an owner that is
// generated in this run.
func (g *generation) top(owner string) string {
	top := owner
	for dir := owner; within(dir, g.root); dir = filepath.Dir(dir) {
		if g.done[dir] {
			top = dir
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	return top
}

// removeStale removes what an earlier generation wrote into the folder and
// this one does not, and the mark of a component that had been removed.
func (g *generation) removeStale(at *spot, p *planned) (bool, error) {
	gone := []string{removedFile}
	if old := g.before[p.Dir]; old != nil {
		gone = append(gone, old.files...)
	}
	for dir, m := range g.before { // another tool leaves its own in every folder
		if m.foreign && dir != p.Dir && within(dir, p.Dir) && g.wanted[dir] == nil {
			rel, err := filepath.Rel(p.Dir, dir)
			if err == nil {
				gone = append(gone, filepath.ToSlash(rel)+"/"+manifestFile)
			}
		}
	}
	changed := false
	for _, name := range gone {
		if slices.ContainsFunc(p.files, func(f plannedFile) bool { return f.name == name }) {
			continue
		}
		did, err := at.remove(name)
		if err != nil {
			return changed, err
		}
		changed = changed || did
	}
	return changed, nil
}

// spot is a folder in a transaction.
type spot struct {
	tx  *transaction
	top string
	dir string
}

// put writes a file unless it is there already.
func (s *spot) put(f plannedFile) (bool, error) {
	path := filepath.Join(s.dir, filepath.FromSlash(f.name))
	info, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil && !isNotFolder(err):
		return false, err
	case err != nil:
	case info.IsDir():
		return false, fmt.Errorf("%s is a folder, but a file of that name is to be written", path)
	case isState(f.name):
		return false, nil // newer than the one in the source
	default:
		if same, err := f.same(path, info); same || err != nil {
			return false, err
		}
	}
	text, err := f.text()
	if err != nil {
		return false, err
	}
	return true, s.tx.replace(s, path, text, f.mode)
}

// isNotFolder recognises a file in the place of a folder on the way.
func isNotFolder(err error) bool {
	var p *fs.PathError
	return errors.As(err, &p) && !errors.Is(err, fs.ErrPermission)
}

// isState knows the names of local state.
func isState(name string) bool {
	switch filepath.Base(name) {
	case "terraform.tfstate", "terraform.tfstate.backup", "errored.tfstate":
		return true
	}
	return false
}

// remove takes a file away if it is there, and the folders that it leaves
// empty.
func (s *spot) remove(name string) (bool, error) {
	path := filepath.Join(s.dir, filepath.FromSlash(name))
	info, err := os.Lstat(path)
	if err != nil || info.IsDir() || isState(name) {
		return false, nil
	}
	if err := s.tx.takeAway(s, path); err != nil {
		return false, err
	}
	for dir := filepath.Dir(path); dir != s.dir && within(dir, s.dir); dir = filepath.Dir(dir) {
		if !s.tx.removeEmpty(dir) {
			break
		}
	}
	return true, nil
}
