package configstack

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/source"
)

// GenerateOptions say how stacks are generated.
type GenerateOptions struct {
	Discover   DiscoverOptions
	Filter     *Filter // from [Filter.Stacks]; nil generates every stack
	Scene      Scene   // for the filter
	SourceMap  map[string]string
	Env        []string // of the programs that fetch
	NoValidate bool     // what a source lacks is a warning
	NoCatalog  bool     // --no-cas: sources relative to a catalog are an error
	Update     bool     // fetch sources even if they have not changed
	LockDir    string   // of the locks that keep runs in one tree apart; "" takes none
	Log        *slog.Logger
}

// Generated is what [Generate] has done.
type Generated struct {
	Stacks     int      // stack files that were evaluated
	Components int      // units and stacks that they declare
	Changed    []string // folders in which something was written or removed; sorted
	LeftOut    []string // nested stacks that the filter has left ungenerated; sorted
	// Orphans were generated once and are declared no longer: deepest first.
	// They are left as they were; see [Orphan.Remove].
	Orphans []*Orphan
}

// Generate writes what the stack files at and below root declare, nested ones
// included, and removes what it wrote earlier and would not write now. What is
// there already is not written again. After an error everything is as before.
func Generate(ctx context.Context, l *config.Loader, store *source.Store, root string, o GenerateOptions) (*Generated, error) {
	root, err := filepath.Abs(root)
	if err != nil {
		return nil, err
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	w, release, err := walkAlone(ctx, root, o)
	if err != nil {
		return nil, err
	}
	defer release()
	g := &generation{
		GenerateOptions: o, root: root, loader: l, store: store, tx: newTransaction(o.LockDir != ""),
		stacks: map[string]*lineage{}, done: map[string]bool{}, wanted: map[string]*planned{}, before: readManifests(w.generated),
	}
	g.known = slices.DeleteFunc(w.found, func(c Component) bool { return c.Kind != KindStack })
	err = g.levels(ctx)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		err = errors.Join(err, g.tx.rollBack())
		l.Forget(g.tx.changed()...)
		return nil, err
	}
	g.tx.commit(o.Log)
	for dir := range g.done { // also where nothing had to be changed
		g.tx.removeOldTemps(dir)
	}
	l.Forget(g.tx.changed()...)
	return &Generated{Stacks: len(g.done), Components: len(g.wanted), Changed: g.tx.changed(), LeftOut: g.leftOut(), Orphans: g.orphans()}, nil
}

func (g *generation) leftOut() (dirs []string) {
	for dir := range g.stacks {
		if !g.done[dir] {
			dirs = append(dirs, dir)
		}
	}
	slices.Sort(dirs)
	return dirs
}

// generation is one call of Generate.
type generation struct {
	GenerateOptions
	root   string
	loader *config.Loader
	store  *source.Store
	tx     *transaction

	known  []Component          // stack files: those found on disk, then those that generation brings
	stacks map[string]*lineage  // by folder, of those that generation brings
	done   map[string]bool      // folders of the stack files that were evaluated
	wanted map[string]*planned  // by folder
	before map[string]*manifest // by folder: what earlier generations have left
}

// maxLevels ends what grows without ever being the same.
const maxLevels = 100

// levels generates the stacks, those that lie in others after these.
func (g *generation) levels(ctx context.Context) error {
	for range maxLevels {
		next, err := g.next(ctx)
		if err != nil || len(next) == 0 {
			return err
		}
		if err := g.level(ctx, next); err != nil {
			return err
		}
	}
	return fmt.Errorf("stacks are nested more than %d deep", maxLevels)
}

// next returns the stack files that can be generated now: those that no other
// one that is still to come lies around.
func (g *generation) next(ctx context.Context) ([]Component, error) {
	chosen, err := g.choose(ctx)
	if err != nil {
		return nil, err
	}
	var open []Component
	for _, c := range chosen {
		if !g.done[c.Dir] && !g.stale(c.Dir) && isStackDir(c.Dir) {
			open = append(open, c)
		}
	}
	var next []Component
	for _, c := range open {
		around := func(o Component) bool { return o.Dir != c.Dir && within(c.Dir, o.Dir) }
		if !slices.ContainsFunc(open, around) {
			next = append(next, c)
		}
	}
	return next, nil
}

// choose applies the filter to the stacks that are known by now.
func (g *generation) choose(ctx context.Context) ([]Component, error) {
	if g.Filter == nil {
		return g.known, nil
	}
	stack := Walked(g.root, g.known)
	if g.Filter.Needs().Outlines {
		o := g.Discover
		o.FollowExternal = g.Filter.Needs().External
		var err error
		if stack, err = Discover(ctx, g.loader, g.root, o); err != nil {
			return nil, err
		}
	}
	filtered, err := g.Filter.Apply(ctx, stack, g.Scene)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(g.known), func(c Component) bool { return !filtered.Has(c.Dir) }), nil
}

