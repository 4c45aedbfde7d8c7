package configstack

import (
	"cmp"
	"path/filepath"
	"slices"
)

// Direction is the way a queue goes through the dependencies.
type Direction int

// The directions.
const (
	Up   Direction = iota // dependencies first
	Down                  // dependents first, as for destroy
)

// Graph is an ordered selection of units. Its nodes are numbered in queue
// order: level by level, and by path within a level.
type Graph struct {
	units    []*Unit
	index    map[string]int // directory -> node
	excluded []Exclusion
	cycle    *CycleError

	deps   edges // node -> the nodes it depends on
	users  edges // node -> the nodes that depend on it
	before edges // node -> the nodes that must end before it starts
	after  edges // node -> the nodes that wait for it
	level  []int // node -> level
}

// newGraph numbers the units, which are sorted by path, and connects them.
// The edges are found in path numbering first, since the order, and with it
// the final numbering, follows from them.
func newGraph(root string, units []*Unit, direction func(*Unit) Direction) *Graph {
	deps := dependencyEdges(units)
	linked := deps.filter(func(from, to int) bool { return direction(units[from]) == direction(units[to]) })
	cycles := linked.cycles()
	if cycles != nil {
		// Of a cycle only the edges to smaller paths stay, which cannot
		// close one.
		group := linked.groups()
		linked = linked.filter(func(from, to int) bool { return group[from] != group[to] || to < from })
	}
	before := make(edges, len(units))
	for from, tos := range linked {
		for _, to := range tos {
			if direction(units[from]) == Up {
				before[from] = append(before[from], to)
			} else {
				before[to] = append(before[to], from)
			}
		}
	}
	g := &Graph{units: units}
	g.number(deps, before)
	if cycles != nil {
		g.cycle = &CycleError{relative(root, units, cycles)}
	}
	return g
}

func dependencyEdges(units []*Unit) edges {
	index := make(map[string]int, len(units))
	for i, u := range units {
		index[u.dir] = i
	}
	deps := make(edges, len(units))
	for i, u := range units {
		for _, dir := range u.deps {
			if to, ok := index[dir]; ok {
				deps[i] = append(deps[i], to)
			}
		}
		slices.Sort(deps[i])
	}
	return deps
}

// number puts the units in queue order.
func (g *Graph) number(deps, before edges) {
	level := before.levels()
	order := make([]int, len(g.units)) // new number -> old number
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(level[a], level[b]) })
	place := make([]int, len(order)) // old number -> new number
	units := make([]*Unit, len(order))
	g.level = make([]int, len(order))
	g.index = make(map[string]int, len(order))
	for now, old := range order {
		place[old] = now
		units[now] = g.units[old]
		g.level[now] = level[old]
		g.index[units[now].dir] = now
	}
	g.units = units
	g.deps, g.before = deps.renumber(place), before.renumber(place)
	g.users, g.after = g.deps.reverse(), g.before.reverse()
}

func relative(root string, units []*Unit, cycles [][]int) [][]string {
	out := make([][]string, len(cycles))
	for i, c := range cycles {
		for _, n := range c {
			path := units[n].dir
			if rel, err := filepath.Rel(root, path); err == nil {
				path = rel
			}
			out[i] = append(out[i], filepath.ToSlash(path))
		}
	}
	return out
}

// Len is the number of units in the queue.
func (g *Graph) Len() int { return len(g.units) }

// Order returns the units in queue order.
func (g *Graph) Order() []*Unit { return slices.Clone(g.units) }

// Excluded returns the units that were selected but are not in the queue.
func (g *Graph) Excluded() []Exclusion { return slices.Clone(g.excluded) }

// Levels returns the units in queue order, cut where a unit waits for one of
// the units before the cut.
func (g *Graph) Levels() [][]*Unit {
	var levels [][]*Unit
	for i, u := range g.units {
		if g.level[i] == len(levels) {
			levels = append(levels, nil)
		}
		levels[g.level[i]] = append(levels[g.level[i]], u)
	}
	return levels
}

// Unit returns the unit of an absolute directory, or nil if it is not in the
// queue.
func (g *Graph) Unit(dir string) *Unit {
	if i, ok := g.index[dir]; ok {
		return g.units[i]
	}
	return nil
}

// Dependencies returns the units of the queue that u depends on directly, by
// path. Like all relations it does not depend on the direction, and is empty
// for a unit that is not in the queue.
func (g *Graph) Dependencies(u *Unit) []*Unit { return g.pick(g.near(g.deps, u)) }

// Dependents returns the units of the queue that depend on u directly, by path.
func (g *Graph) Dependents(u *Unit) []*Unit { return g.pick(g.near(g.users, u)) }

// AllDependencies returns the units that u depends on through units of the
// queue, u excepted, by path.
func (g *Graph) AllDependencies(u *Unit) []*Unit { return g.pick(g.far(g.deps, u)) }

// AllDependents returns the units that depend on u through units of the
// queue, u excepted, by path.
func (g *Graph) AllDependents(u *Unit) []*Unit { return g.pick(g.far(g.users, u)) }

func (g *Graph) near(e edges, u *Unit) []int {
	if i, ok := g.index[u.dir]; ok {
		return e[i]
	}
	return nil
}

func (g *Graph) far(e edges, u *Unit) []int {
	i, ok := g.index[u.dir]
	if !ok {
		return nil
	}
	return slices.DeleteFunc(e.reach(i), func(n int) bool { return n == i })
}

func (g *Graph) pick(nodes []int) []*Unit {
	units := make([]*Unit, len(nodes))
	for i, n := range nodes {
		units[i] = g.units[n]
	}
	sortByPath(units)
	return units
}
