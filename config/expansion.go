package config

import (
	"fmt"

	"github.com/zclconf/go-cty/cty"
)

// maxInstances bounds what one block may make. Each instance has cells of its
// own, about 3 kB: a slip in a count must not take all memory.
const maxInstances = 10_000

// instance is one of the several that a block with an expansion makes.
type instance struct {
	label string
	each  node // each, or count
	word  string
}

// node is what the word each or count stands for; i may be nil.
func (i *instance) node(word string) (node, bool) {
	if i == nil || i.word != word {
		return node{}, false
	}
	return i.each, true
}

// as is the frame for one instance, with cells of its own.
func (fr *frame) as(i *instance) *frame {
	return &frame{core: fr.core, file: fr.file, include: fr.include, instance: i, whole: fr}
}

// expansion is the block that makes several of the one it stands in.
type expansion struct {
	frame *frame
	block *blockDef
	of    *blockDef
}

// instances gives one for each element, in the order of their keys.
func (x expansion) instances(ev *eval) ([]*instance, error) {
	if err := x.readsOutputs(); err != nil {
		return nil, err
	}
	count, hasCount, err := x.frame.attr(ev, x.block, "count")
	if err != nil {
		return nil, err
	}
	each, hasEach, err := x.frame.attr(ev, x.block, "for_each")
	switch {
	case err != nil:
		return nil, err
	case hasCount && hasEach:
		return nil, x.wrong("count", "stands beside for_each: an expansion has one of them")
	case !hasCount && !hasEach:
		return nil, x.neither()
	case hasCount:
		return x.counted(count)
	}
	return x.forEach(each)
}

// readsOutputs complains of an expansion over outputs: the graph must be known
// before there are any, so they cannot be used even where they are known now.
func (x expansion) readsOutputs() error {
	for _, name := range []string{"for_each", "count"} {
		if d, ok := x.block.attrs[name]; ok && d.refs != nil && d.refs.kids["dependency"] != nil {
			return x.wrong(name, "cannot use the outputs of a dependency: how many there are must be known before anything is applied")
		}
	}
	return nil
}

// neither complains that nothing says how many there are. An attribute that is
// null is one that is not there.
func (x expansion) neither() error {
	for _, name := range []string{"for_each", "count"} {
		if _, ok := x.block.attrs[name]; ok {
			return x.wrong(name, "is null")
		}
	}
	return x.frame.explain(errorAt(x.block.rng, "Invalid expansion", "the expansion of %s %q needs either for_each or count", x.of.spec.name, x.of.label))
}

func (x expansion) wrong(attr, why string) error {
	return x.frame.explain(errorAt(x.block.attrs[attr].at(), "Invalid expansion", "%s %s", attr, why))
}

func (x expansion) counted(count cty.Value) ([]*instance, error) {
	if !count.IsKnown() {
		return nil, x.wrong("count", "must be known")
	}
	number := count.AsBigFloat()
	n, _ := number.Int64()
	switch {
	case !number.IsInt() || number.Sign() < 0:
		return nil, x.wrong("count", "must be a whole number that is not negative")
	case n > maxInstances: // also what is larger than any int64
		return nil, x.wrong("count", fmt.Sprintf("must be at most %d", maxInstances))
	}
	list := make([]*instance, n)
	for i := range list {
		index := fixed(map[string]node{"index": known(cty.NumberIntVal(int64(i)))})
		list[i] = &instance{label: fmt.Sprint(i), each: index, word: "count"}
	}
	return list, nil
}

func (x expansion) forEach(each cty.Value) ([]*instance, error) {
	t := each.Type()
	switch {
	case !each.IsKnown():
		return nil, x.wrong("for_each", "must be known")
	case !t.IsObjectType() && !t.IsMapType() && !t.IsSetType():
		return nil, x.wrong("for_each", "must be a map or a set of strings, but it is "+kindOf(each)+". A list becomes a set with toset().")
	case t.IsSetType() && t.ElementType() != cty.String && each.LengthInt() > 0:
		return nil, x.wrong("for_each", "must be a set of strings, but it is a set of "+t.ElementType().FriendlyName()+"s")
	case each.LengthInt() > maxInstances:
		return nil, x.wrong("for_each", fmt.Sprintf("must have at most %d elements", maxInstances))
	}
	var list []*instance
	for it := each.ElementIterator(); it.Next(); {
		k, v := it.Element()
		if t.IsSetType() {
			k = v
		}
		if k.IsNull() || !k.IsKnown() {
			return nil, x.wrong("for_each", "must have known elements")
		}
		list = append(list, &instance{
			label: k.AsString(), word: "each", each: fixed(map[string]node{"key": known(k), "value": known(v)}),
		})
	}
	return list, nil
}
