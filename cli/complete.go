package cli

import (
	"slices"
	"strconv"
	"strings"

	"github.com/terrace-iac/terrace/shell"
)

// candidate is a word that would fit, and what it means.
type candidate struct{ Word, Help string }

// completionLine is the part of the command line in front of the cursor, as
// given by COMP_LINE and COMP_POINT, and false when the shell does not ask.
func completionLine(env environment) (string, bool) {
	line, ok := env.get("COMP_LINE")
	if !ok {
		return "", false
	}
	point, ok := env.get("COMP_POINT")
	if n, err := strconv.Atoi(point); ok && err == nil && n >= 0 && n < len(line) {
		line = line[:n]
	}
	return line, true
}

// complete lists the words that fit at the end of a command line. The line
// starts with the program's name; one of another program gives nothing.
func complete(t *table, line string) []candidate {
	typed := strings.Fields(line)
	if len(typed) == 0 || baseName(typed[0]) != progName {
		return nil
	}
	last := ""
	if !strings.HasSuffix(line, " ") && !strings.HasSuffix(line, "\t") && len(typed) > 1 {
		last = typed[len(typed)-1]
		typed = typed[:len(typed)-1]
	}
	c := &completer{table: t, used: map[string]bool{}}
	for _, w := range typed[1:] {
		c.see(w)
	}
	return fitting(c.candidates(last), last)
}

func baseName(path string) string {
	path = path[strings.LastIndexAny(path, `/\`)+1:]
	return strings.TrimSuffix(path, ".exe")
}

func fitting(all []candidate, prefix string) []candidate {
	return slices.DeleteFunc(all, func(c candidate) bool { return !strings.HasPrefix(c.Word, prefix) })
}

// completer walks the words in front of the cursor.
type completer struct {
	table   *table
	command *command
	words   []string        // positional words of the command
	used    map[string]bool // flags already given
	pending *flagDef        // the flag whose text comes next
	dashed  bool
}

func (c *completer) see(w string) {
	switch {
	case c.pending != nil:
		c.pending = nil
	case c.dashed:
		c.words = append(c.words, w)
	case w == "--":
		c.dashed = true
	case isFlag(w):
		c.seeFlag(w)
	default:
		c.seeWord(w)
	}
}

func (c *completer) seeFlag(w string) {
	name, _, hasText := flagName(w)
	f := c.table.lookup(c.command, name)
	if f == nil {
		return
	}
	if !f.Kind.repeats() {
		c.used[f.Name] = true
	}
	if f.Kind.takesText() && !hasText {
		c.pending = f
	}
}

func (c *completer) seeWord(w string) {
	list := c.table.Commands
	if c.command != nil {
		list = c.command.Subs
	}
	next := findCommand(list, w)
	switch {
	case next == nil:
		c.words = append(c.words, w)
	case next.Words == wordsShortcut:
		c.command, c.words = next, []string{next.Name}
	default:
		c.command = next
	}
}

func (c *completer) candidates(last string) []candidate {
	switch {
	case c.pending != nil:
		return choices(c.pending, "")
	case !c.dashed && strings.HasPrefix(last, "-"):
		return c.flags(last)
	default:
		return c.next()
	}
}

// flags lists the flags not given yet, or the texts of one for "--name=".
func (c *completer) flags(last string) []candidate {
	if spelled, _, hasText := strings.Cut(last, "="); hasText {
		name, _, _ := flagName(spelled)
		if f := c.table.lookup(c.command, name); f != nil {
			return choices(f, spelled+"=")
		}
		return nil
	}
	var out []candidate
	for _, f := range c.table.flags(c.command) {
		if f.Hidden || f.Unsupported != "" || c.used[f.Name] {
			continue
		}
		for _, name := range slices.Concat([]string{f.Name}, f.Aliases) {
			out = append(out, candidate{dashed(name), f.Help})
		}
	}
	return out
}

// choices lists the texts a flag accepts. For other flags the shell completes
// file names.
func choices(f *flagDef, prefix string) []candidate {
	texts := f.Choices
	switch {
	case f.Name == "experiment":
		texts = ongoingExperiments()
	case f.Name == "no-tip":
		texts = tipNames()
	case f.Name == "strict-control":
		texts = activeControls()
	case f.Kind == kindBool && prefix != "":
		texts = []string{"true", "false"}
	}
	out := make([]candidate, len(texts))
	for i, text := range texts {
		out[i] = candidate{Word: prefix + text}
	}
	return out
}

// next lists the commands that fit, ours or the wrapped binary's.
func (c *completer) next() []candidate {
	switch {
	case c.command == nil:
		return commandCandidates(c.table.Commands)
	case len(c.command.Subs) > 0:
		return commandCandidates(c.command.Subs)
	case c.command.Words.tofu():
		return tofuCandidates(c.words)
	case c.command.Handler == "" && c.command.Name == "completion" && len(c.words) == 0:
		return shellCandidates()
	default:
		return nil
	}
}

func commandCandidates(list []*command) []candidate {
	var out []candidate
	for _, c := range list {
		if c.Hidden {
			continue
		}
		for _, name := range slices.Concat([]string{c.Name}, c.Aliases) {
			out = append(out, candidate{name, c.Summary})
		}
	}
	return out
}

// tofuCandidates lists commands of the wrapped binary, or the second words of
// the one that is typed.
func tofuCandidates(words []string) []candidate {
	var out []candidate
	switch len(words) {
	case 0:
		for _, w := range tofuCommands() {
			out = append(out, candidate{w.Name, w.Summary})
		}
	case 1:
		for _, s := range shell.Subcommands(words[0]) {
			out = append(out, candidate{Word: s})
		}
	}
	return out
}

func shellCandidates() []candidate {
	var out []candidate
	for _, s := range shells() {
		out = append(out, candidate{Word: s})
	}
	return out
}
