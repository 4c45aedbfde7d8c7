package live

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/terrace-iac/terrace/shell"
)

// Commands starts what the owners of a repository have written down.
type Commands struct {
	Exec shell.Executor
	Env  []string // of the processes
	Root string   // of the live repository, absolute
}

// CheckTarget is what a check is about.
type CheckTarget struct {
	Environment string
	Units       []Place // those that were changed, or all of the environment
}

// CheckResult is how a check went.
type CheckResult struct {
	Check       string
	Environment string
	Attempts    int // of the folder that took most
	Duration    time.Duration
	Err         error  // nil: it holds
	Tail        string // the end of what a failed one has said
}

// Check runs a check's command in each of the environment's folders that hold
// units of the target, again as often as it may, and passes on what it says.
// An interrupt is not a failed check: it is the context's error.
func (c Commands) Check(ctx context.Context, check *Check, on CheckTarget, out shell.Streams) (CheckResult, error) {
	start := time.Now()
	r := CheckResult{Check: check.Name, Environment: on.Environment}
	for _, folder := range on.folders() {
		attempts, tail, err := c.attempts(ctx, check, c.inFolder(check.Command, on, folder), out)
		r.Attempts = max(r.Attempts, attempts)
		if ctx.Err() != nil || errors.Is(err, shell.ErrInterrupted) {
			return r, errors.Join(ctx.Err(), err)
		}
		if err != nil {
			r.Err, r.Tail = err, tail
			break
		}
	}
	r.Duration = time.Since(start)
	return r, nil
}

// folders are the environment's own ones, each once.
func (t CheckTarget) folders() []string {
	var list []string
	for _, u := range t.Units {
		if !slices.Contains(list, u.Folder) {
			list = append(list, u.Folder)
		}
	}
	return list
}

// attempts runs a command until it succeeds or may not be tried again.
func (c Commands) attempts(ctx context.Context, check *Check, cmd shell.Cmd, out shell.Streams) (n int, tail string, err error) {
	cmd.Timeout = check.Timeout
	for n = 1; ; n++ {
		var said lastBytes
		cmd.Stdout, cmd.Stderr = both(&said, out.Stdout), both(&said, out.Stderr)
		err = c.Exec.Run(ctx, cmd)
		if err == nil || n >= check.Attempts || ctx.Err() != nil || errors.Is(err, shell.ErrInterrupted) {
			return n, said.String(), err
		}
		select {
		case <-ctx.Done():
			return n, "", ctx.Err()
		case <-time.After(check.Delay):
		}
	}
}

// inFolder is a command in a folder of an environment. A program that is
// written as a path may lie there or at the root of the repository.
func (c Commands) inFolder(argv []string, on CheckTarget, folder string) shell.Cmd {
	var units []string
	for _, u := range on.Units {
		units = append(units, u.Path)
	}
	dir := filepath.Join(c.Root, filepath.FromSlash(folder))
	env := append(slices.Clip(slices.Clone(c.Env)), "TERRACE_ENVIRONMENT="+on.Environment, "TERRACE_UNITS="+strings.Join(units, "\n"), "TERRACE_ROOT="+c.Root)
	return shell.Cmd{Path: c.program(argv[0], dir), Args: argv[1:], Dir: dir, Env: env}
}

func (c Commands) program(name, dir string) string {
	slashed := filepath.ToSlash(name)
	if !strings.Contains(slashed, "/") || filepath.IsAbs(name) || runtime.GOOS == "windows" && filepath.VolumeName(name) != "" {
		return name
	}
	for _, at := range []string{dir, c.Root} {
		path := filepath.Join(at, filepath.FromSlash(slashed))
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	return name
}

// tailSize is how much of a failed command's output is kept, in bytes.
const tailSize = 8 << 10

// both passes on what is written, and keeps it.
func both(keep, out io.Writer) io.Writer {
	if out == nil {
		return keep
	}
	return io.MultiWriter(keep, out)
}

// lastBytes keeps the end of what two streams write to it.
type lastBytes struct {
	mu sync.Mutex
	b  []byte
}

func (l *lastBytes) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.b = append(l.b, p...)
	if over := len(l.b) - tailSize; over > 0 {
		l.b = slices.Delete(l.b, 0, over)
	}
	return len(p), nil
}

func (l *lastBytes) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(bytes.TrimSpace(l.b))
}
