package configstack

import (
	"context"
	"time"

	"github.com/terrace-iac/terrace/config"
)

// Result is how one unit ended.
type Result[T any] struct {
	Unit  *config.Unit
	State State // Succeeded, Failed, Skipped or Excluded
	// Start and End are equal for units that were never started: the moment
	// this was decided.
	Start, End time.Time
	Value      T // what the work returned, with an error too; zero if it never ran
	// Err is the error of the work if Failed, a [SkipError] if Skipped.
	Err error
	// Cause is the failed unit at the root of a skip, nil after an interrupt.
	// For an excluded unit it is the one whose configuration excluded it.
	Cause *config.Unit
	// Via is the failed or skipped unit that a skipped one was waiting for,
	// nil if it only fell to an interrupt or to [Policy.FailFast].
	Via *config.Unit
}

// Run works on every unit of the graph, each as soon as those before it have
// succeeded and there is room; what is ready starts in queue order. It
// returns one result for each unit in queue order, then one for each excluded
// unit by path.
//
// Once ctx is cancelled no further unit starts; running work is waited for,
// and it decides itself what the cancellation means for it. A graph with a
// cycle is refused: every unit fails with the [CycleError].
func Run[T any](ctx context.Context, g *Graph, p Policy, work func(context.Context, *config.Unit) (T, error)) []Result[T] {
	begin := time.Now()
	if g.cycle != nil {
		return refuse[T](g, begin)
	}
	values := make([]T, g.Len()) // each written by its worker, read after the worker's message
	q := newQueue(g, p, func(ctx context.Context, i int) (err error) {
		values[i], err = work(ctx, g.units[i].Unit)
		return err
	})
	q.run(ctx)
	results := make([]Result[T], 0, g.Len()+len(g.excluded))
	for i, n := range q.nodes {
		results = append(results, Result[T]{
			Unit: g.units[i].Unit, State: n.state,
			Start: n.start, End: n.end,
			Value: values[i], Err: n.err,
			Cause: g.configOf(n.cause), Via: g.configOf(n.via),
		})
	}
	return append(results, excludedResults[T](g, begin)...)
}

func refuse[T any](g *Graph, at time.Time) []Result[T] {
	results := make([]Result[T], g.Len())
	for i, u := range g.units {
		results[i] = Result[T]{Unit: u.Unit, State: Failed, Start: at, End: at, Err: g.cycle}
	}
	return append(results, excludedResults[T](g, at)...)
}

func excludedResults[T any](g *Graph, at time.Time) []Result[T] {
	results := make([]Result[T], len(g.excluded))
	for i, e := range g.excluded {
		results[i] = Result[T]{Unit: e.Unit.Unit, State: Excluded, Start: at, End: at, Cause: e.By.Unit}
	}
	return results
}

// configOf returns the unit with the number, or nil for -1.
func (g *Graph) configOf(node int) *config.Unit {
	if node < 0 {
		return nil
	}
	return g.units[node].Unit
}
