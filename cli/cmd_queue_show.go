package cli

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/configstack"
	"github.com/terrace-iac/terrace/run"
	"github.com/terrace-iac/terrace/ui"

	"github.com/terrace-iac/terrace/shell"
)

// display draws the queue as a tree, with the heading that says which way it
// runs.
func (q *queueRun) display() string {
	heading := "The following units will be run, starting with dependencies and then their dependents:"
	if isDown(q.argv) {
		heading = "The following units will be run, starting with dependents and then their dependencies:"
	}
	units := q.graph.Order()
	labels := make([]ui.Label, len(units))
	index := map[*configstack.Unit]int{}
	for i, u := range units {
		index[u] = i
		labels[i] = ui.Label{Text: q.name(u.Unit)}
	}
	parents := make([][]int, len(units))
	for i, u := range units {
		for _, d := range q.before(u) {
			parents[i] = append(parents[i], index[d])
		}
	}
	var b strings.Builder
	_ = ui.WriteTree(&b, ui.GraphTree(labels, parents), false) // a strings.Builder never fails
	return heading + "\n" + strings.TrimRight(b.String(), "\n")
}

// before are the units that a unit waits for.
func (q *queueRun) before(u *configstack.Unit) []*configstack.Unit {
	if isDown(q.argv) {
		return q.graph.Dependents(u)
	}
	return q.graph.Dependencies(u)
}

// writeSummary counts how the units ended. It is for people, so commands whose
// output is read by programs get none.
func (q *queueRun) writeSummary(results []configstack.Result[run.Outcome]) {
	if q.opts.Report.NoSummary || q.argv.Word() == "output" || q.argv.On("json") || len(results) == 0 {
		return
	}
	groups := []ui.Group{
		{Label: "Succeeded", Color: ui.BoldGreen}, {Label: "Failed", Color: ui.BoldRed},
		{Label: "Early Exits", Color: ui.BoldYellow}, {Label: "Excluded", Color: ui.BoldBlue},
	}
	place := map[configstack.State]int{configstack.Succeeded: 0, configstack.Failed: 1, configstack.Skipped: 2, configstack.Excluded: 3}
	for _, r := range results {
		g := &groups[place[r.State]]
		g.Items = append(g.Items, ui.Timed{Name: q.name(r.Unit), Elapsed: r.End.Sub(r.Start), Detail: stepDetail(r.Value, q.argv.Word())})
	}
	first, last := span(results)
	elapsed := last.Sub(first)
	s := ui.Summary{Elapsed: elapsed, Groups: groups, PerItem: q.opts.Report.SummaryPerUnit, Notes: q.summaryNotes(results, elapsed)}
	if err := ui.WriteSummary(q.console.Stdout(), s, q.console.StdoutStyle()); err != nil {
		q.log.Debug("writing the summary", "error", err)
	}
}

// queueError is every failure and every unit that did not run because of one.
func (q *queueRun) queueError(results []configstack.Result[run.Outcome]) error {
	var list []error
	for _, r := range results {
		switch {
		case r.State == configstack.Failed:
			list = append(list, &unitFailure{configstack.UnitError{Unit: r.Unit.Dir(), Err: r.Err}, q.aloneCommand(r.Unit)})
		case r.State == configstack.Skipped:
			list = append(list, r.Err)
		}
	}
	if len(list) == 0 {
		return nil
	}
	return &runError{list}
}

// runError is what went wrong in a queue.
type runError struct{ list []error }

func (e *runError) Error() string {
	lines := make([]string, len(e.list))
	for i, err := range e.list {
		lines[i] = "* " + err.Error()
	}
	if len(lines) == 1 {
		return "error occurred:\n\n" + lines[0]
	}
	return fmt.Sprintf("%d errors occurred:\n\n%s", len(lines), strings.Join(lines, "\n"))
}

func (e *runError) Unwrap() []error { return e.list }

// planFile is where the unit's plan is kept with --out-dir or --json-out-dir.
// That of a unit outside the working folder goes by its whole path, in which a
// drive is a folder like any other.
func (q *queueRun) planFile(dir string, u *config.Unit, name string) string {
	at := q.shown(u.Dir())
	rel, err := filepath.Rel(q.inv.Global.WorkingDir, at)
	if err != nil || !filepath.IsLocal(rel) {
		drive := filepath.VolumeName(at)
		rel = filepath.Join(strings.NewReplacer(":", "").Replace(drive), at[len(drive):])
	}
	return filepath.Join(dir, rel, name)
}

// unitArgs is the unit's own command line: the queue's, with its plan file.
func (q *queueRun) unitArgs(u *config.Unit) ([]string, error) {
	args, err := q.plannedArgs(u)
	if past := q.past[u]; past != nil && past.Removed {
		args = removedForm(args)
	}
	return args, err
}

func (q *queueRun) plannedArgs(u *config.Unit) ([]string, error) {
	switch {
	case q.opts.Plans.Dir != "":
		file := q.planFile(q.opts.Plans.Dir, u, "tfplan.tfplan")
		return withPlanFile(q.argv, file), os.MkdirAll(filepath.Dir(file), 0o700)
	case q.opts.Plans.JSONDir != "" && q.argv.Word() == "plan":
		return withPlanFile(q.argv, "tfplan.tfplan"), nil
	}
	return q.argv, nil
}

// savePlanJSON writes the plan as JSON for --json-out-dir.
func (q *queueRun) savePlanJSON(ctx context.Context, u *config.Unit, argv []string, o run.Outcome) error {
	if q.opts.Plans.JSONDir == "" || shell.Argv(argv).Word() != "plan" {
		return nil
	}
	plan, _ := outFile(argv)
	text, err := q.runner.PlanJSON(ctx, u, o.WorkDir, plan)
	if err != nil {
		return err
	}
	file := q.planFile(q.opts.Plans.JSONDir, u, "tfplan.json")
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	return writeAtomic(file, text, 0o600)
}

// repositoryTop is the folder above that holds .git, else the folder itself.
func repositoryTop(dir string) string {
	if top, ok := config.RepoRoot(dir); ok {
		return top
	}
	return dir
}
