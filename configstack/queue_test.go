package configstack

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/terrace-iac/terrace/config"
)

// All ready units run at once without a limit, and no more than allowed with
// one.
func TestParallelism(t *testing.T) {
	t.Parallel()
	s := fakeStack("a:", "b:", "c:", "d:", "e: a")
	g := mustGraph(t, s, Up)
	meet := make(chan struct{})
	var there atomic.Int32
	Run(context.Background(), g, Policy{}, func(_ context.Context, u *config.Unit) (int, error) {
		if u == s.unit("e").Unit {
			return 0, nil
		}
		if there.Add(1) == 4 {
			close(meet)
		}
		<-meet // hangs unless all four are there together
		return 0, nil
	})
	var running, most atomic.Int32
	Run(context.Background(), g, Policy{Parallelism: 2}, func(context.Context, *config.Unit) (int, error) {
		if n := running.Add(1); n > most.Load() {
			most.Store(n)
		}
		time.Sleep(time.Millisecond)
		running.Add(-1)
		return 0, nil
	})
	if most.Load() != 2 {
		t.Errorf("%d units ran at once, want 2", most.Load())
	}
}

// A unit starts when those before it have ended, and not only when their
// whole level has.
func TestNoBarrierBetweenLevels(t *testing.T) {
	t.Parallel()
	s := fakeStack("quick:", "slow:", "next: quick")
	nextRan := make(chan struct{})
	Run(context.Background(), mustGraph(t, s, Up), Policy{Parallelism: 2}, func(_ context.Context, u *config.Unit) (int, error) {
		switch u {
		case s.unit("next").Unit:
			close(nextRan)
		case s.unit("slow").Unit:
			<-nextRan
		}
		return 0, nil
	})
}

// With fail fast a failure that is known but not yet looked at must not be
// overtaken by a start (Q21).
func TestFailFastLooksBeforeStarting(t *testing.T) {
	t.Parallel()
	s := fakeStack("a-fails:", "b:", "c:")
	var started atomic.Int32
	q := newQueue(mustGraph(t, s, Up), Policy{FailFast: true}, func(context.Context, int) error {
		started.Add(1)
		return nil
	})
	for i := range q.nodes {
		q.set(i, Ready)
	}
	i, _ := q.next()
	q.set(i, Running)
	q.ended <- message{unit: i, err: errBroken, end: time.Now()} // as its worker would
	q.startReady(context.Background())
	if started.Load() != 0 || q.running != 0 {
		t.Errorf("%d units were started after the failure", q.running)
	}
	for i, want := range []State{Failed, Skipped, Skipped} {
		if got := q.nodes[i].state; got != want {
			t.Errorf("unit %d is %v, want %v", i, got, want)
		}
	}
}

// Running units end well after a failure elsewhere, and what is behind them
// is skipped as well.
func TestFailFastLetsRunningUnitsEnd(t *testing.T) {
	t.Parallel()
	s := fakeStack("bad:", "good:", "later: good")
	sc := newScript(s, "bad")
	goodRuns, badFailed := make(chan struct{}), make(chan struct{})
	w := &watcher{finished: func(u *config.Unit, st State) {
		if st == Failed {
			close(badFailed)
		}
	}}
	results := Run(context.Background(), mustGraph(t, s, Up), Policy{FailFast: true, Observer: w},
		func(ctx context.Context, u *config.Unit) (string, error) {
			switch sc.names[u] {
			case "bad":
				<-goodRuns
			case "good":
				close(goodRuns)
				<-badFailed
			}
			return sc.work(ctx, u)
		})
	var out []string
	for _, r := range results {
		out = append(out, outcome(sc.names, r))
	}
	if got, want := strings.Join(out, ", "), "bad failed, good succeeded, later skipped<<bad"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestInterrupt(t *testing.T) {
	t.Parallel()
	s := fakeStack("a:", "b:", "c: a", "d: c", "x: bad", "bad:")
	sc := newScript(s, "bad")
	ctx, cancel := context.WithCancelCause(context.Background())
	why := errors.New("user pressed a key")
	bRuns := make(chan struct{})
	w := &watcher{finished: func(_ *config.Unit, st State) {
		if st == Failed {
			cancel(why)
		}
	}}
	work := func(ctx context.Context, u *config.Unit) (string, error) {
		switch sc.names[u] {
		case "a":
			<-ctx.Done()
		case "b":
			close(bRuns)
			<-ctx.Done()
			time.Sleep(5 * time.Millisecond)
		case "bad":
			<-bRuns
		}
		return sc.work(ctx, u)
	}
	results := Run(ctx, mustGraph(t, s, Up), Policy{Parallelism: 3, Observer: w}, work)
	var out []string
	for _, r := range results {
		out = append(out, outcome(sc.names, r))
		checkResult(t, sc.names[r.Unit], r)
		if r.State == Skipped && r.Cause == nil {
			want := "Unit '" + s.unit(sc.names[r.Unit]).Dir() + "' did not run due to an interrupt: user pressed a key"
			if !errors.Is(r.Err, why) || r.Err.Error() != want {
				t.Errorf("got %q, want %q", r.Err, want)
			}
		}
	}
	want := "a succeeded, b succeeded, bad failed, c skipped<<, x skipped<bad<bad, d skipped<<"
	if got := strings.Join(out, ", "); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

func TestInterruptedBefore(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	s := fixture()
	sc := newScript(s, "")
	for _, r := range Run(ctx, mustGraph(t, s, Up), Policy{}, sc.work) {
		checkResult(t, sc.names[r.Unit], r)
		if r.State != Skipped || !errors.Is(r.Err, context.Canceled) {
			t.Errorf("got %+v", r)
		}
	}
	if len(sc.started) != 0 {
		t.Errorf("started %v", sc.started)
	}
}

func TestWorkThatDoesNotReturn(t *testing.T) {
	t.Parallel()
	s := fakeStack("after: exits panics", "exits:", "fine:", "panics:")
	results := Run(context.Background(), mustGraph(t, s, Up), Policy{}, func(_ context.Context, u *config.Unit) (int, error) {
		switch u {
		case s.unit("panics").Unit:
			panic("no way")
		case s.unit("exits").Unit:
			runtime.Goexit()
		}
		return 7, nil
	})
	var p *PanicError
	if r := results[2]; r.State != Failed || !errors.As(r.Err, &p) || p.Value != "no way" ||
		!strings.Contains(r.Err.Error(), "TestWorkThatDoesNotReturn") {
		t.Errorf("panic: got %+v", r)
	}
	if r := results[0]; r.State != Failed || !errors.Is(r.Err, errAbandoned) {
		t.Errorf("exit: got %+v", r)
	}
	if results[1].State != Succeeded || results[1].Value != 7 || results[3].State != Skipped {
		t.Errorf("others: got %+v", results)
	}
}

func TestStateChanges(t *testing.T) {
	t.Parallel()
	q := newQueue(mustGraph(t, fakeStack("a:"), Up), Policy{}, nil)
	q.set(0, Ready)
	q.set(0, Skipped)
	defer func() {
		if got, want := fmt.Sprint(recover()), "skipped cannot become running"; !strings.Contains(got, want) {
			t.Errorf("got %q, want %q in it", got, want)
		}
	}()
	q.set(0, Running)
}
