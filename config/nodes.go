package config

import (
	"fmt"
	"path/filepath"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// includeNode is what the word include stands for: the exposed parents by
// label, or the parent itself where the only include has no label.
func (c *core) includeNode() (node, bool) {
	if len(c.includes) == 1 && c.includes[0].Label == "" && c.includes[0].Expose {
		return c.includes[0].view(c).node(), true
	}
	kids := map[string]node{}
	for _, in := range c.includes {
		if in.Expose {
			kids[in.Label] = in.view(c).node()
		}
	}
	return fixed(kids), len(kids) > 0
}

// node is a configuration as other expressions see it: what
// read_terragrunt_config returns and include.LABEL shows.
func (v view) node() node {
	return node{
		kid: func(ev *eval, name string) (node, bool, error) {
			switch name {
			case "locals":
				own := v.frames[0].localsFrame()
				if len(own.file.locals.order) == 0 {
					return node{}, false, nil
				}
				return own.locals(), true, nil
			case "inputs":
				return v.inputs(), v.hasInputs(), nil
			}
			value, ok, err := v.part(ev, name)
			return known(value), ok, err
		},
		names: func(*eval) ([]string, error) { return v.partNames(), nil },
	}
}

func (v view) hasInputs() bool {
	for _, fr := range v.frames {
		if fr.file.inputs != nil {
			return true
		}
	}
	return false
}

// lazyRead looks into a local that does nothing but read another file, so that
// local.env.locals.region evaluates no more of that file than region.
func (fr *frame) lazyRead(ev *eval, d *def) (node, bool, error) {
	read, ok := soleRead(d)
	if !ok || !ev.task.enter(spot{fr, d}) {
		return node{}, false, nil // a cycle is reported by the ordinary evaluation
	}
	defer ev.task.leave(spot{fr, d})
	v, ok, err := fr.target(ev, d, read.path)
	if !ok || err != nil {
		return node{}, false, nil // the ordinary evaluation reports it, once and with its place
	}
	n, ok, err := v.node().descend(ev, read.steps)
	if !ok || err != nil {
		return node{}, false, nil
	}
	whole := fr.cellNode(d)
	n.whole, n.result = whole.whole, whole.result
	return n, true, nil
}

// spot is an expression in a frame.
type spot struct {
	frame *frame
	def   *def
}

// enter says whether an expression may be looked into: not while it is being
// looked into already, and not at the end of a very long chain of files.
func (t *task) enter(p spot) bool {
	if t.looking[p] || len(t.looking) >= maxFiles {
		return false
	}
	if t.looking == nil {
		t.looking = map[spot]bool{}
	}
	t.looking[p] = true
	return true
}

func (t *task) leave(p spot) { delete(t.looking, p) }

// descend follows names down from a node; ok is false where one is not there.
func (n node) descend(ev *eval, names []string) (node, bool, error) {
	for _, name := range names {
		if n.kid == nil {
			return node{}, false, nil
		}
		child, ok, err := n.kid(ev, name)
		if !ok || err != nil {
			return node{}, ok, err
		}
		n = child
	}
	return n, true, nil
}

// reading is an expression that reads a file and does nothing else with it but
// look up names.
type reading struct {
	path  hclsyntax.Expression
	steps []string
}

// soleRead gives what an expression reads where it is
// read_terragrunt_config(path), alone or followed by .names.
func soleRead(d *def) (reading, bool) {
	d.analyse()
	if d.sole == nil {
		return reading{}, false
	}
	return *d.sole, true
}

func soleReading(expr hcl.Expression) *reading {
	r := &reading{}
	if rel, ok := expr.(*hclsyntax.RelativeTraversalExpr); ok {
		for _, step := range rel.Traversal {
			name, ok := staticStep(step)
			if !ok {
				return nil
			}
			r.steps = append(r.steps, name)
		}
		expr = rel.Source
	}
	call, ok := expr.(*hclsyntax.FunctionCallExpr)
	if !ok || call.Name != "read_terragrunt_config" || len(call.Args) != 1 || call.ExpandFinal {
		return nil
	}
	r.path = call.Args[0]
	return r
}

// readPart gives the part of a file that an expression reads, and on failure
// how the file was reached. ok is false where a name is not there: evaluating
// the expression says so with its place.
func (fr *frame) readPart(ev *eval, d *def, v view, steps []string) (cty.Value, bool, error) {
	explain := func(err error) error {
		return reached(err, fr.reads(d, nil, v.core.path))
	}
	if len(steps) == 0 {
		value, err := v.value(ev)
		if err != nil {
			return cty.NilVal, false, explain(err)
		}
		return value, true, nil
	}
	n, ok, err := v.node().descend(ev, steps)
	if err != nil {
		return cty.NilVal, false, explain(err)
	}
	if !ok {
		return cty.NilVal, false, nil
	}
	value, err := n.all(ev)
	if err != nil {
		return cty.NilVal, false, explain(err)
	}
	return value, true, nil
}

// target binds the file that an expression names, evaluating only the name.
func (fr *frame) target(ev *eval, d *def, arg hclsyntax.Expression) (view, bool, error) {
	memo := fr.targets.get(d)
	inner := *ev
	inner.effects = effects{}
	value, err := fr.core.l.force(&inner, memo, step{fr.file.path, d.name}, func(ev *eval) (any, error) {
		ctx, err := fr.context(ev, newDef(fr.file, d.name, arg, d.rng).analysed())
		if err != nil {
			return nil, err
		}
		path, diags := arg.Value(ctx)
		if diags.HasErrors() {
			return nil, fr.failure(ev, d, diags)
		}
		path, _ = path.Unmark()
		if path.IsNull() || !path.IsKnown() || path.Type() != cty.String {
			return view{}, nil
		}
		v, err := fr.open(ev, path.AsString())
		switch {
		case isProblem(err):
			return view{}, reached(err, fr.reads(d, nil, fr.abs(path.AsString())))
		case err != nil && !isCancelled(err):
			return view{}, causedAt(arg.Range(), "Missing configuration", err)
		}
		return v, err
	})
	ev.add(inner.effects)
	if err != nil {
		return view{}, false, err
	}
	v := value.(view)
	return v, v.core != nil, nil
}

func (d *def) analysed() *def {
	d.analyse()
	return d
}

// open binds a file that an expression of this frame reads. Files that are not
// units' configurations give no view.
func (fr *frame) open(ev *eval, path string) (view, error) {
	path = fr.abs(path)
	switch filepath.Base(path) {
	case stackFileName, autoincludeStackName, valuesFileName:
		return view{}, nil
	}
	file, err := fr.core.l.texts.unitFile(path)
	if err != nil {
		return view{}, err
	}
	if ev.task.files() > maxFiles {
		return view{}, fmt.Errorf("maximum parse depth of %d exceeded: %s is read by a file that is read by another one, and so on", maxFiles, file)
	}
	c, err := fr.core.l.bind(ev, coreKey{path: file, origin: fr.core.origin, read: true, base: fr.core.base, dir: fr.core.from})
	if err != nil {
		return view{}, err
	}
	ev.read(file)
	return c.view(), nil
}

// maxFiles bounds how long a chain of files that read each other may be.
const maxFiles = 1000

// files counts the changes from one file to another on the way to here.
func (t *task) files() int {
	n := 0
	for ; t != nil; t = t.parent {
		for i, s := range t.stack {
			if i == 0 || s.path != t.stack[i-1].path {
				n++
			}
		}
	}
	return n
}

// The names of stack and values files.
const (
	stackFileName  = "terragrunt.stack.hcl"
	valuesFileName = "terragrunt.values.hcl"
)

// valuesNode is the word values: the attributes of the values file that a
// stack left beside the unit.
func (c *core) valuesNode() (node, bool) {
	path := filepath.Join(c.dir, valuesFileName)
	if !c.l.texts.isFile(path) {
		return node{}, false
	}
	return leaf(func(ev *eval) (cty.Value, error) {
		ev.read(path)
		return c.l.values(path)
	}), true
}

// values reads a values file: attributes without references or functions.
func (l *Loader) values(path string) (cty.Value, error) {
	v, err := l.plainAttributes(path)
	if err != nil {
		return cty.NilVal, err
	}
	return cty.ObjectVal(v), nil
}

// plainAttributes reads a file that holds nothing but name = constant.
func (l *Loader) plainAttributes(path string) (map[string]cty.Value, error) {
	src, err := l.texts.read(path)
	if err != nil {
		return nil, err
	}
	body, diags := parseBody(src, path, filepath.Ext(path) == ".json")
	if diags.HasErrors() {
		return nil, diagErr(diags)
	}
	attrs, diags := body.JustAttributes()
	if diags.HasErrors() {
		return nil, diagErr(diags)
	}
	out := make(map[string]cty.Value, len(attrs))
	var all hcl.Diagnostics
	for name, a := range attrs {
		v, diags := a.Expr.Value(nil)
		all = append(all, diags...)
		out[name] = v
	}
	return out, diagErr(all)
}
