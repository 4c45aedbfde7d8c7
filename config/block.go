package config

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// block is a block evaluated: its attributes converted to the schema's types.
// An attribute that is absent or null is not in attrs.
type block struct {
	spec   *blockSpec
	label  string
	attrs  map[string]cty.Value
	blocks []*block // in the order written, parents' first
	rng    hcl.Range
	file   string // where it was written
	form   bool   // written as an attribute
}

// blocksOf evaluates a file's blocks of one name.
func (fr *frame) blocksOf(ev *eval, name string) ([]*block, error) {
	var out []*block
	var ps problems
	for _, b := range fr.file.blocks {
		if b.spec.name != name {
			continue
		}
		var list []*block
		var err error
		if b.whole != nil {
			list, err = fr.attributeForm(ev, b)
		} else {
			list = make([]*block, 1)
			list[0], err = fr.block(ev, b)
		}
		ps.add(err)
		if err == nil {
			out = append(out, list...)
		}
	}
	return out, ps.joined()
}

func (fr *frame) block(ev *eval, b *blockDef) (*block, error) {
	out := &block{spec: b.spec, label: b.label, attrs: make(map[string]cty.Value, len(b.attrs)), rng: b.rng, file: fr.file.path}
	var ps problems
	for _, a := range b.spec.attrs {
		v, ok, err := fr.attr(ev, b, a.name)
		ps.add(err)
		if ok {
			out.attrs[a.name] = v
		}
	}
	for _, nested := range b.blocks {
		child, err := fr.block(ev, nested)
		ps.add(err)
		out.blocks = append(out.blocks, child)
	}
	if err := ps.joined(); err != nil {
		return nil, err
	}
	return out, nil
}

// attributeForm reads name = { ... } as the blocks that it stands for: one, or
// one for each key where the schema wants labels.
func (fr *frame) attributeForm(ev *eval, b *blockDef) ([]*block, error) {
	v, err := fr.value(ev, b.whole)
	if err != nil || v.IsNull() {
		return nil, err
	}
	v, _ = v.Unmark()
	if !v.IsKnown() {
		return []*block{{spec: b.spec, rng: b.rng, file: fr.file.path, form: true, attrs: map[string]cty.Value{}}}, nil
	}
	if b.spec.label == labelNone {
		one, err := fr.fromObject(b, b.whole.rng, "", v)
		if one == nil || err != nil {
			return nil, err
		}
		return []*block{one}, nil
	}
	if !isObject(v) {
		return nil, errorAt(b.rng, "Unsuitable value type", "%s must be an object of objects, but it is %s", b.spec.name, typeName(v))
	}
	var out []*block
	var ps problems
	for it := v.ElementIterator(); it.Next(); {
		k, element := it.Element()
		one, err := fr.fromObject(b, b.whole.rng, k.AsString(), element)
		ps.add(err)
		if one != nil {
			out = append(out, one)
		}
	}
	return out, ps.joined()
}

func isObject(v cty.Value) bool { return v.Type().IsObjectType() || v.Type().IsMapType() }

// fromObject checks an object against a block's schema.
func (fr *frame) fromObject(b *blockDef, rng hcl.Range, label string, v cty.Value) (*block, error) {
	if v.IsNull() {
		return nil, nil
	}
	if !isObject(v) {
		return nil, errorAt(rng, "Unsuitable value type", "%s must be an object, but it is %s", b.spec.name, typeName(v))
	}
	if v.LengthInt() == 0 && b.spec.name == "remote_state" {
		return nil, nil // an empty object configures nothing
	}
	out := &block{spec: b.spec, label: label, attrs: map[string]cty.Value{}, rng: b.rng, file: fr.file.path, form: true}
	var ps problems
	values := v.AsValueMap()
	for _, name := range sortedKeys(values) {
		spec := b.spec.attr(name)
		if spec == nil {
			ps.add(errorAt(rng, "Unsupported argument", "An argument named %q is not expected in %s.%s", name, b.spec.name, didYouMean(name, b.spec)))
			continue
		}
		x, ok, err := typed(values[name], spec, rng)
		ps.add(err)
		if ok {
			out.attrs[name] = x
		}
	}
	for _, a := range b.spec.attrs {
		if _, ok := values[a.name]; a.required && !ok {
			ps.add(errorAt(rng, "Missing required argument", "missing required attribute %q in %s %s", a.name, b.spec.name, label))
		}
	}
	if err := ps.joined(); err != nil {
		return nil, err
	}
	return out, nil
}

func didYouMean(name string, spec *blockSpec) string {
	var names []string
	for _, a := range spec.attrs {
		names = append(names, a.name)
	}
	if best := nearest(name, names); best != "" {
		return " Did you mean " + `"` + best + `"?`
	}
	return ""
}
