package shell

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestRunSuccess(t *testing.T) {
	t.Parallel()
	c := role(t, "say:0")
	var out, errs bytes.Buffer
	c.Stdout, c.Stderr = &out, &errs
	if err := NewProcess(nil).Run(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if out.String() != "to stdout\n" || errs.String() != "to stderr\n" {
		t.Errorf("out %q, err %q", &out, &errs)
	}
}

func TestRunExitError(t *testing.T) {
	t.Parallel()
	c := role(t, "say:3")
	c.Args, c.Dir = []string{"plan", "-var", "password=hunter2"}, t.TempDir()
	c.Env = append(c.Env, "TF_VAR_secret=hunter3")
	err := NewProcess(nil).Run(t.Context(), c)
	var exit *ExitError
	if !errors.As(err, &exit) {
		t.Fatalf("got %v", err)
	}
	if exit.Code != 3 || exit.Signal != "" || exit.Stdout != "to stdout\n" || exit.Stderr != "to stderr\n" {
		t.Errorf("got %+v", exit)
	}
	if len(exit.Args) != 3 || exit.Dir != c.Dir || exit.Path != c.Path {
		t.Errorf("got %+v", exit)
	}
	want := filepath.Base(c.Path) + " plan in " + c.Dir + ": exit status 3"
	if err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
}

func TestRunKeepsTails(t *testing.T) {
	t.Parallel()
	err := NewProcess(nil).Run(t.Context(), role(t, "flood"))
	var exit *ExitError
	if !errors.As(err, &exit) {
		t.Fatalf("got %v", err)
	}
	if n := len(exit.Stderr); n > tailSize || n < tailSize-100 {
		t.Errorf("kept %d bytes", n)
	}
	if !strings.HasSuffix(exit.Stderr, "\nthe end\n") || !strings.HasPrefix(exit.Stderr, "0123456789abcde\n") {
		t.Errorf("kept %q ... %q", exit.Stderr[:20], exit.Stderr[len(exit.Stderr)-20:])
	}
}

func TestRunOneWriterForBoth(t *testing.T) {
	t.Parallel()
	c := role(t, "say:1")
	var both bytes.Buffer // the race detector watches it
	c.Stdout, c.Stderr = &both, &both
	err := NewProcess(nil).Run(t.Context(), c)
	if both.String() != "to stdout\nto stderr\n" {
		t.Errorf("got %q", &both)
	}
	var exit *ExitError
	if !errors.As(err, &exit) || exit.Stderr != both.String() || exit.Stdout != "" {
		t.Errorf("got %+v", exit)
	}
}

func TestRunHandsFilesOver(t *testing.T) {
	t.Parallel()
	f, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	c := role(t, "mode")
	c.Stdout = f
	if err := NewProcess(nil).Run(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if b, _ := os.ReadFile(f.Name()); string(b) != "true <nil>\n" {
		t.Errorf("got %q", b)
	}
}

func TestRunStdin(t *testing.T) {
	t.Parallel()
	for name, in := range map[string]io.Reader{"nil": nil, "reader": strings.NewReader("hello")} {
		c := role(t, "cat")
		var out bytes.Buffer
		c.Stdin, c.Stdout = in, &out
		if err := NewProcess(nil).Run(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		if want := map[string]string{"reader": "hello"}[name]; out.String() != want {
			t.Errorf("%s: got %q", name, &out)
		}
	}
}

func TestRunDoesNotWaitForABlockedReader(t *testing.T) {
	t.Parallel()
	c := role(t, "say:0")
	r, w := io.Pipe()
	defer w.Close()
	c.Stdin = r
	start := time.Now()
	if err := NewProcess(nil).Run(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	if d := time.Since(start); d > drainTime/2 {
		t.Errorf("took %v", d)
	}
}

func TestRunContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	c := role(t, "count")
	in, out := stdinPipe(t), &lines{}
	c.Stdin, c.Stdout = in.r, out
	done := make(chan error, 1)
	go func() { done <- NewProcess(nil).Run(ctx, c) }()
	out.wait(t, "ready")
	cancel()
	select {
	case err := <-done:
		t.Fatalf("ended with the context: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	in.w.Close()
	if err := <-done; err != nil {
		t.Errorf("a process that ended well: %v", err)
	}
	if !out.has("sum 0") {
		t.Errorf("the process was signalled: %s", out)
	}

	marker := filepath.Join(t.TempDir(), "marker")
	f, err := os.Create(marker)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	c.Stdout = f
	if err := NewProcess(nil).Run(ctx, c); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if b, _ := os.ReadFile(marker); len(b) > 0 {
		t.Error("started under a cancelled context")
	}
}

// brokenWriter takes one write and then fails.
type brokenWriter struct{ taken int }

var errBroken = errors.New("nobody there")

func (b *brokenWriter) Write(p []byte) (int, error) {
	if b.taken > 0 {
		return 0, errBroken
	}
	b.taken += len(p)
	return len(p), nil
}

func TestRunSurvivesABrokenDestination(t *testing.T) {
	t.Parallel()
	c := role(t, "cat")
	c.Stdin = strings.NewReader(strings.Repeat("x", 1<<20))
	c.Stdout = &brokenWriter{}
	// cat would die of the broken pipe, or never end, were it not read to the end.
	err := NewProcess(nil).Run(t.Context(), c)
	var output *OutputError
	if !errors.As(err, &output) || !errors.Is(err, errBroken) {
		t.Errorf("got %v", err)
	}
}

func TestStartErrors(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	self := role(t, "say:0").Path
	tests := map[string]struct {
		c    Cmd
		text string
		is   error
	}{
		"not on PATH": {Cmd{Path: "no-such-program", Env: []string{"PATH=" + dir}}, "no-such-program: not started: executable file not found in ", nil},
		"no file":     {Cmd{Path: filepath.Join(dir, "none")}, "none: not started: ", fs.ErrNotExist},
		"a folder":    {Cmd{Path: dir}, filepath.Base(dir) + ": not started: ", nil},
		"no name":     {Cmd{}, "not started: executable file not found in ", nil},
		"no dir":      {Cmd{Path: self, Dir: filepath.Join(dir, "none")}, " in " + filepath.Join(dir, "none") + ": not started: ", fs.ErrNotExist},
		"dir is file": {Cmd{Path: self, Dir: file}, " in " + file + ": not started: ", nil},
	}
	for name, test := range tests {
		err := NewProcess(nil).Run(t.Context(), test.c)
		var start *StartError
		if !errors.As(err, &start) || !strings.Contains(err.Error(), test.text) {
			t.Errorf("%s: got %v", name, err)
		}
		if test.is != nil && !errors.Is(err, test.is) {
			t.Errorf("%s: %v is not %v", name, err, test.is)
		}
	}
}

func TestSubject(t *testing.T) {
	t.Parallel()
	tests := []struct {
		path string
		args []string
		dir  string
		want string
	}{
		{"/usr/bin/terraform", []string{"plan", "-out=x"}, "/live", "terraform plan in /live"},
		{"tofu", []string{"-chdir=secret", "plan"}, "", "tofu"},
		{"git", []string{"ls-remote", "https://u:p@h"}, "", "git ls-remote"},
		{"login", []string{"hunter2"}, "", "login"},
		{"login", []string{"Hunter"}, "", "login"},
		{"login", []string{"abcdefghijklmnopqrstuvwxyz"}, "", "login"},
		{"login", []string{""}, "", "login"},
	}
	for _, test := range tests {
		if got := subject(filepath.FromSlash(test.path), test.args, test.dir); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

func TestTail(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		writes []string
		want   string
	}{
		"short":         {[]string{"ab", "cd"}, "abcd"},
		"exactly":       {[]string{"12345678"}, "12345678"},
		"whole lines":   {[]string{"aaaa\nbb\ncc\n"}, "bb\ncc\n"},
		"one long line": {[]string{strings.Repeat("x", 30)}, "xxxxxxxx"},
		"ends in line":  {[]string{"0123456789\n"}, "3456789\n"},
		"many":          {strings.Split(strings.Repeat("ab ", 50), " "), "abababab"},
	}
	for name, test := range tests {
		tail := tail{max: 8}
		for _, w := range test.writes {
			tail.add([]byte(w))
		}
		if got := tail.text(); got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
		if cap(tail.buf) > 100 {
			t.Errorf("%s: holds %d bytes", name, cap(tail.buf))
		}
	}
}

type pipeEnds struct{ r, w *os.File }

func stdinPipe(t *testing.T) pipeEnds {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(); w.Close() })
	return pipeEnds{r, w}
}
