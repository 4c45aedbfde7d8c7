package configstack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
)

// DiscoverOptions says where to look. The zero value looks everywhere but in
// .git, .terraform and .terragrunt-cache, and follows no links.
type DiscoverOptions struct {
	// ConfigNames are file names that make a directory a unit besides
	// terragrunt.hcl and terragrunt.hcl.json. They win over these.
	ConfigNames []string
	// SkipDirs are further directories not to enter: a base name, an absolute
	// path, or a relative path of several elements, which a path may end with.
	SkipDirs       []string
	DownloadDir    string // absolute; not entered
	NoHidden       bool   // do not enter directories whose name starts with a dot
	FollowSymlinks bool   // enter linked directories
	// FollowExternal also binds the dependencies that lie outside the root,
	// and theirs in turn; see [Stack.External].
	FollowExternal bool
	// Around is an absolute directory that holds the root. The units in it are
	// bound as external ones too, so that dependents of the root's units are
	// known. Their mistakes are no problem of the stack.
	Around      string
	Parallelism int // directories or units looked at at once; 0 picks a number
}

func (o DiscoverOptions) workers() int {
	if o.Parallelism > 0 {
		return o.Parallelism
	}
	return max(4, 2*runtime.GOMAXPROCS(0))
}

// Walk finds the components at and below root, sorted by path. It opens
// directories only, never a file. With an error it still returns what it has
// found; the error names every unreadable directory and every directory with
// conflicting files, sorted by path.
func Walk(ctx context.Context, root string, o DiscoverOptions) ([]Component, error) {
	w, err := walk(ctx, root, o)
	if w == nil {
		return nil, err
	}
	return w.found, err
}

// walk is Walk, which also tells what was generated from stack files.
func walk(ctx context.Context, root string, o DiscoverOptions) (*walker, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, fmt.Errorf("discovery: %w", err)
	}
	w := &walker{

		root:  root,
		names: newNames(o.ConfigNames), skips: newSkips(o), follow: o.FollowSymlinks,
		slots: make(chan struct{}, o.workers()-1),
	}
	at := place{path: root}
	if w.follow {
		if at.real, err = filepath.EvalSymlinks(root); err != nil {
			return nil, fmt.Errorf("discovery: %w", err)
		}
	}
	w.dir(ctx, at)
	w.running.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	slices.SortFunc(w.found, func(a, b Component) int { return cmp.Compare(a.Dir, b.Dir) })
	return w, joinLocated(w.failed)
}

// walker is one walk. The walking goroutine hands a directory to another one
// whenever a slot is free, and otherwise enters it itself, so that no queue
// of directories has to be kept.
type walker struct {
	root    string
	names   names
	skips   skips
	follow  bool
	slots   chan struct{}
	running sync.WaitGroup

	mu    sync.Mutex // guards what follows
	found []Component
	// generated are the folders that a stack file has brought, by path.
	generated []string
	stackDirs []string // folders named .terragrunt-stack
	failed    []located
}

// place is a directory under the name by which the walk came to it.
type place struct {
	path string
	// real and jumps serve loop detection and are set only when links are
	// followed: the path without links, and the real directories whose links
	// the walk has followed to come here.
	real  string
	jumps []string
}

// dir looks at one directory and enters those in it.
func (w *walker) dir(ctx context.Context, at place) {
	if ctx.Err() != nil {
		return
	}
	entries, err := readDir(at.path)
	if err != nil {
		// A directory may vanish under the walk, such as a cache being
		// cleaned. The root may not.
		if at.path == w.root || !errors.Is(err, fs.ErrNotExist) {
			w.fail(at.path, fmt.Errorf("discovery: %w", err))
		}
		return
	}
	var present []string
	removed := false
	for _, e := range entries {
		switch name := e.Name(); {
		case e.IsDir():
			w.enter(ctx, at.child(name), name)
		case e.Type()&fs.ModeSymlink != 0:
			if w.link(ctx, at, name) && w.names.match(name) {
				present = append(present, name)
			}
		case w.names.match(name):
			present = append(present, name)
		case name == manifestFile:
			w.noteGenerated(at.path)
		case name == removedFile:
			removed = true
		}
	}
	if !removed {
		w.note(at.path, present)
	}
}

// readDir is os.ReadDir without its sorting.
func readDir(path string) ([]fs.DirEntry, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.ReadDir(-1)
}

func (w *walker) noteGenerated(dir string) {
	w.mu.Lock()
	w.generated = append(w.generated, dir)
	w.mu.Unlock()
}

func (w *walker) note(dir string, present []string) {
	c, ok, err := w.names.classify(dir, present)
	if err != nil {
		w.fail(dir, err)
	}
	if ok {
		w.mu.Lock()
		w.found = append(w.found, c)
		w.mu.Unlock()
	}
}

func (w *walker) fail(dir string, err error) {
	w.mu.Lock()
	w.failed = append(w.failed, located{dir, err})
	w.mu.Unlock()
}

func (w *walker) enter(ctx context.Context, at place, base string) {
	if w.skips.skip(at.path, base) {
		return
	}
	if base == generatedDir {
		w.mu.Lock()
		w.stackDirs = append(w.stackDirs, at.path)
		w.mu.Unlock()
	}
	select {
	case w.slots <- struct{}{}:
		w.running.Go(func() {
			defer func() { <-w.slots }()
			w.dir(ctx, at)
		})
	default:
		w.dir(ctx, at)
	}
}

// link enters a linked directory if links are followed. It returns true if
// the link is to be treated as a file, which a broken one is too: whoever
// reads it then says what is wrong.
func (w *walker) link(ctx context.Context, at place, name string) bool {
	if !w.follow && !w.names.match(name) {
		return false
	}
	info, err := os.Stat(filepath.Join(at.path, name))
	if err != nil || !info.IsDir() {
		return true
	}
	if next, ok := at.jump(name); w.follow && ok {
		w.enter(ctx, next, name)
	}
	return false
}

func (p place) child(name string) place {
	c := place{path: filepath.Join(p.path, name), jumps: p.jumps}
	if p.real != "" {
		c.real = filepath.Join(p.real, name)
	}
	return c
}

// jump follows the link name. It refuses a target that holds a directory from
// which this walk has jumped: the walk would meet the same link again. Since
// the next jump starts inside the target, no target is entered twice on one
// way, and the walk ends.
func (p place) jump(name string) (place, bool) {
	if p.real == "" {
		return place{}, false
	}
	path := filepath.Join(p.path, name)
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		return place{}, false
	}
	jumps := append(slices.Clip(p.jumps), p.real)
	loops := slices.ContainsFunc(jumps, func(from string) bool { return within(from, target) })
	return place{path: path, real: target, jumps: jumps}, !loops
}
