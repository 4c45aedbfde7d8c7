//go:build !windows

package shell

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
)

// A process that writes to a pipe without a reader is ended by SIGPIPE, and one
// written in Go for standard output and standard error even if it was started
// with that signal ignored. A binary that ends so in the middle of an apply
// saves no state and leaves its lock. So another process holds the reading ends
// as well: a shell, which is small and is there on every system that can run a
// hook. It waits at a pipe of which only we have the writing end. A line says
// that all is well and it may go; the end of the pipe says that we are gone, and
// that it has to read until the binary has closed its output.
//
// No file stands in for the pipes: scripts that write to /dev/stderr would empty
// it, and a full disk would swallow what the binary says about the full disk.
const keepReading = `trap '' HUP INT QUIT TERM; IFS= read -r _ <&3 || {%s wait; }`

// emptied reads one pipe to its end, without cat if there is none.
const emptied = ` { cat || while read -r _; do :; done; } <&%d 2>/dev/null &`

// startKeeper starts the process that reads on when we are gone, and gives what
// sends it away. Without a shell there is none, and a killed terrace takes the
// binary with it at its next line.
func startKeeper(reads []*os.File) (dismiss func()) {
	none := func() {}
	alive, ours, err := os.Pipe()
	if err != nil {
		return none
	}
	defer alive.Close()
	var each strings.Builder
	for i := range reads {
		fmt.Fprintf(&each, emptied, 4+i)
	}
	cmd := exec.Command("/bin/sh", "-c", fmt.Sprintf(keepReading, each.String()))
	cmd.Dir = "/"
	cmd.Env = []string{"PATH=" + os.Getenv("PATH") + ":/usr/bin:/bin"}
	cmd.ExtraFiles = append([]*os.File{alive}, reads...)
	// A session of its own: what ends our group or our terminal leaves it alone.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		_ = ours.Close()
		return none
	}
	return func() {
		_, _ = ours.Write([]byte("\n"))
		_ = ours.Close()
		go func() { _ = cmd.Wait() }() // it ends by itself, also when we do so first
	}
}
