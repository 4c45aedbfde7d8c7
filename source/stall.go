package source

import (
	"fmt"
	"io"
	"sync/atomic"
	"time"
)

// StallLimit is how long a download may bring nothing before it is given up.
const StallLimit = time.Minute

// Steady is a body whose reads fail once nothing has come for the limit: a
// connection that is open and silent would else keep a run for ever. The
// failure is one that passes by itself, see Transient.
func Steady(body io.ReadCloser, limit time.Duration) io.ReadCloser {
	s := &steady{body: body, limit: limit}
	s.timer = time.AfterFunc(limit, func() {
		s.late.Store(true)
		_ = body.Close() // which ends the read that waits
	})
	return s
}

type steady struct {
	body  io.ReadCloser
	limit time.Duration
	timer *time.Timer
	late  atomic.Bool
}

func (s *steady) Read(p []byte) (int, error) {
	n, err := s.body.Read(p)
	if s.late.Load() {
		return n, fmt.Errorf("i/o timeout: nothing has come for %v", s.limit)
	}
	if n > 0 {
		s.timer.Reset(s.limit)
	}
	return n, err
}

func (s *steady) Close() error {
	s.timer.Stop()
	return s.body.Close()
}
