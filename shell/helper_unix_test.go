//go:build !windows

package shell

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
)

func roleOfSystem(role, arg string) {
	switch role {
	case "group": // who leads the process group
		fmt.Println(syscall.Getpgrp() == os.Getpid())
	case "watch": // the whole: a watched process, told about on stdout
		watchedProcess(arg == "shared")
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
