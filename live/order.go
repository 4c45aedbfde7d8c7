package live

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

// order puts the environments in promotion order: each after those that it
// names, otherwise as they are written.
func (p *parser) order() {
	byName := map[string]*Environment{}
	for _, e := range p.file.Environments {
		byName[e.Name] = e
	}
	var sorted []*Environment
	var path []string
	done := map[string]bool{}
	var visit func(e *Environment) bool
	visit = func(e *Environment) bool {
		if done[e.Name] {
			return true
		}
		if i := slices.Index(path, e.Name); i >= 0 {
			p.fail(p.header(e), "Cycle", "no environment can come first: %s", strings.Join(append(path[i:], e.Name), " -> "))
			return false
		}
		path = append(path, e.Name)
		for _, before := range e.After {
			if !visit(byName[before]) {
				return false
			}
		}
		path = path[:len(path)-1]
		done[e.Name] = true
		sorted = append(sorted, e)
		return true
	}
	for _, e := range p.file.Environments {
		if !visit(e) {
			return
		}
	}
	p.file.Environments = sorted
}

// header is where an environment is declared.
func (p *parser) header(e *Environment) hcl.Range { return p.seen["environment "+e.Name] }

// Upstream lists all environments that a change passes before it reaches one,
// in promotion order.
func (f *File) Upstream(name string) []string {
	reached := map[string]bool{}
	var mark func(string)
	mark = func(n string) {
		if e := f.Environment(n); e != nil {
			for _, before := range e.After {
				reached[before] = true
				mark(before)
			}
		}
	}
	mark(name)
	return slices.DeleteFunc(f.Names(), func(n string) bool { return !reached[n] })
}
