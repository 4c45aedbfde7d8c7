package cli

import (
	"fmt"
	"strings"
)

// unknownCommand is the error for a first word that names no command.
func unknownCommand(t *table, word string) error {
	text := fmt.Sprintf("unknown command: %q. ", word)
	var names []string
	for _, c := range t.Commands {
		if !c.Hidden {
			names = append(append(names, c.Name), c.Aliases...)
		}
	}
	if near := nearest(word, names); near != "" {
		text += fmt.Sprintf("Did you mean `%s %s`? ", progName, near)
	}
	return &usageError{text + fmt.Sprintf("To run a command of the wrapped binary use `%s run -- %s ...`", progName, word)}
}

// unknownSub is the error for a group with a word that is not one of its
// commands.
func unknownSub(c *command, word string) error {
	var names []string
	for _, s := range c.Subs {
		if !s.Hidden {
			names = append(names, s.Name)
		}
	}
	return &usageError{fmt.Sprintf("unknown subcommand %q of `%s %s`, must be one of: %s",
		word, progName, c.Path(), strings.Join(names, ", "))}
}

// unknownFlag is the error for a flag that neither the command nor the global
// flags have. It names, in this order of preference, a flag of the command
// that is spelled almost like it, or a command that has the flag.
func unknownFlag(t *table, c *command, spelled, name string) error {
	if near := nearest(name, visibleNames(t.flags(c))); near != "" {
		return &usageError{fmt.Sprintf("%s. Did you mean `%s`?", undefined(c, spelled, name), dashed(near))}
	}
	if owners := t.owners(name); len(owners) > 0 && (c == nil || !c.Words.tofu()) {
		place := "global flag"
		if c != nil {
			place = fmt.Sprintf("flag for `%s`", c.Path())
		}
		return &usageError{fmt.Sprintf("flag `%s` is not a valid %s. Did you mean to use `%s %s`?",
			dashed(name), place, owners[0].Path(), dashed(name))}
	}
	return &usageError{undefined(c, spelled, name) + advice(c, spelled)}
}

// undefined says that a flag is not one of ours, in the words for the kind of
// command.
func undefined(c *command, spelled, name string) string {
	if c != nil && (c.Words.tofu() || c.Words == wordsProgram) {
		return fmt.Sprintf("flag `%s` is not a %s flag", spelled, displayName)
	}
	return "flag provided but not defined: -" + name
}

// advice says where flags of another program belong.
func advice(c *command, spelled string) string {
	switch {
	case c == nil:
		return ""
	case c.Words.tofu():
		return fmt.Sprintf(". Flags of the wrapped binary follow its command: `%s %s <command> %s`, or `%s %s -- <command> %s`",
			progName, c.Path(), spelled, progName, c.Path(), spelled)
	case c.Words == wordsProgram:
		return fmt.Sprintf(". Put the program after a double dash: `%s %s -- <program> %s`", progName, c.Path(), spelled)
	default:
		return ""
	}
}

func visibleNames(flags []*flagDef) []string {
	var names []string
	for _, f := range flags {
		if !f.Hidden {
			names = append(append(names, f.Name), f.Aliases...)
		}
	}
	return names
}

// dashed is a flag as it is best typed.
func dashed(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}

// nearest is the name that needs the fewest edits to become word: at most two,
// and fewer than a third of its letters, so that short words suggest nothing.
func nearest(word string, names []string) string {
	best, found := min(2, len(word)/3)+1, ""
	for _, n := range names {
		if d := editDistance(word, n); d < best {
			best, found = d, n
		}
	}
	return found
}

// editDistance counts the insertions, deletions and replacements of bytes that
// turn a into b.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := diagonal
			if a[i-1] != b[j-1] {
				cost = 1 + min(diagonal, row[j], row[j-1])
			}
			diagonal, row[j] = row[j], cost
		}
	}
	return row[len(b)]
}
