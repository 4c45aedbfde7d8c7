package configstack

import (
	"context"
	"slices"
	"strings"

	"github.com/terrace-iac/terrace/config"
)

// Selection is the part of a stack that a command deals with. Units that were
// not selected are in neither list.
type Selection struct {
	Kept     []*Unit     // by path
	Excluded []Exclusion // selected, but taken out again; by path

	stack *Stack
}

// Exclusion is a unit that a rule has taken out of the queue.
type Exclusion struct {
	Unit   *Unit
	Reason Reason
	By     *Unit // the unit whose configuration says so, often Unit itself
}

// Reason says why a unit was excluded.
type Reason string

// The reasons for an exclusion.
const (
	ExcludeBlock       Reason = "exclude block"
	ExcludedDependency Reason = "dependency of an excluded unit"
	PreventDestroy     Reason = "prevent_destroy"
	NeededByProtected  Reason = "dependency of a unit with prevent_destroy"
	RemovedUnit        Reason = "removed"
)

// Select returns the units for which keep is true. External units are offered
// too. Without a function all units but the external ones are kept.
func (s *Stack) Select(keep func(*Unit) bool) *Selection {
	if keep == nil {
		keep = func(u *Unit) bool { return !u.External }
	}
	sel := &Selection{stack: s}
	for _, list := range [][]*Unit{s.Units, s.External} {
		for _, u := range list {
			if keep(u) {
				sel.Kept = append(sel.Kept, u)
			}
		}
	}
	sortByPath(sel.Kept)
	return sel
}

// Rules is what exclusion depends on besides the units.
type Rules struct {
	Command string // the name alone, such as plan
	Destroy bool   // the queue destroys, or plans to
	// AllowRemoved keeps removed units, which are destroyed whatever the queue
	// does to the others.
	AllowRemoved bool
}

// Exclude takes out the units whose configuration asks for it. Only kept
// units have a say. Dependents of an excluded unit stay.
func (s *Selection) Exclude(r Rules) *Selection {
	x := &exclusion{stack: s.stack, by: map[*Unit]Exclusion{}}
	// The order decides which reason a unit gets that has several.
	for _, u := range s.Kept {
		if u.Removed && !r.AllowRemoved {
			x.add(u, RemovedUnit, u)
		}
	}
	for _, u := range s.Kept {
		if r.excludes(u.Outline.Exclude) {
			x.add(u, ExcludeBlock, u)
		}
	}
	for _, u := range s.Kept {
		if e := u.Outline.Exclude; r.excludes(e) && e.ExcludeDependencies != nil && *e.ExcludeDependencies {
			x.addDependencies(u)
		}
	}
	for _, u := range s.Kept {
		if r.protects(u) {
			x.add(u, PreventDestroy, u)
		}
	}
	for _, u := range s.Kept {
		if r.protects(u) {
			x.protect(u)
		}
	}
	return s.without(x.by)
}

func (s *Selection) without(excluded map[*Unit]Exclusion) *Selection {
	out := &Selection{stack: s.stack, Excluded: slices.Clone(s.Excluded)}
	for _, u := range s.Kept {
		if e, ok := excluded[u]; ok {
			out.Excluded = append(out.Excluded, e)
		} else {
			out.Kept = append(out.Kept, u)
		}
	}
	slices.SortFunc(out.Excluded, func(a, b Exclusion) int { return strings.Compare(a.Unit.dir, b.Unit.dir) })
	return out
}

// Excludes says whether an exclude block takes its unit out of queues that
// run the command. A missing block never does.
func Excludes(e *config.Exclude, command string) bool {
	return Rules{Command: command}.excludes(e)
}

func (r Rules) protects(u *Unit) bool {
	return (r.Destroy || u.Removed) && u.Outline.PreventDestroy
}

func (r Rules) excludes(e *config.Exclude) bool {
	if e == nil || !e.If {
		return false
	}
	return slices.ContainsFunc(e.Actions, func(action string) bool {
		switch strings.ToLower(action) {
		case "all":
			return true
		case "all_except_output":
			return !strings.EqualFold(r.Command, "output")
		}
		return strings.EqualFold(action, r.Command)
	})
}

// exclusion collects the first reason of each unit.
type exclusion struct {
	stack *Stack
	by    map[*Unit]Exclusion
}

func (x *exclusion) add(u *Unit, why Reason, by *Unit) {
	if _, ok := x.by[u]; !ok {
		x.by[u] = Exclusion{u, why, by}
	}
}

func (x *exclusion) addDependencies(u *Unit) {
	for _, dir := range u.deps {
		if dep := x.stack.Unit(dir); dep != nil {
			x.add(dep, ExcludedDependency, u)
		}
	}
}

// protect takes out everything u needs, through units that are not selected
// as well: they would break all the same.
func (x *exclusion) protect(u *Unit) {
	seen := map[*Unit]bool{u: true}
	for todo := []*Unit{u}; len(todo) > 0; {
		next := todo[0]
		todo = todo[1:]
		for _, dir := range next.deps {
			dep := x.stack.Unit(dir)
			if dep == nil || seen[dep] {
				continue
			}
			seen[dep] = true
			x.add(dep, NeededByProtected, u)
			todo = append(todo, dep)
		}
	}
}

// Graph orders the kept units for one direction. See [Selection.GraphBy].
func (s *Selection) Graph(ctx context.Context, d Direction) (*Graph, error) {
	return s.GraphBy(ctx, func(*Unit) Direction { return d })
}

// GraphBy orders the kept units. Units of different directions do not wait
// for each other, and a dependency that was not kept counts as done.
//
// If units wait for each other the error is a [CycleError]. The graph is
// still returned then, with the edges of each cycle that lead from a smaller
// path to a larger one left out of the order, so that it can be listed. It
// cannot be run.
func (s *Selection) GraphBy(ctx context.Context, direction func(*Unit) Direction) (*Graph, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	g := newGraph(s.stack.Root, s.Kept, direction)
	g.excluded = s.Excluded
	if g.cycle != nil {
		return g, g.cycle
	}
	return g, nil
}

func sortByPath(units []*Unit) {
	slices.SortFunc(units, func(a, b *Unit) int { return strings.Compare(a.dir, b.dir) })
}
