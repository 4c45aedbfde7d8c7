package cli

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/terrace-iac/terrace/configstack"
)

func TestRunRecord(t *testing.T) {
	t.Parallel()
	cache, dir := filepath.Join(t.TempDir(), "runs"), t.TempDir()
	open := func(unitFile string, argv ...string) *runRecord { return newRunRecord(cache, dir, unitFile, argv) }
	var none *resumeError
	if err := open(".", "apply").load(); !errors.As(err, &none) || none.Command != "apply" {
		t.Fatalf("no run yet: %v", err)
	}

	first := open(".", "apply")
	first.start([]string{"a", "b", "c"})
	first.note("a", configstack.Succeeded) // within a second of the start: not written yet
	killed := open(".", "apply")
	if err := killed.load(); err != nil || !killed.open("a") || !killed.open("c") {
		t.Errorf("killed before anything was written: %v %v", err, killed.run)
	}
	first.saved = time.Time{}
	first.note("b", configstack.Failed)
	if err := killed.load(); err != nil || killed.open("a") || !killed.open("b") || !killed.open("c") {
		t.Errorf("killed half-way: %v %v", err, killed.run)
	}
	first.note("c", configstack.Skipped)
	first.save()
	if first.err != nil {
		t.Fatal(first.err)
	}

	again := open(".", "apply")
	if err := again.load(); err != nil {
		t.Fatal(err)
	}
	check(t, "open", strings.Join(slices.DeleteFunc([]string{"a", "b", "c"}, func(u string) bool { return !again.open(u) }), " "), "b c")
	if err := again.compare([]string{"c", "a", "b"}); err != nil {
		t.Error(err)
	}
	again.start([]string{"b", "c"})
	if again.open("a") || !again.open("b") {
		t.Errorf("what succeeded is forgotten: %v", again.run)
	}

	// Another command line, another unit file, another folder: another record.
	for _, other := range []*runRecord{
		open(".", "apply", "-lock=false"), open(".", "plan"), open("x.hcl", "apply"), newRunRecord(cache, filepath.Dir(dir), ".", []string{"apply"}),
	} {
		if err := other.load(); !errors.As(err, &none) {
			t.Errorf("found %v", other.run)
		}
	}
}

func TestRunRecordOfOtherUnits(t *testing.T) {
	t.Parallel()
	r := newRunRecord("", t.TempDir(), ".", []string{"plan"})
	r.start(strings.Fields("a b c d e f g"))
	err := r.compare([]string{"a", "z"})
	if err == nil || !strings.Contains(err.Error(), "now there is also z; no longer there is b, c, d, e, f and 1 more") {
		t.Errorf("%v", err)
	}
	if err := r.load(); err == nil || !strings.Contains(err.Error(), "cache folder") {
		t.Errorf("%v", err)
	}
	if r.err != nil {
		t.Errorf("without a folder there is nothing to write: %v", r.err)
	}
}

func TestRunRecordKeepsNoSecretsAndNoRubbish(t *testing.T) {
	t.Parallel()
	cache := t.TempDir()
	old := filepath.Join(cache, "old.json")
	if err := os.WriteFile(old, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	long := time.Now().Add(-recordKept - time.Hour)
	if err := os.Chtimes(old, long, long); err != nil {
		t.Fatal(err)
	}
	r := newRunRecord(cache, t.TempDir(), ".", []string{"apply", "-var", "password=hunter2"})
	r.start([]string{"a"})
	list, err := os.ReadDir(cache)
	if err != nil || len(list) != 1 {
		t.Fatalf("%v %v", list, err)
	}
	text, err := os.ReadFile(r.file)
	if err != nil || strings.Contains(string(text), "hunter2") || strings.Contains(r.file, "hunter2") {
		t.Errorf("%s %v", text, err)
	}
	for _, bad := range []string{"", "{", `{"version":99,"units":{"a":"failed"}}`, `{"version":1}`} {
		if err := os.WriteFile(r.file, []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := r.load(); err == nil || !strings.Contains(err.Error(), "cannot be used") {
			t.Errorf("%q: %v", bad, err)
		}
	}
	r.file = filepath.Join(cache, "x", "r.json")
	if err := os.WriteFile(filepath.Join(cache, "x"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if r.save(); r.err == nil {
		t.Error("a failure to write is lost")
	}
}
