package cli

import (
	"errors"
	"io"
	"path/filepath"
	"regexp"
	"time"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/configstack"
	"github.com/terrace-iac/terrace/report"
	"github.com/terrace-iac/terrace/run"
	"github.com/terrace-iac/terrace/shell"
)

// reporter writes what --report-file and --report-schema-file ask for. Without
// them it does nothing.
type reporter struct {
	file, schema, timings string
	format                report.Format
	workingDir            string
}

// newReporter settles format and places before anything is run: a run of hours
// must not end with a report that cannot be written.
func newReporter(o reportOptions, workingDir string) (*reporter, error) {
	r := &reporter{file: o.File, schema: o.SchemaFile, timings: o.TimingsFile, workingDir: workingDir}
	if r.file != "" {
		var err error
		if r.format, err = report.FormatOf(r.file, o.Format); err != nil {
			return nil, err
		}
	}
	for _, file := range []string{r.file, r.schema, r.timings} {
		if file == "" {
			continue
		}
		if err := report.Prepare(file); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// save writes the files.
func (r *reporter) save(rows []report.Row) error {
	var errs []error
	if r.file != "" {
		errs = append(errs, report.Save(r.file, func(w io.Writer) error { return report.Write(w, r.format, rows) }))
	}
	if r.schema != "" {
		errs = append(errs, report.Save(r.schema, report.WriteSchema))
	}
	return errors.Join(errs...)
}

// failure is the status of a run whose report could not be written: that of
// the run where it failed, else 1.
func failure(code int, err error) int {
	if err == nil {
		return 1
	}
	return code
}

// name is the path of a unit from the working folder.
func (r *reporter) name(dir string) string {
	rel, err := filepath.Rel(r.workingDir, dir)
	switch {
	case err != nil || !filepath.IsLocal(rel):
		return dir
	case rel == ".":
		return filepath.Base(dir)
	}
	return filepath.ToSlash(rel)
}

// reported runs the command in a lone unit and writes the report of it,
// whatever came of the run.
func (r *reporter) reported(dir, word string, work func() (run.Outcome, error)) (run.Outcome, error) {
	row := report.Row{Name: r.name(dir), Started: time.Now()}
	outcome, err := work()
	row.Ended = time.Now()
	row.Result, row.Reason, row.Cause = ended(outcome, err)
	timings := r.saveTimings(func() report.Timings { return loneTimings(word, row, outcome) })
	return outcome, errors.Join(err, r.save([]report.Row{row}), timings)
}

// ended tells how a unit that was started ended.
func ended(o run.Outcome, err error) (report.Result, report.Reason, string) {
	switch {
	case err != nil:
		return report.Failed, report.RunError, errorCause(err)
	case o.Ignored != "":
		return report.Succeeded, report.ErrorIgnored, o.Ignored
	case o.Retried != "":
		return report.Succeeded, report.RetrySucceeded, o.Retried
	}
	return report.Succeeded, "", ""
}

// errorCause is the whole text of an error, with the end of what the failed
// process has said.
func errorCause(err error) string {
	text := err.Error()
	var exit *shell.ExitError
	if errors.As(err, &exit) {
		if tail := lastLines(exit.Stderr, 20); tail != "" {
			text += "\n" + tail
		}
	}
	return regexp.MustCompile(`\x1b\[[0-9;?]*[A-Za-z]`).ReplaceAllString(text, "")
}

// rows makes the report of a queue out of its results.
func (q *queueRun) rows(results []configstack.Result[run.Outcome]) []report.Row {
	word, args := typedCommand(q.inv.TF)
	why := q.exclusions()
	rows := make([]report.Row, len(results))
	for i, r := range results {
		row := report.Row{Name: q.report.name(q.shown(r.Unit.Dir())), Started: r.Start, Ended: r.End, Cmd: word, Args: args}
		if past := q.past[r.Unit]; past != nil {
			row.Ref = past.Ref
		}
		switch r.State {
		case configstack.Excluded:
			row.Result, row.Reason, row.Cause = report.Excluded, report.ExcludeBlock, why[r.Unit]
			if row.Cause == string(configstack.RemovedUnit) {
				row.Reason, row.Cause = report.UnitRemoved, ""
			}
		case configstack.Skipped:
			row.Result, row.Reason, row.Cause = report.EarlyExit, report.AncestorError, q.skipCause(r)
			if r.Cause == nil {
				row.Reason = "" // an interrupt is nobody's error
			}
		default:
			row.Result, row.Reason, row.Cause = ended(r.Value, r.Err)
		}
		rows[i] = row
	}
	return rows
}

// exclusions says of each excluded unit which rule took it out; the exclude
// block, which is meant when nothing is said, has no text.
func (q *queueRun) exclusions() map[*config.Unit]string {
	out := map[*config.Unit]string{}
	for _, e := range q.selection.Excluded {
		if e.Reason != configstack.ExcludeBlock {
			out[e.Unit.Unit] = string(e.Reason)
		}
	}
	return out
}

// skipCause names what a unit was waiting for when it failed.
func (q *queueRun) skipCause(r configstack.Result[run.Outcome]) string {
	switch {
	case r.Via != nil:
		return filepath.Base(q.shown(r.Via.Dir()))
	case r.Cause != nil:
		return filepath.Base(q.shown(r.Cause.Dir()))
	case r.Err != nil:
		return errorCause(r.Err)
	}
	return ""
}

// typedCommand is the command of the wrapped binary and its arguments, as the
// user typed them.
func typedCommand(argv []string) (word string, args []string) {
	if word = shell.Argv(argv).Word(); word == "" {
		return "", argv
	}
	return word, argv[1:]
}
