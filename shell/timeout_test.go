//go:build !windows

package shell

import (
	"errors"
	"testing"
	"time"
)

func TestTimeout(t *testing.T) {
	t.Parallel()
	p := NewProcess(nil)
	var late *TimeoutError
	start := time.Now()
	err := p.Run(t.Context(), Cmd{Path: "sh", Args: []string{"-c", "sleep 60"}, Timeout: 50 * time.Millisecond})
	if !errors.As(err, &late) || late.After != 50*time.Millisecond {
		t.Errorf("err = %v", err)
	}
	// One that does not listen is killed, with what it has started.
	err = p.Run(t.Context(), Cmd{Path: "sh", Args: []string{"-c", "trap '' INT; sleep 60; true"}, Timeout: 50 * time.Millisecond})
	if !errors.As(err, &late) || time.Since(start) > 30*time.Second {
		t.Errorf("err = %v after %v", err, time.Since(start))
	}
	if err := p.Run(t.Context(), Cmd{Path: "true", Timeout: time.Minute}); err != nil {
		t.Errorf("one that is quick: %v", err)
	}
	var exit *ExitError
	if err := p.Run(t.Context(), Cmd{Path: "false", Timeout: time.Minute}); !errors.As(err, &exit) {
		t.Errorf("one that fails: %v", err)
	}
}
