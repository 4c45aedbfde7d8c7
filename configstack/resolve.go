package configstack

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
)

// resolveAll turns what the units declare into directories to wait for.
func (d *discovery) resolveAll(ctx context.Context) {
	r := &resolver{discovery: d, ctx: ctx, sorted: d.units()}
	for _, u := range r.sorted {
		for _, dep := range u.Outline.Dependencies {
			targets, err := r.targets(d.located.dir(dep))
			if err != nil {
				d.problem(u.dir, err)
			}
			for _, t := range targets {
				if !slices.Contains(u.deps, t) {
					u.deps = append(u.deps, t)
				}
			}
		}
	}
}

type resolver struct {
	*discovery
	ctx    context.Context   // of the one call that resolves
	sorted []*Unit           // by path
	real   map[string]string // real directory of a unit -> its directory; built when first needed
}

// targets returns the directories that a dependency on dir stands for.
func (r *resolver) targets(dir string) ([]string, error) {
	if r.stack.index[dir] != nil {
		return []string{dir}, nil
	}
	c, ok, err := r.located.at(dir)
	switch {
	case err != nil:
		return nil, err
	case !ok:
		return nil, &MissingDependencyError{Dir: dir, Exists: isDir(dir)}
	case c.Kind == KindStack:
		return r.unitsOf(dir), nil
	}
	return []string{r.throughLinks(dir)}, nil
}

// unitsOf returns the units generated from the stack file in dir, nested
// stacks included. A stack without units stands for itself, so that the edge
// stays visible.
func (r *resolver) unitsOf(dir string) []string {
	dirs := r.unitsBelow(filepath.Join(dir, generatedDir))
	r.addBeside(dir, &dirs, map[string]bool{})
	if len(dirs) == 0 {
		return []string{dir}
	}
	slices.Sort(dirs)
	return slices.Compact(dirs)
}

func (r *resolver) unitsBelow(dir string) (dirs []string) {
	prefix := dir + string(filepath.Separator)
	first := sort.Search(len(r.sorted), func(i int) bool { return r.sorted[i].dir >= prefix })
	for _, u := range r.sorted[first:] {
		if !strings.HasPrefix(u.dir, prefix) {
			break
		}
		dirs = append(dirs, u.dir)
	}
	return dirs
}

// addBeside adds the units that a stack file places outside of its own folder
// of generated ones, which only the file tells. A mistake in it is reported by
// those who generate or validate it.
func (r *resolver) addBeside(dir string, dirs *[]string, seen map[string]bool) {
	if seen[dir] {
		return
	}
	seen[dir] = true
	members, _ := r.members(r.ctx, filepath.Join(dir, StackFile))
	for _, m := range members {
		switch {
		case m.IsStack && isStackDir(m.Dir):
			if m.Beside {
				*dirs = append(*dirs, r.unitsBelow(filepath.Join(m.Dir, generatedDir))...)
			}
			r.addBeside(m.Dir, dirs, seen)
		case r.stack.index[m.Dir] != nil:
			*dirs = append(*dirs, m.Dir)
		}
	}
}

// throughLinks returns the directory of the unit that a path with symbolic
// links in it leads to, or the path itself if it is not in the stack. Without
// this, a unit that names its dependency by a link would not wait for it.
func (r *resolver) throughLinks(dir string) string {
	target, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return dir
	}
	if r.real == nil {
		r.real = make(map[string]string, len(r.sorted))
		for _, u := range slices.Backward(r.sorted) { // the first path of a directory wins
			if p, err := filepath.EvalSymlinks(u.dir); err == nil {
				r.real[p] = u.dir
			}
		}
	}
	if known, ok := r.real[target]; ok {
		return known
	}
	return r.otherCase(target, dir)
}

// otherCase finds the unit whose directory is spelled like target but for the
// case of letters, where the file system takes the two for one.
func (r *resolver) otherCase(target, dir string) string {
	info, err := os.Stat(target)
	if err != nil {
		return dir
	}
	for p, known := range r.real {
		if !strings.EqualFold(p, target) {
			continue
		}
		if other, err := os.Stat(p); err == nil && os.SameFile(info, other) {
			return known
		}
	}
	return dir
}

// locator answers what lies in a directory that a unit refers to.
//
// Its cache holds one answer for each directory; it lives as long as one
// discovery, which takes the disk to be still.
type locator struct {
	names names
	cache map[string]location
}

type location struct {
	component Component
	ok        bool
	err       error
}

func newLocator(o DiscoverOptions, walked []Component) *locator {
	l := &locator{names: newNames(o.ConfigNames), cache: make(map[string]location, len(walked))}
	l.add(walked)
	return l
}

func (l *locator) add(walked []Component) {
	for _, c := range walked {
		l.cache[c.Dir] = location{component: c, ok: true}
	}
}

// dir returns the directory that a reference means, which may name the
// configuration file in it.
func (l *locator) dir(ref string) string {
	ref = filepath.Clean(ref)
	if l.names.match(filepath.Base(ref)) && !isDir(ref) {
		return filepath.Dir(ref)
	}
	return ref
}

func (l *locator) at(dir string) (Component, bool, error) {
	loc, cached := l.cache[dir]
	if !cached {
		loc.component, loc.ok, loc.err = l.names.locate(dir)
		l.cache[dir] = loc
	}
	return loc.component, loc.ok, loc.err
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}
