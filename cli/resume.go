package cli

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/terrace-iac/terrace/configstack"
	"github.com/terrace-iac/terrace/run"
)

const (
	recordVersion = 1
	// recordKept is for how long a record can be of use. It is long after the
	// infrastructure has moved on.
	recordKept = 30 * 24 * time.Hour
	// recordEvery limits how often the record is written while units end.
	recordEvery = time.Second
)

// lastRun is what is known of the last run of a command over many units.
// Arguments are not in it: they may hold secrets.
type lastRun struct {
	Version    int               `json:"version"`
	Command    string            `json:"command"`
	WorkingDir string            `json:"working_dir"`
	Started    time.Time         `json:"started"`
	Units      map[string]string `json:"units"` // path from the working folder -> state
}

// resumeError says why there is nothing to resume from.
type resumeError struct{ Command, What string }

func (e *resumeError) Error() string { return "--resume: " + e.Command + ": " + e.What }

// runRecord keeps how the units of a queue ended in a file in the user's cache
// folder, where no version control sees it. The file is named by working
// folder and command line; its content is replaced as a whole, when the run
// starts, now and then, and when it ends, so it is true even after a crash.
// It goes stale after recordKept.
type runRecord struct {
	file  string
	run   lastRun
	saved time.Time
	err   error // the first failure to write
}

// newRunRecord makes a record without units. The unit file is part of what
// makes a command another one, as it makes the units other ones.
func newRunRecord(cache, workingDir, unitFile string, argv []string) *runRecord {
	if real, err := filepath.EvalSymlinks(workingDir); err == nil {
		workingDir = real
	}
	word, _ := typedCommand(argv)
	key, _ := json.Marshal([]any{workingDir, unitFile, argv}) // strings always have a form in JSON
	sum := sha256.Sum256(key)
	r := &runRecord{run: lastRun{Version: recordVersion, Command: word, WorkingDir: workingDir, Units: map[string]string{}}}
	if cache != "" {
		r.file = filepath.Join(cache, hex.EncodeToString(sum[:16])+".json")
	}
	return r
}

// recordDir is where the records are, "" where the user has no cache folder.
func recordDir() string {
	dir, err := os.UserCacheDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "terrace", "runs")
}

// load reads the record of the last run.
func (r *runRecord) load() error {
	fail := func(what string) error { return &resumeError{r.run.Command, what} }
	if r.file == "" {
		return fail("there is no cache folder to keep records of runs in: set HOME or XDG_CACHE_HOME")
	}
	text, err := os.ReadFile(r.file)
	if errors.Is(err, fs.ErrNotExist) {
		return fail("no run of this command in this folder is known. The arguments count too; run it without --resume first")
	}
	if err != nil {
		return fail("the record of the last run: " + err.Error())
	}
	var last lastRun
	if err := json.Unmarshal(text, &last); err != nil || last.Version != recordVersion || len(last.Units) == 0 {
		return fail("the record of the last run, " + r.file + ", cannot be used: run the command without --resume")
	}
	r.run = last
	return nil
}

// compare fails if the last run was over other units.
func (r *runRecord) compare(units []string) error {
	var missing, added []string
	for _, u := range units {
		if _, ok := r.run.Units[u]; !ok {
			added = append(added, u)
		}
	}
	for u := range r.run.Units {
		if !slices.Contains(units, u) {
			missing = append(missing, u)
		}
	}
	var parts []string
	if len(added) > 0 {
		parts = append(parts, "now there is also "+someOf(added))
	}
	if len(missing) > 0 {
		parts = append(parts, "no longer there is "+someOf(missing))
	}
	if len(parts) == 0 {
		return nil
	}
	return &resumeError{r.run.Command, fmt.Sprintf("the last run here (%s) was over other units: %s. Choose the same units, or run without --resume",
		r.run.Started.Local().Format(time.DateTime), strings.Join(parts, "; "))}
}

// someOf lists names, but not hundreds of them.
func someOf(names []string) string {
	const most = 5
	slices.Sort(names)
	if more := len(names) - most; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), more)
	}
	return strings.Join(names, ", ")
}

