package config

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// labelled is a block that is merged by label, still unevaluated: the places
// where it is written, strongest first. Its attributes can be asked for one by
// one, each the strongest place's that sets it.
type labelled struct {
	label    string
	parts    []part
	instance *instance // set where the block makes several
}

// address is the label, with the key of an instance: name[key].
func (b labelled) address() string {
	if b.instance == nil {
		return b.label
	}
	return b.label + "[" + b.instance.label + "]"
}

type part struct {
	frame *frame
	block *blockDef
}

// labelled lists the merged blocks of one name in the order that merging gives
// them, without evaluating anything.
func (v view) labelled(name string) []labelled {
	var merged []labelled
	for i, fr := range v.frames {
		own := fr.labelled(name)
		if i == 0 {
			merged = own
			continue
		}
		merged = mergeParts(own, merged, fr.strategy() == "deep")
	}
	return merged
}

func (fr *frame) labelled(name string) []labelled {
	var out []labelled
	for _, b := range fr.file.blocks {
		if b.spec.name == name && b.whole == nil {
			out = append(out, labelled{label: b.label, parts: []part{{fr, b}}})
		}
	}
	return out
}

func mergeParts(parent, child []labelled, deep bool) []labelled {
	rest := map[string]labelled{}
	for _, c := range child {
		rest[c.label] = c
	}
	var out []labelled
	for _, p := range parent {
		mine, ok := rest[p.label]
		if !ok {
			out = append(out, p)
			continue
		}
		if deep {
			mine.parts = append(append([]part{}, mine.parts...), p.parts...)
		}
		out = append(out, mine)
		delete(rest, p.label)
	}
	for _, c := range child {
		if _, ok := rest[c.label]; ok {
			out = append(out, c)
		}
	}
	return out
}

// attr gives an attribute of the strongest place that sets it.
func (b labelled) attr(ev *eval, name string) (cty.Value, bool, error) {
	for _, p := range b.parts {
		v, ok, err := p.frame.attr(ev, p.block, name)
		if err != nil {
			return cty.NilVal, false, err
		}
		if ok && isSet(v) {
			return v, true, nil
		}
	}
	return cty.NilVal, false, nil
}

// merged gives an attribute by the schema's rule for deep merging.
func (b labelled) merged(ev *eval, name string) (cty.Value, bool, error) {
	value, found := cty.NilVal, false
	for _, p := range b.parts {
		v, ok, err := p.frame.attr(ev, p.block, name)
		if err != nil {
			return cty.NilVal, false, err
		}
		switch {
		case !ok || !isSet(v):
		case !found:
			value, found = v, true
		default:
			value = mergeAttr(p.block.spec.attr(name).rule(true), v, value)
		}
	}
	return value, found, nil
}

func (b labelled) str(ev *eval, name string) (string, error) {
	v, ok, err := b.attr(ev, name)
	if err != nil || !ok || !v.IsKnown() {
		return "", err
	}
	return v.AsString(), nil
}

func (b labelled) bool(ev *eval, name string, absent bool) (bool, error) {
	v, ok, err := b.attr(ev, name)
	if err != nil || !ok || !v.IsKnown() {
		return absent, err
	}
	return v.True(), nil
}

// first is the strongest place: where messages point at.
func (b labelled) first() part { return b.parts[0] }

// place is where the strongest of an attribute's values is written, or the
// header of the block.
func (b labelled) place(attr string) (*frame, hcl.Range) {
	for _, p := range b.parts {
		if d, ok := p.block.attrs[attr]; ok {
			return p.frame, d.at()
		}
	}
	return b.first().frame, b.first().block.rng
}

// errAt is a mistake in an attribute, or in the block itself where attr is "".
func (b labelled) errAt(attr, summary, format string, args ...any) error {
	fr, rng := b.place(attr)
	return fr.explain(errorAt(rng, summary, format, args...))
}

// causedAt is errAt for a failure of the outside world.
func (b labelled) causedAt(attr, summary string, cause error) error {
	fr, rng := b.place(attr)
	return fr.explain(causedAt(rng, summary, cause))
}

// step describes the way over the dependency in the trace of an error.
func (b labelled) step(target string) string {
	_, rng := b.place("")
	return fmt.Sprintf("%s:%d: dependency %q on %s", rng.Filename, rng.Start.Line, b.address(), target)
}
