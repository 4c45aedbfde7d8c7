package cli

import (
	"fmt"
	"slices"
	"strings"
)

// Names of the tips.
const (
	tipDebugging     = "debugging-docs"
	tipStackTarget   = "stack-target-missing-type-stack"
	tipNotGenerated  = "stack-filter-nested-not-generated"
	tipWindowsLinks  = "windows-symlink-warning"
	tipTextDebugging = "Run again with `--log-level debug` to see what was decided on the way, or with `--inputs-debug` to keep the inputs of a unit."
)

func tipNames() []string {
	return []string{tipDebugging, tipStackTarget, tipNotGenerated, tipWindowsLinks}
}

// tipOptions says which tips may be shown.
type tipOptions struct {
	off   bool
	names []string
}

// Wanted reports whether the tip may be shown.
func (t tipOptions) Wanted(name string) bool {
	return !t.off && !slices.Contains(t.names, name)
}

func newTipOptions(names []string, off bool) (tipOptions, error) {
	for _, n := range names {
		if !slices.Contains(tipNames(), n) {
			return tipOptions{}, &usageError{fmt.Sprintf("invalid tip: %s, allowed tip(s): %s", n, strings.Join(tipNames(), ", "))}
		}
	}
	return tipOptions{off, names}, nil
}

// tipLine is the text of the log line for a tip.
func tipLine(name, text string) string {
	return fmt.Sprintf("TIP (%s): %s", name, text)
}
