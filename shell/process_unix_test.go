//go:build !windows

package shell

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestRunEndedBySignal(t *testing.T) {
	t.Parallel()
	err := NewProcess(nil).Run(t.Context(), Cmd{Path: "sh", Args: []string{"-c", "kill -KILL $$"}})
	var exit *ExitError
	if !errors.As(err, &exit) || exit.Code != 137 || exit.Signal != "SIGKILL" {
		t.Fatalf("got %+v", err)
	}
	if err.Error() != "sh: ended by SIGKILL" {
		t.Errorf("got %q", err)
	}
}

func TestRunDoesNotWaitForDaemons(t *testing.T) {
	t.Parallel()
	p := NewProcess(nil)
	p.drain = 50 * time.Millisecond
	var out bytes.Buffer
	start := time.Now()
	err := p.Run(t.Context(), Cmd{Path: "sh", Args: []string{"-c", "sleep 3 & echo done"}, Stdout: &out})
	if err != nil || out.String() != "done\n" {
		t.Errorf("err %v, out %q", err, &out)
	}
	if d := time.Since(start); d > 2*time.Second {
		t.Errorf("took %v", d)
	}
	err = p.Run(t.Context(), Cmd{Path: "sh", Args: []string{"-c", "sleep 3 & echo bad >&2; exit 4"}})
	var exit *ExitError
	if !errors.As(err, &exit) || exit.Code != 4 || exit.Stderr != "bad\n" {
		t.Errorf("got %+v", err)
	}
}

func TestProcessGroup(t *testing.T) {
	t.Parallel()
	for _, shared := range []bool{true, false} {
		c := role(t, "group")
		var out bytes.Buffer
		c.Shared, c.Stdout = shared, &out
		if err := NewProcess(nil).Run(t.Context(), c); err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintln(!shared); out.String() != want {
			t.Errorf("shared %v: leads its group: %s", shared, &out)
		}
	}
}

// A process forked meanwhile inherits, for a moment, the file that another
// goroutine is writing, and the file cannot be run.
func TestRunWhatWasJustWritten(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var wg sync.WaitGroup
	for i := range 40 {
		wg.Go(func() {
			script := writeScript(t, dir, fmt.Sprintf("s%d", i), "exit 0")
			if err := NewProcess(nil).Run(t.Context(), Cmd{Path: script}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

func TestLookPath(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	a, b := filepath.Join(root, "a"), filepath.Join(root, "b")
	for _, dir := range []string{a, b} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	one := writeScript(t, b, "one", "exit 0")
	if err := os.Mkdir(filepath.Join(a, "one"), 0o755); err != nil { // a folder is passed over
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(b, "plain"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	path := "PATH=" + a + ":" + b
	tests := map[string]struct {
		name string
		env  []string
		want string
	}{
		"second folder": {"one", []string{path}, one},
		"last PATH":     {"one", []string{path, "PATH=" + a}, ""},
		"no PATH":       {"one", nil, ""},
		"path":          {one, nil, one},
		"not runnable":  {"plain", []string{path}, ""},
		"relative PATH": {"lookpath.go", []string{"PATH=.::" + a}, ""},
	}
	for name, test := range tests {
		got, err := LookPath(test.name, test.env)
		if got != test.want || (err == nil) != (test.want != "") {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
	if _, err := LookPath("plain", []string{path}); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("got %v", err)
	}
	var out bytes.Buffer
	c := Cmd{Path: "./one", Dir: b, Stdout: &out}
	if err := NewProcess(nil).Run(t.Context(), c); err != nil {
		t.Errorf("relative to Dir: %v", err)
	}
}

func TestFindBinary(t *testing.T) {
	t.Parallel()
	terraform, both := t.TempDir(), t.TempDir()
	writeScript(t, terraform, "terraform", "exit 0")
	writeScript(t, both, "terraform", "exit 0")
	writeScript(t, both, "tofu", "exit 0")
	for dir, want := range map[string]string{terraform: "terraform", both: "tofu"} {
		if got, err := FindBinary([]string{"PATH=" + dir}); got != want || err != nil {
			t.Errorf("got %q, %v", got, err)
		}
	}
	_, err := FindBinary([]string{"PATH=" + t.TempDir()})
	var missing *MissingBinaryError
	if !errors.As(err, &missing) || !strings.Contains(err.Error(), "install OpenTofu") {
		t.Errorf("got %v", err)
	}
}

func writeScript(t *testing.T, dir, name, body string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+body+"\n"), 0o755); err != nil {
		t.Error(err)
	}
	return path
}
