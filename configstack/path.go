package configstack

import (
	"slices"
	"time"
)

// Behind returns the given units and all that wait for one of them, directly
// or not, in queue order. Units that are not in the queue are passed over.
func (g *Graph) Behind(units []*Unit) []*Unit {
	wanted := make([]bool, len(g.units))
	for _, u := range units {
		i, ok := g.index[u.dir]
		if !ok || wanted[i] {
			continue
		}
		wanted[i] = true
		for _, n := range g.after.reach(i) {
			wanted[n] = true
		}
	}
	var out []*Unit
	for i, u := range g.units {
		if wanted[i] {
			out = append(out, u)
		}
	}
	return out
}

// CriticalPath returns the chain of units, each waiting for the one before it,
// that takes longest altogether: with room for everything at once, the run
// would take that long. Units that took no time are not part of it.
func (g *Graph) CriticalPath(took func(*Unit) time.Duration) []*Unit {
	// The numbering is a topological order: what a unit waits for comes first.
	sum, from := make([]time.Duration, len(g.units)), make([]int, len(g.units))
	last := -1
	for i, u := range g.units {
		from[i] = -1
		for _, b := range g.before[i] {
			if sum[b] > 0 && (from[i] < 0 || sum[b] > sum[from[i]]) {
				from[i] = b
			}
		}
		if own := took(u); own > 0 {
			sum[i] = own
		} else if from[i] < 0 {
			continue
		}
		if from[i] >= 0 {
			sum[i] += sum[from[i]]
		}
		if last < 0 || sum[i] > sum[last] {
			last = i
		}
	}
	var path []*Unit
	for ; last >= 0; last = from[last] {
		if took(g.units[last]) > 0 {
			path = append(path, g.units[last])
		}
	}
	slices.Reverse(path)
	return path
}

// Only narrows the selection to the units for which keep is true. The others
// are not excluded by a rule: they are just not dealt with.
func (s *Selection) Only(keep func(*Unit) bool) *Selection {
	out := *s
	out.Kept = slices.DeleteFunc(slices.Clone(s.Kept), func(u *Unit) bool { return !keep(u) })
	return &out
}
