package configstack

import (
	"cmp"
	"container/heap"
	"context"
	"fmt"
	"runtime/debug"
	"sort"
	"time"
)

// queue drives the units of a graph. One goroutine, that of [queue.run], owns
// all of its fields. A worker gets the number of a unit, sends one message
// when it is done with it, and knows nothing else.
type queue struct {
	graph  *Graph
	policy Policy
	work   func(ctx context.Context, unit int) error

	nodes   []node
	ready   readyHeap // may hold units that have been skipped since
	running int
	ended   chan message // has room for every unit, so that no worker waits
}

// node is a unit's place in the queue. Cause and via are node numbers, or -1.
type node struct {
	state      State
	pending    int // units before it that have not ended
	start, end time.Time
	err        error
	cause, via int
}

// message is what a worker sends back.
type message struct {
	unit int
	err  error
	end  time.Time
}

func newQueue(g *Graph, p Policy, work func(context.Context, int) error) *queue {
	if p.Observer == nil {
		p.Observer = noObserver{}
	}
	q := &queue{graph: g, policy: p, work: work, nodes: make([]node, g.Len()), ended: make(chan message, g.Len())}
	for i := range q.nodes {
		q.nodes[i] = node{pending: len(g.before[i]), cause: -1, via: -1}
	}
	return q
}

// run returns when every unit has ended.
func (q *queue) run(ctx context.Context) {
	for i := range q.nodes {
		if q.nodes[i].pending == 0 || q.policy.IgnoreOrder {
			q.set(i, Ready)
		}
	}
	interrupted := ctx.Done()
	for {
		q.startReady(ctx)
		if q.running == 0 {
			return
		}
		select {
		case m := <-q.ended:
			q.finish(m)
		case <-interrupted:
			interrupted = nil
			q.interrupt(ctx)
		}
	}
}

// startReady starts units in queue order while there is room. News that has
// come in meanwhile is heard before each start, since it may be a failure
// after which the unit must not start.
func (q *queue) startReady(ctx context.Context) {
	for {
		q.hear()
		if ctx.Err() != nil {
			q.interrupt(ctx)
			return
		}
		if p := q.policy.Parallelism; p > 0 && q.running >= p {
			return
		}
		i, ok := q.next()
		if !ok {
			return
		}
		q.set(i, Running)
		go q.worker(ctx, i)
	}
}

func (q *queue) hear() {
	for {
		select {
		case m := <-q.ended:
			q.finish(m)
		default:
			return
		}
	}
}

// next takes the first ready unit in queue order.
func (q *queue) next() (int, bool) {
	for q.ready.Len() > 0 {
		i := heap.Pop(&q.ready).(int)
		if q.nodes[i].state == Ready {
			return i, true
		}
	}
	return 0, false
}

// worker runs in a goroutine of its own. The message is sent even when the
// work panics or ends its goroutine.
func (q *queue) worker(ctx context.Context, i int) {
	err := errAbandoned
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{Value: v, Stack: debug.Stack()}
		}
		q.ended <- message{i, err, time.Now()}
	}()
	err = q.work(ctx, i)
}

func (q *queue) finish(m message) {
	n := &q.nodes[m.unit]
	n.end, n.err = m.end, m.err
	if m.err == nil {
		q.set(m.unit, Succeeded)
	} else {
		q.set(m.unit, Failed)
	}
	if m.err == nil || q.policy.IgnoreErrors {
		q.release(m.unit)
		return
	}
	q.skipAfter(m.unit)
}

// release lets the units go that waited for i alone.
func (q *queue) release(i int) {
	for _, next := range q.graph.after[i] {
		n := &q.nodes[next]
		if n.pending--; n.pending == 0 && n.state == Waiting {
			q.set(next, Ready)
		}
	}
}

// skipAfter skips what must not start after the failure of i.
func (q *queue) skipAfter(i int) {
	var affected []int
	if q.policy.FailFast {
		affected = allNumbers(len(q.nodes))
	} else {
		affected = q.graph.after.reach(i)
		sort.Ints(affected) // a unit is blamed on those before it
	}
	for _, a := range affected {
		if s := q.nodes[a].state; s == Waiting || s == Ready {
			q.blame(a, i)
			q.set(a, Skipped)
		}
	}
}

// blame notes why the unit is skipped after the failure of failed: because of
// a unit before it that failed or was skipped, or else of failed itself.
func (q *queue) blame(unit, failed int) {
	n := &q.nodes[unit]
	n.cause = failed
	for _, b := range q.graph.before[unit] {
		if q.nodes[b].state == Failed {
			n.cause, n.via = b, b
			break
		}
		if q.nodes[b].state == Skipped && n.via < 0 {
			n.cause, n.via = q.nodes[b].cause, b
		}
	}
	n.err = &SkipError{
		Unit:   q.graph.units[unit].dir,
		Cause:  q.graph.units[n.cause].dir,
		Direct: n.via == n.cause,
	}
}

// interrupt skips everything that has not started.
func (q *queue) interrupt(ctx context.Context) {
	for i := range q.nodes {
		if n := &q.nodes[i]; n.state == Waiting || n.state == Ready {
			n.err = &SkipError{Unit: q.graph.units[i].dir, Err: context.Cause(ctx)}
			q.set(i, Skipped)
		}
	}
}

// set is the only place where a state changes. What depends on the states,
// the heap, the count of running units and the observer, is kept in step
// here. A unit's error is noted before it ends.
func (q *queue) set(i int, to State) {
	n, unit := &q.nodes[i], q.graph.units[i].Unit
	if !to.follows(n.state) {
		panic(fmt.Sprintf("configstack: %s: %v cannot become %v", q.graph.units[i].dir, n.state, to))
	}
	n.state = to
	switch to {
	case Ready:
		heap.Push(&q.ready, i)
	case Running:
		q.running++
		n.start = time.Now()
		q.policy.Observer.UnitStarted(unit)
	case Succeeded, Failed:
		q.running--
		q.policy.Observer.UnitFinished(unit, to, n.err)
	case Skipped:
		n.start = time.Now()
		n.end = n.start
		q.policy.Observer.UnitFinished(unit, to, n.err)
	}
}

func allNumbers(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}

// readyHeap is a heap of node numbers, the first in queue order on top.
type readyHeap []int

func (h readyHeap) Len() int           { return len(h) }
func (h readyHeap) Less(i, j int) bool { return cmp.Less(h[i], h[j]) }
func (h readyHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *readyHeap) Push(x any)        { *h = append(*h, x.(int)) }
func (h *readyHeap) Pop() any {
	last := len(*h) - 1
	x := (*h)[last]
	*h = (*h)[:last]
	return x
}
