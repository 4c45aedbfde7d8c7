package ui

import (
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"
)

// Progress is told what runs. Its methods may be called from any goroutine.
type Progress interface {
	// UnitStep says what a unit is doing now; the first step is its start.
	UnitStep(name, step string)
	// UnitDone says that a unit has ended, and how ("succeeded").
	UnitDone(name, state string)
	// Close ends the display. It may be called more than once.
	Close()
}

// NoProgress shows nothing.
func NoProgress() Progress { return noProgress{} }

type noProgress struct{}

func (noProgress) UnitStep(string, string) {}
func (noProgress) UnitDone(string, string) {}
func (noProgress) Close()                  {}

// LineProgress logs each step at debug level.
func LineProgress(log *slog.Logger) Progress { return lineProgress{log} }

type lineProgress struct{ log *slog.Logger }

func (p lineProgress) UnitStep(name, step string)  { p.log.Debug(name + ": " + step) }
func (p lineProgress) UnitDone(name, state string) { p.log.Debug(name + ": " + state) }
func (lineProgress) Close()                        {}

// redrawEvery is the pace of the live display.
const redrawEvery = 100 * time.Millisecond

// LiveProgress shows running units below all other output: a line for each with
// its step and time, then one that counts, of total units. It needs standard error
// to be a terminal that understands escape sequences, else it shows nothing. A
// console has at most one live display at a time.
func (c *Console) LiveProgress(total int) Progress {
	if !c.err.ansi {
		return NoProgress()
	}
	p := &liveProgress{
		console: c, total: total, start: time.Now(), now: time.Now,
		stop: make(chan struct{}), stopped: make(chan struct{}),
	}
	c.mu.Lock()
	c.region = p
	c.mu.Unlock()
	go p.tick()
	return p
}

// liveProgress is guarded by the console's lock, as it is drawn under it.
type liveProgress struct {
	console *Console
	total   int
	start   time.Time
	now     func() time.Time
	running []runningUnit // in order of their start
	done    int
	states  []stateCount // in order of their first appearance
	stop    chan struct{}
	stopped chan struct{}
}

type runningUnit struct {
	name, step string
	start      time.Time
}

type stateCount struct {
	state string
	n     int
}

func (p *liveProgress) tick() {
	defer close(p.stopped)
	ticker := time.NewTicker(redrawEvery)
	defer ticker.Stop()
	for {
		select {
		case <-p.stop:
			return
		case <-ticker.C:
			p.redraw()
		}
	}
}

func (p *liveProgress) redraw() {
	p.console.mu.Lock()
	defer p.console.mu.Unlock()
	p.console.draw()
}

func (p *liveProgress) UnitStep(name, step string) {
	p.console.mu.Lock()
	defer p.console.mu.Unlock()
	if i := p.find(name); i >= 0 {
		p.running[i].step = step
		return
	}
	p.running = append(p.running, runningUnit{name, step, p.now()})
}

func (p *liveProgress) UnitDone(name, state string) {
	p.console.mu.Lock()
	defer p.console.mu.Unlock()
	if i := p.find(name); i >= 0 {
		p.running = slices.Delete(p.running, i, i+1)
	}
	p.done++
	for i := range p.states {
		if p.states[i].state == state {
			p.states[i].n++
			return
		}
	}
	p.states = append(p.states, stateCount{state, 1})
}

func (p *liveProgress) find(name string) int {
	return slices.IndexFunc(p.running, func(u runningUnit) bool { return u.name == name })
}

func (p *liveProgress) Close() {
	p.console.mu.Lock()
	closed := p.console.region != region(p)
	if !closed {
		p.console.erase()
		p.console.region = nil
		close(p.stop)
	}
	p.console.mu.Unlock()
	<-p.stopped
}

// lines draws the display. It takes at most half of the screen.
func (p *liveProgress) lines(width, height int) []string {
	if len(p.running) == 0 && p.done == 0 {
		return nil
	}
	shown := p.running
	if room := max(1, height/2-2); len(shown) > room {
		shown = shown[:room]
	}
	names, steps := 0, 0
	for _, u := range shown {
		names = max(names, visibleWidth(u.name))
		steps = max(steps, visibleWidth(u.step))
	}
	st, now := p.console.err.style, p.now()
	var lines []string
	for _, u := range shown {
		lines = append(lines, fmt.Sprintf("  %s  %s  %s", st.Paint(Bold, pad(u.name, names)),
			pad(u.step, steps), st.Paint(Dim, seconds(now.Sub(u.start)))))
	}
	if hidden := len(p.running) - len(shown); hidden > 0 {
		lines = append(lines, fmt.Sprintf("  … and %d more", hidden))
	}
	lines = append(lines, p.counts(st, now))
	for i := range lines {
		lines[i] = cutVisible(lines[i], width)
	}
	return lines
}

func (p *liveProgress) counts(st Style, now time.Time) string {
	var states []string
	for _, s := range p.states {
		states = append(states, fmt.Sprintf("%d %s", s.n, s.state))
	}
	detail := ""
	if len(states) > 0 {
		detail = " (" + strings.Join(states, ", ") + ")"
	}
	return st.Paint(Cyan, fmt.Sprintf("%d running, %d of %d done", len(p.running), p.done, p.total)) +
		detail + "  " + st.Paint(Dim, seconds(now.Sub(p.start)))
}

// seconds shows a running time: 7s, 2m05s, 1h02m05s.
func seconds(d time.Duration) string {
	s := int(d.Seconds())
	switch {
	case s < 60:
		return fmt.Sprintf("%ds", s)
	case s < 3600:
		return fmt.Sprintf("%dm%02ds", s/60, s%60)
	}
	return fmt.Sprintf("%dh%02dm%02ds", s/3600, s/60%60, s%60)
}
