package configstack

import (
	"context"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/source"
)

// Reading is what a unit reads besides its own file.
type Reading struct {
	Files   []string    // included, or read by a function; absolute, sorted
	Modules []ModuleDir // local folders whose files belong to the unit's module

	reader *Reader
}

// ModuleDir is the folder of a local module.
type ModuleDir struct {
	Dir  string // absolute
	From string // folder of the module that calls it; empty for the unit's source
}

// Sources lists the files read, absolute and sorted: of modules those that the
// wrapped binary or configuration is written in.
func (r *Reading) Sources() []string {
	all := slices.Clone(r.Files)
	for _, m := range r.Modules {
		for _, f := range r.reader.files(m.Dir) {
			if isSourceFile(f) {
				all = append(all, f)
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func isSourceFile(path string) bool {
	return slices.ContainsFunc([]string{".tf", ".tofu", ".tf.json", ".tofu.json", ".hcl"},
		func(suffix string) bool { return strings.HasSuffix(path, suffix) })
}

// matches says whether any file that is read, of whatever kind, satisfies f.
func (r *Reading) matches(f func(file string) bool) bool {
	return slices.ContainsFunc(r.Files, f) ||
		slices.ContainsFunc(r.Modules, func(m ModuleDir) bool { return slices.ContainsFunc(r.reader.files(m.Dir), f) })
}

// role says what a path is to the unit, even one that is there no longer. A
// directory stands for what it holds, as that of a submodule does. For a file
// of a module the folders that lead there are returned as well.
func (r *Reading) role(path string) (Role, []string, bool) {
	for _, f := range r.Files {
		if within(f, path) {
			return RoleRead, nil, true
		}
	}
	// The innermost folder is the one the file belongs to.
	best := -1
	for i, m := range r.Modules {
		inside := within(path, m.Dir) && r.reader.belongs(m.Dir, path) || within(m.Dir, path)
		if inside && (best < 0 || len(m.Dir) > len(r.Modules[best].Dir)) {
			best = i
		}
	}
	if best < 0 {
		return "", nil, false
	}
	return RoleModule, r.way(r.Modules[best]), true
}

// way returns the folders from the unit's source to a module.
func (r *Reading) way(m ModuleDir) []string {
	way := []string{m.Dir}
	for m.From != "" {
		i := slices.IndexFunc(r.Modules, func(o ModuleDir) bool { return o.Dir == m.From })
		if i < 0 {
			break // the unit's own folder, which is no module of its own
		}
		m = r.Modules[i]
		way = append(way, m.Dir)
	}
	slices.Reverse(way)
	return way
}

// Reader finds out what units read.
//
// Its caches hold for each module folder the modules it calls and the files in
// it; they live as long as one evaluation, which takes the disk to be still.
type Reader struct {
	names names
	skips skips // hidden folders included
	// noHidden: discovery leaves hidden folders out as well
	noHidden bool
	calls    sync.Map // folder -> func() []string, local folders called from it
	lists    sync.Map // folder -> func() []string, files below it
}

// NewReader makes a Reader for units that were discovered with the options.
func NewReader(o DiscoverOptions) *Reader {
	noHidden := o.NoHidden
	o.NoHidden = true
	return &Reader{names: newNames(o.ConfigNames), skips: newSkips(o), noHidden: noHidden}
}

// Read returns what a unit reads: what its evaluation has read, the folder of
// a local source, and the local modules that the module calls. With an error
// the answer holds what was found until then.
func (r *Reader) Read(ctx context.Context, u *Unit) (*Reading, error) {
	files, err := u.Unit.Reads(ctx)
	out := &Reading{Files: files, reader: r}
	dir := u.Unit.Dir()
	if u.Outline.Source == "" {
		out.Modules = r.closure(r.called(dir), dir)
		return out, err
	}
	if local, ok := localDir(u.Outline.Source, dir); ok {
		out.Modules = r.closure([]string{local}, "")
	}
	return out, err
}

// localDir is the folder of this machine that a source names.
func localDir(raw, base string) (string, bool) {
	a, err := source.Parse(raw, base)
	if err != nil {
		return "", false // fetching the unit's source reports it
	}
	root, ok := a.LocalPath()
	return filepath.Join(root, filepath.FromSlash(a.Subdir())), ok
}

// closure returns the given folders and all that their modules call.
func (r *Reader) closure(dirs []string, from string) (list []ModuleDir) {
	seen := map[string]bool{from: true}
	add := func(dirs []string, from string) {
		for _, d := range dirs {
			if !seen[d] {
				seen[d] = true
				list = append(list, ModuleDir{d, from})
			}
		}
	}
	add(dirs, from)
	for i := 0; i < len(list); i++ {
		add(r.called(list[i].Dir), list[i].Dir)
	}
	return list
}

// called returns the local folders that the modules in dir call.
func (r *Reader) called(dir string) []string {
	return once(&r.calls, dir, func() (list []string) {
		for _, raw := range config.ModuleCalls(dir) {
			if !strings.HasPrefix(raw, "./") && !strings.HasPrefix(raw, "../") && !filepath.IsAbs(raw) {
				continue // an address of a registry looks like a relative path
			}
			if local, ok := localDir(raw, dir); ok {
				list = append(list, local)
			}
		}
		return list
	})
}

// files lists the files of a module folder and of those below it. Hidden
// folders and those of units do not belong to a module.
func (r *Reader) files(dir string) []string {
	return once(&r.lists, dir, func() (list []string) {
		// What cannot be read is reported when the module is brought.
		_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return fs.SkipDir
			case d.IsDir() && path != dir && r.outside(path):
				return fs.SkipDir
			case !d.IsDir():
				list = append(list, path)
			}
			return nil
		})
		return list
	})
}

// belongs says whether a path below a module folder belongs to the module.
func (r *Reader) belongs(dir, path string) bool {
	for path = filepath.Dir(path); path != dir && within(path, dir); path = filepath.Dir(path) {
		if r.outside(path) {
			return false
		}
	}
	return true
}

// outside says that a folder below a module folder is not part of the module.
func (r *Reader) outside(dir string) bool {
	if r.skips.skip(dir, filepath.Base(dir)) {
		return true
	}
	_, ok, err := r.names.locate(dir)
	return ok || err != nil
}

// skipped says whether a walk from root would not come to dir.
func (r *Reader) skipped(dir, root string) bool {
	s := r.skips
	s.hidden = r.noHidden
	for ; dir != root && within(dir, root); dir = filepath.Dir(dir) {
		if s.skip(dir, filepath.Base(dir)) {
			return true
		}
	}
	return false
}

func once(cache *sync.Map, key string, f func() []string) []string {
	v, ok := cache.Load(key)
	if !ok {
		v, _ = cache.LoadOrStore(key, sync.OnceValue(f))
	}
	return v.(func() []string)()
}
