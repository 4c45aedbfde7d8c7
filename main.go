// Command terrace runs OpenTofu and Terraform over many units of configuration.
package main

import (
	"os"
	"runtime/debug"

	"github.com/terrace-iac/terrace/cli"
)

// gcPercent lets the heap grow further than Go's 100 before garbage is
// collected. The process is short-lived and nearly all that it allocates, the
// parsed files, stays in use: collecting took a quarter of the processor time
// of a listing.
const gcPercent = 400

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	os.Exit(cli.Main(os.Args, os.Environ(), os.Stdin, os.Stdout, os.Stderr))
}
