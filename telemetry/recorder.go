package telemetry

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

const (
	pushEvery = time.Second
	// closeTime is what a collector that is slow or away may cost at the end.
	closeTime = 5 * time.Second
	batchSize = 512
	maxKept   = 32 * batchSize // items of a signal; what comes on top of them is lost
)

// Recorder takes spans, metrics and log records, and sends them in batches
// from a goroutine of its own until Close.
type Recorder struct {
	traces, logs, numbers *pipe    // nil for what is not recorded
	metrics               *metrics // nil as numbers is

	trace   traceID
	parent  parent
	sampled bool

	patience      time.Duration // closeTime, but in tests
	stop, stopped chan struct{}
	ctx           context.Context // of everything that is sent
	cancel        context.CancelCauseFunc
}

var errTooSlow = errors.New("given up, the collector is too slow")

// New starts recording. Console lines go to w. It gives nil where nothing is to
// be recorded. Name and version are those of the instrumentation.
func New(s Settings, name, version string, w io.Writer) (*Recorder, error) {
	if s.Off() {
		return nil, nil
	}
	r := &Recorder{trace: s.parent.trace, parent: s.parent, patience: closeTime, stop: make(chan struct{}), stopped: make(chan struct{})}
	if r.trace == (traceID{}) {
		r.trace = newTraceID()
	}
	r.sampled = s.sampler.samples(s.parent, r.trace)
	b := pipeBuilder{agent: name + "/" + version, lines: &lines{w: w}}
	b.resource.attrs(1, s.Resource)
	b.scope.text(1, name)
	b.scope.text(2, version)
	r.traces, r.numbers, r.logs = b.pipe(s.Traces, "spans"), b.pipe(s.Metrics, "metrics"), b.pipe(s.Logs, "log records")
	if b.err != nil {
		return nil, b.err
	}
	if r.numbers != nil {
		r.metrics = newMetrics()
	}
	r.ctx, r.cancel = context.WithCancelCause(context.Background())
	go r.run()
	return r, nil
}

func (r *Recorder) run() {
	defer close(r.stopped)
	tick := time.NewTicker(pushEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			r.push(false)
		case <-r.stop:
			r.push(true)
			return
		}
	}
}

// Close sends what is left, within a few seconds, and tells what could not be
// sent. Nothing may be recorded after it.
func (r *Recorder) Close() error {
	if r == nil {
		return nil
	}
	defer r.cancel(nil)
	defer time.AfterFunc(r.patience, func() { r.cancel(errTooSlow) }).Stop()
	close(r.stop)
	<-r.stopped
	return errors.Join(r.traces.failure(), r.numbers.failure(), r.logs.failure())
}

func (r *Recorder) push(last bool) {
	if r.metrics != nil && (last || r.numbers.lines == nil) {
		now := time.Now()
		for _, p := range r.metrics.snapshot() {
			r.numbers.add(func() message { return r.metrics.encode(p, now) }, func() any { return p })
		}
	}
	var wg sync.WaitGroup
	for _, p := range []*pipe{r.traces, r.numbers, r.logs} {
		wg.Go(func() { p.flush(r.ctx) })
	}
	wg.Wait()
}

// ended takes a span that is over.
func (r *Recorder) ended(s *Span, end time.Time, err error) {
	if r.metrics != nil {
		r.metrics.add(s.name, end.Sub(s.start), err != nil)
	}
	if r.sampled {
		r.traces.add(func() message { return s.encode(end, err) }, func() any { return s.shown(end, err) })
	}
}

// Entry is a line of a log. Severity is OpenTelemetry's number.
type Entry struct {
	Time     time.Time
	Severity int
	Level    string
	Text     string
	Attrs    []Attr `json:",omitempty"`
}

// Log records a line of a log, as part of the span of the context.
func (r *Recorder) Log(ctx context.Context, e Entry) {
	if r == nil {
		return
	}
	r.logs.add(func() message {
		var m message
		m.fixed(1, nanos(e.Time))
		m.varint(2, uint64(e.Severity))
		m.text(3, e.Level)
		m.bytes(5, anyValue(e.Text))
		m.attrs(6, e.Attrs)
		if s, _ := ctx.Value(spanKey{}).(*Span); s != nil && r.traces != nil {
			m.bytes(9, r.trace[:])
			m.bytes(10, s.id[:])
		}
		m.fixed(11, nanos(e.Time))
		return m
	}, func() any { return e })
}

// Logs says whether log lines are recorded.
func (r *Recorder) Logs() bool { return r != nil && r.logs != nil }

// pipe takes items of one signal to where they go: at once as lines, or in
// batches to a collector. On nil it does nothing.
type pipe struct {
	what            string
	resource, scope message
	lines           *lines // nil where there is a client
	client          *client

	mu    sync.Mutex
	items []message
	lost  int
	err   error // the first
}

// pipeBuilder keeps what the pipes share, and the first error.
type pipeBuilder struct {
	agent           string
	resource, scope message
	lines           *lines
	err             error
}

func (b *pipeBuilder) pipe(t Target, what string) *pipe {
	p := &pipe{what: what, resource: b.resource, scope: b.scope}
	switch t.kind {
	case toNowhere:
		return nil
	case toConsole:
		p.lines = b.lines
		return p
	}
	var err error
	if p.client, err = newClient(t, b.agent); err != nil && b.err == nil {
		b.err = err
	}
	return p
}

func (p *pipe) add(encode func() message, show func() any) {
	switch {
	case p == nil:
	case p.lines != nil:
		p.note(0, p.lines.write(show()))
	default:
		p.mu.Lock()
		defer p.mu.Unlock()
		if len(p.items) >= maxKept {
			p.lost++
			return
		}
		p.items = append(p.items, encode())
	}
}

func (p *pipe) take() []message {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := min(len(p.items), batchSize)
	batch := p.items[:n:n]
	p.items = p.items[n:]
	return batch
}

func (p *pipe) flush(ctx context.Context) {
	if p == nil || p.client == nil {
		return
	}
	for batch := p.take(); len(batch) > 0; batch = p.take() {
		if err := p.client.send(ctx, request(p.resource, p.scope, batch)); err != nil {
			if ctx.Err() != nil {
				err = fmt.Errorf("%w: %w", context.Cause(ctx), err)
			}
			p.note(len(batch), err)
		}
	}
}

func (p *pipe) note(lost int, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lost += lost
	if p.err == nil {
		p.err = err
	}
}

// failure is read when nothing is recorded any more.
func (p *pipe) failure() error {
	if p == nil || p.lost == 0 && p.err == nil {
		return nil
	}
	if p.err == nil {
		p.err = errors.New("they came faster than they could be sent")
	}
	return fmt.Errorf("%d %s could not be exported: %w", p.lost, p.what, p.err)
}

// lines writes values as JSON, one a line.
type lines struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lines) write(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	_, err = l.w.Write(append(b, '\n'))
	return err
}
