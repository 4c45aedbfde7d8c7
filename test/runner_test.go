package test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

type verdict string

const (
	passed  verdict = "pass"
	failed  verdict = "fail"
	skipped verdict = "skip"
)

// outcome is what one script came to, and everything that it printed.
type outcome struct {
	Verdict verdict
	Log     string
}

// runScript runs one script by itself and returns its outcome instead of failing a test, so
// that a caller can also expect a failure. After limit the script's processes are stopped;
// a script that still does not end is left behind and counts as failed.
func runScript(file string, limit time.Duration, setup func(*testscript.Env) error) outcome {
	p := &probe{limit: limit + limit/6}
	params := testscript.Params{
		Files:    []string{file},
		Deadline: time.Now().Add(limit),
		Cmds:     map[string]func(*testscript.TestScript, bool, []string){"fakebin": fakeBin, "sts": startSTS, "part": p.startPart, "registry": startRegistry},
		Setup: func(e *testscript.Env) error {
			p.setWork(e.WorkDir)
			return setup(e)
		},
	}
	testscript.RunT(p, params)
	return p.outcome()
}

// probe is a testscript.T that notes what happens.
type probe struct {
	limit time.Duration

	mu      sync.Mutex
	log     bytes.Buffer
	work    string
	failed  bool
	skipped bool
}

// Run waits for f, at most as long as the limit. What f started is killed then: a script
// waits for the output of its processes, and a grandchild can hold that open for ever.
func (p *probe) Run(_ string, f func(testscript.T)) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f(p)
	}()
	timer := time.NewTimer(p.limit)
	defer timer.Stop()
	select {
	case <-done:
		return
	case <-timer.C:
	}
	p.fail(fmt.Sprintf("did not end within %s; its processes were killed", p.limit))
	killProcessesOf(p.workDir())
	select {
	case <-done:
	case <-time.After(5 * time.Second):
	}
}

func (p *probe) Skip(args ...any) {
	p.Log(args...)
	p.mu.Lock()
	p.skipped = true
	p.mu.Unlock()
	runtime.Goexit()
}

func (p *probe) Fatal(args ...any) {
	p.fail(fmt.Sprint(args...))
	runtime.Goexit()
}

func (p *probe) FailNow() {
	p.fail("")
	runtime.Goexit()
}

func (p *probe) Log(args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintln(&p.log, args...)
}

func (p *probe) Parallel()     {}
func (p *probe) Verbose() bool { return false }

func (p *probe) fail(message string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failed = true
	if message != "" {
		fmt.Fprintln(&p.log, message)
	}
}

func (p *probe) setWork(dir string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.work = dir
}

func (p *probe) workDir() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.work
}

func (p *probe) outcome() outcome {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case p.failed:
		return outcome{failed, p.log.String()}
	case p.skipped:
		return outcome{skipped, p.log.String()}
	}
	return outcome{passed, p.log.String()}
}

// killProcessesOf kills what a script left running. Each of its processes carries the
// script's own folder in its environment as WORK, and no other process does.
func killProcessesOf(work string) {
	if work == "" {
		return
	}
	mark := []byte("WORK=" + work + "\x00")
	files, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		return
	}
	for _, file := range files {
		env, err := os.ReadFile(file)
		if err != nil || !bytes.Contains(append([]byte{0}, env...), append([]byte{0}, mark...)) {
			continue
		}
		var pid int
		if _, err := fmt.Sscanf(file, "/proc/%d/environ", &pid); err != nil || pid == os.Getpid() {
			continue
		}
		if process, err := os.FindProcess(pid); err == nil {
			_ = process.Kill()
		}
	}
}

// tally appends one line a script to the file named by TERRACE_TALLY, for a summary over
// all of them at the end of a run.
func tally(t testing.TB, word, name string) {
	file := os.Getenv("TERRACE_TALLY")
	if file == "" {
		return
	}
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := fmt.Fprintf(f, "%s %s\n", word, name); err != nil {
		t.Fatal(err)
	}
}

// scripts lists the scripts of a folder as names without their ending.
func scripts(t testing.TB, dir string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.txtar"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatalf("no scripts in %s", dir)
	}
	names := make([]string, len(files))
	for i, file := range files {
		names[i] = strings.TrimSuffix(filepath.Base(file), ".txtar")
	}
	return names
}

// fakeBin is the script command `fakebin [-large] FILE...`: it puts the stand-in at each of
// the given paths. Under the name tofu or terraform it passes for the wrapped binary; -large
// also gives it the size of one, since small programs may be launchers of version managers.
func fakeBin(ts *testscript.TestScript, neg bool, args []string) {
	large := len(args) > 0 && args[0] == "-large"
	if large {
		args = args[1:]
	}
	if neg || len(args) == 0 {
		ts.Fatalf("usage: fakebin [-large] FILE...")
	}
	self, err := os.Executable()
	ts.Check(err)
	for _, arg := range args {
		path := ts.MkAbs(arg) + exeSuffix()
		ts.Check(os.MkdirAll(filepath.Dir(path), 0o755))
		if large {
			ts.Check(largeCopy(self, path))
		} else {
			ts.Check(copyFile(self, path))
		}
	}
}

// largeCopy appends a hole to the copy, which takes no room on disk.
func largeCopy(from, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.WriteFile(to, data, 0o755); err != nil {
		return err
	}
	return os.Truncate(to, int64(len(data))+64<<20)
}

// copyFile makes a hard link or a copy: a symbolic link would not carry its own name.
func copyFile(from, to string) error {
	if err := os.Link(from, to); err == nil {
		return nil
	}
	data, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, data, 0o755)
}
