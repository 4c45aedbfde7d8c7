package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/terrace-iac/terrace/shell"
)

// The functions in this file shape the argv of the wrapped binary. They never
// re-order, trim or drop what the user typed; additions go right after the
// command words, since the binary reads no flags behind its first argument.

// destroyForm writes `apply -destroy` as `destroy`.
func destroyForm(args []string) []string {
	if shell.Argv(args).Word() != "apply" || !shell.Argv(args).On("destroy") {
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
		case isFlag(args[i]) && shell.TakesText(n) && !hasText && i+1 < len(args):
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
	switch shell.Argv(args).Word() {
	case "destroy":
		return true
	case "apply", "plan":
		return shell.Argv(args).On("destroy")
	default:
		return false
	}
}

// queueForm adds what keeps a unit of a queue from asking questions, unless
// the user said something about it.
func queueForm(args []string, autoApprove bool) []string {
	word := shell.Argv(args).Word()
	var add []string
	if _, said := shell.Argv(args).Text("input"); !said && slices.Contains([]string{"apply", "import", "init", "plan", "refresh"}, word) {
		add = append(add, "-input=false")
	}
	if _, said := shell.Argv(args).Text("auto-approve"); !said && autoApprove && (word == "apply" || word == "destroy") {
		add = append(add, "-auto-approve")
	}
	return shell.Argv(args).Insert(add...)
}

// noColorForm adds -no-color behind the flags: the binary reads none after the
// first positional word.
func noColorForm(args []string) []string {
	a := shell.Argv(args)
	if _, said := a.Text("no-color"); said || a.Head() == 0 {
		return args
	}
	at := a.Head()
	for at < len(a) && isFlag(a[at]) {
		if n, _, hasText := flagName(a[at]); shell.TakesText(n) && !hasText {
			at++
		}
		at++
	}
	at = min(at, len(a))
	return slices.Concat(args[:at], []string{"-no-color"}, args[at:])
}

// refuseQueue is the error for a command line that cannot run in a queue. The
// flag is what asked for the queue: "--all" or "--graph".
func refuseQueue(args []string, flag string) error {
	if len(args) == 0 {
		return &usageError{fmt.Sprintf("Missing run %s command argument (Example: %s run %s plan)", flag, progName, flag)}
	}
	if reason := queueRefusal(shell.Argv(args).Word()); reason != "" {
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
	switch word := shell.Argv(destroyForm(args)).Word(); word {
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
func detailedExitCode(args []string) bool { return shell.Argv(args).On("detailed-exitcode") }

// outFile is the file that `plan` is told to write, or false.
func outFile(args []string) (string, bool) {
	if shell.Argv(args).Word() != "plan" {
		return "", false
	}
	return shell.Argv(args).Text("out")
}

// planFile is the saved plan that `apply` or `show` is told to read, or false.
func planFile(args []string) (string, bool) {
	words := shell.Argv(args).Positional()
	if w := shell.Argv(args).Word(); w != "apply" && w != "show" || len(words) == 0 {
		return "", false
	}
	return words[0], true
}

// withPlanFile adds the unit's plan file where the command takes one and the
// user named none: `plan` writes it, `apply` and `show` read it.
func withPlanFile(args []string, file string) []string {
	switch shell.Argv(args).Word() {
	case "plan":
		if _, said := outFile(args); !said {
			return shell.Argv(args).Insert("-out=" + file)
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
	if slices.Contains([]string{"output", "state", "version", "console", "graph"}, shell.Argv(args).Word()) {
		return true
	}
	return slices.ContainsFunc(args, func(w string) bool {
		name := strings.TrimLeft(w, "-")
		return isFlag(w) && (slices.Contains([]string{"version", "help", "h"}, name) || name == "json" || name == "json=true")
	})
}

// flagsFirst moves flags that stand behind positional words in front of them,
// where alone the binary reads flags. Nothing else changes its place.
func flagsFirst(args []string) []string {
	head := shell.Argv(args).Head()
	var flags, words []string
	moved := false
	for i := head; i < len(args); i++ {
		if args[i] == "--" {
			words = append(words, args[i:]...)
			break
		}
		if !isFlag(args[i]) {
			words = append(words, args[i])
			continue
		}
		moved = moved || len(words) > 0
		flags = append(flags, args[i])
		if n, _, hasText := flagName(args[i]); shell.TakesText(n) && !hasText && i+1 < len(args) {
			i++
			flags = append(flags, args[i])
		}
	}
	if !moved {
		return args
	}
	return slices.Concat(args[:head], flags, words)
}
