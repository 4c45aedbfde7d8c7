//go:build !windows

package shell

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestOutlives: we are killed while a process works. It writes more than a pipe
// holds, and ends its work all the same; with the flag off it does not.
func TestOutlives(t *testing.T) {
	t.Parallel()
	for name, lives := range map[string]bool{"keep": true, "drop": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			cmd := exec.Command(role(t, "").Path)
			cmd.Env = append(os.Environ(), roleVar+"=outlive:"+name, quickExit, "MARKS="+dir)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = os.WriteFile(filepath.Join(dir, "go"), nil, 0o600) })
			eventually(t, "the process", func() bool { return exists(dir, "started") })
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			_ = cmd.Wait()
			if err := os.WriteFile(filepath.Join(dir, "go"), nil, 0o600); err != nil {
				t.Fatal(err)
			}
			if lives {
				eventually(t, "the end of the work", func() bool { return exists(dir, "saved") })
				return
			}
			time.Sleep(300 * time.Millisecond)
			if exists(dir, "saved") {
				t.Error("the work is done: this test proves nothing")
			}
		})
	}
}

func exists(dir, name string) bool {
	_, err := os.Stat(filepath.Join(dir, name))
	return err == nil
}

// TestOutlivesOutput: what such a process writes arrives whole and in order.
func TestOutlivesOutput(t *testing.T) {
	t.Parallel()
	for _, one := range []bool{true, false} {
		c := role(t, "flood")
		c.Outlives = true
		var out, errs bytes.Buffer
		c.Stdout, c.Stderr = &out, &errs
		if one {
			c.Stdout = &errs
		}
		err := NewProcess(nil).Run(t.Context(), c)
		if err == nil || !strings.HasSuffix(errs.String(), "0123456789abcde\nthe end\n") || errs.Len() < 300_000 {
			t.Errorf("%v, %d bytes", err, errs.Len())
		}
	}
}

// TestOutlivesDaemon: the process leaves something behind that holds its output.
func TestOutlivesDaemon(t *testing.T) {
	t.Parallel()
	p := NewProcess(nil)
	p.drain = 50 * time.Millisecond
	var out bytes.Buffer
	start := time.Now()
	err := p.Run(t.Context(), Cmd{Path: "sh", Args: []string{"-c", "(sleep 1; echo late) & echo done"}, Stdout: &out, Outlives: true})
	if err != nil || time.Since(start) > 900*time.Millisecond {
		t.Errorf("%v after %v", err, time.Since(start))
	}
	time.Sleep(1200 * time.Millisecond)
	if out.String() != "done\n" {
		t.Errorf("got %q", &out)
	}
}
