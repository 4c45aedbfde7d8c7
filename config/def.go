package config

import (
	"path/filepath"
	"sort"
	"sync"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

var ctyString = cty.String

// def is one expression of a file: what a cell evaluates. It never changes,
// but for what it remembers.
type def struct {
	name  string // local.region, inputs.vpc_id, terraform.source: for messages and counting
	file  *file
	expr  hcl.Expression
	rng   hcl.Range
	once  sync.Once
	refs  *refTree // what it refers to
	funcs []string // functions it calls; nil with allFuncs
	// allFuncs says that the functions cannot be told from the syntax.
	allFuncs bool
	// sensitive says that the value depends on who asks: the unit, the
	// environment, the command or the moment.
	sensitive bool
	// memo is there where the value depends on what the expression refers to,
	// and on nothing else.
	memo *memo
	// reads says that it calls a function that reads files or runs something.
	reads bool
	// sole is the file that the expression reads where it does nothing else.
	sole  *reading
	depth uint8 // classification: 0 unknown, 1 being looked at, 2 known
}

func newDef(f *file, name string, expr hcl.Expression, rng hcl.Range) *def {
	return &def{name: name, file: f, expr: expr, rng: rng}
}

// defs are named expressions in source order.
type defs struct {
	byName map[string]*def
	order  []string
}

func (d *defs) add(x *def, name string) {
	if d.byName == nil {
		d.byName = map[string]*def{}
	}
	if _, again := d.byName[name]; !again {
		d.order = append(d.order, name)
	}
	d.byName[name] = x
}

func (d *defs) sortBySource() {
	sort.Slice(d.order, func(i, j int) bool {
		return d.byName[d.order[i]].rng.Start.Byte < d.byName[d.order[j]].rng.Start.Byte
	})
}

// analyse reads references and function names off the syntax, once.
func (d *def) analyse() {
	d.once.Do(func() {
		d.refs = newRefTree(d.expr.Variables())
		d.sole = soleReading(d.expr)
		native, ok := d.expr.(hclsyntax.Node)
		if !ok {
			d.allFuncs = true
			return
		}
		seen := map[string]bool{}
		_ = hclsyntax.VisitAll(native, func(n hclsyntax.Node) hcl.Diagnostics {
			if call, ok := n.(*hclsyntax.FunctionCallExpr); ok && !seen[call.Name] {
				seen[call.Name] = true
				d.funcs = append(d.funcs, call.Name)
			}
			return nil
		})
	})
}

// mayRead says whether evaluating the expression can read a file, or do
// anything else but compute, that evaluating the locals it names would not.
func (d *def) mayRead() bool {
	if d.allFuncs || d.reads {
		return true
	}
	for root := range d.refs.kids {
		if root != "local" {
			return true
		}
	}
	return false
}

// constant says that the expression can be evaluated without any context.
func (d *def) constant() bool {
	return !d.allFuncs && len(d.funcs) == 0 && len(d.refs.kids) == 0
}

// refTree is what an expression refers to: the static front part of each of
// its traversals, as a tree. A node that is whole is needed with all below it.
type refTree struct {
	whole bool
	kids  map[string]*refTree
	order []string // names of kids, sorted
}

func newRefTree(traversals []hcl.Traversal) *refTree {
	root := &refTree{}
	for _, t := range traversals {
		node := root.kid(t.RootName())
		for _, step := range t[1:] {
			name, ok := staticStep(step)
			if !ok {
				break
			}
			node = node.kid(name)
		}
		node.whole = true
	}
	root.sort()
	return root
}

func (t *refTree) sort() {
	t.order = sortedKeys(t.kids)
	for _, k := range t.kids {
		k.sort()
	}
}

func (t *refTree) kid(name string) *refTree {
	if t.kids == nil {
		t.kids = map[string]*refTree{}
	}
	k, ok := t.kids[name]
	if !ok {
		k = &refTree{}
		t.kids[name] = k
	}
	return k
}

func staticStep(step hcl.Traverser) (string, bool) {
	switch s := step.(type) {
	case hcl.TraverseAttr:
		return s.Name, true
	case hcl.TraverseIndex:
		if s.Key.Type() == cty.String && s.Key.IsKnown() && !s.Key.IsNull() {
			return s.Key.AsString(), true
		}
	}
	return "", false
}

// classify decides for every expression of the file whether its value is the
// same for every caller. It runs once, before the file is handed out.
func (f *file) classify(l *Loader) {
	if f.ownScope(l) {
		f.eachDef(func(d *def) { d.analyse(); d.sensitive, d.depth = true, 2 })
		return
	}
	f.eachDef(func(d *def) { f.isSensitive(l, d) })
}

// ownScope says that the file's expressions see names of the file that takes
// it in, so that no value of theirs is the same for every caller.
func (f *file) ownScope(l *Loader) bool {
	return f.spec != l.schema || filepath.Base(f.path) == autoincludeName
}

func (f *file) isSensitive(l *Loader, d *def) bool {
	switch d.depth {
	case 1:
		return false // a cycle among locals; the evaluation reports it
	case 2:
		return d.sensitive
	}
	d.depth = 1
	d.analyse()
	d.sensitive = d.allFuncs || f.anySensitive(l, d)
	if !d.allFuncs && len(d.refs.order) > 0 && !l.anyImpure(d.funcs) {
		d.memo = &memo{}
	}
	d.reads = l.anyReading(d.funcs)
	d.depth = 2
	return d.sensitive
}

func (f *file) anySensitive(l *Loader, d *def) bool {
	for _, name := range d.funcs {
		if spec, ok := l.functions[name]; !ok || spec.sensitive {
			return true
		}
	}
	for root, t := range d.refs.kids {
		if root != "local" || t.whole {
			return true
		}
		for name := range t.kids {
			if other, ok := f.locals.byName[name]; ok && f.isSensitive(l, other) {
				return true
			}
		}
	}
	return false
}

// anyImpure says whether a function's result may depend on more than its
// arguments.
func (l *Loader) anyImpure(names []string) bool {
	for _, name := range names {
		if spec, ok := l.functions[name]; !ok || spec.sensitive || spec.outside {
			return true
		}
	}
	return false
}

// anyReading says whether calling the functions may read files or run
// something. A function that does not exist is evaluated to be reported.
func (l *Loader) anyReading(names []string) bool {
	for _, name := range names {
		if spec, ok := l.functions[name]; !ok || spec.outside || spec.marks {
			return true
		}
	}
	return false
}

// eachDef visits every expression of the file.
func (f *file) eachDef(visit func(*def)) {
	for _, name := range f.locals.order {
		visit(f.locals.byName[name])
	}
	for _, name := range sortedKeys(f.attrs) {
		visit(f.attrs[name])
	}
	if f.inputs != nil {
		for _, name := range f.inputs.keys.order {
			visit(f.inputs.keys.byName[name])
		}
		if f.inputs.whole != nil {
			visit(f.inputs.whole)
		}
	}
	visitBlocks(f.blocks, visit)
}

func visitBlocks(blocks []*blockDef, visit func(*def)) {
	for _, b := range blocks {
		for _, name := range sortedKeys(b.attrs) {
			visit(b.attrs[name])
		}
		if b.whole != nil {
			visit(b.whole)
		}
		visitBlocks(b.blocks, visit)
	}
}
