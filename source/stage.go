package source

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"sync"
)

// stages keeps fetched trees for as long as the process runs.
//
// Key: the root URL with its query. Lifetime: until close. Staleness: never;
// a branch that moves during a run is seen by the next run, and all units of
// one run see the same commit.
type stages struct {
	parent string // of the folder that holds the trees; "" is the system's

	mu    sync.Mutex
	dir   string
	count int
	byURL map[string]*stage
}

// stage is one tree. err may be read once done is closed.
type stage struct {
	url, dir string
	done     chan struct{}
	err      error
}

// fetchFunc fills a folder that does not exist yet.
type fetchFunc func(ctx context.Context, dest string) error

// get returns the tree for a URL and calls fetch if nobody has yet. Whoever
// asks while it is being fetched waits and shares the outcome, except that a
// caller does not share the cancellation of another.
func (s *stages) get(ctx context.Context, url string, fetch fetchFunc) (string, error) {
	for {
		st, mine, err := s.claim(url)
		if err != nil {
			return "", err
		}
		if mine {
			s.fill(ctx, st, fetch)
			return st.dir, st.err
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-st.done:
		}
		if !isCancellation(st.err) {
			return st.dir, st.err
		}
		if err := ctx.Err(); err != nil {
			return "", err
		}
	}
}

// claim returns the stage of a URL. A new one is the caller's to fill.
func (s *stages) claim(url string) (st *stage, mine bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if st := s.byURL[url]; st != nil {
		return st, false, nil
	}
	if s.dir == "" {
		if s.dir, err = os.MkdirTemp(s.parent, "terrace-source-"); err != nil {
			return nil, false, err
		}
		s.byURL = map[string]*stage{}
	}
	s.count++
	st = &stage{url: url, dir: filepath.Join(s.dir, strconv.Itoa(s.count)), done: make(chan struct{})}
	s.byURL[url] = st
	return st, true, nil
}

// fill fetches a tree. Of a failure nothing is kept, neither files nor
// error, so that a later try starts anew.
func (s *stages) fill(ctx context.Context, st *stage, fetch fetchFunc) {
	defer close(st.done)
	if st.err = fetch(ctx, st.dir); st.err == nil {
		return
	}
	st.err = errors.Join(st.err, os.RemoveAll(st.dir))
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.byURL, st.url)
}

func (s *stages) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dir == "" {
		return nil
	}
	err := os.RemoveAll(s.dir)
	s.dir, s.byURL = "", nil
	return err
}

func isCancellation(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
