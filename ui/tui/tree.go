package tui

import (
	"path"
	"slices"
	"strings"
	"time"
)

// Component is a unit or a stack.
type Component struct {
	Path     string // from the folder that is browsed, with slashes
	Kind     string // unit or stack
	Source   string // of the unit, as written; may be ""
	Needs    []string
	NeededBy []string // paths, as are those of Needs
	Problem  string   // why its configuration cannot be read; "" if it can
}

// Result is how a unit ended when it last ran in a queue.
type Result struct {
	Command string
	State   string // such as succeeded
	At      time.Time
}

// row is a line of a list: a folder, a component, or both.
type row struct {
	name      string // as it is shown
	path      string
	component *Component // nil for a mere folder
	folder    bool       // there is something below it
}

// tree finds components and folders by path.
type tree struct {
	components []Component // by path
	byPath     map[string]*Component
	children   map[string][]row // of each folder, folders and components by name
	units      int
}

func newTree(components []Component) *tree {
	t := &tree{components: slices.Clone(components), byPath: map[string]*Component{}, children: map[string][]row{}}
	slices.SortFunc(t.components, func(a, b Component) int { return strings.Compare(a.Path, b.Path) })
	known := map[string]bool{}
	for i := range t.components {
		c := &t.components[i]
		t.byPath[c.Path] = c
		t.add(c.Path, known)
		if c.Kind == "unit" {
			t.units++
		}
	}
	for _, rows := range t.children {
		for i := range rows {
			rows[i].component = t.byPath[rows[i].path]
			rows[i].folder = len(t.children[rows[i].path]) > 0
		}
		slices.SortFunc(rows, func(a, b row) int { return strings.Compare(a.name, b.name) })
	}
	if root := t.byPath["."]; root != nil {
		t.children["."] = append([]row{{name: ".", path: ".", component: root}}, t.children["."]...)
	}
	return t
}

// add makes a row for a path, and for the folders above it that are not known.
func (t *tree) add(p string, known map[string]bool) {
	for p != "." && p != "/" && p != "" && !known[p] {
		known[p] = true
		dir := path.Dir(p)
		t.children[dir] = append(t.children[dir], row{name: path.Base(p), path: p})
		p = dir
	}
}

// below lists the units in a folder and under it.
func (t *tree) below(dir string) (units []string) {
	under := t.components
	if dir != "." {
		if c := t.byPath[dir]; c != nil && c.Kind == "unit" {
			units = append(units, dir)
		}
		// Those under it follow each other: no path that starts otherwise is between.
		under = under[t.before(dir+"/"):t.before(dir+"0")]
	}
	for _, c := range under {
		if c.Kind == "unit" {
			units = append(units, c.Path)
		}
	}
	return units
}

// before counts the components whose paths come before a text.
func (t *tree) before(text string) int {
	n, _ := slices.BinarySearchFunc(t.components, text, func(c Component, text string) int { return strings.Compare(c.Path, text) })
	return n
}

// around lists a component and all that it leads to over next, nearest first.
func (t *tree) around(from string, next func(*Component) []string) []string {
	list, seen := []string{from}, map[string]bool{from: true}
	for i := 0; i < len(list); i++ {
		c := t.byPath[list[i]]
		if c == nil {
			continue
		}
		for _, p := range next(c) {
			if !seen[p] {
				seen[p] = true
				list = append(list, p)
			}
		}
	}
	return list
}

// flat makes rows of components that are shown without their folders.
func (t *tree) flat(paths []string, filter string) []row {
	words := filterWords(filter)
	var rows []row
	for _, p := range paths {
		if hasWords(p, words) {
			rows = append(rows, row{name: p, path: p, component: t.byPath[p]})
		}
	}
	return rows
}

func (t *tree) all() []string {
	paths := make([]string, len(t.components))
	for i, c := range t.components {
		paths[i] = c.Path
	}
	return paths
}
