package configstack

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
)

// Filter is a set of queries that together choose components. What several
// queries choose adds up; a query that only negates takes away from the sum.
type Filter struct {
	// Boundary is the absolute directory that graph operators without one of
	// their own do not leave; empty for none.
	Boundary string

	base    string // absolute directory that paths in queries start from
	queries []*Query
}

// NewFilter makes a filter whose queries were written for the directory base.
// Without queries it chooses everything. Equal queries count once.
func NewFilter(base string, queries ...*Query) *Filter {
	f := &Filter{base: base}
	for _, q := range queries {
		if !slices.ContainsFunc(f.queries, func(o *Query) bool { return o.Text == q.Text && o.pure() == q.pure() }) {
			f.queries = append(f.queries, q)
		}
	}
	return f
}

// Base is the absolute directory that paths in queries start from.
func (f *Filter) Base() string { return f.base }

// Empty says that there are no queries.
func (f *Filter) Empty() bool { return len(f.queries) == 0 }

// Needs is what has to be known to evaluate a filter. Less is faster: the
// zero value needs paths alone.
type Needs struct {
	Outlines   bool // what units declare; implied by what follows
	External   bool // dependencies outside the root
	Dependents bool // units outside the root that may depend on those in it
	Git        bool // a repository; see [Scene]
}

// Needs adds up what the queries need.
func (f *Filter) Needs() Needs {
	var n Needs
	for _, q := range f.queries {
		for _, t := range q.terms {
			t.need(&n)
		}
	}
	n.Outlines = n.Outlines || n.External || n.Dependents || n.Git
	return n
}

// Boundaries returns the directories in parentheses next to the operators for
// dependencies and for dependents, as written.
func (f *Filter) Boundaries() (dependencies, dependents []string) {
	for _, g := range f.graphs() {
		if g.after != nil && g.after.boundary != "" {
			dependencies = append(dependencies, g.after.boundary)
		}
		if g.before != nil && g.before.boundary != "" {
			dependents = append(dependents, g.before.boundary)
		}
	}
	return dependencies, dependents
}

func (f *Filter) graphs() (list []*graph) {
	for _, q := range f.queries {
		for _, t := range q.terms {
			walkExpr(t, func(e expr) {
				if g, ok := e.(*graph); ok {
					list = append(list, g)
				}
			})
		}
	}
	return list
}

// BeyondPaths returns the first query that asks for more than paths and
// names, or "".
func (f *Filter) BeyondPaths() string {
	for _, q := range f.queries {
		for _, t := range q.terms {
			plain := true
			walkExpr(t, func(e expr) {
				switch e.(type) {
				case not, pathIs, nameIs:
				default:
					plain = false
				}
			})
			if !plain {
				return q.Text
			}
		}
	}
	return ""
}

// MatchPaths returns those of the absolute paths that a filter of paths and
// names alone chooses, in their order. See [Filter.BeyondPaths].
func (f *Filter) MatchPaths(ctx context.Context, paths []string) ([]string, error) {
	s := &Stack{Root: f.base}
	for _, p := range paths {
		s.Components = append(s.Components, Component{Dir: p})
	}
	chosen, err := f.Apply(ctx, s, Scene{})
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(paths), func(p string) bool { return !chosen.Has(p) }), nil
}

// Member is a component that was chosen.
type Member struct {
	// Component is where the component lies in the work tree, or where it lay
	// if it was removed.
	Component
	// Unit is nil for a stack, for a unit that could not be read, and if no
	// query needed more than the path.
	Unit     *Unit
	External bool // found only by following dependencies out of the root
	Removed  bool // is there no longer at the end of a git range
	// Because says how the changes of a git range reach the component, if
	// that is how it was chosen. It is sorted by file.
	Because []Cause
}

// Step is a step of a graph operator.
type Step struct {
	Dir string // where it came from
	// Dependent says that it was a step to what depends on Dir, and not to what
	// Dir depends on.
	Dependent bool
}

// Cause is a chain from a changed file to a component that it concerns.
type Cause struct {
	File   string // slash-separated, from the top of the repository
	Status string // A for added, M for modified, D for removed, T for a changed type
	Role   Role
	// Through are the directories of local modules by which the file is
	// reached, from the one the unit names to the one the file is in, written
	// like File. It is empty unless the role says so.
	Through []string
}

// Role says what a changed file is to a component.
type Role string

// The roles of a changed file.
const (
	RoleConfig Role = "configuration"      // the file of the component
	RoleFolder Role = "file of the folder" // lies beside it, and is copied with it
	RoleRead   Role = "read"               // included, or read by a function
	RoleModule Role = "module"             // belongs to the module, or to a local one it calls
	RoleStack  Role = "stack"              // of the stack the component is generated from
)

// Filtered is what a filter has chosen.
type Filtered struct {
	Members []*Member // by path
	// Problems are units whose part in the answer is not known, because they
	// could not be evaluated. A run must not start with them; a listing may.
	Problems []*UnitError

	stack  *Stack
	byDir  map[string]*Member
	causes map[string][]Cause
	steps  map[string][]Step
}

// Has says whether the component in an absolute directory was chosen.
func (f *Filtered) Has(dir string) bool { return f.byDir[dir] != nil }

// Causes says how the changes of git ranges reach the component in an absolute
// directory, also if other terms of the query have taken it out again.
func (f *Filtered) Causes(dir string) []Cause { return f.causes[dir] }

// Steps are those by which graph operators have come to a directory, sorted,
// whether what is there was chosen in the end or not.
func (f *Filtered) Steps(dir string) []Step { return f.steps[dir] }

// Selection returns the chosen units that were read, to be ordered and run.
func (f *Filtered) Selection() *Selection {
	sel := &Selection{stack: f.stack}
	for _, m := range f.Members {
		if m.Unit != nil {
			sel.Kept = append(sel.Kept, m.Unit)
		}
	}
	return sel
}

// relative is the path from the filter's base to dir, with slashes. On
// Windows there may be none, and dir itself is returned.
func (f *Filter) relative(dir string) string {
	rel, err := filepath.Rel(f.base, dir)
	if err != nil {
		return filepath.ToSlash(dir)
	}
	return filepath.ToSlash(rel)
}

// absolute resolves a path written in a query.
func (f *Filter) absolute(path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(f.base, filepath.FromSlash(path))
}

func sortMembers(list []*Member) {
	slices.SortFunc(list, func(a, b *Member) int { return strings.Compare(a.Dir, b.Dir) })
}
