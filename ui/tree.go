package ui

import (
	"cmp"
	"io"
	"slices"
	"strings"
)

// Node is a node of a tree to be drawn. A node may hang under several parents.
type Node struct {
	Label    Label
	Children []*Node
}

// maxTreeLines bounds a drawn graph. A chain of diamonds doubles with each level
// when every node hangs under each of its parents.
const maxTreeLines = 5000

// WriteTree draws a tree with its root on the first line.
func WriteTree(w io.Writer, root *Node, st Style) error {
	var b strings.Builder
	b.WriteString(st.Label(root.Label))
	b.WriteByte('\n')
	writeChildren(&b, root, "", st)
	_, err := io.WriteString(w, b.String())
	return err
}

func writeChildren(b *strings.Builder, n *Node, indent string, st Style) {
	for i, child := range n.Children {
		branch, deeper := "├── ", "│   "
		if i == len(n.Children)-1 {
			branch, deeper = "╰── ", "    "
		}
		b.WriteString(st.Paint(Dim, indent+branch))
		b.WriteString(st.Label(child.Label))
		b.WriteByte('\n')
		writeChildren(b, child, indent+deeper, st)
	}
}

// DirTree arranges labels by directory under a root called ".". Directories that
// are no label themselves are dim. Siblings keep the order of the labels.
func DirTree(labels []Label) *Node {
	root := &Node{Label: Label{Text: "."}}
	nodes := map[string]*Node{".": root}
	var at func(path string) *Node
	at = func(path string) *Node {
		if n := nodes[path]; n != nil {
			return n
		}
		parent, name := root, path
		if i := strings.LastIndexByte(path, '/'); i > 0 {
			parent, name = at(path[:i]), path[i+1:]
		}
		n := &Node{Label: Label{Text: name, Color: Dim}}
		nodes[path] = n
		parent.Children = append(parent.Children, n)
		return n
	}
	for _, l := range labels {
		at(l.Text).Label.Color = l.Color
	}
	return root
}

// GraphTree hangs each label under each of its parents, and those without any
// under a root called ".". parents[i] holds indices into labels. The roots are
// sorted by the size of their tree, then by text; children by text. In a cycle the
// edge back to its first member is left out, and that member becomes a root unless
// something outside leads to it. Past a few thousand lines a node that was
// already drawn with its children is drawn without them, followed by "…".
func GraphTree(labels []Label, parents [][]int) *Node {
	g := grapher{labels: labels, children: make([][]int, len(labels)), sizes: make([]int, len(labels))}
	for i, list := range parents {
		for _, p := range list {
			g.children[p] = append(g.children[p], i)
		}
	}
	for i, list := range g.children {
		slices.SortFunc(list, func(a, b int) int { return cmp.Or(cmp.Compare(labels[a].Text, labels[b].Text), cmp.Compare(a, b)) })
		g.children[i] = slices.Compact(list)
	}
	roots := g.roots(parents)
	total := 0
	for _, r := range roots {
		total = min(total+g.size(r), maxTreeLines+1)
	}
	slices.SortStableFunc(roots, func(a, b int) int {
		return cmp.Or(cmp.Compare(g.size(a), g.size(b)), cmp.Compare(labels[a].Text, labels[b].Text))
	})
	g.once = total > maxTreeLines
	g.nodes = make([]*Node, len(labels))
	root := &Node{Label: Label{Text: "."}}
	for _, r := range roots {
		root.Children = append(root.Children, g.node(r))
	}
	return root
}

// grapher builds the nodes of a graph.
type grapher struct {
	labels   []Label
	children [][]int
	sizes    []int // lines of the tree below and including a node; 0 while not known
	nodes    []*Node
	once     bool // draw the children of a node only once
}

// roots finds the labels without parents. What cannot be reached from them is a
// cycle or below one: the edges that close the cycle are removed, and its first
// member becomes a root.
func (g *grapher) roots(parents [][]int) []int {
	var roots []int
	state := make([]byte, len(g.labels)) // 0 unseen, 1 on the path, 2 done
	var visit func(i int)
	visit = func(i int) {
		state[i] = 1
		g.children[i] = slices.DeleteFunc(g.children[i], func(c int) bool {
			if state[c] == 0 {
				visit(c)
			}
			return state[c] == 1
		})
		state[i] = 2
	}
	for pass := range 2 {
		for i := range g.labels {
			if state[i] == 0 && (pass == 1 || i >= len(parents) || len(parents[i]) == 0) {
				roots = append(roots, i)
				visit(i)
			}
		}
	}
	return roots
}

// size counts the lines of a node's tree, up to just past maxTreeLines.
func (g *grapher) size(i int) int {
	if g.sizes[i] == 0 {
		n := 1
		for _, c := range g.children[i] {
			n = min(n+g.size(c), maxTreeLines+1)
		}
		g.sizes[i] = n
	}
	return g.sizes[i]
}

func (g *grapher) node(i int) *Node {
	if n := g.nodes[i]; n != nil {
		if g.once && len(n.Children) > 0 {
			return &Node{Label: Label{Text: n.Label.Text + " …", Color: n.Label.Color}}
		}
		return n
	}
	n := &Node{Label: g.labels[i]}
	for _, c := range g.children[i] {
		n.Children = append(n.Children, g.node(c))
	}
	g.nodes[i] = n
	return n
}
