package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/configstack"
	"github.com/terrace-iac/terrace/report"
	"github.com/terrace-iac/terrace/run"
	"github.com/terrace-iac/terrace/shell"
	"github.com/terrace-iac/terrace/ui"
)

// queueRun is one run of a command over many units.
type queueRun struct {
	*session
	argv      shell.Argv // as each unit gets it, plan files excepted
	graph     *configstack.Graph
	selection *configstack.Selection
	past      map[*config.Unit]*configstack.Unit // taken from another commit than the one that is checked out
	progress  ui.Progress
	report    *reporter
	group     sync.Mutex // held while a unit's output is shown as a whole
	record    *runRecord
}

// runQueue discovers, orders, checks, asks and runs, in that order: nothing is
// started before every unit's configuration is known to be sound.
func runQueue(ctx context.Context, inv *invocation) (int, error) {
	argv := destroyForm(inv.TF)
	if err := refuseQueue(argv, queueFlag(inv)); err != nil {
		return 1, err
	}
	s, err := newSession(inv, argv, config.MockPolicy{})
	if err != nil {
		return 1, err
	}
	defer s.close()
	ctx, stop := s.watch(ctx)
	defer stop()
	rep, err := newReporter(s.opts.Report, inv.Global.WorkingDir)
	if err != nil {
		return 1, err
	}
	q := &queueRun{report: rep, session: s, argv: queueForm(argv, !s.opts.Queue.NoAutoApprove), progress: ui.NoProgress()}
	if !s.console.StdoutStyle() {
		q.argv = noColorForm(q.argv)
	}
	if err := q.prepare(ctx, argv); err != nil {
		return s.exitCode(err), err
	}
	if len(q.graph.Order()) == 0 {
		if !q.opts.Queue.Resume { // which has said why
			s.log.Warn("No units discovered. Creating an empty runner.")
		}
		return 0, q.saveReport(configstack.Run(ctx, q.graph, configstack.Policy{}, q.work))
	}
	yes, err := q.confirm(ctx, argv)
	if err != nil {
		return s.exitCode(err), err
	}
	if !yes {
		return 0, nil
	}
	return q.execute(ctx)
}

func queueFlag(inv *invocation) string {
	if inv.Values.Bool("graph") {
		return "--graph"
	}
	return "--all"
}

// prepare leaves the graph of the units to run, all of them checked.
func (q *queueRun) prepare(ctx context.Context, argv []string) error {
	if err := q.generateFirst(ctx); err != nil {
		return err
	}
	chosen, problems := q.choose(ctx, argv)
	if chosen == nil {
		return problems
	}
	q.selection = chosen.Exclude(configstack.Rules{Command: shell.Argv(argv).Word(), Destroy: isDown(argv), AllowRemoved: q.opts.Filter.AllowDestroy})
	q.past = pastUnits(chosen)
	q.warnPast(ctx)
	var err error
	if q.graph, err = q.selection.GraphBy(ctx, q.direction(argv)); err != nil {
		return errors.Join(problems, err)
	}
	if problems == nil {
		if err := q.resume(ctx, argv); err != nil {
			return err
		}
		// Before anything is fetched: what is refused should be so at once.
		if err := q.guardTofu(ctx, argv, configUnits(q.graph.Order())...); err != nil {
			return err
		}
	}
	// With units that cannot be read nothing will run, but whoever mends them
	// wants to know of the mistakes in all the others too.
	return errors.Join(problems, q.preflight(ctx))
}

func (s *session) discoverOptions() configstack.DiscoverOptions {
	o := configstack.DiscoverOptions{DownloadDir: s.opts.Unit.DownloadDir, FollowSymlinks: s.inv.Global.Experiments.Enabled("symlinks")}
	if s.opts.Unit.Config != "" {
		o.ConfigNames = []string{filepath.Base(s.opts.Unit.Config)}
	}
	if dir, ok := newEnvironment(s.inv.Env).get("TF_DATA_DIR"); ok && dir != "" {
		o.SkipDirs = []string{dir}
	}
	return o
}

