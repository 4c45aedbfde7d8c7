package config

// dependencyBlocks lists the merged dependency blocks, and where one makes
// several, those.
func (v view) dependencyBlocks(ev *eval) ([]labelled, error) {
	var out []labelled
	var ps problems
	for _, d := range v.labelled("dependency") {
		several, ok, err := v.expanded(ev, d)
		ps.add(err)
		switch {
		case ok:
			out = append(out, several...)
		case err == nil:
			out = append(out, d)
		}
	}
	return out, ps.joined()
}

// expanded gives the dependencies that one block makes; ok is false for a
// block without expansion. Which ones there are is known before any outputs.
func (v view) expanded(ev *eval, d labelled) (several []labelled, ok bool, err error) {
	x, ok := d.expansion()
	if !ok {
		return nil, false, nil
	}
	made, err := v.core.l.force(ev, v.core.sections.get("expand "+v.key+d.label), step{v.core.path, "dependency." + d.label}, func(ev *eval) (any, error) {
		each, err := x.instances(ev)
		if err != nil {
			return nil, err
		}
		list := make([]labelled, len(each))
		for i, one := range each {
			list[i] = d.as(one)
		}
		return list, nil
	})
	if err != nil {
		return nil, false, err
	}
	return made.([]labelled), true, nil
}

// expansion is that of the strongest place that has one.
func (b labelled) expansion() (expansion, bool) {
	for _, p := range b.parts {
		for _, nested := range p.block.blocks {
			if nested.spec.name == "expansion" {
				return expansion{p.frame, nested, p.block}, true
			}
		}
	}
	return expansion{}, false
}

// as is the block with all its places seen by one instance.
func (b labelled) as(i *instance) labelled {
	out := labelled{label: b.label, instance: i, parts: make([]part, len(b.parts))}
	for n, p := range b.parts {
		out.parts[n] = part{p.frame.as(i), p.block}
	}
	return out
}

// dependencySection evaluates the dependency blocks whole, for rendering. Of a
// block that makes several each is shown under its address.
func (v view) dependencySection(ev *eval) ([]*block, error) {
	var out []*block
	list, err := v.dependencyBlocks(ev)
	var ps problems
	ps.add(err)
	for _, d := range list {
		one, err := d.whole(ev)
		ps.add(err)
		if one != nil {
			out = append(out, one)
		}
	}
	return out, ps.joined()
}

// whole merges a block's places.
func (b labelled) whole(ev *eval) (*block, error) {
	var merged *block
	for i := len(b.parts) - 1; i >= 0; i-- {
		one, err := b.parts[i].frame.block(ev, b.parts[i].block.without("expansion"))
		if err != nil {
			return nil, err
		}
		if merged != nil {
			one = mergeInto(merged, one, true)
		}
		merged = one
	}
	merged.label = b.address()
	return merged, nil
}

// without is the block less its nested blocks of a name.
func (b *blockDef) without(name string) *blockDef {
	out := *b
	out.blocks = nil
	for _, nested := range b.blocks {
		if nested.spec.name != name {
			out.blocks = append(out.blocks, nested)
		}
	}
	return &out
}
