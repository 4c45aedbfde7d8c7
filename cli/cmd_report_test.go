package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/terrace-iac/terrace/report"
	"github.com/terrace-iac/terrace/run"
	"github.com/terrace-iac/terrace/shell"
)

func TestReporterRefusesBeforeTheRun(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	for _, o := range []reportOptions{
		{File: filepath.Join(dir, "r.txt")},
		{File: dir},
		{File: filepath.Join(file, "r.json")},
		{SchemaFile: filepath.Join(file, "s.json")},
	} {
		if _, err := newReporter(o, dir); err == nil {
			t.Errorf("%+v: no error", o)
		}
	}
	r, err := newReporter(reportOptions{File: filepath.Join(dir, "new", "r.txt"), Format: "json"}, dir)
	if err != nil || r.format != report.JSON {
		t.Errorf("%+v %v", r, err)
	}
	if left, _ := os.ReadDir(filepath.Join(dir, "new")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestReporterName(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	r := &reporter{workingDir: filepath.Join(root, "live")}
	for dir, want := range map[string]string{
		"live/net/vpc": "net/vpc", "live": "live", "other/app": filepath.Join(root, "other", "app"), "live/..x": "..x",
	} {
		if got := r.name(filepath.Join(root, filepath.FromSlash(dir))); got != want {
			t.Errorf("%s: %s, want %s", dir, got, want)
		}
	}
}

func TestReportedFailure(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	r, err := newReporter(reportOptions{File: filepath.Join(dir, "r.json"), SchemaFile: filepath.Join(dir, "s.json")}, dir)
	if err != nil {
		t.Fatal(err)
	}
	broken := &shell.ExitError{Path: "tofu", Args: []string{"plan"}, Code: 3, Stderr: "line\n\x1b[31mthe reason\x1b[0m\n"}
	_, err = r.reported(filepath.Join(dir, "a"), "plan", func() (run.Outcome, error) {
		return run.Outcome{Retried: "again"}, fmt.Errorf("wrapped: %w", broken)
	})
	if !errors.Is(err, broken) {
		t.Errorf("the run's error is lost: %v", err)
	}
	b, err := os.ReadFile(filepath.Join(dir, "r.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"Name": "a"`, `"Result": "failed"`, `"Reason": "run error"`, `exit status 3\nline\nthe reason"`} {
		if !strings.Contains(string(b), want) {
			t.Errorf("no %s in\n%s", want, b)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "s.json")); err != nil {
		t.Error(err)
	}
}

func TestEnded(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		o      run.Outcome
		result report.Result
		reason report.Reason
		cause  string
	}{
		{run.Outcome{}, report.Succeeded, "", ""},
		{run.Outcome{ExitCode: 2}, report.Succeeded, "", ""},
		{run.Outcome{Retried: "again"}, report.Succeeded, report.RetrySucceeded, "again"},
		{run.Outcome{Retried: "again", Ignored: "known"}, report.Succeeded, report.ErrorIgnored, "known"},
	} {
		result, reason, cause := ended(c.o, nil)
		if result != c.result || reason != c.reason || cause != c.cause {
			t.Errorf("%+v: %s %s %s", c.o, result, reason, cause)
		}
	}
}

func TestTypedCommand(t *testing.T) {
	t.Parallel()
	word, args := typedCommand([]string{"plan", "-lock=false", "plan"})
	check(t, "word", word, "plan")
	check(t, "args", strings.Join(args, " "), "-lock=false plan")
	word, args = typedCommand(nil)
	check(t, "no word", word, "")
	check(t, "no args", len(args), 0)
}
