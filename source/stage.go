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

// stage is one tree. err and files may be read once done is closed.
type stage struct {
	url, dir string
	done     chan struct{}
	files    *folder // of the content store; nil when the files are in dir
	err      error
}

// fetchFunc fills a folder that does not exist yet, or gives a tree of the
// content store instead.
type fetchFunc func(ctx context.Context, dest string) (*folder, error)

// get returns the tree for a URL and calls fetch if nobody has yet. Whoever
// asks while it is being fetched waits and shares the outcome, except that a
// caller does not share the cancellation of another.
func (s *stages) get(ctx context.Context, url string, fetch fetchFunc) (*stage, error) {
	for {
		st, mine, err := s.claim(url)
		if err != nil {
			return nil, err
		}
		if mine {
			s.fill(ctx, st, fetch)
			return st, st.err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-st.done:
		}
		if !isCancellation(st.err) {
			return st, st.err
		}
		if err := ctx.Err(); err != nil {
			return nil, err
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
	if st.files, st.err = fetch(ctx, st.dir); st.err == nil {
		return
	}
	st.err = errors.Join(st.err, os.RemoveAll(st.dir))
	s.forget(st)
}

// forget lets the next one who asks fetch anew.
func (s *stages) forget(st *stage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byURL[st.url] == st {
		delete(s.byURL, st.url)
	}
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
