package shell

import (
	"fmt"
	"os"
	"sync/atomic"
	"time"
)

// stopGrace is how long a process that ran into its timeout may take to end by
// itself before it is killed.
const stopGrace = 3 * time.Second

// TimeoutError says that a process was stopped because it took too long.
type TimeoutError struct {
	Path, Dir string
	After     time.Duration
	Err       error // how it ended then; nil if it ended well after all
}

func (e *TimeoutError) Error() string {
	return fmt.Sprintf("%s: stopped after its timeout of %s", subject(e.Path, nil, e.Dir), e.After)
}

func (e *TimeoutError) Unwrap() error { return e.Err }

// limit interrupts a process, and kills it a little later, when it has run for
// as long as it may. The function that it returns is called when the process
// has ended, and tells whether that was so.
func limit(p *os.Process, c Cmd) (ended func() bool) {
	if c.Timeout <= 0 {
		return func() bool { return false }
	}
	var late atomic.Bool
	over := make(chan struct{})
	go func() {
		for i, after := range []time.Duration{c.Timeout, stopGrace} {
			timer := time.NewTimer(after)
			select {
			case <-over:
				timer.Stop()
				return
			case <-timer.C:
			}
			late.Store(true)
			if i == 0 && interrupt(p, c.Shared) == nil {
				continue
			}
			_ = killGroup(p, c.Shared) // one that has ended meanwhile is what we wanted
			return
		}
	}()
	return func() bool {
		close(over)
		return late.Load()
	}
}
