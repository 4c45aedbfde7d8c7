package cli

import (
	"slices"
	"strings"
)

// kind says what a flag holds and how its text is read.
type kind int

const (
	kindBool   kind = iota // takes a text only after "="
	kindString             // any text
	kindPath               // a file or folder
	kindInt                // a whole number
	kindCount              // a whole number above zero
	kindList               // repeated on the command line, split on commas in the environment
	kindMap                // like a list, of KEY=VALUE
)

func (k kind) takesText() bool { return k != kindBool }
func (k kind) repeats() bool   { return k == kindList || k == kindMap }

// envScope says which environment variables a flag reads.
type envScope int

const (
	envShared envScope = iota // TG_<COMMAND>_<FLAG>, then TG_<FLAG>
	envOwn                    // only TG_<COMMAND>_<FLAG>: another command's TG_<FLAG> means something else
	envNone
)

// flagDef is one row of the flag table.
type flagDef struct {
	Name    string   // without dashes
	Aliases []string // other spellings that are shown
	Old     []string // earlier spellings: accepted with a warning, never shown
	Kind    kind
	Value   string // what help calls the value; "file" and "dir" let the shell complete paths
	Default string // as it would be typed; lists joined by commas
	Choices []string
	Help    string
	Env     envScope
	Hidden  bool
	Repeat  bool // may be given more than once although it holds one value
	// Unsupported is why using the flag is an error, and what to do; "" for a
	// flag that works.
	Unsupported string
	Retired     *retirement // set for a flag that is accepted but on its way out
}

// retirement says why a flag should no longer be used.
type retirement struct {
	Control string // the strict control that makes the use an error
	Advice  string // what to do, as a sentence
}

func (f *flagDef) named(name string) bool {
	return f.Name == name || slices.Contains(f.Aliases, name) || slices.Contains(f.Old, name)
}

// wordPolicy says what a command does with words that are not its flags.
type wordPolicy int

const (
	wordsOwn      wordPolicy = iota // kept as arguments; unknown flags are errors
	wordsLoose                      // kept as arguments, unknown flags too
	wordsTofu                       // the first names a command of the wrapped binary, the rest is that command's
	wordsShortcut                   // the command's own name is a command of the wrapped binary
	wordsProgram                    // a program and its arguments
)

// tofu reports whether the words are a command line of the wrapped binary.
func (p wordPolicy) tofu() bool { return p == wordsTofu || p == wordsShortcut }

// command is one row of the command table.
type command struct {
	Name        string
	Aliases     []string
	Group       string // heading in the application help; only top-level commands have one
	Args        string // what follows the options in the usage line
	Summary     string // one line, no final dot
	Description string
	Examples    []example
	Flags       []*flagDef
	Subs        []*command
	Words       wordPolicy
	Handler     string // key of the handler; the path when empty
	Hidden      bool

	parent *command
}

// example is a command line with what it does.
type example struct{ Text, Line string }

func (c *command) named(name string) bool {
	return c.Name == name || slices.Contains(c.Aliases, name)
}

// Path is the full name of the command: "hcl format".
func (c *command) Path() string {
	if c.parent == nil {
		return c.Name
	}
	return c.parent.Path() + " " + c.Name
}

// key names the handler that runs the command.
func (c *command) key() string {
	if c.Handler != "" {
		return c.Handler
	}
	return c.Path()
}

func (c *command) sub(name string) *command { return findCommand(c.Subs, name) }

func findCommand(list []*command, name string) *command {
	for _, c := range list {
		if c.named(name) {
			return c
		}
	}
	return nil
}

func findFlag(list []*flagDef, name string) *flagDef {
	for _, f := range list {
		if f.named(name) {
			return f
		}
	}
	return nil
}

// table holds all rows. It is built once per process and never changed.
type table struct {
	Globals  []*flagDef
	Commands []*command
}

func newTable() *table {
	t := &table{Globals: globalFlags(), Commands: commands()}
	for _, c := range t.Commands {
		adopt(c)
	}
	return t
}

func adopt(c *command) {
	for _, s := range c.Subs {
		s.parent = c
		adopt(s)
	}
}

// flags lists what may be given with a command: its own flags, then the global
// ones, but for those of which the command has its own: `promote --version`. A
// nil command has only the global flags.
func (t *table) flags(c *command) []*flagDef {
	if c == nil {
		return t.Globals
	}
	globals := slices.DeleteFunc(slices.Clone(t.Globals), func(g *flagDef) bool { return findFlag(c.Flags, g.Name) != nil })
	return slices.Concat(c.Flags, globals)
}

// lookup finds a flag of the command or a global one.
func (t *table) lookup(c *command, name string) *flagDef {
	if c != nil {
		if f := findFlag(c.Flags, name); f != nil {
			return f
		}
	}
	return findFlag(t.Globals, name)
}

// walk visits every command, parents before children, in table order.
func (t *table) walk(visit func(*command)) {
	var down func([]*command)
	down = func(list []*command) {
		for _, c := range list {
			visit(c)
			down(c.Subs)
		}
	}
	down(t.Commands)
}

// anywhere finds a flag in any command. Flags of one name are of one kind in
// all commands, which a test ensures, so the first is as good as any.
func (t *table) anywhere(name string) *flagDef {
	found := findFlag(t.Globals, name)
	t.walk(func(c *command) {
		if found == nil {
			found = findFlag(c.Flags, name)
		}
	})
	return found
}

// owners lists the commands that have a flag of this name, `run` before the
// others because most flags are meant for it.
func (t *table) owners(name string) []*command {
	var out []*command
	t.walk(func(c *command) {
		if c.Hidden || findFlag(c.Flags, name) == nil {
			return
		}
		if c.Name == "run" && c.parent == nil {
			out = slices.Insert(out, 0, c)
			return
		}
		out = append(out, c)
	})
	return out
}

// envWord is a name as it stands in a variable: "log-level" is "LOG_LEVEL".
func envWord(name string) string {
	return strings.ToUpper(strings.NewReplacer("-", "_", " ", "_").Replace(name))
}
