//go:build unix

package test

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestDemo runs what `make demo` runs.
func TestDemo(t *testing.T) {
	t.Parallel()
	cmd, tmp := demo(t, terraceBin(t))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("demo: %v\n%s", err, out)
	}
	for _, want := range []string{
		"dev/services/app", "v0.0.6", "stage/services/app", "v0.0.5", "prod/services/app", "v0.0.4",
		"12 units", "Apply complete!", "https://shop-prod.vpc-prod.example.com",
	} {
		if !bytes.Contains(out, []byte(want)) {
			t.Errorf("the demo does not print %q", want)
		}
	}
	if bytes.Contains(out, []byte("\x1b[")) {
		t.Error("the demo prints colours though it does not write to a terminal")
	}
	if t.Failed() {
		t.Logf("the demo printed:\n%s", out)
	}
	wantEmpty(t, tmp)
}

// TestDemoFails: the status of a step that fails is the demo's, and nothing stays behind.
func TestDemoFails(t *testing.T) {
	t.Parallel()
	broken := filepath.Join(t.TempDir(), "terrace")
	script := "#!/bin/sh\n[ \"$1\" = --version ] || { echo 'it broke' >&2; exit 7; }\n"
	if err := os.WriteFile(broken, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	cmd, tmp := demo(t, broken)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 7 {
		t.Errorf("demo with a failing binary: %v, want exit status 7", err)
	}
	if !bytes.Contains(out, []byte("it broke")) || bytes.Contains(out, []byte("== Apply")) {
		t.Errorf("the demo printed:\n%s", out)
	}
	wantEmpty(t, tmp)
}

// TestDemoInterrupted presses Ctrl-C in the middle of the plan.
func TestDemoInterrupted(t *testing.T) {
	t.Parallel()
	cmd, tmp := demo(t, terraceBin(t))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	hang := time.AfterFunc(scriptLimit, func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) })
	defer hang.Stop()
	lines := bufio.NewReader(stdout)
	seen := readUntil(lines, "run-all plan")
	if err := syscall.Kill(-cmd.Process.Pid, syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	rest, _ := io.ReadAll(lines)
	err = cmd.Wait()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 130 {
		t.Errorf("interrupted demo: %v, want exit status 130\n%s%s", err, seen, rest)
	}
	wantEmpty(t, tmp)
}

func readUntil(r *bufio.Reader, text string) string {
	var seen strings.Builder
	for {
		line, err := r.ReadString('\n')
		seen.WriteString(line)
		if err != nil || strings.Contains(line, text) {
			return seen.String()
		}
	}
}

// demo returns the demo with the given binary, and the folder that it uses for temporary
// files.
func demo(t *testing.T, terrace string) (*exec.Cmd, string) {
	tmp := t.TempDir()
	wrapped := wrappedDir(t)
	cmd := exec.Command("sh", filepath.Join(moduleRoot(), "scripts", "demo.sh"))
	cmd.Env = append(os.Environ(), "TERRACE_BIN="+terrace, "TMPDIR="+tmp, "PATH="+pathList(wrapped), "VERBOSE=")
	return cmd, tmp
}

func wantEmpty(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		t.Errorf("the demo left %s behind", entry.Name())
	}
}
