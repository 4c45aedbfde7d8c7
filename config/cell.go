package config

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
)

// phase is how much of the world an evaluation may see.
type phase uint8

const (
	early phase = iota // outputs of dependencies are unknown
	late               // they are there
)

// task is one line of evaluation: a stack of cells that wait for each other.
// A task started on behalf of another, to fetch outputs, has it as parent.
type task struct {
	parent *task
	stack  []step  // the cells being evaluated, for messages
	below  int     // how many cells are being evaluated on the way to this task
	fresh  []*cell // with collect: what this task evaluated itself and touched the outside world
	keep   bool
	// looking are the expressions being looked into without evaluating them.
	looking map[spot]bool

	// guarded by waits.mu
	waitsFor *task
	until    chan struct{} // closed when that wait is over, before waitsFor is
	children map[*task]bool
}

// step names a cell in a chain.
type step struct{ path, name string }

func (s step) String() string {
	if s.path == "" {
		return s.name
	}
	return s.path + ": " + s.name
}

// The cells that are a file as a whole: in a chain their parts say more.
const (
	wholeFile   = "whole file"
	wholeConfig = "configuration"
)

func (s step) whole() bool { return s.name == wholeFile || s.name == wholeConfig }

// effects are what an evaluation has touched, besides giving a value.
type effects struct {
	reads   []string // files, absolute
	open    bool     // depends on outputs that are not known yet
	outside bool     // read a file, ran a command, fetched outputs
}

func (e *effects) add(o effects) {
	if e.reads == nil {
		e.reads = o.reads[:len(o.reads):len(o.reads)] // most cells read what one other does
	} else {
		e.reads = append(e.reads, o.reads...)
	}
	e.open = e.open || o.open
	e.outside = e.outside || o.outside
}

// eval is one evaluation in progress.
type eval struct {
	ctx   context.Context
	task  *task
	phase phase
	effects
}

func (ev *eval) read(path string) { ev.reads = append(ev.reads, path) }

// cell remembers the answer to one question. It is asked at most once for each
// phase; an answer that does not depend on outputs serves both.
type cell struct {
	mu    sync.Mutex
	owner *task         // who is evaluating it now
	done  chan struct{} // for those who wait for the owner; nil while nobody does
	first *answer       // early, while it is open
	final *answer
}

// answer never changes.
type answer struct {
	value any
	err   error
	effects
}

// cellMap makes cells when they are first asked for, so that what nobody asks
// for costs nothing.
type cellMap struct {
	mu    sync.Mutex
	cells map[*def]*cell
}

func (m *cellMap) get(d *def) *cell {
	m.mu.Lock()
	defer m.mu.Unlock()
	c, ok := m.cells[d]
	if !ok {
		if m.cells == nil {
			m.cells = map[*def]*cell{}
		}
		c = &cell{}
		m.cells[d] = c
	}
	return c
}

// force gives a cell's answer, evaluating it when nobody has. What a cancelled
// evaluation gives is never stored.
func (l *Loader) force(ev *eval, c *cell, name step, compute func(*eval) (any, error)) (any, error) {
	for {
		c.mu.Lock()
		if a := c.answer(ev.phase); a != nil {
			c.mu.Unlock()
			ev.add(a.effects)
			return a.value, a.err
		}
		if c.owner == nil {
			c.owner = ev.task
			c.mu.Unlock()
			return l.evaluate(ev, c, name, compute)
		}
		if c.done == nil {
			c.done = make(chan struct{})
		}
		owner, done := c.owner, c.done
		c.mu.Unlock()
		if err := l.wait(ev, owner, done, name); err != nil {
			return nil, err
		}
	}
}

// maxCells bounds the recursion: how many cells may wait for each other.
const maxCells = 5000

// answer must be called with mu held. What it points at never changes.
func (c *cell) answer(p phase) *answer {
	if c.final == nil && p == early {
		return c.first
	}
	return c.final
}

func (l *Loader) evaluate(ev *eval, c *cell, name step, compute func(*eval) (any, error)) (any, error) {
	if ev.task.below+len(ev.task.stack) >= maxCells {
		c.release(nil, ev.phase)
		return nil, fmt.Errorf("%s is nested too deeply: expressions may need each other over %d steps", name, maxCells)
	}
	ev.task.stack = append(ev.task.stack, name)
	inner := &eval{ctx: ev.ctx, task: ev.task, phase: ev.phase}
	finished := false
	defer func() {
		if !finished { // compute panicked: let the waiting ones go on
			c.release(nil, ev.phase)
		}
	}()
	value, err := compute(inner)
	finished = true
	ev.task.stack = ev.task.stack[:len(ev.task.stack)-1]
	inner.reads = unique(inner.reads)
	a := &answer{value: value, err: err, effects: inner.effects}
	if cancelled := ev.ctx.Err(); cancelled != nil {
		// try() may have made a value out of what was cancelled
		a, value, err = nil, nil, cancelled
	}
	c.release(a, ev.phase)
	if inner.outside && ev.task.keep {
		ev.task.fresh = append(ev.task.fresh, c)
	}
	ev.add(inner.effects)
	return value, err
}

