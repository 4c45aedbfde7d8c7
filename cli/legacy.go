package cli

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// rewriteLegacy turns old commands and flags into today's, before anything
// else reads the command line. It is the only place that knows them. Words
// after the first double dash are left alone. Every rewriting gives a warning
// that names today's spelling.
func rewriteLegacy(t *table, argv []string) ([]string, []warning) {
	head, tail := argv, []string(nil)
	if cut := slices.Index(argv, "--"); cut >= 0 {
		head, tail = argv[:cut], argv[cut:]
	}
	head, warnings := rewriteFlags(t, head)
	head, more := rewriteCommand(t, head)
	return slices.Concat(head, tail), append(warnings, more...)
}

// rewriteFlags replaces `--terragrunt-x`. A name that nobody knows is left for
// the splitter to complain about.
func rewriteFlags(t *table, head []string) ([]string, []warning) {
	var out []string
	var warnings []warning
	for _, w := range head {
		today, ok := todaysFlag(t, w)
		if !ok {
			out = append(out, w)
			continue
		}
		if today != "" {
			out = append(out, today)
		}
		warnings = append(warnings, oldFlagWarning(w, today))
	}
	return out, warnings
}

func oldFlagWarning(w, today string) warning {
	old, _, _ := strings.Cut(w, "=")
	advice := "It has no effect"
	if today != "" {
		name, _, _ := strings.Cut(today, "=")
		advice = fmt.Sprintf("Use `%s` instead", name)
	}
	return warning{controlOldFlags, fmt.Sprintf("The `%s` flag is deprecated. %s.", old, advice)}
}

// todaysFlag is today's spelling of an old flag; empty when it only said what
// is the default.
func todaysFlag(t *table, w string) (string, bool) {
	if !isFlag(w) {
		return "", false
	}
	name, text, hasText := flagName(w)
	old, ok := strings.CutPrefix(name, "terragrunt-")
	if !ok {
		return "", false
	}
	row, ok := findLegacy(renamed(), old)
	switch {
	case !ok && t.anywhere(old) == nil:
		return "", false
	case !ok:
		row = legacyName{New: old}
	}
	if !row.Invert && row.Value == "" {
		if hasText {
			return "--" + row.New + "=" + text, true
		}
		return "--" + row.New, true
	}
	return todaysSwitch(row, text, hasText), true
}

// todaysSwitch is todaysFlag for an old bool whose meaning moved.
func todaysSwitch(row legacyName, text string, hasText bool) string {
	on, err := strconv.ParseBool(text)
	if !hasText {
		on = true
	} else if err != nil {
		return "--" + row.New + "=" + text
	}
	switch {
	case row.Invert && on, !row.Invert && !on:
		return ""
	case row.Invert:
		return "--" + row.New
	default:
		return "--" + row.New + "=" + row.Value
	}
}

// commandIndex finds the word that names the command: the first that is
// neither a flag nor the text of one. It is -1 when there is none.
func commandIndex(t *table, head []string) int {
	for i := 0; i < len(head); i++ {
		w := head[i]
		switch {
		case w == "":
		case !isFlag(w):
			return i
		default:
			name, _, hasText := flagName(w)
			if f := t.anywhere(name); f != nil && f.Kind.takesText() && !hasText {
				i++
			}
		}
	}
	return -1
}

// rewriteCommand replaces an old command. Flags in front of it that only its
// successor has, as in `--include-dir x run-all`, move behind the successor.
func rewriteCommand(t *table, head []string) ([]string, []warning) {
	i := commandIndex(t, head)
	if i < 0 {
		return head, nil
	}
	before, old, after := head[:i], head[i], head[i+1:]
	today, used, ok := todaysCommand(t, old, after)
	if !ok {
		return head, nil
	}
	if used > 0 {
		after = dropWord(t, after)
	}
	shown := progName + " " + strings.Join(today, " ")
	spelled := old
	if used > 0 {
		spelled += " " + nextWord(t, head[i+1:])
	}
	text := fmt.Sprintf("The `%s` command is deprecated. Use `%s` instead.", spelled, shown)
	names, flags := commandWords(today)
	flags = slices.DeleteFunc(flags, func(w string) bool { return isFlag(w) && slices.Contains(after, w) })
	return slices.Concat(names, before, flags, after), []warning{{controlOldWords, text}}
}

// commandWords cuts a rewritten command into its names and the flags that come
// with it.
func commandWords(today []string) (names, flags []string) {
	i := slices.IndexFunc(today, isFlag)
	if i < 0 {
		return today, nil
	}
	return today[:i], today[i:]
}

// nextWord is the first word in after that names a command.
func nextWord(t *table, after []string) string {
	if i := commandIndex(t, after); i >= 0 {
		return after[i]
	}
	return ""
}

func dropWord(t *table, after []string) []string {
	i := commandIndex(t, after)
	return slices.Concat(after[:i], after[i+1:])
}

// todaysCommand is what an old command is called now, and how many of the
// words that follow it the new name already says.
func todaysCommand(t *table, old string, after []string) (today []string, used int, ok bool) {
	switch next := nextWord(t, after); old {
	case "run-all":
		if inner, ok := runAllOf(next, after); ok {
			return inner, 1, true
		}
		return []string{"run", "--all"}, 0, true
	case "plan-all", "apply-all", "destroy-all", "output-all", "validate-all":
		return []string{"run", "--all", strings.TrimSuffix(old, "-all")}, 0, true
	case "spin-up":
		return []string{"run", "--all", "apply"}, 0, true
	case "tear-down":
		return []string{"run", "--all", "destroy"}, 0, true
	case "graph":
		return []string{"run", "--graph"}, 0, true
	case "output-module-groups":
		if next == "apply" || next == "destroy" {
			return []string{"find", "--dag", "--json", "--as=" + next}, 1, true
		}
		return []string{"find", "--dag", "--json"}, 0, true
	default:
		today, ok = plainCommand(old, after)
		return today, 0, ok
	}
}

// plainCommand renames commands of which only the name has changed.
func plainCommand(old string, after []string) ([]string, bool) {
	switch old {
	case "hclfmt":
		return []string{"hcl", "format"}, true
	case "hclvalidate":
		return []string{"hcl", "validate"}, true
	case "validate-inputs":
		return []string{"hcl", "validate", "--inputs"}, true
	case "render-json":
		return renderJSON(nil, after), true
	case "terragrunt-info":
		return []string{"info", "print"}, true
	case "graph-dependencies":
		return []string{"dag", "graph"}, true
	default:
		return nil, false
	}
}

// runAllOf renames `run-all X` where X is an old command of its own.
func runAllOf(next string, after []string) ([]string, bool) {
	switch next {
	case "terragrunt-info":
		return []string{"info", "print", "--all"}, true
	case "render-json":
		return renderJSON([]string{"--all"}, after), true
	case "hclfmt", "hclvalidate", "validate-inputs", "graph-dependencies":
		return plainCommand(next, after)
	default:
		return nil, false
	}
}

// renderJSON keeps the file name that `render-json` used to write, unless the
// user chose one.
func renderJSON(extra, after []string) []string {
	today := append([]string{"render"}, extra...)
	today = append(today, "--json", "--write")
	for _, w := range after {
		if name, _, _ := flagName(w); isFlag(w) && (name == "out" || name == "json-out") {
			return today
		}
	}
	return append(today, "--out=terragrunt_rendered.json")
}
