package config

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/zclconf/go-cty/cty"
)

// result is what an expression gave. Its address is its identity: a pure
// expression that reads the same results gives the same result again.
type result struct{ value cty.Value }

// memo remembers what a pure expression gave, by the results that it read.
// Most locals of a shared parent depend on the unit only through a file that
// many units read, and are computed once for all of them. It lives as long as
// the expression does, and is never stale: what is evaluated again has a new
// identity. Where each unit gives something else, it is given up.
type memo struct {
	givenUp atomic.Bool

	mu           sync.Mutex
	byFirst      map[*result][]memoEntry // by the first of the results that are read
	hits, misses int
}

type memoEntry struct {
	read []*result // all but the first
	gave *result
}

// fairTrial is how many different results an expression may give before it is
// asked whether remembering them was of any use.
const fairTrial = 64

func (m *memo) find(read []*result) (*result, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	gave, ok := m.lookup(read)
	if ok {
		m.hits++
	}
	return gave, ok
}

func (m *memo) lookup(read []*result) (*result, bool) {
	for _, e := range m.byFirst[read[0]] {
		if slices.Equal(e.read, read[1:]) {
			return e.gave, true
		}
	}
	return nil, false
}

// keep remembers a result, and gives the one that somebody else has kept
// meanwhile: what is computed from it then is the same, too.
func (m *memo) keep(read []*result, gave *result) *result {
	m.mu.Lock()
	defer m.mu.Unlock()
	if r, ok := m.lookup(read); ok {
		return r
	}
	m.misses++
	switch {
	case m.givenUp.Load():
	case m.misses >= fairTrial && m.hits < m.misses/2:
		m.givenUp.Store(true)
		m.byFirst = nil
	default:
		if m.byFirst == nil {
			m.byFirst = map[*result][]memoEntry{}
		}
		m.byFirst[read[0]] = append(m.byFirst[read[0]], memoEntry{slices.Clone(read[1:]), gave})
	}
	return gave
}

// sources lists the results that a pure expression reads, in the order of
// their names. ok is false where it reads something else, or a name is not
// there: evaluating the expression tells.
func (fr *frame) sources(ev *eval, d *def) (list []*result, ok bool) {
	if d.memo == nil || d.memo.givenUp.Load() {
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
