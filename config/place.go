package config

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// at is where messages about the expression's value point at: the value, or
// its beginning where it fills several lines.
func (d *def) at() hcl.Range { return firstLine(d.expr.Range(), d.expr.StartRange()) }

func firstLine(rng, start hcl.Range) hcl.Range {
	if rng.Start.Line == rng.End.Line {
		return rng
	}
	return start
}

// place finds where an attribute of an evaluated block is written, the header
// of the block where it is not, and the file's frame.
func (b *block) place(attr string) (*frame, hcl.Range) {
	for _, p := range b.parts {
		if d, ok := p.block.attrs[attr]; ok {
			return p.frame, d.at()
		}
		if p.block.whole == nil || attr == "" {
			continue
		}
		path := []string{attr}
		if b.label != "" {
			path = []string{b.label, attr}
		}
		if _, value, ok := inObject(p.block.whole.expr, path); ok {
			return p.frame, value
		}
	}
	return b.parts[0].frame, b.rng
}

// errAt is a mistake in an attribute of the block, or in the block itself
// where attr is "". An attribute that is not known yet is judged when it is.
func (b *block) errAt(attr, format string, args ...any) error {
	if v, ok := b.attrs[attr]; b.open || ok && !v.IsWhollyKnown() {
		return nil
	}
	fr, rng := b.place(attr)
	return fr.explain(errorAt(rng, "Invalid "+b.spec.name+" block", format, args...))
}

// inObject finds the key that a path of names leads to in an object that is
// written out, and its value.
func inObject(expr hcl.Expression, path []string) (key, value hcl.Range, ok bool) {
	for _, name := range path {
		pairs, diags := hcl.ExprMap(expr)
		if diags.HasErrors() {
			return key, value, false
		}
		ok = false
		for _, p := range pairs {
			if k, diags := p.Key.Value(nil); diags.HasErrors() || k.IsNull() || !k.IsKnown() || k.Type() != cty.String || k.AsString() != name {
				continue
			}
			key, value, ok = p.Key.Range(), firstLine(p.Value.Range(), p.Value.StartRange()), true
			expr = p.Value
		}
		if !ok {
			return key, value, false
		}
	}
	return key, value, ok
}

// held is the value of an attribute that a diagnostic complains of.
type held struct {
	name   string
	value  cty.Value
	secret bool
}

// typed converts an attribute's value to the schema's type. ok is false for
// null.
func (fr *frame) typed(v cty.Value, spec *attrSpec, d *def) (cty.Value, bool, error) {
	out, ok, err := typed(v, spec, d.at())
	p, failed := err.(*problem)
	if !failed {
		return out, ok, err
	}
	if refs := d.expr.Variables(); len(refs) > 0 {
		h := held{name: d.name, value: v, secret: d.allFuncs || len(d.funcs) > 0}
		for _, t := range refs {
			h.secret = h.secret || fr.file.maySecret(traversalNames(t))
		}
		p.diags[0].Extra = h
	}
	return out, ok, fr.explain(p)
}
