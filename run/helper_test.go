package run

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/shell"
	"github.com/terrace-iac/terrace/source"
)

// answer is what a recorded command does.
type answer struct {
	stdout, stderr string
	code           int
	err            error  // instead of a status
	do             func() // something to do or to look at while it runs
}

// recorder stands in for all processes: it notes each command and answers by
// its script. A command without an answer succeeds and says nothing.
type recorder struct {
	mu     sync.Mutex
	calls  []shell.Cmd
	script func(c shell.Cmd) answer
}

func (r *recorder) Run(ctx context.Context, c shell.Cmd) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r.mu.Lock()
	r.calls = append(r.calls, c)
	script := r.script
	r.mu.Unlock()
	var a answer
	if script != nil {
		a = script(c)
	}
	if a.do != nil {
		a.do()
	}
	if c.Stdout != nil {
		_, _ = io.WriteString(c.Stdout, a.stdout)
	}
	if c.Stderr != nil {
		_, _ = io.WriteString(c.Stderr, a.stderr)
	}
	switch {
	case a.err != nil:
		return a.err
	case a.code != 0:
		return &shell.ExitError{Path: c.Path, Args: c.Args, Dir: c.Dir, Code: a.code, Stdout: a.stdout, Stderr: a.stderr, Err: errors.New("exit")}
	}
	return nil
}

// lines gives what was called: "tofu plan -x", or the name and words of a hook.
func (r *recorder) lines() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	out := []string{}
	for _, c := range r.calls {
		out = append(out, strings.Join(append([]string{c.Path}, c.Args...), " "))
	}
	return out
}

// last gives the latest call of a program with a first word.
func (r *recorder) last(t *testing.T, word string) shell.Cmd {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range slices.Backward(r.calls) {
		if c.Path == word || len(c.Args) > 0 && c.Args[0] == word {
			return c
		}
	}
	t.Fatalf("%s was not called", word)
	return shell.Cmd{}
}

func (r *recorder) reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = nil
}

// bench is a folder of units, a runner that starts no process, and all that
// was logged.
type bench struct {
	t    *testing.T
	root string
	rec  *recorder
	opts Options
	log  bytes.Buffer
	naps []time.Duration

	runner *Runner
}

// newBench writes files given as path and text below a new folder.
func newBench(t *testing.T, files map[string]string) *bench {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, root: root, rec: &recorder{}}
	executable(t, b.path(".bin"), "tofu")
	b.opts = Options{Env: []string{"PATH=" + b.path(".bin")}, Binary: "tofu", ToolVersion: "1.1.3"}
	b.opts.Sleep = func(ctx context.Context, d time.Duration) error {
		b.naps = append(b.naps, d)
		return ctx.Err()
	}
	for path, text := range files {
		b.write(path, text)
	}
	return b
}

func (b *bench) path(name string) string { return filepath.Join(b.root, filepath.FromSlash(name)) }

func (b *bench) write(path, text string) {
	b.t.Helper()
	full := b.path(path)
	if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
		b.t.Fatal(err)
	}
	if err := os.WriteFile(full, []byte(text), 0o644); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) read(path string) string {
	b.t.Helper()
	if !filepath.IsAbs(path) {
		path = b.path(path)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		b.t.Fatal(err)
	}
	return string(text)
}

// start makes the runner and a loader, as a new process of ours would. Both
// are used by all runs until the next start.
func (b *bench) start() *Runner {
	log := slog.New(slog.NewTextHandler(&b.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	b.runner = New(b.opts, b.rec, shell.NewVersions(b.rec, ""), source.NewStore(source.Options{TempDir: b.t.TempDir()}), log)
	return b.runner
}

func (b *bench) loader(command string) *config.Loader {
	return config.NewLoader(b.runner, config.Options{Command: command, ToolVersion: b.opts.ToolVersion})
}

func (b *bench) unit(l *config.Loader, name string) *config.Unit {
	b.t.Helper()
	u, err := l.Unit(context.Background(), b.path(name))
	if err != nil {
		b.t.Fatal(err)
	}
	return u
}

// run runs a command line in a unit, in a new process of ours.
func (b *bench) run(name string, words ...string) (Outcome, error) {
	b.t.Helper()
	r := b.start()
	u := b.unit(b.loader(words[0]), name)
	return r.Run(context.Background(), u, Command{Name: words[0], Args: words}, Streams{})
}

// must is run for a command that has to succeed.
func (b *bench) must(name string, words ...string) Outcome {
	b.t.Helper()
	o, err := b.run(name, words...)
	if err != nil {
		b.t.Fatalf("%v: %v", words, err)
	}
	return o
}

// variable reads the environment that a recorded command got.
func variableOf(c shell.Cmd, name string) string {
	text, ok := lookup(c.Env, name)
	if !ok {
		return "(unset)"
	}
	return text
}

func wantLines(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("called\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	for _, p := range parts {
		if !strings.Contains(err.Error(), p) {
			t.Errorf("error %q does not say %q", err, p)
		}
	}
}

func asJSON(t *testing.T, text string) map[string]any {
	t.Helper()
	var v map[string]any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}