// open says that a unit did not succeed in the last run.
func (r *runRecord) open(unit string) bool {
	return r.run.Units[unit] != configstack.Succeeded.String()
}

// start notes units that are about to be run and writes the record.
func (r *runRecord) start(units []string) {
	for _, u := range units {
		r.run.Units[u] = configstack.Waiting.String()
	}
	r.run.Started = time.Now()
	r.forgetOld()
	r.save()
}

// note takes down how a unit ended. Not every note is written at once.
func (r *runRecord) note(unit string, s configstack.State) {
	r.run.Units[unit] = s.String()
	if time.Since(r.saved) >= recordEvery {
		r.save()
	}
}

// save writes the record.
func (r *runRecord) save() {
	if r.file == "" {
		return
	}
	text, err := json.MarshalIndent(r.run, "", "  ")
	if err == nil {
		err = os.MkdirAll(filepath.Dir(r.file), 0o755)
	}
	if err == nil {
		err = writeAtomic(r.file, append(text, '\n'), 0o600)
	}
	if r.err == nil {
		r.err = err
	}
	r.saved = time.Now()
}

// forgetOld removes records that are of no use any more. One that cannot be
// removed does no harm.
func (r *runRecord) forgetOld() {
	if r.file == "" {
		return
	}
	list, err := os.ReadDir(filepath.Dir(r.file))
	if err != nil {
		return
	}
	for _, e := range list {
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > recordKept {
			_ = os.Remove(filepath.Join(filepath.Dir(r.file), e.Name()))
		}
	}
}

// resume leaves in the graph only what the last run did not bring to a good
// end, and what waits for it: that was run on old grounds, if at all.
func (q *queueRun) resume(ctx context.Context, argv []string) error {
	q.record = newRunRecord(recordDir(), q.inv.Global.WorkingDir, filepath.Base(q.opts.Unit.Config), argv)
	if !q.opts.Queue.Resume {
		return nil
	}
	if err := q.record.load(); err != nil {
		return err
	}
	units := q.graph.Order()
	if err := q.record.compare(q.recordNames(units)); err != nil {
		return err
	}
	last := q.record.run.Started.Local().Format(time.DateTime)
	var open []*configstack.Unit
	for _, u := range units {
		if q.record.open(q.recordName(u)) {
			open = append(open, u)
		}
	}
	again := q.graph.Behind(open)
	if len(again) == 0 {
		q.log.Info(fmt.Sprintf("Nothing to resume: every unit succeeded in the last run of %s here, %s.", q.record.run.Command, last))
	} else {
		q.log.Info(fmt.Sprintf("Resuming the run of %s: %d of %d units are left.", last, len(again), len(units)))
	}
	wanted := map[*configstack.Unit]bool{}
	for _, u := range again {
		wanted[u] = true
	}
	q.selection = q.selection.Only(func(u *configstack.Unit) bool { return wanted[u] })
	var err error
	q.graph, err = q.selection.GraphBy(ctx, q.direction(argv))
	return err
}

// recordName is a unit's name in the record: its path from the working folder.
func (q *queueRun) recordName(u *configstack.Unit) string { return q.shownPath(q.shown(u.Dir())) }

func (q *queueRun) recordNames(units []*configstack.Unit) []string {
	names := make([]string, len(units))
	for i, u := range units {
		names[i] = q.recordName(u)
	}
	return names
}

// recordEnd writes the record for the last time and says what it is good for.
func (q *queueRun) recordEnd(results []configstack.Result[run.Outcome]) {
	q.record.save()
	switch unfinished := slices.ContainsFunc(results, func(r configstack.Result[run.Outcome]) bool {
		return r.State == configstack.Failed || r.State == configstack.Skipped
	}); {
	case q.record.err != nil && q.opts.Queue.Resume:
		q.log.Warn("The record of this run could not be written, --resume will not know of it: " + q.record.err.Error())
	case q.record.err != nil:
		q.log.Debug("the record of this run could not be written", "error", q.record.err)
	case unfinished && q.record.file != "":
		q.log.Info("To run only what failed or was not reached, and what depends on it, repeat the command with --resume.")
	}
}