// release stores an answer, unless there is none, and lets the waiting ones go
// on.
func (c *cell) release(a *answer, p phase) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case a == nil:
	case p == early && a.open:
		c.first = a
	default:
		c.first, c.final = nil, a
	}
	if c.done != nil {
		close(c.done)
	}
	c.owner, c.done = nil, nil
}

// forget drops an answer, so that the next one to ask evaluates again.
func (c *cell) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.first, c.final = nil, nil
}

// waits is the record of who waits for whom. Two tasks may each hold a cell
// that the other needs; the record turns that deadlock into a named cycle.
type waits struct{ mu sync.Mutex }

// CycleError says that evaluation came back to where it was.
type CycleError struct{ Chain []string }

func (e *CycleError) Error() string {
	return "these depend on each other: " + strings.Join(e.Chain, " -> ")
}

func (l *Loader) wait(ev *eval, owner *task, done chan struct{}, name step) error {
	l.waits.mu.Lock()
	if over(done) {
		l.waits.mu.Unlock()
		return nil
	}
	if chain := blocked(ev.task, owner); chain != nil {
		l.waits.mu.Unlock()
		return &CycleError{Chain: cycleNames(chain, name)}
	}
	ev.task.waitsFor, ev.task.until = owner, done
	l.waits.mu.Unlock()
	defer func() {
		l.waits.mu.Lock()
		ev.task.waitsFor, ev.task.until = nil, nil
		l.waits.mu.Unlock()
	}()
	select {
	case <-done:
		return nil
	case <-ev.ctx.Done():
		return ev.ctx.Err()
	}
}

func over(done chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
		return false
	}
}

// blocked walks from owner along who waits for whom. It gives the tasks on the
// way when the walk ends at the asking task or one that waits for it.
func blocked(asking, owner *task) []*task {
	ancestors := map[*task]bool{}
	for t := asking; t != nil; t = t.parent {
		ancestors[t] = true
	}
	seen := map[*task]bool{}
	var walk func(t *task) []*task
	walk = func(t *task) []*task {
		if t == nil || seen[t] {
			return nil
		}
		seen[t] = true
		if ancestors[t] {
			return []*task{t}
		}
		// A task whose wait is over goes on, though it has not had the time to
		// say so; the one it waited for may wait for it by now.
		if t.waitsFor != nil && !over(t.until) {
			if rest := walk(t.waitsFor); rest != nil {
				return append([]*task{t}, rest...)
			}
		}
		for child := range t.children {
			if rest := walk(child); rest != nil {
				return append([]*task{t}, rest...)
			}
		}
		return nil
	}
	return walk(owner)
}

// cycleNames spells the cycle out, from the cell that is asked for again and
// back to it. Paths go without saying where there is only one.
func cycleNames(tasks []*task, name step) []string {
	steps := tasks[len(tasks)-1].stack
	for i, s := range steps {
		if s == name {
			steps = steps[i:]
			break
		}
	}
	chain := append([]step{}, steps...)
	for _, t := range tasks[:len(tasks)-1] {
		chain = append(chain, t.stack...)
	}
	chain = append(chain, name)
	several := false
	for _, s := range chain {
		several = several || s.path != name.path
	}
	var names []string
	for i, s := range chain {
		switch {
		case !several:
			names = append(names, s.name)
		case !s.whole():
			names = append(names, s.String())
		case i == len(chain)-1:
			names = append(names, s.path)
		}
	}
	return names
}

// startTask begins a line of evaluation below parent, which may be nil.
func (l *Loader) startTask(parent *task) (*task, func()) {
	t := &task{parent: parent}
	if parent == nil {
		return t, func() {}
	}
	t.below = parent.below + len(parent.stack)
	l.waits.mu.Lock()
	defer l.waits.mu.Unlock()
	if parent.children == nil {
		parent.children = map[*task]bool{}
	}
	parent.children[t] = true
	return t, func() {
		l.waits.mu.Lock()
		defer l.waits.mu.Unlock()
		delete(parent.children, t)
	}
}

func isCancelled(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

func unique(list []string) []string {
	if len(list) < 2 {
		return list
	}
	seen := make(map[string]bool, len(list))
	out := list[:0:0]
	for _, s := range list {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}
