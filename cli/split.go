package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/terrace-iac/terrace/shell"
)

// setting is one of our flags as it stood on the command line.
type setting struct {
	Def     *flagDef
	Name    string // as typed, without dashes
	Text    string
	HasText bool // false for a bool without "=value"
}

// words is a command line sorted into what is ours and what is not.
type words struct {
	Command  *command  // nil when no command was named
	Flags    []setting // ours, in order
	Args     []string  // words for our own command
	TF       []string  // the wrapped binary's argv, or the program's for `exec`; without argv[0]
	Help     bool
	Version  bool
	Warnings []warning
}

// split sorts argv, given without the program's name. The order of words that
// are passed on is never changed, and nothing after the first double dash is
// read as ours. Empty words before it are dropped, since scripts leave them
// behind by quoting unset variables.
func split(t *table, argv []string) (words, error) {
	head, tail, cut := argv, []string(nil), slices.Index(argv, "--")
	if cut >= 0 {
		head, tail = argv[:cut], argv[cut+1:]
	}
	s := &splitter{table: t, rest: head}
	for len(s.rest) > 0 {
		if err := s.step(); err != nil {
			return s.out, err
		}
	}
	if err := s.tail(tail, cut >= 0); err != nil {
		return s.out, err
	}
	s.warnCollisions()
	return s.out, nil
}

// splitter is the state of one split.
type splitter struct {
	table      *table
	rest       []string // words not looked at yet
	out        words
	collisions []string // flags that both programs know, passed on
}

func (s *splitter) step() error {
	w := s.rest[0]
	s.rest = s.rest[1:]
	switch {
	case w == "":
		return nil
	case isFlag(w):
		return s.flag(w)
	default:
		return s.word(w)
	}
}

func isFlag(w string) bool { return shell.IsFlag(w) }

// flagName takes "--name=text" apart.
func flagName(w string) (name, text string, hasText bool) {
	return shell.FlagName(w)
}

// passing reports whether a command of the wrapped binary has been named, so
// that flags which are not ours are its own.
func (s *splitter) passing() bool {
	c := s.out.Command
	return c != nil && c.Words.tofu() && len(s.out.TF) > 0
}

func (s *splitter) flag(w string) error {
	name, text, hasText := flagName(w)
	if s.passing() && !strings.HasPrefix(w, "--") && tofuOwns(s.out.TF[0], name) {
		s.collisions = append(s.collisions, w)
		s.pass(w)
		return nil
	}
	if def := s.table.lookup(s.out.Command, name); def != nil {
		return s.take(setting{def, name, text, hasText})
	}
	switch {
	case s.passing():
		s.pass(w)
	case s.out.Command != nil && s.out.Command.Words == wordsLoose:
		s.out.Args = append(s.out.Args, w)
	default:
		return unknownFlag(s.table, s.out.Command, w, name)
	}
	return nil
}

// take stores one of our flags, with the next word as its text when it needs
// one.
func (s *splitter) take(f setting) error {
	if f.Def.Kind.takesText() && !f.HasText {
		if len(s.rest) == 0 {
			return &usageError{fmt.Sprintf("flag needs an argument: -%s", f.Name)}
		}
		f.Text, f.HasText = s.rest[0], true
		s.rest = s.rest[1:]
	}
	switch {
	case f.Def.Name == "help":
		s.out.Help = true
	case f.Def.Name == "version" && f.Def.Kind == kindBool:
		s.out.Version = true
	}
	s.out.Flags = append(s.out.Flags, f)
	return nil
}

// pass hands a flag on. The word after a flag that takes one goes with it
// unread: it may look like a flag of ours.
func (s *splitter) pass(w string) {
	s.out.TF = append(s.out.TF, singleDash(w))
	if name, _, hasText := flagName(w); !hasText && shell.TakesText(name) && len(s.rest) > 0 {
		s.out.TF = append(s.out.TF, s.rest[0])
		s.rest = s.rest[1:]
	}
}

func (s *splitter) word(w string) error {
	c := s.out.Command
	switch {
	case c == nil:
		return s.command(w)
	case len(c.Subs) > 0:
		sub := c.sub(w)
		if sub == nil {
			return unknownSub(c, w)
		}
		s.out.Command = sub
	case c.Words.tofu(), c.Words == wordsProgram:
		s.out.TF = append(s.out.TF, w)
	default:
		s.out.Args = append(s.out.Args, w)
	}
	return nil
}

func (s *splitter) command(w string) error {
	c := findCommand(s.table.Commands, w)
	if c == nil {
		return unknownCommand(s.table, w)
	}
	s.out.Command = c
	if c.Words == wordsShortcut {
		s.out.TF = []string{c.Name}
	}
	return nil
}

// tail appends what follows the double dash.
func (s *splitter) tail(tail []string, dashed bool) error {
	c := s.out.Command
	if c != nil && c.Words.tofu() {
		s.out.TF = flagsFirst(s.out.TF)
	}
	switch {
	case !dashed:
	case c == nil:
		return &usageError{fmt.Sprintf("no command before the double dash, use `%s run -- ...`", progName)}
	case c.Words == wordsProgram:
		s.out.TF = append(s.out.TF, tail...)
	case c.Words.tofu():
		s.out.TF = append(s.out.TF, singleDashes(tail)...)
	default:
		s.out.Args = append(s.out.Args, tail...)
	}
	return nil
}

// warnCollisions tells those who run a queue that a flag with one dash went to
// the wrapped binary although the queue has one of the same name.
func (s *splitter) warnCollisions() {
	if !slices.ContainsFunc(s.out.Flags, func(f setting) bool {
		return slices.Contains([]string{"all", "graph", "filter"}, f.Def.Name)
	}) {
		return
	}
	for _, w := range s.collisions {
		name, _, _ := flagName(w)
		s.out.Warnings = append(s.out.Warnings, warning{Text: fmt.Sprintf(
			"`%s` is passed on to the wrapped binary's %s; for the queue use `--%s`", w, s.out.TF[0], name)})
	}
}
