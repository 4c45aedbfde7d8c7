package config

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

var update = flag.Bool("update", false, "rewrite the expected texts below testdata")

// TestMistakes shows what is said about each mistake. An archive below
// testdata/mistakes is a small tree; its comment tells in the first line what is
// wrong, and the circumstances in lines "key: value":
//
//	unit: app              folder to evaluate (this is the default); repeated: several, one after the other
//	command: apply         command of the run, plan by default
//	feature: name=value    override of a feature flag
//	env: NAME=value        variable of the environment
//	outputs: base {"a":1}  outputs of the applied unit in base
//	unreadable: base text  reading the outputs of base fails with text
//
// The file named "expected" is the diagnostics. With -update it is rewritten.
func TestMistakes(t *testing.T) {
	t.Parallel()
	paths, err := filepath.Glob("testdata/mistakes/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	if len(paths) < 45 {
		t.Fatalf("%d archives of mistakes, want at least 45", len(paths))
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			got := newMistake(t, archive).report(t)
			for i := range archive.Files {
				if archive.Files[i].Name != "expected" {
					continue
				}
				if *update {
					archive.Files[i].Data = []byte(got)
					if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
						t.Fatal(err)
					}
				} else if want := string(archive.Files[i].Data); got != want {
					t.Errorf("got:\n%s\nwant:\n%s", got, want)
				}
				return
			}
			t.Fatal(`the archive has no file "expected"`)
		})
	}
}

// mistake is an archive unpacked.
type mistake struct {
	root  string
	units []string
	opts  Options
	host  *mistakeHost
}

func newMistake(t *testing.T, a *txtar.Archive) *mistake {
	t.Helper()
	files := map[string]string{}
	for _, f := range a.Files {
		if f.Name != "expected" {
			files[f.Name] = string(f.Data)
		}
	}
	m := &mistake{root: tree(t, files), opts: Options{Command: "plan", Features: map[string]string{}}}
	m.host = &mistakeHost{fakeHost: fakeHost{root: m.root, outputs: map[string]cty.Value{}}, unreadable: map[string]string{}}
	_, circumstances, _ := strings.Cut(string(a.Comment), "\n")
	for line := range strings.SplitSeq(circumstances, "\n") {
		if key, value, ok := strings.Cut(line, ": "); ok {
			m.set(t, key, value)
		}
	}
	if m.units == nil {
		m.units = []string{"app"}
	}
	return m
}

func (m *mistake) set(t *testing.T, key, value string) {
	t.Helper()
	first, rest, _ := strings.Cut(value, " ")
	switch key {
	case "unit":
		m.units = append(m.units, value)
	case "command":
		m.opts.Command = value
	case "feature":
		name, text, _ := strings.Cut(value, "=")
		m.opts.Features[name] = text
	case "env":
		m.host.env = append(m.host.env, value)
	case "unreadable":
		m.host.unreadable[first] = rest
	case "outputs":
		var v ctyjson.SimpleJSONValue
		if err := v.UnmarshalJSON([]byte(rest)); err != nil {
			t.Fatal(err)
		}
		m.host.outputs[first] = v.Value
	default:
		t.Fatalf("unknown circumstance %q", key)
	}
}

// report evaluates the units as a run does, first without outputs and then with
// them, and gives what the second evaluation says.
func (m *mistake) report(t *testing.T) string {
	t.Helper()
	l := NewLoader(m.host, m.opts)
	var b strings.Builder
	for _, name := range m.units {
		first := m.evaluate(t, l, name, func(u *Unit) error {
			_, err := u.Check(t.Context())
			return err
		})
		second := m.evaluate(t, l, name, func(u *Unit) error {
			_, err := u.Config(t.Context())
			return err
		})
		if len(m.units) > 1 {
			fmt.Fprintf(&b, "unit %s:\n", name)
		}
		for _, text := range second {
			b.WriteString(text)
		}
		for _, text := range first {
			if !strings.Contains(b.String(), text) {
				t.Errorf("the check says\n%s\nwhich the run does not", text)
			}
		}
	}
	return b.String()
}

