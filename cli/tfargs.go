package cli

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// The functions in this file shape the argv of the wrapped binary. They never
// re-order, trim or drop what the user typed; additions go right after the
// command words, since the binary reads no flags behind its first argument.

// tofuWord is the command: the first word, when it is not a flag.
func tofuWord(args []string) string {
	if len(args) == 0 || isFlag(args[0]) {
		return ""
	}
	return args[0]
}

// commandLength counts the leading words that name the command: two for
// `state list`, none when a flag comes first.
func commandLength(args []string) int {
	word := tofuWord(args)
	if word == "" {
		return 0
	}
	known, _ := findTofu(word)
	if len(args) > 1 && slices.Contains(known.Subs, args[1]) {
		return 2
	}
	return 1
}

// insertFlags adds flags after the command words. Without a command there is
// nothing they could apply to and nothing is added.
func insertFlags(args []string, flags ...string) []string {
	n := commandLength(args)
	if n == 0 {
		return args
	}
	return slices.Concat(args[:n], flags, args[n:])
}

// flagText finds a flag of the wrapped binary and the text it has. The last
// one counts, as it does for the binary; words behind a double dash do not.
func flagText(args []string, name string) (text string, found bool) {
	for i := commandLength(args); i < len(args) && args[i] != "--"; i++ {
		if !isFlag(args[i]) {
			continue
		}
		n, t, hasText := flagName(args[i])
		takes := tofuTakesText(n) && !hasText
		if takes && i+1 < len(args) {
			i++
			t = args[i]
		}
		if n == name {
			text, found = t, true
		}
	}
	return text, found
}

// flagOn reports whether a bool flag of the wrapped binary is given and not
// set to false.
func flagOn(args []string, name string) bool {
	text, found := flagText(args, name)
	on, err := strconv.ParseBool(text)
	return found && (text == "" || err == nil && on)
}

// positional lists the words behind the command that are neither flags nor
// their texts.
func positional(args []string) []string {
	var out []string
	for i := commandLength(args); i < len(args); i++ {
		switch {
		case args[i] == "--":
			return append(out, args[i+1:]...)
		case !isFlag(args[i]):
			out = append(out, args[i])
		default:
			if n, _, hasText := flagName(args[i]); tofuTakesText(n) && !hasText {
				i++
			}
		}
	}
	return out
}

// destroyForm writes `apply -destroy` as `destroy`.
func destroyForm(args []string) []string {
	if tofuWord(args) != "apply" || !flagOn(args, "destroy") {
		return args
	}
	out := []string{"destroy"}
	for i := 1; i < len(args); i++ {
		if args[i] == "--" {
			return append(out, args[i:]...)
		}
		n, _, hasText := flagName(args[i])
		switch {
		case isFlag(args[i]) && n == "destroy":
			continue
		case isFlag(args[i]) && tofuTakesText(n) && !hasText && i+1 < len(args):
			out = append(out, args[i], args[i+1])
			i++
		default:
			out = append(out, args[i])
		}
	}
	return out
}

// isDown reports whether dependents must go before what they depend on.
func isDown(args []string) bool {
	switch tofuWord(args) {
	case "destroy":
		return true
	case "apply", "plan":
		return flagOn(args, "destroy")
	default:
		return false
	}
}

// queueForm adds what keeps a unit of a queue from asking questions, unless
// the user said something about it.
func queueForm(args []string, autoApprove bool) []string {
	word := tofuWord(args)
	var add []string
	if _, said := flagText(args, "input"); !said && slices.Contains([]string{"apply", "import", "init", "plan", "refresh"}, word) {
		add = append(add, "-input=false")
	}
	if _, said := flagText(args, "auto-approve"); !said && autoApprove && (word == "apply" || word == "destroy") {
		add = append(add, "-auto-approve")
	}
	return insertFlags(args, add...)
}

// noColorForm adds -no-color.
func noColorForm(args []string) []string {
	if _, said := flagText(args, "no-color"); said {
		return args
	}
	return insertFlags(args, "-no-color")
}

// refuseQueue is the error for a command line that cannot run in a queue. The
// flag is what asked for the queue: "--all" or "--graph".
func refuseQueue(args []string, flag string) error {
	if len(args) == 0 {
		return &usageError{fmt.Sprintf("Missing run %s command argument (Example: %s run %s plan)", flag, progName, flag)}
	}
	if reason := queueRefusal(tofuWord(args)); reason != "" {
		return &usageError{fmt.Sprintf("%s with run %s is disabled: %s", args[0], flag, reason)}
	}
	return nil
}

func queueRefusal(word string) string {
	switch word {
	case "import":
		return "an object belongs into the state of one unit, name it by --working-dir"
	case "taint", "untaint":
		return "an address belongs to the state of one unit, name it by --working-dir"
	case "console":
		return "a prompt can only serve one unit, name it by --working-dir"
	case "force-unlock":
		return "a lock belongs to the state of one unit, name it by --working-dir"
	default:
		return ""
	}
}

// queuePrompt is the question to ask before a queue is run, or empty.
func queuePrompt(args []string) string {
	const where = "in each unit of the run queue displayed above"
	switch word := tofuWord(destroyForm(args)); word {
	case "apply":
		return fmt.Sprintf("Are you sure you want to run '%s apply' %s?", progName, where)
	case "destroy":
		return fmt.Sprintf("WARNING: Are you sure you want to run `%s destroy` %s? There is no undo!", progName, where)
	case "state":
		return fmt.Sprintf("Are you sure you want to manipulate the state with `%s state` %s? Note that absolute paths are shared, while relative paths will be relative to each working directory.", progName, where)
	default:
		return ""
	}
}

// detailedExitCode reports whether the status 2 means changes.
func detailedExitCode(args []string) bool { return flagOn(args, "detailed-exitcode") }

// outFile is the file that `plan` is told to write, or false.
func outFile(args []string) (string, bool) {
	if tofuWord(args) != "plan" {
		return "", false
	}
	return flagText(args, "out")
}

// planFile is the saved plan that `apply` or `show` is told to read, or false.
func planFile(args []string) (string, bool) {
	words := positional(args)
	if w := tofuWord(args); w != "apply" && w != "show" || len(words) == 0 {
		return "", false
	}
	return words[0], true
}

// withPlanFile adds the unit's plan file where the command takes one and the
// user named none: `plan` writes it, `apply` and `show` read it.
func withPlanFile(args []string, file string) []string {
	switch tofuWord(args) {
	case "plan":
		if _, said := outFile(args); !said {
			return insertFlags(args, "-out="+file)
		}
	case "apply", "show":
		if _, said := planFile(args); !said {
			return append(slices.Clone(args), file)
		}
	}
	return args
}

// rawOutput reports whether the output is meant for a program, or is a
// conversation, and must not be decorated.
func rawOutput(args []string) bool {
	if slices.Contains([]string{"output", "state", "version", "console", "graph"}, tofuWord(args)) {
		return true
	}
	return slices.ContainsFunc(args, func(w string) bool {
		name := strings.TrimLeft(w, "-")
		return isFlag(w) && (slices.Contains([]string{"version", "help", "h"}, name) || name == "json" || name == "json=true")
	})
}
