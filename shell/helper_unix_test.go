//go:build !windows

package shell

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

func roleOfSystem(role, arg string) {
	switch role {
	case "group": // who leads the process group
		fmt.Println(syscall.Getpgrp() == os.Getpid())
	case "watch": // the whole: a watched process, told about on stdout
		watchedProcess(arg == "shared")
	case "outlive": // start a process that works on, for the parent to be killed meanwhile
		self, _ := os.Executable()
		_ = NewProcess(nil).Run(context.Background(), Cmd{
			Path: self, Env: append(os.Environ(), roleVar+"=work"),
			Stdout: prefixed{io.Discard}, Stderr: prefixed{io.Discard}, Outlives: arg == "keep",
		})
	case "work": // begin, wait, write more than a pipe holds to both streams, save
		work(os.Getenv("MARKS"))
	case "pipe": // stdout is broken; say on stderr that we are still here
		stop := Watch(NewRelay(), nil)
		defer stop()
		var err error
		for range 3 {
			_, err = fmt.Println("nobody reads this")
		}
		fmt.Fprintln(os.Stderr, "survived:", err)
	}
}

func work(dir string) {
	_ = os.WriteFile(filepath.Join(dir, "started"), nil, 0o600)
	for !exists(dir, "go") {
		time.Sleep(5 * time.Millisecond)
	}
	for range 20_000 {
		fmt.Println("0123456789abcde")
		fmt.Fprintln(os.Stderr, "0123456789abcde")
	}
	_ = os.WriteFile(filepath.Join(dir, "saved"), nil, 0o600)
}

func watchedProcess(shared bool) {
	relay := NewRelay()
	stop := Watch(relay, func(d Delivery) {
		fmt.Printf("notified %d forwarded %d running %d\n", d.Nth, len(d.Forwarded), len(d.Running))
	})
	self, _ := os.Executable()
	err := NewProcess(relay).Run(context.Background(), Cmd{
		Path:   self,
		Env:    []string{roleVar + "=count", quickExit},
		Stdin:  os.Stdin,
		Stdout: prefixed{os.Stdout},
		Shared: shared,
	})
	stop()
	fmt.Println("first", relay.First(), "status", ExitStatus(relay.First()), "err", err)
}

// prefixed marks the lines of the inner process.
type prefixed struct{ w io.Writer }

func (p prefixed) Write(b []byte) (int, error) {
	for line := range bytes.Lines(b) {
		fmt.Fprintf(p.w, "child %s\n", strings.TrimSpace(string(line)))
	}
	return len(b), nil
}
