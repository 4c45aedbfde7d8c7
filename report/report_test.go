package report

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func rows() []Row {
	at := time.Date(2024, 3, 1, 10, 20, 30, 123456789, time.FixedZone("", 3600))
	return []Row{
		{Name: "late", Started: at.Add(time.Minute), Ended: at.Add(time.Minute), Result: EarlyExit, Reason: AncestorError, Cause: "bad", Cmd: "plan", Args: []string{"-lock=false", "-out=x"}},
		{Name: "b", Started: at, Ended: at.Add(1500 * time.Millisecond), Result: Failed, Reason: RunError, Cause: "first <line>\nsecond, \"quoted\" \x1b[31mred", Cmd: "plan"},
		{Name: "a", Started: at, Ended: at, Result: Succeeded, Cmd: "plan"},
		{Name: "c", Started: at.Add(time.Second), Ended: at.Add(time.Second), Result: Succeeded, Reason: RetrySucceeded, Cause: "again", Ref: "main", Cmd: "plan"},
	}
}

func text(t *testing.T, f Format, rows []Row) string {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, f, rows); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestCSV(t *testing.T) {
	t.Parallel()
	got, err := csv.NewReader(strings.NewReader(text(t, CSV, rows()))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{
		{"Name", "Started", "Ended", "Result", "Reason", "Cause", "Ref", "Cmd", "Args"},
		{"a", "2024-03-01T10:20:30+01:00", "2024-03-01T10:20:30+01:00", "succeeded", "", "", "", "plan", ""},
		{"b", "2024-03-01T10:20:30+01:00", "2024-03-01T10:20:31+01:00", "failed", "run error", "first <line>\nsecond, \"quoted\" \x1b[31mred", "", "plan", ""},
		{"c", "2024-03-01T10:20:31+01:00", "2024-03-01T10:20:31+01:00", "succeeded", "retry succeeded", "again", "main", "plan", ""},
		{"late", "2024-03-01T10:21:30+01:00", "2024-03-01T10:21:30+01:00", "early exit", "ancestor error", "bad", "", "plan", "-lock=false|-out=x"},
	}
	if !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("%q", got)
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	got := text(t, JSON, rows()[2:])
	want := `[
  {
    "Name": "a",
    "Started": "2024-03-01T10:20:30.123456789+01:00",
    "Ended": "2024-03-01T10:20:30.123456789+01:00",
    "Result": "succeeded",
    "Cmd": "plan"
  },
  {
    "Name": "c",
    "Started": "2024-03-01T10:20:31.123456789+01:00",
    "Ended": "2024-03-01T10:20:31.123456789+01:00",
    "Result": "succeeded",
    "Reason": "retry succeeded",
    "Cause": "again",
    "Ref": "main",
    "Cmd": "plan"
  }
]
`
	if got != want {
		t.Errorf("%s", got)
	}
	if got := text(t, JSON, nil); got != "[]\n" {
		t.Errorf("no rows: %q", got)
	}
	if got := text(t, JSON, rows()); !strings.Contains(got, "first <line>") {
		t.Errorf("angle brackets are escaped: %s", got)
	}
}

// TestSchemaCoversJSON holds every key and every value that JSON can have
// against the schema.
func TestSchemaCoversJSON(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := WriteSchema(&b); err != nil {
		t.Fatal(err)
	}
	var s schema
	if err := json.Unmarshal(b.Bytes(), &s); err != nil {
		t.Fatal(err)
	}
	if s.Type != "array" || !strings.HasSuffix(s.ID, "run/report/v4/schema.json") || s.Items.Additional == nil || *s.Items.Additional {
		t.Errorf("%s", b.String())
	}
	var list []map[string]any
	full := rows()[0]
	full.Ref = "main"
	if err := json.Unmarshal([]byte(text(t, JSON, []Row{full, {}})), &list); err != nil {
		t.Fatal(err)
	}
	for key := range list[1] {
		if _, ok := s.Items.Properties[key]; !ok {
			t.Errorf("the schema does not know %s", key)
		}
	}
	if len(s.Items.Properties) != len(list[1]) || len(list[1]) != len(columns()) {
		t.Errorf("the schema has %d keys, a full row %d, CSV %d columns", len(s.Items.Properties), len(list[1]), len(columns()))
	}
	for key := range list[0] {
		if !slices.Contains(s.Items.Required, key) {
			t.Errorf("%s stands in an empty row but is not required", key)
		}
	}
	if len(s.Items.Required) != len(list[0]) {
		t.Errorf("required %v, but an empty row has %v", s.Items.Required, list[0])
	}
	if e := s.Items.Properties["Result"].Enum; !slices.Contains(e, "early exit") || len(e) != 4 {
		t.Errorf("results: %v", e)
	}
}

func TestJUnit(t *testing.T) {
	t.Parallel()
	out := text(t, JUnit, rows())
	var got junitSuites
	if err := xml.Unmarshal([]byte(out), &got); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	s := got.Suites[0]
	if s.Tests != 4 || s.Failures != 1 || s.Skipped != 1 || s.Time != "60.000" || s.Timestamp != "2024-03-01T09:20:30" || s.Name != "plan" {
		t.Errorf("%+v", s)
	}
	if got.Tests != 4 || got.Failures != 1 {
		t.Errorf("totals: %+v", got.junitCounts)
	}
	f := s.Cases[1].Failure
	if f == nil || f.Message != "first <line>" || !strings.HasSuffix(f.Text, "\"quoted\" [31mred") || s.Cases[1].Time != "1.500" {
		t.Errorf("%+v", f)
	}
	if k := s.Cases[3].Skipped; k == nil || k.Message != "early exit: ancestor error: bad" {
		t.Errorf("%+v", k)
	}
	if s.Cases[2].Output != "retry succeeded: again" {
		t.Errorf("%+v", s.Cases[2])
	}
	if out := text(t, JUnit, nil); !strings.Contains(out, `tests="0"`) || strings.Contains(out, "timestamp") {
		t.Errorf("no rows: %s", out)
	}
}

func TestFormatOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		file, asked string
		want        Format
	}{
		{"r.csv", "", CSV}, {"r.json", "", JSON}, {"r.JSON", "", JSON}, {"r", "", CSV}, {"r.xml", "", JUnit},
		{"r.csv", "json", JSON}, {"r.txt", "csv", CSV}, {"plain", "junit", JUnit}, {"r.txt", "", ""}, {"r.csv", "yaml", ""},
	} {
		got, err := FormatOf(c.file, c.asked)
		var wrong *FormatError
		if got != c.want || (c.want == "") != errors.As(err, &wrong) {
			t.Errorf("FormatOf(%q, %q) = %q, %v", c.file, c.asked, got, err)
		}
	}
}

func TestPrepareAndSave(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "new", "deep", "r.csv")
	if err := Prepare(file); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time it replaces the first
		if err := Save(file, func(w io.Writer) error { return Write(w, CSV, rows()) }); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(file)
	if err != nil || !strings.HasPrefix(string(b), "Name,Started") {
		t.Errorf("%q %v", b, err)
	}
	broken := errors.New("no more")
	if err := Save(file, func(io.Writer) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("%v", err)
	}
	if now, _ := os.ReadFile(file); !bytes.Equal(now, b) {
		t.Error("a failure has changed the file")
	}
	if left, _ := os.ReadDir(filepath.Dir(file)); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
	for _, bad := range []string{dir, filepath.Join(file, "below")} {
		var fe *FileError
		if err := Prepare(bad); !errors.As(err, &fe) || fe.File != bad {
			t.Errorf("Prepare(%s): %v", bad, err)
		}
	}
}
