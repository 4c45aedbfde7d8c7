package config

import "github.com/hashicorp/hcl/v2"

// Setting names a part of a unit's configuration: a top-level attribute (Attr
// alone), a block (Block and, where it has one, Label), or an attribute of a
// block.
type Setting struct{ Block, Label, Attr string }

// Blame gives a failure that comes of something written in the unit's
// configuration as a mistake at that place, with the failure as its cause. A
// place that none of the unit's files holds leaves the failure as it is.
func (u *Unit) Blame(p Setting, summary string, cause error) error {
	rng, ok := u.core.view().find(p)
	if !ok {
		return cause
	}
	return u.core.failure(causedAt(rng, summary, cause))
}

// find looks a place up in the strongest file that has it.
func (v view) find(p Setting) (hcl.Range, bool) {
	for _, fr := range v.frames {
		if d, ok := fr.file.attrs[p.Attr]; ok && p.Block == "" {
			return d.rng, true
		}
		for _, b := range fr.file.blocks {
			if b.spec.name != p.Block || p.Label != "" && b.label != p.Label {
				continue
			}
			if d, ok := b.attrs[p.Attr]; ok {
				return d.rng, true
			}
			if p.Attr == "" {
				return b.rng, true
			}
		}
	}
	return hcl.Range{}, false
}
