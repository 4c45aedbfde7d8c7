package configstack

import (
	"cmp"
	"math"
	"slices"
)

// Branch is a unit and what hangs under it when a queue is drawn as a tree.
// A unit that waits for several others hangs under each of them: all of these
// are the same Branch, so the tree takes little memory even where drawing it
// would take a great many lines.
type Branch struct {
	Unit     *Unit
	Children []*Branch // units that wait for Unit, by path
	Size     int       // lines it takes to draw this branch; stops at math.MaxInt
}

// Tree returns the units that wait for none, the small branches first, then
// by path. Every unit of the graph is in the tree.
func (g *Graph) Tree() []*Branch {
	branches := make([]*Branch, len(g.units))
	var roots []*Branch
	for i := len(g.units) - 1; i >= 0; i-- { // children have larger numbers
		b := &Branch{Unit: g.units[i], Size: 1}
		for _, child := range g.after[i] {
			b.Children = append(b.Children, branches[child])
			b.Size = addSizes(b.Size, branches[child].Size)
		}
		slices.SortFunc(b.Children, func(a, b *Branch) int { return cmp.Compare(a.Unit.dir, b.Unit.dir) })
		branches[i] = b
		if len(g.before[i]) == 0 {
			roots = append(roots, b)
		}
	}
	slices.SortFunc(roots, func(a, b *Branch) int {
		return cmp.Or(cmp.Compare(a.Size, b.Size), cmp.Compare(a.Unit.dir, b.Unit.dir))
	})
	return roots
}

func addSizes(a, b int) int {
	if a > math.MaxInt-b {
		return math.MaxInt
	}
	return a + b
}
