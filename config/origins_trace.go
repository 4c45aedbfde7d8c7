package config

import (
	"path/filepath"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// tracer follows expressions to the text that they are made of.
type tracer struct {
	ev     *eval // nil where there is nothing to evaluate
	out    Origins
	seen   map[tracePoint]bool
	found  map[Span]map[string]bool
	member *member // of a stack file, for each
}

// tracePoint is an expression in a frame, with the part of it that is wanted.
type tracePoint struct {
	frame *frame
	expr  hcl.Expression
	part  string
}

func newTracer(ev *eval) *tracer {
	return &tracer{ev: ev, seen: map[tracePoint]bool{}, found: map[Span]map[string]bool{}}
}

// cell follows one of a file's expressions; steps lead to a part of its value.
func (t *tracer) cell(fr *frame, d *def, steps []string) {
	if read, ok := soleRead(d); ok && t.ev != nil {
		v, ok, err := fr.target(t.ev, d, read.path)
		if err == nil && ok {
			t.config(v, append(append([]string{}, read.steps...), steps...))
			return
		}
	}
	t.expr(fr, d.expr, steps)
}

// config follows names into a configuration as read_terragrunt_config and
// include show it.
func (t *tracer) config(v view, steps []string) {
	if len(steps) < 2 {
		return
	}
	switch kind, name, rest := steps[0], steps[1], steps[2:]; kind {
	case "locals":
		own := v.frames[0].localsFrame()
		if d, ok := own.file.locals.byName[name]; ok {
			t.cell(own, d, rest)
		}
	case "inputs":
		for _, fr := range v.frames {
			t.input(fr, name, rest)
		}
	default:
		for _, fr := range v.frames {
			for _, d := range fr.settings(Setting{Block: kind, Attr: name}) {
				t.cell(fr, d, rest)
			}
		}
	}
}

func (t *tracer) input(fr *frame, name string, rest []string) {
	in := fr.file.inputs
	switch {
	case in == nil:
	case in.whole != nil:
		t.cell(fr, in.whole, append([]string{name}, rest...))
	case in.keys.byName[name] != nil:
		t.cell(fr, in.keys.byName[name], rest)
	}
}

// literal notes a stretch of text, once.
func (t *tracer) literal(f *file, r hcl.Range) {
	l := literalOf(f, r)
	if l.Text == "" || t.found[l.Span][l.File] {
		return
	}
	if t.found[l.Span] == nil {
		t.found[l.Span] = map[string]bool{}
	}
	t.found[l.Span][l.File] = true
	t.out.Literals = append(t.out.Literals, l)
}

func (t *tracer) computed(fr *frame, r hcl.Range) {
	t.out.Computed = append(t.out.Computed, literalOf(fr.file, r))
}

// expr follows an expression.
func (t *tracer) expr(fr *frame, expr hcl.Expression, steps []string) {
	point := tracePoint{fr, expr, joinArrow(steps)}
	if expr == nil || t.seen[point] {
		return
	}
	t.seen[point] = true
	if _, native := expr.(hclsyntax.Node); !native {
		t.json(fr, expr, steps)
		return
	}
	switch e := expr.(type) {
	case *hclsyntax.LiteralValueExpr:
		if e.Val.Type() == cty.String {
			t.literal(fr.file, e.SrcRange)
		}
	case *hclsyntax.TemplateExpr:
		t.all(fr, e.Parts)
	case *hclsyntax.TemplateWrapExpr:
		t.expr(fr, e.Wrapped, steps)
	case *hclsyntax.TemplateJoinExpr:
		t.expr(fr, e.Tuple, nil)
	case *hclsyntax.ParenthesesExpr:
		t.expr(fr, e.Expression, steps)
	case *hclsyntax.ScopeTraversalExpr:
		t.reference(fr, e.Traversal, steps)
	case *hclsyntax.RelativeTraversalExpr:
		t.relative(fr, e, steps)
	case *hclsyntax.IndexExpr:
		t.expr(fr, e.Collection, nil)
		t.expr(fr, e.Key, nil)
	case *hclsyntax.SplatExpr:
		t.expr(fr, e.Source, nil)
	case *hclsyntax.ForExpr:
		t.expr(fr, e.CollExpr, nil)
		t.expr(fr, e.ValExpr, nil)
	case *hclsyntax.ObjectConsExpr:
		t.object(fr, e, steps)
	case *hclsyntax.TupleConsExpr:
		t.all(fr, e.Exprs)
	case *hclsyntax.ConditionalExpr:
		t.computed(fr, e.SrcRange)
	case *hclsyntax.FunctionCallExpr:
		t.computed(fr, e.Range())
		t.all(fr, e.Args)
	}
}

func (t *tracer) all(fr *frame, list []hclsyntax.Expression) {
	for _, e := range list {
		t.expr(fr, e, nil)
	}
}

// object follows the wanted key, or all where the keys cannot be told.
func (t *tracer) object(fr *frame, e *hclsyntax.ObjectConsExpr, steps []string) {
	pairs, ok := staticPairs(e)
	if !ok || len(steps) == 0 {
		for _, item := range e.Items {
			t.expr(fr, item.ValueExpr, nil)
		}
		return
	}
	for _, p := range pairs {
		if p.name == steps[0] {
			t.expr(fr, p.value, steps[1:])
		}
	}
}

// relative follows what stands in front of .names: a file that is read, most
// often.
func (t *tracer) relative(fr *frame, e *hclsyntax.RelativeTraversalExpr, steps []string) {
	if read := soleReading(e); read != nil && t.ev != nil {
		d := newDef(fr.file, "reading", e, e.SrcRange)
		d.analyse()
		v, ok, err := fr.target(t.ev, d, read.path)
		if err == nil && ok {
			t.config(v, append(append([]string{}, read.steps...), steps...))
			return
		}
	}
	t.expr(fr, e.Source, append(staticSteps(e.Traversal), steps...))
}

func staticSteps(list []hcl.Traverser) (names []string) {
	for _, step := range list {
		name, ok := staticStep(step)
		if !ok {
			return names
		}
		names = append(names, name)
	}
	return names
}

// reference follows a name.
func (t *tracer) reference(fr *frame, ref hcl.Traversal, steps []string) {
	if t.ev == nil {
		return
	}
	steps = append(staticSteps(ref[1:]), steps...)
	switch root := ref.RootName(); root {
	case "local":
		own := fr.localsFrame()
		if len(steps) > 0 {
			if d, ok := own.file.locals.byName[steps[0]]; ok {
				t.cell(own, d, steps[1:])
			}
		}
	case "include":
		t.included(fr.core, steps)
	case "values":
		path := filepath.Join(fr.core.dir, valuesFileName)
		t.out.Literals = append(t.out.Literals, fr.core.l.valueLiterals(path, steps)...)
	case "feature":
		if len(steps) > 1 && steps[1] == "value" {
			t.flag(fr.core, steps[0])
		}
	case "each":
		if x := fr.expansionOf(t.member); x != nil && len(steps) > 0 && steps[0] == "value" {
			t.expr(fr, x.expr, append([]string{fr.instance.label}, steps[1:]...))
		}
	}
}

// expansionOf is the for_each of the block that makes the frame's instance.
func (fr *frame) expansionOf(m *member) *def {
	if m == nil || fr.instance == nil || m.expansion() == nil {
		return nil
	}
	return m.expansion().attrs["for_each"]
}

func (t *tracer) included(c *core, steps []string) {
	if len(c.includes) == 1 && c.includes[0].Label == "" {
		t.config(c.includes[0].view(c), steps)
		return
	}
	if len(steps) == 0 {
		return
	}
	if in, ok := c.include(steps[0]); ok {
		t.config(in.view(c), steps[1:])
	}
}

func (t *tracer) flag(c *core, name string) {
	for _, fr := range c.frames() {
		for _, d := range fr.settings(Setting{Block: "feature", Label: name, Attr: "default"}) {
			t.cell(fr, d, nil)
		}
	}
}

// json follows an expression of a file in JSON, whose strings are templates.
func (t *tracer) json(fr *frame, expr hcl.Expression, steps []string) {
	if pairs, diags := hcl.ExprMap(expr); !diags.HasErrors() {
		for _, p := range pairs {
			key, diags := p.Key.Value(nil)
			if len(steps) == 0 {
				t.expr(fr, p.Value, nil)
			} else if !diags.HasErrors() && key.Type() == cty.String && key.AsString() == steps[0] {
				t.expr(fr, p.Value, steps[1:])
			}
		}
		return
	}
	if list, diags := hcl.ExprList(expr); !diags.HasErrors() {
		for _, e := range list {
			t.expr(fr, e, nil)
		}
		return
	}
	refs := expr.Variables()
	for _, ref := range refs {
		t.reference(fr, ref, nil)
	}
	t.literal(fr.file, expr.Range())
}
