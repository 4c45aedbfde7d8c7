package config

import (
	"sort"

	"github.com/zclconf/go-cty/cty"
)

// mergeBlocks merges a parent's blocks of one name with the child's, by the
// rules of the schema. Neither side is changed.
func mergeBlocks(spec *blockSpec, parent, child []*block, deep bool) []*block {
	rule := spec.shallow
	if deep {
		rule = spec.deep
	}
	switch {
	case rule == mergeNever:
		return child
	case len(parent) == 0:
		return child
	case len(child) == 0:
		return parent
	}
	switch rule {
	case mergeWhole:
		return child
	case mergeFields:
		return []*block{mergeInto(parent[0], child[0], deep)}
	}
	return mergeLabelled(rule, parent, child, deep)
}

// mergeLabelled keeps the parent's order and appends new labels. Blocks of one
// file that share a label stay side by side.
func mergeLabelled(rule blockMerge, parent, child []*block, deep bool) []*block {
	byLabel := map[string][]*block{}
	for _, b := range child {
		byLabel[b.label] = append(byLabel[b.label], b)
	}
	var out []*block
	placed := map[string]bool{}
	for _, p := range parent {
		mine, ok := byLabel[p.label]
		switch {
		case !ok:
			out = append(out, p)
		case placed[p.label]:
		case rule == mergeByField:
			out = append(out, mergeInto(p, mine[0], deep))
		default:
			out = append(out, mine...)
		}
		placed[p.label] = placed[p.label] || ok
	}
	for _, b := range child {
		if !placed[b.label] {
			out = append(out, b)
		}
	}
	return out
}

// mergeInto merges one block attribute by attribute.
func mergeInto(parent, child *block, deep bool) *block {
	out := &block{spec: child.spec, label: child.label, attrs: map[string]cty.Value{}, rng: child.rng, file: child.file, form: child.form,
		parts: append(append([]part{}, child.parts...), parent.parts...)}
	for _, a := range child.spec.attrs {
		p, hasParent := parent.attrs[a.name]
		c, hasChild := child.attrs[a.name]
		switch {
		case hasChild && hasParent && isSet(c):
			out.attrs[a.name] = mergeAttr(a.rule(deep), p, c)
		case hasChild && (isSet(c) || !hasParent):
			out.attrs[a.name] = c
		case hasParent:
			out.attrs[a.name] = p
		}
	}
	for _, s := range child.spec.blocks {
		out.blocks = append(out.blocks, mergeBlocks(s, named(parent.blocks, s.name), named(child.blocks, s.name), deep)...)
	}
	return out
}

func named(blocks []*block, name string) []*block {
	var out []*block
	for _, b := range blocks {
		if b.spec.name == name {
			out = append(out, b)
		}
	}
	return out
}

// isSet says whether a child's value counts: an empty string does not.
func isSet(v cty.Value) bool {
	return !(v.Type() == cty.String && v.IsKnown() && v.AsString() == "")
}

func (a attrSpec) rule(deep bool) attrMerge {
	if deep {
		return a.deep
	}
	return a.shallow
}

func mergeAttr(rule attrMerge, parent, child cty.Value) cty.Value {
	if !parent.IsKnown() || !child.IsKnown() {
		return child
	}
	switch rule {
	case attrValues:
		return deepMerge(parent, child)
	case attrChildAnd:
		return concatStrings(child, parent)
	case attrAndChild:
		return stringList(unique(concatSlices(parent, child)))
	case attrSorted:
		all := unique(concatSlices(parent, child))
		sort.Strings(all)
		return stringList(all)
	case attrPositive:
		if child.LessThanOrEqualTo(cty.Zero).True() {
			return parent
		}
	case attrKeys:
		return mergeKeys(parent, child)
	}
	return child
}

// deepMerge merges two values by the table of section 2.2: objects key by key,
// lists one after the other, everything else the child's. A list or an object
// over something of another kind replaces it.
func deepMerge(parent, child cty.Value) cty.Value {
	if parent == cty.NilVal || parent.IsNull() || !parent.IsKnown() || !child.IsKnown() {
		return child
	}
	if child.IsNull() {
		return child
	}
	plainParent, parentMarks := parent.Unmark()
	plainChild, childMarks := child.Unmark()
	if len(parentMarks)+len(childMarks) > 0 && isCollection(parent) && isCollection(child) {
		return deepMerge(plainParent, plainChild).WithMarks(parentMarks, childMarks)
	}
	switch {
	case isObject(parent) && isObject(child):
		if child.LengthInt() == 0 {
			return parent
		}
		out := parent.AsValueMap()
		if out == nil {
			out = map[string]cty.Value{}
		}
		for k, c := range child.AsValueMap() {
			if p, ok := out[k]; ok {
				c = deepMerge(p, c)
			}
			out[k] = c
		}
		return cty.ObjectVal(out)
	case isSequence(parent) && isSequence(child):
		if child.LengthInt() == 0 {
			return parent
		}
		return cty.TupleVal(append(append([]cty.Value{}, parent.AsValueSlice()...), child.AsValueSlice()...))
	}
	return child
}

func isCollection(v cty.Value) bool { return isObject(v) || isSequence(v) }

func isSequence(v cty.Value) bool {
	t := v.Type()
	return t.IsTupleType() || t.IsListType() || t.IsSetType()
}

// mergeKeys gives the keys of both objects, the child's value where both have
// one.
func mergeKeys(parent, child cty.Value) cty.Value {
	if !isObject(parent) || !isObject(child) {
		return child
	}
	out := map[string]cty.Value{}
	for _, v := range []cty.Value{parent, child} {
		for k, x := range v.AsValueMap() {
			out[k] = x
		}
	}
	return cty.ObjectVal(out)
}

func concatSlices(a, b cty.Value) []string { return append(stringsOf(a), stringsOf(b)...) }

func concatStrings(a, b cty.Value) cty.Value { return stringList(concatSlices(a, b)) }

func stringsOf(v cty.Value) []string {
	if v == cty.NilVal || v.IsNull() || !v.IsKnown() {
		return nil
	}
	out := make([]string, 0, v.LengthInt())
	for it := v.ElementIterator(); it.Next(); {
		_, x := it.Element()
		if x.IsKnown() && !x.IsNull() {
			out = append(out, x.AsString())
		}
	}
	return out
}

func stringList(list []string) cty.Value {
	if len(list) == 0 {
		return cty.ListValEmpty(cty.String)
	}
	values := make([]cty.Value, len(list))
	for i, s := range list {
		values[i] = cty.StringVal(s)
	}
	return cty.ListVal(values)
}
