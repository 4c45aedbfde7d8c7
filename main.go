// Command terrace runs OpenTofu and Terraform over many units of configuration.
package main

import (
	"os"

	"github.com/terrace-iac/terrace/cli"
	_ "github.com/terrace-iac/terrace/cli/heap" // first of all, see there
)

func main() {
	os.Exit(cli.Main(os.Args, os.Environ(), os.Stdin, os.Stdout, os.Stderr))
}
