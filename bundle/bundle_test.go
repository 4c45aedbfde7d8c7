package bundle

import (
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zclconf/go-cty/cty"

	"github.com/terrace-iac/terrace/run"
)

func pemText(kind string, b []byte) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: b})
}

func TestManifestIsStrict(t *testing.T) {
	t.Parallel()
	good := &Manifest{Format: Format, Units: []Unit{{Path: "a", Artefacts: []Artefact{{Name: "units/a/plan"}}}}}
	b, err := good.encode()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := decodeManifest(b); err != nil {
		t.Fatal(err)
	}
	for what, change := range map[string][2]string{
		"an unknown name":       {`"id"`, `"idd"`},
		"another format":        {Format, "terrace-bundle/2"},
		"an artefact elsewhere": {"units/a/plan", "../../etc/passwd"},
		"an absolute artefact":  {"units/a/plan", "/etc/passwd"},
		"a unit elsewhere":      {`"path": "a"`, `"path": "../a"`},
	} {
		text := strings.Replace(string(b), change[0], change[1], 1)
		if _, err := decodeManifest([]byte(text)); text == string(b) || err == nil {
			t.Errorf("%s is taken", what)
		}
	}
}

func TestJournal(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	j, err := openJournal(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range []Event{Started, Finished} {
		if err := j.add(Entry{Unit: "a", Event: e, State: run.StateMark{Serial: 3}}); err != nil {
			t.Fatal(err)
		}
	}
	j.close()
	path := filepath.Join(dir, JournalName)
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	write(t, path, append(text, `{"time":"2026-01-01T00:00:00Z","unit":"b","ev`...)) // a crash
	if j, err = openJournal(dir); err != nil {
		t.Fatal(err)
	}
	defer j.close()
	if e, ok := j.of("a"); !ok || e.Event != Finished || e.State.Serial != 3 {
		t.Errorf("%v %v", e, ok)
	}
	if _, ok := j.of("b"); ok {
		t.Error("a line that was cut off is taken")
	}
	if err := j.add(Entry{Unit: "b", Event: Started}); err != nil {
		t.Fatal(err)
	}
	list, err := ReadJournal(dir)
	if err != nil || len(list) != 3 || list[2].Unit != "b" {
		t.Errorf("%v %v", err, list)
	}
}

func TestMergeJournals(t *testing.T) {
	t.Parallel()
	got := string(mergeJournals([]byte("1\n2\n4"), []byte("1\n2\n3\n")))
	if got != "1\n2\n3\n4\n" {
		t.Errorf("%q", got)
	}
}

func TestPlannedOutputs(t *testing.T) {
	t.Parallel()
	plan := `{"planned_values":{"outputs":{"known":{"type":["list","string"]}}},"output_changes":{
		"known":{"actions":["create"],"after":["a"],"after_unknown":false},
		"open":{"actions":["create"],"after_unknown":true},
		"part":{"actions":["update"],"after":{"b":"c","l":[1]},"after_unknown":{"a":true,"l":[false,true]}},
		"gone":{"actions":["delete"],"before":"x","after":null,"after_unknown":false}}}`
	got, changes, err := plannedOutputs([]byte(plan))
	if err != nil || !changes {
		t.Fatal(changes, err)
	}
	want := cty.ObjectVal(map[string]cty.Value{
		"known": cty.ListVal([]cty.Value{cty.StringVal("a")}),
		"open":  cty.DynamicVal,
		"part": cty.ObjectVal(map[string]cty.Value{
			"a": cty.DynamicVal, "b": cty.StringVal("c"), "l": cty.TupleVal([]cty.Value{cty.NumberIntVal(1), cty.DynamicVal}),
		}),
	})
	if !got.RawEquals(want) {
		t.Errorf("%#v", got)
	}
	if _, changes, err = plannedOutputs([]byte(`{"output_changes":{"a":{"actions":["no-op"],"after":1,"after_unknown":false}}}`)); err != nil || changes {
		t.Error(changes, err)
	}
}

// TestContentDigest: only files count, not where they lie, and not what runs
// leave behind.
func TestContentDigest(t *testing.T) {
	t.Parallel()
	sum := func(files map[string]string) (string, []byte) {
		t.Helper()
		root := t.TempDir()
		for name, text := range files {
			path := filepath.Join(root, filepath.FromSlash(name))
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			write(t, path, []byte(text))
		}
		p := run.Prepared{Root: filepath.Join(root, "cache"), WorkDir: filepath.Join(root, "cache", "m"), Written: []string{"backend.tf"}}
		d, list, err := contentDigest(root, []string{filepath.Join(root, "u.hcl"), filepath.Join(root, "absent.hcl")}, p)
		if err != nil {
			t.Fatal(err)
		}
		return d, list
	}
	base := map[string]string{"u.hcl": "1", "cache/m/main.tf": "2", "cache/other/x.tf": "3"}
	with := func(name, text string) map[string]string {
		out := map[string]string{name: text}
		for k, v := range base {
			if k != name {
				out[k] = v
			}
		}
		return out
	}
	first, list := sum(base)
	for name, files := range map[string]map[string]string{
		"elsewhere": base, "generated": with("cache/m/backend.tf", "x"), "a data folder": with("cache/m/.terraform/x", "x"),
		"a lock file": with("cache/m/.terraform.lock.hcl", "x"), "a state": with("cache/m/terraform.tfstate.backup", "x"),
	} {
		if got, _ := sum(files); got != first {
			t.Errorf("%s counts", name)
		}
	}
	for name, changed := range map[string]string{"u.hcl": "u.hcl", "absent.hcl": "absent.hcl", "cache/m/main.tf": "m/main.tf", "cache/other/x.tf": "other/x.tf", "cache/m/new.tf": "m/new.tf"} {
		got, now := sum(with(name, "changed"))
		if names := strings.Join(changedFiles(list, now), " "); got == first || names != changed {
			t.Errorf("%s does not count, or is named %q", name, names)
		}
	}
}

func TestSelections(t *testing.T) {
	t.Parallel()
	got := selections([]byte("provider \"r/h/null\" {\n  version = \"3.2.1\"\n  hashes = [\"h1:x\"]\n}\n"))
	if len(got) != 1 || got["r/h/null"] != "3.2.1" {
		t.Errorf("%v", got)
	}
	if len(selections([]byte("not HCL {{{"))) != 0 {
		t.Error("nonsense holds selections")
	}
}

func TestApproveRefusesLate(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	b := &Bundle{Base: &Sealed{folder: folder{dir: t.TempDir()}, Manifest: &Manifest{Expires: at}}}
	if _, err := b.Approve(Identity{}, at.Add(time.Second)); err == nil {
		t.Error("a bundle that has expired is approved")
	}
	if _, err := b.Approve(Identity{}, at); err != nil || !b.Base.accepted() {
		t.Error(err, "a consent does not count")
	}
}

// TestHold: two cannot apply one bundle at once.
func TestHold(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	release, err := hold(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := hold(dir); !errors.Is(err, ErrBusy) {
		t.Errorf("%v", err)
	}
	release()
	if release, err = hold(dir); err != nil {
		t.Fatal(err)
	}
	release()
}
