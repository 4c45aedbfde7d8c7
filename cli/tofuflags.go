package cli

import (
	"slices"
	"strings"

	"github.com/terrace-iac/terrace/shell"
)

// tofuOwns reports whether a command of the wrapped binary has a flag that we
// have too. Typed with one dash after that command it is meant for the binary,
// typed with two it is ours. -help, -version and -no-color are not among them:
// those are ours in any case.
func tofuOwns(word, flag string) bool {
	switch flag {
	case "parallelism":
		return slices.Contains([]string{"apply", "destroy", "import", "plan", "query", "refresh", "test"}, word)
	case "filter":
		return word == "test"
	case "config":
		return word == "import"
	default:
		return false
	}
}

// singleDash writes --name as -name, the form that the wrapped binary
// documents. Other words are left alone.
func singleDash(w string) string {
	if len(w) > 2 && strings.HasPrefix(w, "--") && isLetter(w[2]) {
		return w[1:]
	}
	return w
}

func isLetter(b byte) bool { return 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' }

// singleDashes does so for a whole command line, leaving alone the texts of
// flags and all that follows a further double dash.
func singleDashes(args []string) []string {
	out := slices.Clone(args)
	for i := 0; i < len(out) && out[i] != "--"; i++ {
		if !isFlag(out[i]) {
			continue
		}
		out[i] = singleDash(out[i])
		if name, _, hasText := flagName(out[i]); !hasText && shell.TakesText(name) {
			i++
		}
	}
	return out
}
