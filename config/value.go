package config

import "github.com/zclconf/go-cty/cty"

// value is the complete configuration as an object: what
// read_terragrunt_config returns. Blocks that are absent are left out, absent
// strings are empty.
func (v view) value(ev *eval) (cty.Value, error) {
	inner := *ev
	inner.effects = effects{}
	inner.phase = v.core.main.phase(ev)
	value, err := v.core.l.force(&inner, v.core.sections.get("value "+v.key), step{v.core.path, wholeFile}, func(ev *eval) (any, error) {
		return v.node().all(ev)
	})
	ev.add(inner.effects)
	if err != nil {
		return cty.NilVal, err
	}
	return value.(cty.Value), nil
}

// partNames lists what the object of value can hold, in the order in which it
// is evaluated: locals first, since people log in with _ = run_cmd(...).
func (v view) partNames() []string {
	names := []string{"locals"}
	for _, b := range v.core.l.schema.blocks {
		if b.name != "include" && b.name != "locals" && v.has(b.name) {
			names = append(names, b.name)
		}
	}
	for _, a := range v.core.l.schema.attrs {
		names = append(names, a.name)
	}
	return names
}

// part gives one entry of that object, locals and inputs excepted.
func (v view) part(ev *eval, name string) (cty.Value, bool, error) {
	if spec := v.core.l.schema.attr(name); spec != nil {
		return v.topPart(ev, spec)
	}
	spec := v.core.l.schema.block(name)
	if spec == nil || spec.name == "include" {
		return cty.NilVal, false, nil
	}
	if name == "dependency" {
		return v.dependencyPart(ev)
	}
	blocks, err := v.section(ev, name)
	if err != nil || len(blocks) == 0 {
		return cty.NilVal, false, err
	}
	if spec.label == labelNone {
		return blocks[len(blocks)-1].value(), true, nil
	}
	byLabel := map[string]cty.Value{}
	for _, b := range blocks {
		byLabel[b.label] = b.value()
	}
	return cty.ObjectVal(byLabel), true, nil
}

func (v view) topPart(ev *eval, spec *attrSpec) (cty.Value, bool, error) {
	value, ok, err := v.top(ev, spec.name)
	switch {
	case err != nil || ok:
		return value, ok, err
	case spec.typ == typeString:
		return cty.StringVal(""), true, nil
	}
	return cty.NilVal, false, nil
}

// dependencyPart gives the dependency blocks by label, each with its outputs;
// those that one block makes by their keys.
func (v view) dependencyPart(ev *eval) (cty.Value, bool, error) {
	list := v.labelled("dependency")
	if len(list) == 0 {
		return cty.NilVal, false, nil
	}
	v.fetchAll(ev)
	byLabel := map[string]cty.Value{}
	for _, d := range list {
		several, ok, err := v.expanded(ev, d)
		if err != nil {
			return cty.NilVal, false, err
		}
		if !ok {
			if byLabel[d.label], err = v.dependencyValue(ev, d); err != nil {
				return cty.NilVal, false, err
			}
			continue
		}
		byKey := map[string]cty.Value{}
		for _, one := range several {
			if byKey[one.instance.label], err = v.dependencyValue(ev, one); err != nil {
				return cty.NilVal, false, err
			}
		}
		byLabel[d.label] = cty.ObjectVal(byKey)
	}
	return cty.ObjectVal(byLabel), true, nil
}

func (v view) dependencyValue(ev *eval, d labelled) (cty.Value, error) {
	attrs := map[string]cty.Value{"name": cty.StringVal(d.address())}
	for _, a := range d.first().block.spec.attrs {
		value, ok, err := d.merged(ev, a.name)
		if err != nil {
			return cty.NilVal, err
		}
		if !ok {
			value = cty.NullVal(a.typ.ctyType())
		}
		attrs[a.name] = value
	}
	out, ok, err := v.outputs(ev, d)
	if err != nil {
		return cty.NilVal, err
	}
	if ok {
		attrs["outputs"] = out
	}
	return cty.ObjectVal(attrs), nil
}

// value gives a block as an object: all attributes that the schema knows,
// absent ones null, and nested blocks by name and label.
func (b *block) value() cty.Value {
	attrs := map[string]cty.Value{}
	if b.label != "" {
		attrs["name"] = cty.StringVal(b.label)
	}
	for _, a := range b.spec.attrs {
		v, ok := b.attrs[a.name]
		if !ok {
			v = cty.NullVal(a.typ.ctyType())
		}
		attrs[a.name] = v
	}
	for _, s := range b.spec.blocks {
		nested := map[string]cty.Value{}
		for _, n := range named(b.blocks, s.name) {
			nested[n.label] = n.value()
		}
		attrs[s.name] = cty.ObjectVal(nested)
	}
	return cty.ObjectVal(attrs)
}
