package promote

import (
	"context"
	"maps"
	"slices"
	"sync"
)

// Want is what one unit is to become.
type Want struct {
	Dir     string
	Version string // of the module
	Entry   string // of the catalog entry, "" for as it is
}

// Plan is a set of edits that does what was asked for, proven.
type Plan struct {
	Edits  []*Edit           // sorted by file and place
	Texts  map[string][]byte // the files with the edits, whole, by path
	After  map[string]Pin    // what the units will be pinned to, by folder
	Served []string          // folders of the units that change as requested, sorted
	Shared []string          // of those that change although nobody asked, sorted
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
	if err := c.try(ctx, found); err != nil {
		return nil, err
	}
	chosen := map[editKey]*Edit{}
	var refused refusals
	for _, f := range found {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		e, err := c.choose(f)
		if err != nil {
			refused = append(refused, err)
			continue
		}
		if have := chosen[e.key()]; have != nil {
			e = have
		} else {
			chosen[e.key()] = e
		}
		e.Units = append(e.Units, f.want.Dir)
	}
	if len(refused) > 0 {
		return nil, refused.joined()
	}
	return c.proven(ctx, slices.Collect(maps.Values(chosen)))
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

// try evaluates the repository with each candidate, once.
func (c *choice) try(ctx context.Context, found []*search) error {
	var todo []*effect
	for _, f := range found {
		for _, e := range f.candidates {
			if c.effects[e.key()] == nil {
				one := &effect{edit: e}
				c.effects[e.key()] = one
				todo = append(todo, one)
			}
		}
	}
	var wide sync.Mutex // one whose file many units read is tried alone: it uses every processor by itself
	each(len(todo), func(i int) {
		e := todo[i]
		texts, err := applied([]*Edit{e.edit})
		if err != nil {
			e.err = err
			return
		}
		if c.snapshot.readers(e.edit.File) > 20 {
			wide.Lock()
			defer wide.Unlock()
		}
		e.changes, e.err = c.snapshot.with(ctx, texts)
	})
	return ctx.Err()
}

// readers counts the units that a file's change can reach.
func (s *Snapshot) readers(file string) (n int) {
	for _, u := range s.units {
		if slices.Contains(u.Reads, file) {
			n++
		}
	}
	return n
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
	changes, err := c.snapshot.with(ctx, texts)
	if err != nil {
		return nil, err
	}
	p := &Plan{Edits: edits, Texts: texts, After: map[string]Pin{}}
	allowed := map[string]bool{}
	for _, e := range edits {
		slices.Sort(e.Units)
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
