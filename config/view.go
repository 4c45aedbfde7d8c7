package config

import (
	"sync"

	"github.com/zclconf/go-cty/cty"
)

// view is one or more frames of a unit merged: all of them for the unit's own
// configuration, a single parent for what include.LABEL shows.
type view struct {
	core   *core
	frames []*frame // strongest first
	key    string
}

func (c *core) view() view { return view{core: c, frames: c.frames()} }

func (in *include) view(c *core) view {
	return view{core: c, frames: []*frame{in.frame}, key: in.Label + "/"}
}

// sectionMap holds a cell for each section of each view.
type sectionMap struct {
	mu    sync.Mutex
	cells map[string]*cell
}

func (m *sectionMap) get(key string) *cell {
	m.mu.Lock()
	defer m.mu.Unlock()
	c, ok := m.cells[key]
	if !ok {
		if m.cells == nil {
			m.cells = map[string]*cell{}
		}
		c = &cell{}
		m.cells[key] = c
	}
	return c
}

// section gives the merged blocks of one name.
func (v view) section(ev *eval, name string) ([]*block, error) {
	inner := *ev
	inner.effects = effects{}
	inner.phase = v.core.main.phase(ev)
	value, err := v.core.l.force(&inner, v.core.sections.get("block "+v.key+name), step{v.core.path, name}, func(ev *eval) (any, error) {
		return v.mergeSection(ev, name)
	})
	ev.add(inner.effects)
	if err != nil {
		return nil, err
	}
	return value.([]*block), nil
}

func (v view) mergeSection(ev *eval, name string) ([]*block, error) {
	if name == "dependency" {
		return v.dependencySection(ev)
	}
	spec := v.core.l.schema.block(name)
	var merged []*block
	var ps problems
	for i, fr := range v.frames {
		blocks, err := fr.blocksOf(ev, name)
		ps.add(err)
		if i == 0 || len(merged) == 0 && fr.include == nil {
			merged = blocks
			continue
		}
		merged = mergeBlocks(spec, blocks, merged, fr.strategy() == "deep")
	}
	return merged, ps.joined()
}

// has says whether any of the files holds a block of that name, without
// evaluating anything.
func (v view) has(name string) bool {
	for _, fr := range v.frames {
		for _, b := range fr.file.blocks {
			if b.spec.name == name {
				return true
			}
		}
	}
	return false
}

// top gives a top-level attribute: the strongest file's that sets it.
func (v view) top(ev *eval, name string) (cty.Value, bool, error) {
	spec := v.core.l.schema.attr(name)
	for _, fr := range v.frames {
		d, ok := fr.file.attrs[name]
		if !ok {
			continue
		}
		raw, err := fr.value(ev, d)
		if err != nil {
			return cty.NilVal, false, err
		}
		x, ok, err := fr.typed(raw, spec, d)
		if err != nil {
			return cty.NilVal, false, err
		}
		if ok && isSet(x) {
			return x, true, nil
		}
	}
	return cty.NilVal, false, nil
}

// blockAttr gives one attribute of a block that stands once in a file, without
// evaluating the others. It serves attributes that are merged by "child if
// set".
func (v view) blockAttr(ev *eval, name, attr string) (cty.Value, bool, error) {
	for _, fr := range v.frames {
		for _, b := range fr.file.blocks {
			if b.spec.name != name {
				continue
			}
			x, ok, err := fr.attr(ev, b, attr)
			if err != nil {
				return cty.NilVal, false, err
			}
			if ok && isSet(x) {
				return x, true, nil
			}
		}
	}
	return cty.NilVal, false, nil
}
