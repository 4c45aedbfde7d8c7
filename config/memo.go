package config

import (
	"slices"
	"sync"

	"github.com/zclconf/go-cty/cty"
)

// result is what an expression gave. Its address is its identity: a pure
// expression that reads the same results gives the same result again.
type result struct{ value cty.Value }

// memo remembers what the pure expressions of a file gave, by the results that
// they read. Most locals of a shared parent depend on the unit only through a
// file that many units read, and are computed once for all of them. It lives
// as long as the file does, and is never stale: what is evaluated again has a
// new identity.
type memo struct {
	mu    sync.Mutex
	known map[*def]*memoOf
}

// memoOf is the memo of one expression. Where it is of no use, since each unit
// gives something else, it is given up.
type memoOf struct {
	byFirst      map[*result][]memoEntry // by the first of the results that are read
	hits, misses int
	givenUp      bool
}

type memoEntry struct {
	read []*result // all but the first
	gave *result
}

// fairTrial is how many different results an expression may give before it is
// asked whether remembering them was of any use.
const fairTrial = 64

// useful says whether to look for a result of the expression at all.
func (m *memo) useful(d *def) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	of := m.known[d]
	return of == nil || !of.givenUp
}

func (m *memo) find(d *def, read []*result) (*result, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	of := m.known[d]
	if of == nil {
		return nil, false
	}
	gave, ok := of.lookup(read)
	if ok {
		of.hits++
	}
	return gave, ok
}

func (of *memoOf) lookup(read []*result) (*result, bool) {
	for _, e := range of.byFirst[read[0]] {
		if slices.Equal(e.read, read[1:]) {
			return e.gave, true
		}
	}
	return nil, false
}

// keep remembers a result, and gives the one that somebody else has kept
// meanwhile: what is computed from it then is the same, too.
func (m *memo) keep(d *def, read []*result, gave *result) *result {
	m.mu.Lock()
	defer m.mu.Unlock()
	of := m.known[d]
	if of == nil {
		of = &memoOf{byFirst: map[*result][]memoEntry{}}
		if m.known == nil {
			m.known = map[*def]*memoOf{}
		}
		m.known[d] = of
	}
	if r, ok := of.lookup(read); ok {
		return r
	}
	of.misses++
	switch {
	case of.givenUp:
	case of.misses >= fairTrial && of.hits < of.misses:
		of.givenUp, of.byFirst = true, nil
	default:
		of.byFirst[read[0]] = append(of.byFirst[read[0]], memoEntry{slices.Clone(read[1:]), gave})
	}
	return gave
}

// sources lists the results that a pure expression reads, in the order of
// their names. ok is false where it reads something else, or a name is not
// there: evaluating the expression tells.
func (fr *frame) sources(ev *eval, d *def) (list []*result, ok bool) {
	if !d.pure || len(d.refs.order) == 0 || !fr.file.memo.useful(d) {
		return nil, false
	}
	for _, root := range d.refs.order {
		n, ok := fr.root(ev, d, root)
		if !ok {
			return nil, false
		}
		if list, ok = gather(ev, n, d.refs.kids[root], list); !ok {
			return nil, false
		}
	}
	return list, true
}

func gather(ev *eval, n node, refs *refTree, list []*result) ([]*result, bool) {
	if refs.whole || n.kid == nil {
		if n.result == nil {
			return nil, false
		}
		r, err := n.result(ev)
		return append(list, r), err == nil
	}
	for _, name := range refs.order {
		child, ok, err := n.kid(ev, name)
		if !ok || err != nil {
			return nil, false
		}
		if list, ok = gather(ev, child, refs.kids[name], list); !ok {
			return nil, false
		}
	}
	return list, true
}
