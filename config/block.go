package config

import (
	"strings"

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
	open   bool   // nothing of it is known yet
	parts  []part // where it was written, strongest first: for messages
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
	out := &block{spec: b.spec, label: b.label, attrs: make(map[string]cty.Value, len(b.attrs)), rng: b.rng, file: fr.file.path, parts: []part{{fr, b}}}
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
	v, _ = v.UnmarkDeep()
	if !v.IsKnown() {
		return []*block{{spec: b.spec, rng: b.rng, file: fr.file.path, form: true, open: true, attrs: map[string]cty.Value{}, parts: []part{{fr, b}}}}, nil
	}
	if b.spec.label == labelNone {
		one, err := fr.fromObject(b, "", v)
		if one == nil || err != nil {
			return nil, err
		}
		return []*block{one}, nil
	}
	if !isObject(v) {
		return nil, fr.explain(errorAt(b.whole.at(), "Unsuitable value type", "%s must be an object of objects, but it is %s", b.spec.name, kindOf(v)))
	}
	var out []*block
	var ps problems
	for it := v.ElementIterator(); it.Next(); {
		k, element := it.Element()
		one, err := fr.fromObject(b, k.AsString(), element)
		ps.add(err)
		if one != nil {
			out = append(out, one)
		}
	}
	return out, ps.joined()
}

func isObject(v cty.Value) bool { return v.Type().IsObjectType() || v.Type().IsMapType() }

// fromObject checks an object against a block's schema.
func (fr *frame) fromObject(b *blockDef, label string, v cty.Value) (*block, error) {
	if v.IsNull() {
		return nil, nil
	}
	if !isObject(v) {
		_, value := b.inForm(label, "")
		return nil, fr.explain(errorAt(value, "Unsuitable value type", "%s must be an object, but it is %s", strings.TrimSuffix(b.spec.name+"."+label, "."), kindOf(v)))
	}
	if v.LengthInt() == 0 && b.spec.name == "remote_state" {
		return nil, nil // an empty object configures nothing
	}
	out := &block{spec: b.spec, label: label, attrs: map[string]cty.Value{}, rng: b.rng, file: fr.file.path, form: true, parts: []part{{fr, b}}}
	var ps problems
	values := v.AsValueMap()
	meant := map[string]bool{} // by a name that is misspelt
	for _, name := range sortedKeys(values) {
		key, value := b.inForm(label, name)
		spec := b.spec.attr(name)
		if spec == nil {
			best := nearest(name, b.spec.attrNames())
			meant[best] = true
			ps.add(errorAt(key, "Unsupported argument", "An argument named %q is not expected in %s.%s", name, b.spec.name, orNearest(name, b.spec.attrNames()...)))
			continue
		}
		x, ok, err := typed(values[name], spec, value)
		ps.add(err)
		if ok {
			out.attrs[name] = x
		}
	}
	for _, a := range b.spec.attrs {
		if _, ok := values[a.name]; a.required && !ok && !meant[a.name] {
			key, _ := b.inForm(label, "")
			ps.add(errorAt(key, "Missing required argument", "missing required attribute %q in %s", a.name, strings.TrimSuffix(b.spec.name+"."+label, ".")))
		}
	}
	if err := ps.joined(); err != nil {
		return nil, fr.explain(err)
	}
	return out, nil
}

// inForm finds a key of the attribute form and its value: that of an
// attribute, or of a label where attr is "".
func (b *blockDef) inForm(label, attr string) (key, value hcl.Range) {
	var path []string
	for _, name := range []string{label, attr} {
		if name != "" {
			path = append(path, name)
		}
	}
	for len(path) > 0 {
		if key, value, ok := inObject(b.whole.expr, path); ok {
			return key, value
		}
		path = path[:len(path)-1]
	}
	return b.rng, b.whole.at()
}

func (s *blockSpec) attrNames() []string {
	names := make([]string, len(s.attrs))
	for i, a := range s.attrs {
		names[i] = a.name
	}
	return names
}
