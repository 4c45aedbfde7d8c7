package telemetry

import (
	"context"
	"encoding/hex"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

// Span is one thing that takes time. Its methods may be called from any
// goroutine, and on nil.
type Span struct {
	rec    *Recorder
	id     spanID
	parent spanID // zero for none
	name   string
	start  time.Time

	mu    sync.Mutex
	attrs []Attr
	ended bool
}

type spanKey struct{}

// Start begins a span below that of the context, and gives a context that
// carries it.
func (r *Recorder) Start(ctx context.Context, name string, attrs ...Attr) (context.Context, *Span) {
	if r == nil {
		return ctx, nil
	}
	s := &Span{rec: r, id: newSpanID(), parent: r.parent.span, name: name, start: time.Now(), attrs: attrs}
	if above, _ := ctx.Value(spanKey{}).(*Span); above != nil {
		s.parent = above.id
	}
	return context.WithValue(ctx, spanKey{}, s), s
}

// Set adds attributes.
func (s *Span) Set(attrs ...Attr) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.attrs = append(s.attrs, attrs...)
}

// End ends the span, as a failed one if there is an error. Only the first call
// counts.
func (s *Span) End(err error) { s.EndAt(time.Now(), err) }

// EndAt is End for what has ended earlier.
func (s *Span) EndAt(end time.Time, err error) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return
	}
	s.ended = true
	s.rec.ended(s, end, err)
}

// StartAt moves the beginning of the span to an earlier time.
func (s *Span) StartAt(start time.Time) {
	if s != nil {
		s.start = start
	}
}

// Traceparent names the span to another process, as TRACEPARENT has it. It is
// empty where no traces are recorded.
func (s *Span) Traceparent() string {
	if s == nil || s.rec.traces == nil {
		return ""
	}
	flags := "-00"
	if s.rec.sampled {
		flags = "-01"
	}
	return "00-" + hex.EncodeToString(s.rec.trace[:]) + "-" + hex.EncodeToString(s.id[:]) + flags
}

// Codes of OTLP.
const (
	kindInternal  = 1
	statusError   = 2
	maxStatusText = 500 // bytes
)

func (s *Span) encode(end time.Time, err error) message {
	var m, status message
	m.bytes(1, s.rec.trace[:])
	m.bytes(2, s.id[:])
	if s.parent != (spanID{}) {
		m.bytes(4, s.parent[:])
	}
	m.text(5, s.name)
	m.varint(6, kindInternal)
	m.fixed(7, nanos(s.start))
	m.fixed(8, nanos(end))
	m.attrs(9, s.attrs)
	if err != nil {
		status.text(2, statusText(err))
		status.varint(3, statusError)
		m.bytes(15, status)
	}
	return m
}

func nanos(t time.Time) uint64 { return uint64(t.UnixNano()) }

// statusText is the first line of an error, which is what a list of spans has
// room for.
func statusText(err error) string {
	text, _, _ := strings.Cut(err.Error(), "\n")
	if len(text) > maxStatusText {
		text = text[:maxStatusText]
	}
	return strings.ToValidUTF8(text, string(utf8.RuneError))
}
