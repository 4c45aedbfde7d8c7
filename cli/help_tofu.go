package cli

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/terrace-iac/terrace/shell"
)

// writeTofuHeader prints what stands above the wrapped binary's own help of a
// command.
func writeTofuHeader(w io.Writer, c *command, args []string) {
	line := fmt.Sprintf("%s %s", progName, c.Path())
	if c.Words == wordsTofu {
		line += " [options] " + strings.Join(args, " ")
	} else {
		line += " [options]"
	}
	summary := "A command of the wrapped binary."
	if known, ok := findTofu(shell.Argv(args).Word()); ok {
		summary = known.Summary + "."
	}
	fmt.Fprintf(w, "Usage: %s [arguments]\n\n   %s Options of %s: `%s run --help`.\n   The rest of this page comes from the wrapped binary.\n\n",
		line, summary, displayName, progName)
}

// tofuHelpArgs is the argv that asks the wrapped binary for its help of the
// command in args.
func tofuHelpArgs(args []string) []string {
	return append([]string{"-help"}, args[:shell.Argv(args).Head()]...)
}

// trimTofuHelp removes the usage line, which names the wrapped binary and not
// us, and the blank lines around it.
func trimTofuHelp(help []byte) []byte {
	for len(help) > 0 {
		line, rest, _ := bytes.Cut(help, []byte("\n"))
		text := bytes.TrimSpace(line)
		if len(text) > 0 && !bytes.HasPrefix(bytes.ToLower(text), []byte("usage:")) {
			break
		}
		help = rest
	}
	return help
}
