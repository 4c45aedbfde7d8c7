package configstack

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"github.com/terrace-iac/terrace/config"
)

// Scene is what evaluating a filter may use besides the stack.
type Scene struct {
	// Repository is where git ranges are looked up; nil if there is none.
	Repository *Repository
	// Loader and Options are for what a git range has to read besides the
	// stack.
	Loader  *config.Loader
	Options DiscoverOptions
	// Bind asks for the units of removed members as well, since the caller
	// looks into units or runs them.
	Bind bool
}

// Apply evaluates the filter. The stack must have been discovered with what
// [Filter.Needs] asks for; see [DiscoverOptions] and [Walked].
func (f *Filter) Apply(ctx context.Context, s *Stack, scene Scene) (*Filtered, error) {
	e := newEvaluation(ctx, f, s, scene)
	chosen, err := e.all(f.queries)
	if err != nil {
		return nil, err
	}
	out := &Filtered{stack: s, byDir: chosen, Problems: e.problems, causes: e.causes, steps: e.steps}
	for _, m := range chosen {
		m.Because = e.causes[m.Dir]
		out.Members = append(out.Members, m)
	}
	for _, list := range e.steps {
		slices.SortFunc(list, func(a, b Step) int { return strings.Compare(a.Dir, b.Dir) })
	}
	sortMembers(out.Members)
	slices.SortStableFunc(out.Problems, func(a, b *UnitError) int { return strings.Compare(a.Unit, b.Unit) })
	return out, ctx.Err()
}

// members is a set of components by directory.
type members map[string]*Member

func (s members) where(keep func(*Member) bool) members {
	out := members{}
	for dir, m := range s {
		if keep(m) {
			out[dir] = m
		}
	}
	return out
}

func (s members) union(o members) members {
	if len(o) == 0 {
		return s
	}
	out := make(members, len(s)+len(o))
	for _, set := range []members{s, o} {
		for dir, m := range set {
			if out[dir] == nil {
				out[dir] = m
			}
		}
	}
	return out
}

// units returns the units of the members that were read, by path.
func (s members) units() []*Unit {
	var list []*Unit
	for _, m := range s {
		if m.Unit != nil {
			list = append(list, m.Unit)
		}
	}
	sortByPath(list)
	return list
}

// scope is what an expression may choose from.
type scope struct {
	members
	open bool // graph operators and git ranges may add to it
}

// evaluation is one evaluation of a filter. Its maps live as long as it does.
type evaluation struct {
	ctx    context.Context
	filter *Filter
	stack  *Stack
	scene  Scene

	world    members            // what walking has found: where queries start from
	known    members            // the world, and what was met since
	causes   map[string][]Cause // by directory of the member
	steps    map[string][]Step  // by directory of where they lead
	negated  int                // how many negations the evaluation is in, where steps choose nothing
	reader   *Reader
	problems []*UnitError
	reported map[string]bool     // directories in problems
	backward map[string][]string // dependents by directory; nil until it is asked for
	ranges   map[gitRange]members
}

func newEvaluation(ctx context.Context, f *Filter, s *Stack, scene Scene) *evaluation {
	e := &evaluation{
		ctx: ctx, filter: f, stack: s, scene: scene,
		world: members{}, known: members{}, causes: map[string][]Cause{}, steps: map[string][]Step{},
		reader: NewReader(scene.Options), reported: map[string]bool{}, ranges: map[gitRange]members{},
	}
	for _, c := range s.Components {
		m := &Member{Component: c, Unit: s.Unit(c.Dir)}
		e.world[c.Dir], e.known[c.Dir] = m, m
	}
	return e
}

// all adds up what the queries choose, then applies those that only negate.
func (e *evaluation) all(queries []*Query) (members, error) {
	sum, selecting := members{}, false
	for _, q := range queries {
		if q.pure() {
			continue
		}
		selecting = true
		chosen, err := e.query(q, e.world)
		if err != nil {
			return nil, &FilterError{q.Text, err}
		}
		sum = sum.union(chosen)
	}
	if !selecting {
		sum = e.world
	}
	for _, q := range queries {
		if !q.pure() {
			continue
		}
		var err error
		if sum, err = e.query(q, sum); err != nil {
			return nil, &FilterError{q.Text, err}
		}
	}
	return sum, nil
}

// query evaluates the terms from left to right. The first one may reach
// beyond where it starts, the others narrow.
func (e *evaluation) query(q *Query, start members) (members, error) {
	in := scope{start, true}
	for _, t := range q.terms {
		out, err := t.eval(e, in)
		if err != nil {
			return nil, err
		}
		if !in.open {
			out = out.where(func(m *Member) bool { return in.members[m.Dir] != nil })
		}
		in = scope{out, false}
	}
	return in.members, nil
}

// member returns the component in a directory that a graph or a git range
// leads to, or nil.
func (e *evaluation) member(dir string) *Member {
	if m := e.known[dir]; m != nil {
		return m
	}
	u := e.stack.Unit(dir)
	if u == nil {
		return nil
	}
	m := &Member{
		Component: Component{Dir: dir, File: u.Path(), Kind: KindUnit},
		Unit:      u, External: !within(dir, e.stack.Root),
	}
	e.known[dir] = m
	return m
}

// problem notes, once for each directory, that a unit could not be asked.
func (e *evaluation) problem(dir string, err error) {
	if !e.reported[dir] {
		e.reported[dir] = true
		e.problems = append(e.problems, &UnitError{dir, err})
	}
}

func (e *evaluation) isPath(g glob, path string) bool {
	return g.isPath(filepath.ToSlash(path), e.filter.relative(path))
}

func baseName(dir string) string { return filepath.Base(dir) }

// readings returns what the units read. What a unit has read until a mistake
// counts, and the mistake becomes a problem.
func (e *evaluation) readings(units []*Unit) (map[*Unit]*Reading, error) {
	list := make([]*Reading, len(units))
	errs := make([]error, len(units))
	forEach(len(units), e.scene.Options.workers(), func(i int) {
		if e.ctx.Err() == nil {
			list[i], errs[i] = e.reader.Read(e.ctx, units[i])
		}
	})
	if err := e.ctx.Err(); err != nil {
		return nil, err
	}
	all := make(map[*Unit]*Reading, len(units))
	for i, u := range units {
		all[u] = list[i]
		if errs[i] != nil {
			e.problem(u.dir, errs[i])
		}
	}
	return all, nil
}
