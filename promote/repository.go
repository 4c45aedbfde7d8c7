package promote

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/configstack"
	"github.com/terrace-iac/terrace/live"
)

// Repository evaluates a whole live repository, with and without edits.
type Repository struct {
	Root     string // absolute; every unit below it counts
	Discover configstack.DiscoverOptions
	// Loader makes a Loader that sees texts, by absolute path, before what is
	// on disk.
	Loader  func(texts map[string][]byte) *config.Loader
	Preview *configstack.Previewer
}

// Unit is a unit as one evaluation of the repository shows it.
type Unit struct {
	Dir   string // absolute
	Pin   live.Pin
	Entry live.Pin // of the catalog entry that it is generated from; zero for a unit of its own
	Stack string   // the stack file on disk that brings it, "" for none
	Needs []string // folders of the units that it depends on
	Reads []string // the files that its evaluation has read, its own included
	Err   error    // why it could not be evaluated

	member, owner string // see configstack.PreviewUnit
}

// fingerprint is what must not change in units that nobody asked for.
func (u *Unit) fingerprint() string {
	if u == nil {
		return ""
	}
	if u.Err != nil {
		return "error " + u.Err.Error()
	}
	return strings.Join(append([]string{u.Pin.Source, u.Pin.Version, u.Entry.Source}, u.Needs...), "\x00")
}

// Snapshot is the repository evaluated. It does not change.
type Snapshot struct {
	repo     *Repository
	files    []configstack.Component // on disk: units and stacks
	units    map[string]*Unit        // by folder
	previews map[string]*preview     // by stack file
	texts    map[string][]byte       // what the stack files generate
	loader   *config.Loader
}

type preview struct {
	*configstack.Preview
	err error
}

// Snapshot evaluates the repository as it is. Units that cannot be evaluated
// are in it, with their errors.
func (r *Repository) Snapshot(ctx context.Context) (*Snapshot, error) {
	found, err := configstack.Walk(ctx, r.Root, r.Discover)
	if err != nil {
		return nil, err
	}
	s := &Snapshot{repo: r, units: map[string]*Unit{}, previews: map[string]*preview{}, texts: map[string][]byte{}}
	s.files = slices.DeleteFunc(found, func(c configstack.Component) bool {
		return strings.Contains(filepath.ToSlash(c.Dir)+"/", "/"+config.StackDirName+"/")
	})
	var stacks []string
	for _, c := range s.files {
		if c.Kind == configstack.KindStack {
			stacks = append(stacks, c.File)
		}
	}
	for file, p := range r.previews(ctx, stacks, nil) {
		s.previews[file] = p
		if p.err == nil {
			maps.Copy(s.texts, p.Texts)
		}
	}
	s.loader = r.Loader(s.texts)
	for _, u := range r.outlines(ctx, s.loader, s.seeds(s.previews)) {
		s.units[u.Dir] = u
	}
	return s, ctx.Err()
}

// seeds are all units, not evaluated yet: those on disk and those that stacks
// bring.
func (s *Snapshot) seeds(previews map[string]*preview) []*Unit {
	var out []*Unit
	made := map[string]bool{}
	for _, file := range slices.Sorted(maps.Keys(previews)) {
		for _, u := range generated(previews[file]) {
			made[u.Dir] = true
			out = append(out, u)
		}
	}
	for _, c := range s.files {
		if c.Kind == configstack.KindUnit && !made[c.Dir] {
			out = append(out, &Unit{Dir: c.Dir})
		}
	}
	return out
}

func generated(p *preview) []*Unit {
	if p.err != nil {
		return nil
	}
	out := make([]*Unit, len(p.Units))
	for i, u := range p.Units {
		out[i] = &Unit{
			Dir: u.Dir, Stack: p.File, member: u.Member, owner: u.Owner,
			Entry: pinOf(u.Source, "", filepath.Dir(u.Owner)),
		}
	}
	return out
}

func (r *Repository) previews(ctx context.Context, files []string, edits map[string][]byte) map[string]*preview {
	list := make([]*preview, len(files))
	each(len(files), func(i int) {
		p, err := r.Preview.Stack(ctx, files[i], edits)
		if err != nil {
			p = &configstack.Preview{File: files[i], Reads: []string{files[i]}}
		}
		list[i] = &preview{p, err}
	})
	out := make(map[string]*preview, len(files))
	for i, file := range files {
		out[file] = list[i]
	}
	return out
}

// outlines evaluates units, in parallel.
func (r *Repository) outlines(ctx context.Context, l *config.Loader, units []*Unit) []*Unit {
	each(len(units), func(i int) {
		if ctx.Err() == nil {
			units[i].evaluate(ctx, l)
		}
	})
	return units
}

