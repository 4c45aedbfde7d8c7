package promote

import (
	"context"
	"maps"
	"slices"

	"github.com/terrace-iac/terrace/live"
)

// Want is what one unit is to become.
type Want struct {
	Dir     string
	Version string // of the module
	Entry   string // of the catalog entry, "" for as it is
}

// Plan is a set of edits that does what was asked for, proven.
type Plan struct {
	Edits  []*Edit             // sorted by file and place
	Texts  map[string][]byte   // the files with the edits, whole, by path
	After  map[string]live.Pin // what the units will be pinned to, by folder
	Served []string            // folders of the units that change as requested, sorted
	Shared []string            // of those that change although nobody asked, sorted
}

// Plan finds one literal for each wanted unit. With shared, a literal may also
// change units that nobody asked for. The error joins a *RefusedError for each
// unit that cannot be served; then there is no plan at all.
func (s *Snapshot) Plan(ctx context.Context, wants []Want, shared bool) (*Plan, error) {
	c := &choice{snapshot: s, wants: map[string]Want{}, effects: map[editKey]*effect{}, shared: shared}
	for _, w := range wants {
		c.wants[w.Dir] = w
	}
	found := make([]*search, len(wants))
	each(len(wants), func(i int) { found[i] = c.search(ctx, wants[i]) })
	if err := c.try(ctx, found, false); err != nil {
		return nil, err
	}
	if edits, ok := c.one(found); ok {
		// Each unit has one literal that serves it. Whether all of these serve
		// nobody else, one evaluation of everything tells; where they do, which
		// of them does is found out below.
		if p, err := c.proven(ctx, edits); err == nil {
			return p, nil
		}
	}
	if err := c.try(ctx, found, true); err != nil {
		return nil, err
	}
	chosen := map[editKey]*Edit{}
	var refused refusals
	for _, f := range found {
		e, err := c.choose(f)
		if err != nil {
			refused = append(refused, err)
			continue
		}
		chosen[e.key()] = e
		e.serve(f.want.Dir)
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if len(refused) > 0 {
		return nil, refused.joined()
	}
	return c.proven(ctx, slices.Collect(maps.Values(chosen)))
}

// serve notes a unit that the edit is for.
func (e *Edit) serve(dir string) {
	if !slices.Contains(e.Units, dir) {
		e.Units = append(e.Units, dir)
		slices.Sort(e.Units)
	}
}

// one gives the edits where each unit has exactly one that serves it.
func (c *choice) one(found []*search) (edits []*Edit, ok bool) {
	for _, f := range found {
		good := c.verdicts(f)
		if f.err != nil || len(good) != 1 {
			return nil, false
		}
		e := good[0].edit
		e.serve(f.want.Dir)
		if !slices.Contains(edits, e) {
			edits = append(edits, e)
		}
	}
	return edits, true
}

// choice is one call of Plan.
type choice struct {
	snapshot *Snapshot
	wants    map[string]Want
	shared   bool
	effects  map[editKey]*effect // written before edits are tried, then only read
}

// effect is what an edit alone does.
type effect struct {
	edit    *Edit
	found   map[string]bool // the units that it is a candidate for
	changes []change
	err     error
}

// search is what was found for one wanted unit.
type search struct {
	want       Want
	unit       *Unit
	candidates []*Edit
	sources    *sources
	err        error
}

func (c *choice) search(ctx context.Context, w Want) *search {
	out := &search{want: w, unit: c.snapshot.Unit(w.Dir)}
	switch {
	case out.unit == nil:
		out.err = &RefusedError{Unit: w.Dir, Why: "there is no such unit"}
		return out
	case out.unit.Err != nil:
		out.err = &RefusedError{Unit: w.Dir, Why: "it cannot be evaluated", Err: out.unit.Err}
		return out
	}
	out.candidates, out.sources, out.err = c.snapshot.candidates(ctx, out.unit, w)
	return out
}

// try evaluates with each candidate, once: the units that it was found for, or
// all where it serves one of these.
func (c *choice) try(ctx context.Context, found []*search, all bool) error {
	for _, f := range found {
		for _, e := range f.candidates {
			if c.effects[e.key()] == nil {
				c.effects[e.key()] = &effect{edit: e, found: map[string]bool{}}
			}
			c.effects[e.key()].found[f.want.Dir] = true
		}
	}
	todo := slices.Collect(maps.Values(c.effects))
	if all {
		todo = slices.DeleteFunc(todo, func(e *effect) bool { return len(e.changes) == 0 })
	}
	each(len(todo), func(i int) {
		e := todo[i]
		only := e.found
		if all {
			only = nil
		}
		texts, err := applied([]*Edit{e.edit})
		if err == nil {
			e.changes, err = c.snapshot.with(ctx, texts, only)
		}
		e.err = err
	})
	return ctx.Err()
}

// right says whether a unit is as it was asked for.
func (w Want) right(before, after *Unit) bool {
	if before == nil || after == nil || after.Err != nil {
		return false
	}
	return after.Pin.Version == w.Version && after.Pin.Module == before.Pin.Module
}

// verdict is what a candidate would do, seen by the unit it was found for.
type verdict struct {
	edit   *Edit
	others []string // units that nobody asked for, or that would become something else
}

// verdicts are the candidates that give the unit its version.
func (c *choice) verdicts(f *search) (good []verdict) {
	for _, e := range f.candidates {
		done := c.effects[e.key()]
		if done.err != nil {
			continue
		}
		v, ok := verdict{edit: done.edit}, false
		for _, ch := range done.changes {
			w, wanted := c.wants[ch.dir]
			switch {
			case !wanted || !w.right(ch.before, ch.after):
				v.others = append(v.others, ch.dir)
			case ch.dir == f.want.Dir:
				ok = true
			}
		}
		if ok {
			good = append(good, v)
		}
	}
	return good
}

// choose decides for one unit.
func (c *choice) choose(f *search) (*Edit, error) {
	if f.err != nil {
		return nil, f.err
	}
	var alone, sharing []verdict
	for _, v := range c.verdicts(f) {
		if len(v.others) == 0 {
			alone = append(alone, v)
		} else {
			sharing = append(sharing, v)
		}
	}
	r := &RefusedError{Unit: f.want.Dir}
	switch {
	case len(alone) == 1:
		return alone[0].edit, nil
	case len(alone) > 1:
		return nil, r.ambiguous(f, alone)
	case len(sharing) == 0:
		return nil, r.computed(f)
	case !c.shared || c.spoils(sharing):
		return nil, r.shares(sharing)
	case len(sharing) > 1:
		return nil, r.ambiguous(f, sharing)
	}
	sharing[0].edit.Shared = sharing[0].others
	return sharing[0].edit, nil
}

// spoils says that a literal that is shared would make another requested unit
// something else than what was requested for it.
func (c *choice) spoils(list []verdict) bool {
	return slices.ContainsFunc(list, func(v verdict) bool {
		return slices.ContainsFunc(v.others, func(dir string) bool { _, wanted := c.wants[dir]; return wanted })
	})
}

// proven evaluates the repository with all edits together.
func (c *choice) proven(ctx context.Context, edits []*Edit) (*Plan, error) {
	texts, err := applied(edits)
	if err != nil {
		return nil, err
	}
	changes, err := c.snapshot.with(ctx, texts, nil)
	if err != nil {
		return nil, err
	}
	p := &Plan{Edits: edits, Texts: texts, After: map[string]live.Pin{}}
	allowed := map[string]bool{}
	for _, e := range edits {
		for _, dir := range e.Shared {
			allowed[dir] = true
		}
	}
	for _, ch := range changes {
		w, wanted := c.wants[ch.dir]
		if ch.after != nil {
			p.After[ch.dir] = ch.after.Pin
		}
		switch {
		case wanted && w.right(ch.before, ch.after):
			p.Served = append(p.Served, ch.dir)
		case !wanted && allowed[ch.dir]:
			p.Shared = append(p.Shared, ch.dir)
		default:
			return nil, &RefusedError{Unit: ch.dir, Why: "all edits together change it to something that nobody asked for", Hint: "promote the units one after the other"}
		}
	}
	if len(p.Served) != len(c.wants) {
		for dir := range c.wants {
			if !slices.Contains(p.Served, dir) {
				return nil, &RefusedError{Unit: dir, Why: "all edits together do not give it the wanted version", Hint: "promote the units one after the other"}
			}
		}
	}
	slices.SortFunc(p.Edits, func(a, b *Edit) int { return a.Place.compare(b.Place) })
	return p, nil
}
