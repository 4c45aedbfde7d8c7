//go:build !windows

package live

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/terrace-iac/terrace/shell"
)

// commandsIn makes a repository with scripts, by path.
func commandsIn(t *testing.T, scripts map[string]string) Commands {
	t.Helper()
	root := t.TempDir()
	for name, text := range scripts {
		path := filepath.Join(root, name)
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte("#!/bin/sh\n"+text), 0o755)); err != nil {
			t.Fatal(err)
		}
	}
	return Commands{Exec: shell.NewProcess(nil), Env: os.Environ(), Root: root}
}

func devUnits() CheckTarget {
	return CheckTarget{"dev", []Place{{"eu/dev/vpc", "dev", "eu/dev", "eu/vpc"}, {"eu/dev/db", "dev", "eu/dev", "eu/db"}, {"us/dev/vpc", "dev", "us/dev", "us/vpc"}}}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	c := commandsIn(t, map[string]string{"smoke.sh": "pwd -P; echo $TERRACE_ENVIRONMENT:$TERRACE_UNITS; echo err >&2", "us/dev/x": "", "eu/dev/smoke.sh": "echo own"})
	var out, errs bytes.Buffer
	r, err := c.Check(t.Context(), &Check{Name: "smoke", Command: []string{"./smoke.sh"}, Attempts: 1, Timeout: time.Minute}, devUnits(), shell.Streams{Stdout: &out, Stderr: &errs})
	if err != nil || r.Err != nil || r.Attempts != 1 || r.Check != "smoke" {
		t.Fatalf("Check = %+v, %v", r, err)
	}
	us, err := filepath.EvalSymlinks(filepath.Join(c.Root, "us/dev"))
	if err != nil {
		t.Fatal(err)
	}
	// The environment's own script is nearer than the one at the root.
	if want := "own\n" + us + "\ndev:eu/dev/vpc eu/dev/db us/dev/vpc\n"; out.String() != want || errs.String() != "err\n" {
		t.Errorf("it says %q and %q, want %q", out.String(), errs.String(), want)
	}
}

func TestCheckAgain(t *testing.T) {
	t.Parallel()
	c := commandsIn(t, map[string]string{"eu/dev/x": "", "us/dev/x": "", "flaky.sh": "echo try >>$TERRACE_ROOT/tries; [ $(wc -l <$TERRACE_ROOT/tries) -ge 3 ] || { echo not yet; exit 7; }"})
	check := &Check{Name: "flaky", Command: []string{"./flaky.sh"}, Attempts: 2, Timeout: time.Minute}
	target := CheckTarget{"dev", devUnits().Units[:1]}
	r, err := c.Check(t.Context(), check, target, shell.Streams{})
	var exit *shell.ExitError
	if err != nil || !errors.As(r.Err, &exit) || exit.Code != 7 || r.Attempts != 2 || r.Tail != "not yet" {
		t.Errorf("two tries: %+v, %v", r, err)
	}
	if r, err = c.Check(t.Context(), check, target, shell.Streams{}); err != nil || r.Err != nil || r.Attempts != 1 {
		t.Errorf("the third: %+v, %v", r, err)
	}
	slow := &Check{Name: "slow", Command: []string{"sleep", "60"}, Attempts: 1, Timeout: 50 * time.Millisecond}
	var late *shell.TimeoutError
	if r, err = c.Check(t.Context(), slow, target, shell.Streams{}); err != nil || !errors.As(r.Err, &late) {
		t.Errorf("a slow one: %+v, %v", r, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err = c.Check(ctx, check, target, shell.Streams{}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

func TestNotify(t *testing.T) {
	t.Parallel()
	c := commandsIn(t, map[string]string{"tell.sh": "cat >told; exit 3"})
	f := &File{Notifies: []*Notify{{"chat", []string{"./tell.sh"}, Range{FileName, 4}}, {"gone", []string{"./none.sh"}, Range{FileName, 7}}}}
	err := c.Notify(t.Context(), f, Event{Kind: ApplyEnded, Environment: "dev", OK: true, Text: "dev was applied"})
	var failed *NotifyError
	if !errors.As(err, &failed) || strings.Count(err.Error(), "notify ") != 2 || !strings.Contains(err.Error(), `notify "chat" (terrace.hcl:4): `) {
		t.Errorf("err = %v", err)
	}
	text, err := os.ReadFile(filepath.Join(c.Root, "told"))
	if err != nil {
		t.Fatal(err)
	}
	var e Event
	if err := json.Unmarshal(text, &e); err != nil || e.Kind != "apply_ended" || !e.OK || e.Time.IsZero() || e.Text != "dev was applied" {
		t.Errorf("it was told %s, %v", text, err)
	}
}

func TestRecords(t *testing.T) {
	t.Parallel()
	r := newTestRepo(t, nil)
	g, first := r.open(), r.git("rev-parse", "HEAD")
	second := r.commit("second")
	at := func(n int64) time.Time { return time.Unix(n, 0).UTC() }
	for _, note := range []struct {
		commit string
		record any
	}{
		{second, Promotion{Record: PromotionRecord, ID: "b", Time: at(2), To: "stage"}},
		{first, Promotion{Record: PromotionRecord, ID: "a", Time: at(1), To: "dev", Units: []PromotedUnit{{"vpc", "dev/vpc", "v1", "v2"}}}},
		{second, Override{Record: OverrideRecord, Time: at(3), Reason: "fire"}},
	} {
		if err := g.AddNote(t.Context(), note.commit, note.record); err != nil {
			t.Fatal(err)
		}
	}
	all, err := g.Promotions(t.Context(), "")
	if err != nil || len(all) != 2 || all[0].ID != "a" || all[0].Units[0].New != "v2" || all[1].ID != "b" {
		t.Errorf("Promotions = %+v, %v", all, err)
	}
	over, err := g.Overrides(t.Context(), second)
	if err != nil || len(over) != 1 || over[0].Reason != "fire" {
		t.Errorf("Overrides = %+v, %v", over, err)
	}
	if who, err := g.Who(t.Context()); who != "Cem <cem@example.com>" || err != nil {
		t.Errorf("Who = %q, %v", who, err)
	}
	if none, err := g.Promotions(t.Context(), first); err != nil || !slices.ContainsFunc(none, func(p Promotion) bool { return p.ID == "a" }) {
		t.Errorf("of the first commit: %v, %v", none, err)
	}
}