// stale says that a stack file on disk was left by an earlier generation and
// would not be written now.
func (g *generation) stale(dir string) bool {
	for at := dir; within(at, g.root); at = filepath.Dir(at) {
		if g.wanted[at] != nil {
			return false
		}
		if m := g.before[at]; m != nil && (g.done[m.owner] || !isStackDir(m.owner)) {
			return true
		}
		if at == filepath.Dir(at) {
			break
		}
	}
	return false
}

// level evaluates some stack files, brings their sources, checks all of it,
// and only then writes.
func (g *generation) level(ctx context.Context, stacks []Component) error {
	plans := make([][]*planned, len(stacks))
	errs := make([]error, len(stacks))
	forEach(len(stacks), g.Discover.workers(), func(i int) {
		plans[i], errs[i] = g.evaluate(ctx, stacks[i])
	})
	if err := errors.Join(errs...); err != nil {
		return err
	}
	all := slices.Concat(plans...)
	if err := g.each(all, func(p *planned) error { return g.bring(ctx, p) }); err != nil {
		return err
	}
	if err := g.adopt(stacks, all); err != nil {
		return err
	}
	if err := g.each(all, func(p *planned) error { return g.write(ctx, p) }); err != nil {
		return err
	}
	g.loader.Forget(g.tx.changed()...)
	return nil
}

func (g *generation) each(list []*planned, f func(*planned) error) error {
	errs := make([]error, len(list))
	forEach(len(list), g.Discover.workers(), func(i int) { errs[i] = f(list[i]) })
	return errors.Join(errs...)
}

// evaluate gives what a stack file declares.
func (g *generation) evaluate(ctx context.Context, c Component) ([]*planned, error) {
	file, err := g.loader.Stack(ctx, c.File)
	if err != nil {
		return nil, err
	}
	line := g.lineage(c.Dir)
	list := make([]*planned, len(file.Components))
	for i, comp := range file.Components {
		list[i] = &planned{StackComponent: comp, owner: c.Dir, line: line}
	}
	return list, nil
}

// adopt notes what will be there, and the stack files among it.
func (g *generation) adopt(stacks []Component, all []*planned) error {
	for _, c := range stacks {
		g.done[c.Dir] = true
	}
	for _, p := range all {
		if other := g.wanted[p.Dir]; other != nil {
			return &ComponentError{p.Name, p.owner, fmt.Errorf("%s of %s is generated in %s too", other.StackMember, other.owner, p.Dir)}
		}
		g.wanted[p.Dir] = p
	}
	if err := g.checkFiles(all); err != nil {
		return err
	}
	for _, p := range all {
		for _, f := range p.files {
			if f.name == StackFile || strings.HasSuffix(f.name, "/"+StackFile) {
				g.addStack(p, filepath.Dir(filepath.Join(p.Dir, filepath.FromSlash(f.name))))
			}
		}
	}
	return nil
}

// addStack notes a stack file that generation brings.
func (g *generation) addStack(p *planned, dir string) {
	g.stacks[dir] = p.descend(dir)
	if !slices.ContainsFunc(g.known, func(c Component) bool { return c.Dir == dir }) {
		g.known = append(g.known, Component{Dir: dir, File: filepath.Join(dir, StackFile), Kind: KindStack})
	}
}

// checkFiles refuses two components that write the same file, which is
// possible where one lies in the other.
func (g *generation) checkFiles(all []*planned) error {
	for _, p := range all {
		for _, inner := range all {
			if p == inner || !within(inner.Dir, p.Dir) {
				continue
			}
			for _, f := range p.files {
				if path := filepath.Join(p.Dir, filepath.FromSlash(f.name)); within(path, inner.Dir) && inner.has(path) {
					return &ComponentError{p.Name, p.owner, fmt.Errorf("%s and %s both write %s", p.StackMember, inner.StackMember, path)}
				}
			}
		}
	}
	return nil
}

// ComponentError is what is wrong with a unit or stack that is generated.
type ComponentError struct {
	Name  string
	Stack string // folder of the stack file
	Err   error
}

func (e *ComponentError) Error() string {
	return fmt.Sprintf("%s: %s: %v", filepath.Join(e.Stack, StackFile), e.Name, e.Err)
}

func (e *ComponentError) Unwrap() error { return e.Err }
