package configstack

import "slices"

// edges is a directed graph: for each node the nodes it leads to, ascending.
type edges [][]int

// filter returns the edges for which keep is true.
func (e edges) filter(keep func(from, to int) bool) edges {
	out := make(edges, len(e))
	for from, tos := range e {
		for _, to := range tos {
			if keep(from, to) {
				out[from] = append(out[from], to)
			}
		}
	}
	return out
}

// reverse turns every edge around.
func (e edges) reverse() edges {
	out := make(edges, len(e))
	for from, tos := range e { // from ascends, and so do the new lists
		for _, to := range tos {
			out[to] = append(out[to], from)
		}
	}
	return out
}

// renumber gives node n the number place[n].
func (e edges) renumber(place []int) edges {
	out := make(edges, len(e))
	for from, tos := range e {
		moved := make([]int, len(tos))
		for i, to := range tos {
			moved[i] = place[to]
		}
		slices.Sort(moved)
		out[place[from]] = moved
	}
	return out
}

// levels gives each node the length of the longest way that starts at it. The
// edges must not close a cycle.
func (e edges) levels() []int {
	level := make([]int, len(e))
	left := make([]int, len(e)) // edges whose end has no final level yet
	var done []int
	for n, tos := range e {
		left[n] = len(tos)
		if len(tos) == 0 {
			done = append(done, n)
		}
	}
	back := e.reverse()
	for len(done) > 0 {
		n := done[0]
		done = done[1:]
		for _, from := range back[n] {
			level[from] = max(level[from], level[n]+1)
			if left[from]--; left[from] == 0 {
				done = append(done, from)
			}
		}
	}
	return level
}

// reach returns all nodes that can be reached from start by at least one
// edge, in no particular order.
func (e edges) reach(start int) []int {
	seen := make([]bool, len(e))
	var found []int
	for todo := []int{start}; len(todo) > 0; {
		n := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		for _, to := range e[n] {
			if !seen[to] {
				seen[to] = true
				found = append(found, to)
				todo = append(todo, to)
			}
		}
	}
	return found
}

// groups gives each node the number of its strongly connected component.
// Tarjan's algorithm; the depth of the recursion is the longest way.
func (e edges) groups() []int {
	t := &tarjan{edges: e, group: make([]int, len(e)), visit: make([]int, len(e)), low: make([]int, len(e))}
	for n := range e {
		if t.visit[n] == 0 {
			t.connect(n)
		}
	}
	return t.group
}

type tarjan struct {
	edges
	group []int // 0 while the node is on the stack or unvisited
	visit []int // order of the visit, from 1
	low   []int
	stack []int
	clock int
	count int
}

func (t *tarjan) connect(n int) {
	t.clock++
	t.visit[n], t.low[n] = t.clock, t.clock
	t.stack = append(t.stack, n)
	for _, to := range t.edges[n] {
		if t.visit[to] == 0 {
			t.connect(to)
			t.low[n] = min(t.low[n], t.low[to])
		} else if t.group[to] == 0 {
			t.low[n] = min(t.low[n], t.visit[to])
		}
	}
	if t.low[n] != t.visit[n] {
		return
	}
	t.count++
	for {
		top := t.stack[len(t.stack)-1]
		t.stack = t.stack[:len(t.stack)-1]
		t.group[top] = t.count
		if top == n {
			return
		}
	}
}

// cycles returns the shortest cycle of each group of nodes that has one, or
// nil. Each begins with its smallest node; they are sorted by it.
func (e edges) cycles() [][]int {
	members := map[int][]int{}
	group := e.groups()
	for n, g := range group {
		members[g] = append(members[g], n)
	}
	var found [][]int
	for g, nodes := range members {
		inside := func(n int) bool { return group[n] == g }
		if len(nodes) > 1 || slices.Contains(e[nodes[0]], nodes[0]) {
			found = append(found, e.shortest(nodes, inside))
		}
	}
	slices.SortFunc(found, func(a, b []int) int { return a[0] - b[0] })
	return found
}

// shortest returns the shortest cycle through any of the nodes, which all lie
// on cycles; among equals the one found from the smallest node.
func (e edges) shortest(nodes []int, inside func(int) bool) (best []int) {
	for _, n := range nodes { // ascending
		if c := e.ring(n, inside, len(best)); c != nil {
			best = c
		}
		if len(best) == 1 {
			break
		}
	}
	least := slices.Index(best, slices.Min(best))
	return append(slices.Clone(best[least:]), best[:least]...)
}

// ring returns the shortest cycle through start, or nil if there is none with
// fewer nodes than limit. A limit of 0 is none.
func (e edges) ring(start int, inside func(int) bool, limit int) []int {
	from := map[int]int{start: -1}
	depth := 1
	for row := []int{start}; len(row) > 0 && (limit == 0 || depth < limit); depth++ {
		var next []int
		for _, n := range row {
			for _, to := range e[n] {
				if to == start {
					return path(from, n)
				}
				if _, seen := from[to]; !seen && inside(to) {
					from[to] = n
					next = append(next, to)
				}
			}
		}
		row = next
	}
	return nil
}

// path follows from back to the start and returns the way from there to n.
func path(from map[int]int, n int) []int {
	var nodes []int
	for ; n >= 0; n = from[n] {
		nodes = append(nodes, n)
	}
	slices.Reverse(nodes)
	return nodes
}