// evaluate gives the diagnostics of one unit, each of them once.
func (m *mistake) evaluate(t *testing.T, l *Loader, unit string, do func(*Unit) error) []string {
	t.Helper()
	u, err := l.Unit(t.Context(), filepath.Join(m.root, filepath.FromSlash(unit)))
	if err == nil {
		err = do(u)
	}
	if err == nil {
		return nil
	}
	var e *Error
	if !errors.As(err, &e) {
		return []string{m.relative("Error: " + err.Error() + "\n")}
	}
	var out []string
	seen := map[string]bool{}
	for _, d := range e.Diagnostics {
		text := m.relative(golden(d))
		if seen[text] {
			t.Errorf("said twice:\n%s", text)
		}
		seen[text] = true
		out = append(out, text)
	}
	return out
}

// relative shortens the paths in a text to those in the archive.
func (m *mistake) relative(text string) string {
	text = strings.ReplaceAll(text, m.root+string(filepath.Separator), "")
	text = strings.ReplaceAll(text, m.root, "ROOT")
	if filepath.Separator != '/' {
		text = strings.ReplaceAll(text, string(filepath.Separator), "/")
	}
	return text
}

// golden shows all that a diagnostic says.
func golden(d Diagnostic) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Error: %s\n", d.Summary)
	if d.File != "" {
		fmt.Fprintf(&b, "  on %s:%d:%d\n", d.File, d.Line, d.Column)
	}
	if s, ok := d.Snippet(); ok {
		b.WriteString(goldenSnippet(s))
	}
	for _, v := range d.Values {
		fmt.Fprintf(&b, "  | %s\n", v)
	}
	if d.Detail != "" {
		fmt.Fprintf(&b, "  %s\n", strings.ReplaceAll(d.Detail, "\n", "\n  "))
	}
	for _, step := range d.Trace {
		fmt.Fprintf(&b, "  from %s\n", step)
	}
	return b.String()
}

// goldenSnippet shows source lines, with carets below what is wrong.
func goldenSnippet(s Snippet) string {
	var b strings.Builder
	at := 0
	for i, line := range strings.Split(s.Code, "\n") {
		fmt.Fprintf(&b, "  %d | %s\n", s.StartLine+i, line)
		from, to := max(s.Highlight.Start-at, 0), min(s.Highlight.End-at, len(line))
		if to > from || (from == to && from == len(line) && s.Highlight.Start-at == from) {
			number := len(fmt.Sprint(s.StartLine + i))
			fmt.Fprintf(&b, "  %*s | %s%s\n", number, "", strings.Repeat(" ", from), strings.Repeat("^", max(to-from, 1)))
		}
		at += len(line) + 1
	}
	return b.String()
}

// mistakeHost starts no processes: "fail" exits with an error, every other
// program is missing.
type mistakeHost struct {
	fakeHost
	unreadable map[string]string
}

func (h *mistakeHost) Exec(_ context.Context, c Exec) ([]byte, error) {
	if c.Argv[0] == "fail" {
		return nil, errors.New("exit status 3: no route to host")
	}
	return nil, fmt.Errorf("exec: %q: executable file not found in $PATH", c.Argv[0])
}

func (h *mistakeHost) Outputs(ctx context.Context, u *Unit) (cty.Value, error) {
	rel, _ := filepath.Rel(h.root, u.Dir())
	if text, ok := h.unreadable[filepath.ToSlash(rel)]; ok {
		return cty.NilVal, errors.New(text)
	}
	if _, err := u.Config(ctx); err != nil {
		return cty.NilVal, err // as the real one does, which runs the unit
	}
	return h.fakeHost.Outputs(ctx, u)
}

func (h *mistakeHost) Decrypt(_ context.Context, path string, _ Env) ([]byte, error) {
	if !isFile(path) {
		return nil, fmt.Errorf("open %s: no such file or directory", path)
	}
	return nil, errors.New("Failed to get the data key required to decrypt the SOPS file: no key could decrypt it")
}
