package config

import "github.com/zclconf/go-cty/cty"

// inputs is the unit's merged inputs. A key can be asked for alone where the
// files name their keys without evaluating anything.
func (v view) inputs() node {
	return node{
		kid: v.input,
		names: func(ev *eval) ([]string, error) {
			all, err := v.allInputs(ev)
			if err != nil {
				return nil, err
			}
			return sortedKeys(all), nil
		},
	}
}

// input finds a key in the strongest file that has it; under a deep merge the
// weaker ones have a say too.
func (v view) input(ev *eval, key string) (node, bool, error) {
	var value cty.Value
	found := false
	for i, fr := range v.frames {
		x, ok, err := fr.input(ev, key)
		if err != nil {
			return node{}, false, err
		}
		switch {
		case !ok:
		case !found:
			value, found = x, true
		case fr.strategy() == "deep":
			value = deepMerge(x, value)
		}
		if found && !v.deepBelow(i) {
			break
		}
	}
	return known(value), found, nil
}

// deepBelow says whether a file weaker than the i-th is merged deeply.
func (v view) deepBelow(i int) bool {
	for _, fr := range v.frames[i+1:] {
		if fr.strategy() == "deep" {
			return true
		}
	}
	return false
}

func (v view) allInputs(ev *eval) (map[string]cty.Value, error) {
	v.fetchForInputs(ev)
	merged := map[string]cty.Value{}
	var ps problems
	for i, fr := range v.frames {
		own, err := fr.ownInputs(ev)
		ps.add(err)
		for k, x := range own {
			have, ok := merged[k]
			switch {
			case !ok:
				merged[k] = x
			case i > 0 && fr.strategy() == "deep":
				merged[k] = deepMerge(x, have)
			}
		}
	}
	return merged, ps.joined()
}

// inputsOpen says whether a file's inputs cannot be named before outputs are
// known. Mistakes in them are allInputs' to tell.
func (v view) inputsOpen(ev *eval) bool {
	for _, fr := range v.frames {
		if in := fr.file.inputs; in != nil && in.whole != nil {
			if all, err := fr.value(ev, in.whole); err == nil && !all.IsKnown() {
				return true
			}
		}
	}
	return false
}

// input gives one key of the file's own inputs.
func (fr *frame) input(ev *eval, key string) (cty.Value, bool, error) {
	in := fr.file.inputs
	if in == nil {
		return cty.NilVal, false, nil
	}
	if in.whole != nil {
		all, err := fr.wholeInputs(ev)
		if err != nil {
			return cty.NilVal, false, err
		}
		v, ok := all[key]
		return v, ok, nil
	}
	d, ok := in.keys.byName[key]
	if !ok {
		return cty.NilVal, false, nil
	}
	v, err := fr.value(ev, d)
	return v, err == nil, err
}

func (fr *frame) ownInputs(ev *eval) (map[string]cty.Value, error) {
	in := fr.file.inputs
	switch {
	case in == nil:
		return nil, nil
	case in.whole != nil:
		return fr.wholeInputs(ev)
	}
	out := make(map[string]cty.Value, len(in.keys.order))
	var ps problems
	for _, name := range in.keys.order {
		if fr.overridden(name) {
			continue
		}
		v, err := fr.value(ev, in.keys.byName[name])
		ps.add(err)
		if err == nil {
			out[name] = v
		}
	}
	return out, ps.joined()
}

func (fr *frame) wholeInputs(ev *eval) (map[string]cty.Value, error) {
	d := fr.file.inputs.whole
	v, err := fr.value(ev, d)
	if err != nil || v.IsNull() || !v.IsKnown() {
		return nil, err
	}
	v, _ = v.Unmark()
	if !isObject(v) {
		return nil, fr.explain(errorAt(d.at(), "Unsuitable value type", "inputs must be an object, but it is %s", kindOf(v)))
	}
	return v.AsValueMap(), nil
}
