package live

import (
	"slices"

	"github.com/terrace-iac/terrace/shell"
)

// Reading says whether a command line of the wrapped binary is one of those
// that change nothing. The list is closed: what is not known to be harmless
// counts as a change.
func Reading(argv shell.Argv) bool {
	if asksForHelp(argv) {
		return true
	}
	switch argv.Word() {
	case "plan", "validate", "output", "show", "graph", "providers", "fmt", "version":
		return true
	case "state":
		return len(argv) > 1 && slices.Contains([]string{"list", "show", "pull"}, argv[1])
	case "init":
		for _, flag := range []string{"migrate-state", "reconfigure", "force-copy"} { // the last implies the first
			if _, given := argv.Text(flag); given && !isOff(argv, flag) {
				return false
			}
		}
		return true
	}
	return false
}

func isOff(argv shell.Argv, flag string) bool {
	text, _ := argv.Text(flag)
	return text != "" && !argv.On(flag)
}

func asksForHelp(argv shell.Argv) bool {
	if len(argv) == 0 {
		return true // the binary prints its usage
	}
	for _, w := range argv {
		if w == "--" {
			return false
		}
		name, _, _ := shell.FlagName(w)
		if shell.IsFlag(w) && slices.Contains([]string{"help", "h", "version", "v"}, name) {
			return slices.Contains([]string{"help", "h"}, name) || shell.IsFlag(argv[0])
		}
	}
	return false
}