func (u *Unit) evaluate(ctx context.Context, l *config.Loader) {
	bound, err := l.Unit(ctx, u.Dir)
	if err != nil {
		u.Err = err
		return
	}
	reads, _ := bound.Reads(ctx) // what is wrong is said by the outline
	u.Reads = append(reads, bound.Path())
	outline, err := bound.Outline(ctx)
	if err != nil {
		u.Err = err
		return
	}
	u.Pin = pinOf(outline.Source, outline.SourceVersion, u.Dir)
	u.Needs = outline.Dependencies
}

// Unit gives the unit in a folder, or nil.
func (s *Snapshot) Unit(dir string) *Unit { return s.units[dir] }

// Loader is the one that the repository was evaluated with.
func (s *Snapshot) Loader() *config.Loader { return s.loader }

// Units gives all units by path.
func (s *Snapshot) Units() []*Unit {
	out := make([]*Unit, 0, len(s.units))
	for _, dir := range slices.Sorted(maps.Keys(s.units)) {
		out = append(out, s.units[dir])
	}
	return out
}

// StackProblems are the stack files that cannot be evaluated.
func (s *Snapshot) StackProblems() []error {
	var out []error
	for _, file := range slices.Sorted(maps.Keys(s.previews)) {
		if err := s.previews[file].err; err != nil {
			out = append(out, fmt.Errorf("%s: %w", file, err))
		}
	}
	return out
}

// Files are the files on disk that a unit's evaluation depends on: for a
// generated one, those of its stack.
func (s *Snapshot) Files(u *Unit) []string {
	var out []string
	for _, f := range u.Reads {
		if _, made := s.texts[f]; !made {
			out = append(out, f)
		}
	}
	if p := s.previews[u.Stack]; p != nil {
		out = append(out, p.Reads...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// change is a unit whose evaluation an edit has changed.
type change struct {
	dir    string
	before *Unit // nil for one that was not there
	after  *Unit // nil for one that is gone
}

// with evaluates again what reads the edited files, and gives the units that
// are not as they were. Nothing else can have changed. With only, no other
// units are looked at.
func (s *Snapshot) with(ctx context.Context, edits map[string][]byte, only map[string]bool) ([]change, error) {
	var stacks []string
	for file, p := range s.previews {
		if slices.ContainsFunc(p.Reads, func(f string) bool { return edits[f] != nil }) {
			stacks = append(stacks, file)
		}
	}
	again := s.repo.previews(ctx, stacks, edits)
	texts := s.texts
	if len(stacks) > 0 {
		texts = s.textsWith(again)
	} else {
		texts = maps.Clone(texts)
	}
	maps.Copy(texts, edits)
	var todo []*Unit
	for _, p := range again {
		todo = append(todo, generated(p)...)
	}
	for _, u := range s.units {
		if again[u.Stack] == nil && slices.ContainsFunc(u.Reads, func(f string) bool { return edits[f] != nil }) {
			todo = append(todo, &Unit{Dir: u.Dir, Stack: u.Stack, Entry: u.Entry, member: u.member, owner: u.owner})
		}
	}
	if only != nil {
		todo = slices.DeleteFunc(todo, func(u *Unit) bool { return !only[u.Dir] })
	}
	after := map[string]*Unit{}
	for _, u := range s.repo.outlines(ctx, s.repo.Loader(texts), todo) {
		after[u.Dir] = u
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return s.changes(after, again, only), nil
}

// textsWith replaces what some stack files generate.
func (s *Snapshot) textsWith(again map[string]*preview) map[string][]byte {
	texts := map[string][]byte{}
	for file, p := range s.previews {
		if newer := again[file]; newer != nil {
			p = newer
		}
		if p.err == nil {
			maps.Copy(texts, p.Texts)
		}
	}
	return texts
}

func (s *Snapshot) changes(after map[string]*Unit, again map[string]*preview, only map[string]bool) []change {
	var out []change
	for dir, u := range after {
		if s.units[dir].fingerprint() != u.fingerprint() {
			out = append(out, change{dir, s.units[dir], u})
		}
	}
	for dir, u := range s.units {
		if again[u.Stack] != nil && after[dir] == nil && (only == nil || only[dir]) {
			out = append(out, change{dir, u, nil})
		}
	}
	slices.SortFunc(out, func(a, b change) int { return strings.Compare(a.dir, b.dir) })
	return out
}

// each calls f for 0 to n-1, several at once.
func each(n int, f func(int)) {
	slots := make(chan struct{}, max(2, runtime.GOMAXPROCS(0)))
	var running sync.WaitGroup
	for i := range n {
		slots <- struct{}{}
		running.Go(func() {
			defer func() { <-slots }()
			f(i)
		})
	}
	running.Wait()
}

// pinOf is what a source says. One that cannot be read is pinned to nothing:
// the plan of its unit tells why.
func pinOf(raw, constraint, dir string) live.Pin {
	p, _ := live.ParsePin(raw, constraint, dir)
	return p
}
