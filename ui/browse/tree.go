package browse

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
}

func newTree(components []Component) *tree {
	t := &tree{components: slices.Clone(components), byPath: map[string]*Component{}, children: map[string][]row{}}
	slices.SortFunc(t.components, func(a, b Component) int { return strings.Compare(a.Path, b.Path) })
	for i := range t.components {
		c := &t.components[i]
		t.byPath[c.Path] = c
		t.add(c.Path)
	}
	for dir, rows := range t.children {
		for i := range rows {
			rows[i].component = t.byPath[rows[i].path]
			rows[i].folder = len(t.children[rows[i].path]) > 0
		}
		slices.SortFunc(rows, func(a, b row) int { return strings.Compare(a.name, b.name) })
		t.children[dir] = rows
	}
	if root := t.byPath["."]; root != nil {
		t.children["."] = append([]row{{name: ".", path: ".", component: root}}, t.children["."]...)
	}
	return t
}

// add makes a row for a path, and for the folders above it.
func (t *tree) add(p string) {
	for p != "." && p != "/" && p != "" {
		dir := path.Dir(p)
		if slices.ContainsFunc(t.children[dir], func(r row) bool { return r.path == p }) {
			return
		}
		t.children[dir] = append(t.children[dir], row{name: path.Base(p), path: p})
		p = dir
	}
}

// below lists the units in a folder and under it.
func (t *tree) below(dir string) (units []string) {
	for _, c := range t.components {
		if c.Kind == "unit" && (dir == "." || c.Path == dir || strings.HasPrefix(c.Path, dir+"/")) {
			units = append(units, c.Path)
		}
	}
	return units
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

// matches says whether the letters of each word of the filter are somewhere in
// a path, whatever their case.
func matches(p, filter string) bool {
	p = strings.ToLower(p)
	for _, word := range strings.Fields(strings.ToLower(filter)) {
		if !strings.Contains(p, word) {
			return false
		}
	}
	return true
}

// flat makes rows of components that are shown without their folders.
func (t *tree) flat(paths []string, filter string) []row {
	var rows []row
	for _, p := range paths {
		if matches(p, filter) {
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
