package configstack

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/terrace-iac/terrace/config"
)

// randomStack has n units, each of which depends on some with smaller names.
func randomStack(r *rand.Rand, n int) *Stack {
	lines := make([]string, n)
	for i := range n {
		lines[i] = fmt.Sprintf("u%04d:", r.IntN(2)*5000+i)
	}
	names := slices.Clone(lines)
	for i := range n {
		for range r.IntN(4) {
			if i > 0 {
				lines[i] += " " + strings.TrimSuffix(names[r.IntN(i)], ":")
			}
		}
	}
	return fakeStack(lines...)
}

// Whatever the graph and the policy: no unit starts before those before it
// have ended well, failures skip exactly what is behind them, and each unit
// has one result.
func TestRunProperties(t *testing.T) {
	t.Parallel()
	for seed := range uint64(150) {
		r := rand.New(rand.NewPCG(seed, 1))
		s := randomStack(r, 1+r.IntN(40))
		d := Direction(r.IntN(2))
		p := Policy{Parallelism: r.IntN(5), IgnoreErrors: r.IntN(3) == 0}
		fail := map[*config.Unit]bool{}
		for _, u := range s.Units {
			fail[u.Unit] = r.IntN(8) == 0
		}
		g := mustGraph(t, s, d)
		results := Run(context.Background(), g, p, func(_ context.Context, u *config.Unit) (int, error) {
			runtime.Gosched()
			if fail[u] {
				return 0, errBroken
			}
			return 0, nil
		})
		checkRun(t, g, d, p, results, fail)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

func checkRun(t *testing.T, g *Graph, d Direction, p Policy, results []Result[int], fail map[*config.Unit]bool) {
	t.Helper()
	if len(results) != g.Len() {
		t.Fatalf("%d results for %d units", len(results), g.Len())
	}
	by := map[*config.Unit]Result[int]{}
	for i, u := range g.Order() {
		if results[i].Unit != u.Unit {
			t.Fatalf("result %d is not that of %s", i, nameOf(u))
		}
		by[u.Unit] = results[i]
	}
	for _, u := range g.Order() {
		before := g.Dependencies(u)
		if d == Down {
			before = g.Dependents(u)
		}
		blocked := false
		r := by[u.Unit]
		for _, b := range before {
			rb := by[b.Unit]
			blocked = blocked || rb.State != Succeeded
			if r.State != Skipped && r.Start.Before(rb.End) {
				t.Errorf("%s started before %s had ended", nameOf(u), nameOf(b))
			}
		}
		want := Succeeded
		switch {
		case blocked && !p.IgnoreErrors:
			want = Skipped
		case fail[u.Unit]:
			want = Failed
		}
		if r.State != want {
			t.Errorf("%s %v, want %v", nameOf(u), r.State, want)
		}
		if r.State == Skipped && (r.Cause == nil || by[r.Cause].State != Failed) {
			t.Errorf("%s is blamed on a unit that did not fail", nameOf(u))
		}
	}
}

func BenchmarkGraphAndRun(b *testing.B) {
	s := randomStack(rand.New(rand.NewPCG(1, 1)), 5000)
	for b.Loop() {
		g := mustGraph(b, s, Up)
		results := Run(context.Background(), g, Policy{Parallelism: 8}, func(context.Context, *config.Unit) (int, error) { return 0, nil })
		if results[4999].State != Succeeded {
			b.Fatal(results[4999].Err)
		}
	}
}
