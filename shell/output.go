package shell

import (
	"bytes"
	"io"
	"os"
	"sync"
)

// tailSize is how much of the end of a stream an ExitError keeps: enough for
// every error pattern people match on, little enough for hundreds of units.
const tailSize = 64 << 10

// tail keeps the last max bytes written to it.
type tail struct {
	max     int
	buf     []byte
	clipped bool
}

func (t *tail) add(p []byte) {
	t.buf = append(t.buf, p...)
	// Shifting only when twice the size is reached makes the cost per byte constant.
	if len(t.buf) > 2*t.max {
		t.clip()
	}
}

func (t *tail) clip() {
	if extra := len(t.buf) - t.max; extra > 0 {
		t.buf = append(t.buf[:0], t.buf[extra:]...)
		t.clipped = true
	}
}

// text is what was kept; if the beginning is lost, from the first whole line on.
func (t *tail) text() string {
	t.clip()
	b := t.buf
	if i := bytes.IndexByte(b, '\n'); t.clipped && i >= 0 && i+1 < len(b) {
		b = b[i+1:]
	}
	return string(b)
}

// sink passes a stream on and keeps its tail. It swallows everything it is
// given, even if its destination is gone: an error would close the pipe under
// the process, and one that loses its stderr in mid-apply loses its state.
type sink struct {
	mu   sync.Mutex
	dst  io.Writer // nil: keep only the tail
	err  error     // why dst takes no more
	tail tail
	shut bool // what still comes is lost
}

func (s *sink) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.shut {
		return len(p), nil
	}
	s.tail.add(p)
	if s.dst != nil && s.err == nil {
		_, s.err = s.dst.Write(p)
	}
	return len(p), nil
}

// close lets nothing more through: who gave the destination may use it again.
func (s *sink) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.shut = true
}

// text and failure are to be read after the process has been waited for.
func (s *sink) text() string {
	if s == nil {
		return ""
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tail.text()
}

func (s *sink) failure() error {
	if s == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// outputs are the two ends that a process writes to.
type outputs struct {
	stdout io.Writer // what the process gets
	stderr io.Writer
	out    *sink // nil if stdout bypasses us
	err    *sink
}

func newOutputs(stdout, stderr io.Writer) outputs {
	o := outputs{err: &sink{dst: stderr, tail: tail{max: tailSize}}}
	o.stderr = o.err
	switch f, isFile := stdout.(*os.File); {
	case isFile:
		o.stdout = f
	case stdout != nil && same(stdout, stderr):
		// One pipe for both keeps the order of the two streams.
		o.stdout = o.err
	default:
		o.out = &sink{dst: stdout, tail: tail{max: tailSize}}
		o.stdout = o.out
	}
	return o
}

// same compares two writers; those of an uncomparable type never are the same.
func same(a, b io.Writer) bool {
	defer func() { _ = recover() }()
	return a == b
}

func (o outputs) failure() error {
	if err := o.out.failure(); err != nil {
		return err
	}
	return o.err.failure()
}