// preflight evaluates everything that needs no outputs, in every unit, so that
// a mistake is found before anything is applied. A mistake that comes from the
// outside world stops the run only in a unit that nothing runs before.
func (q *queueRun) preflight(ctx context.Context) (err error) {
	ctx, span := q.inv.Recorder.Start(ctx, "preflight")
	defer func() { span.End(err) }()
	units := q.graph.Order()
	errs := make([]error, len(units))
	var wg sync.WaitGroup
	slots := make(chan struct{}, shell.Capacity())
	for i, u := range units {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			errs[i] = q.check(ctx, u)
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

func (q *queueRun) check(ctx context.Context, u *configstack.Unit) error {
	if err := q.runner.CheckVersions(ctx, u.Unit, u.Outline); err != nil {
		return err
	}
	soft, err := u.Check(ctx)
	if err == nil {
		soft, err = q.runner.Prefetch(ctx, u.Unit)
	}
	if err != nil && soft && len(q.graph.Dependencies(u)) > 0 {
		q.log.Debug("an expression failed that reads the outside world; it is evaluated again when the unit runs", ui.AttrUnit, u.Dir(), "error", err)
		return nil
	}
	return err
}

// confirm shows the queue and asks, where the command changes something.
func (q *queueRun) confirm(ctx context.Context, argv []string) (bool, error) {
	question := queuePrompt(argv)
	shown := q.display()
	asks := question != "" && !q.inv.Global.NonInteractive
	if asks && !q.log.Enabled(ctx, ui.LevelInfo) {
		fmt.Fprintln(q.console.Stderr(), shown) // a question about a queue that nobody has seen is no question
	}
	q.log.Info(shown)
	if question == "" {
		return true, nil
	}
	return ui.NewPrompter(q.console, q.inv.Global.NonInteractive, q.log).Prompt(ctx, question)
}

// execute drives the queue and tells how it went.
func (q *queueRun) execute(ctx context.Context) (int, error) {
	if !q.inv.Global.Log.Disable && !q.machineFormat() {
		q.progress = q.console.LiveProgress(q.graph.Len())
		q.showSteps()
	}
	q.record.start(q.recordNames(q.graph.Order()))
	policy := configstack.Policy{
		Parallelism: q.parallelism(), FailFast: q.opts.Queue.FailFast,
		IgnoreErrors: q.opts.Queue.IgnoreErrors, IgnoreOrder: q.opts.Queue.IgnoreOrder, Observer: q,
	}
	results := q.drive(ctx, policy)
	q.progress.Close()
	q.writeSummary(results)
	q.recordEnd(results)
	code, err := q.queueCode(results), q.queueError(results)
	if saveErr := q.saveReport(results); saveErr != nil {
		return failure(code, err), errors.Join(err, saveErr)
	}
	return code, err
}

// saveReport writes the files about the run that were asked for.
func (q *queueRun) saveReport(results []configstack.Result[run.Outcome]) error {
	return errors.Join(q.report.save(q.rows(results)), q.report.saveTimings(func() report.Timings { return q.timings(results) }))
}

func (q *queueRun) parallelism() int {
	if n := q.opts.Queue.Parallelism; n > 0 {
		return n
	}
	return shell.Capacity()
}

// work runs the command in one unit of the queue.
func (q *queueRun) work(ctx context.Context, u *config.Unit) (run.Outcome, error) {
	argv, err := q.unitArgs(u)
	if err != nil {
		return run.Outcome{}, err
	}
	streams, done := q.queueStreams(u, argv)
	defer done()
	outcome, err := q.runUnit(ctx, u, argv, streams)
	if err == nil {
		err = q.savePlanJSON(ctx, u, argv, outcome)
	}
	return outcome, err
}

// queueStreams gives a unit writers that never mix its lines with another's.
func (q *queueRun) queueStreams(u *config.Unit, argv []string) (run.Streams, func()) {
	log := q.log.With(ui.AttrUnit, q.shown(u.Dir()), ui.AttrTFPath, q.binaryName(), ui.AttrTFArgs, argv)
	quiet := ui.LogLines(log, ui.LevelDebug)
	out, errs := ui.LogLines(log, ui.LevelStdout), ui.LogLines(log, ui.LevelStderr)
	switch {
	case rawOutput(argv):
		out, errs = ui.Grouped(q.console.Stdout()), ui.LogLines(log, ui.LevelStderr)
		return run.Streams{Stdout: out, Stderr: errs, Quiet: quiet}, func() {
			closeAll(quiet, errs)
			q.group.Lock() // a unit's heading stays with its output
			defer q.group.Unlock()
			log.Info(shell.Argv(argv).Word() + ":")
			closeAll(out)
		}
	case q.plainFormat(argv):
		out, errs = ui.Lines(q.console.Stdout()), ui.Lines(q.console.Stderr())
	}
	return run.Streams{Stdout: out, Stderr: errs, Quiet: quiet}, func() { closeAll(quiet, errs, out) }
}

func (s *session) binaryName() string {
	if s.opts.Unit.TFPath != "" {
		return s.opts.Unit.TFPath
	}
	name, err := shell.FindBinary(s.inv.Env)
	if err != nil {
		return ""
	}
	return name
}

// UnitStarted and UnitFinished pass the queue's progress on to the terminal.
func (q *queueRun) UnitStarted(u *config.Unit) {
	q.progress.UnitStep(q.name(u), "start")
}

// UnitFinished is called by the queue.
func (q *queueRun) UnitFinished(u *config.Unit, s configstack.State, _ error) {
	q.progress.UnitDone(q.name(u), s.String())
	q.record.note(q.shownPath(q.shown(u.Dir())), s)
}

// name is how people see a unit: its path from the working folder.
func (s *session) name(u *config.Unit) string { return s.relative(u.Dir()) }

func (s *session) relative(dir string) string {
	dir = s.shown(dir)
	rel, err := filepath.Rel(s.inv.Global.WorkingDir, dir)
	if err != nil || s.inv.Global.Log.ShowAbsPaths {
		return dir
	}
	return filepath.ToSlash(rel)
}
