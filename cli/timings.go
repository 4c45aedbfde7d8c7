package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/configstack"
	"github.com/terrace-iac/terrace/report"
	"github.com/terrace-iac/terrace/run"
	"github.com/terrace-iac/terrace/ui"
)

// saveTimings writes what --timings-file asks for. The timings are made only
// then.
func (r *reporter) saveTimings(make func() report.Timings) error {
	if r.timings == "" {
		return nil
	}
	return report.Save(r.timings, func(w io.Writer) error { return report.WriteTimings(w, make()) })
}

// unitTimings makes timings out of a report's row and of what became of the
// unit.
func unitTimings(row report.Row, o run.Outcome) report.UnitTiming {
	t := report.UnitTiming{Name: row.Name, Result: row.Result, Started: row.Started, Ended: row.Ended, Attempts: o.Attempts}
	for _, s := range o.Steps {
		t.Steps = append(t.Steps, report.StepTiming{Step: s.Step, Time: s.Time})
	}
	return t
}

// loneTimings are those of a run of one unit.
func loneTimings(word string, row report.Row, o run.Outcome) report.Timings {
	return report.Timings{
		Command: word, Started: row.Started, Ended: row.Ended,
		Units: []report.UnitTiming{unitTimings(row, o)}, Critical: []string{row.Name},
	}
}

// timings are those of a queue.
func (q *queueRun) timings(results []configstack.Result[run.Outcome]) report.Timings {
	t := report.Timings{Command: q.argv.Word()}
	t.Started, t.Ended = span(results)
	for i, row := range q.rows(results) {
		t.Units = append(t.Units, unitTimings(row, results[i].Value))
	}
	path, _ := q.criticalPath(results)
	for _, u := range path {
		t.Critical = append(t.Critical, q.report.name(q.shown(u.Dir())))
	}
	return t
}

// span is the time from the first start to the last end.
func span(results []configstack.Result[run.Outcome]) (first, last time.Time) {
	for i, r := range results {
		if i == 0 || r.Start.Before(first) {
			first = r.Start
		}
		if r.End.After(last) {
			last = r.End
		}
	}
	return first, last
}

// criticalPath is the chain of units that determines how long the run takes,
// and what they took together. Where the order was not kept there are no
// chains, only the longest unit.
func (q *queueRun) criticalPath(results []configstack.Result[run.Outcome]) ([]*configstack.Unit, time.Duration) {
	times := make(map[*config.Unit]time.Duration, len(results))
	for _, r := range results {
		times[r.Unit] = r.End.Sub(r.Start)
	}
	took := func(u *configstack.Unit) time.Duration { return times[u.Unit] }
	var path []*configstack.Unit
	if q.opts.Queue.IgnoreOrder {
		if units := q.graph.Order(); len(units) > 0 {
			path = []*configstack.Unit{slices.MaxFunc(units, func(a, b *configstack.Unit) int { return int(took(a) - took(b)) })}
		}
	} else {
		path = q.graph.CriticalPath(took)
	}
	var sum time.Duration
	for _, u := range path {
		sum += took(u)
	}
	return path, sum
}

// summaryNotes are the lines below the summary. Scripts match the summary, so
// there are none unless somebody looks at it or has asked for more.
func (q *queueRun) summaryNotes(results []configstack.Result[run.Outcome], elapsed time.Duration) []string {
	if !q.opts.Report.SummaryPerUnit && !q.console.StdoutTerminal() {
		return nil
	}
	path, sum := q.criticalPath(results)
	if len(path) == 0 || q.graph.Len() < 2 {
		return nil
	}
	names := make([]string, len(path))
	for i, u := range path {
		names[i] = q.name(u.Unit)
	}
	return []string{fmt.Sprintf("Critical path: %s  %s of %s", strings.Join(names, " -> "), ui.FormatDuration(sum), ui.FormatDuration(elapsed))}
}

// stepDetail says where a unit's time went. What took no time to speak of is
// left out.
func stepDetail(o run.Outcome, word string) string {
	var parts []string
	for _, s := range o.Steps {
		if s.Time >= time.Millisecond {
			parts = append(parts, stepName(s.Step, word)+" "+ui.FormatDuration(s.Time))
		}
	}
	return strings.Join(parts, ", ")
}

// stepName is what people are told of a step.
func stepName(step, word string) string {
	switch step {
	case "run":
		return word
	case "admit", "arguments":
		return "prepare"
	}
	return step
}

// showSteps lets the terminal follow what each unit is doing.
func (q *queueRun) showSteps() {
	q.onStep = func(u *config.Unit, step string) { q.progress.UnitStep(q.name(u), stepName(step, q.argv.Word())) }
}
