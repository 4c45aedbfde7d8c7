package cli

import (
	"flag"
	"fmt"
	"io"
	"slices"
	"strings"

	urfave "github.com/urfave/cli/v2"
)

// Help is printed by the urfave library from values built for the one page
// that is asked for. Its own parser is not used: see split.

const appTemplate = `Usage: {{.UsageText}}

   {{.Description}}
{{range groups .Commands}}
{{.Name}}:
{{range .Commands}}   {{join .Names ", "}}{{"\t"}}{{.Usage}}
{{end}}{{end}}
Global Options:
{{range .Flags}}   {{.}}
{{end}}`

const commandTemplate = `Usage: {{.UsageText}}

   {{.Description}}
{{with examples}}
Examples:
{{range .}}   # {{.Text}}
   {{.Line}}

{{end}}{{else}}
{{end}}{{with .VisibleCommands}}Commands:
{{range .}}   {{join .Names ", "}}{{"\t"}}{{.Usage}}
{{end}}
{{end}}{{with .Flags}}Options:
{{range .}}   {{.}}
{{end}}
{{end}}Global Options:
{{range globals}}   {{.}}
{{end}}`

// optionFlag shows one row of the flag table to the library.
type optionFlag struct {
	def *flagDef
	env string
}

var _ urfave.Flag = optionFlag{} // the compiler checks the interface here

func (o optionFlag) Apply(*flag.FlagSet) error { return nil }
func (o optionFlag) Names() []string           { return slices.Concat([]string{o.def.Name}, o.def.Aliases) }
func (o optionFlag) IsSet() bool               { return false }

// String is the option's line: "--name value, -x  text. (default: v) [$VAR]".
// The tab becomes the space that aligns the texts.
func (o optionFlag) String() string { return optionSpelling(o.def) + "\t" + optionText(o.def, o.env) }

func optionSpelling(f *flagDef) string {
	value := ""
	if f.Kind.takesText() {
		value = " " + f.Value
	}
	parts := []string{dashed(f.Name) + value}
	for _, a := range f.Aliases {
		parts = append(parts, dashed(a))
	}
	return strings.Join(parts, ", ")
}

func optionText(f *flagDef, env string) string {
	text := f.Help
	if len(f.Choices) > 0 {
		text = fmt.Sprintf("%s One of: %s.", text, strings.Join(f.Choices, ", "))
	}
	if f.Default != "" {
		text += fmt.Sprintf(" (default: %s)", f.Default)
	}
	if env != "" {
		text += fmt.Sprintf(" [$%s]", env)
	}
	if f.Unsupported != "" {
		text += " (not supported)"
	}
	return text
}

// options lists the shown flags of a command by name.
func options(c *command, flags []*flagDef) []urfave.Flag {
	shown := slices.DeleteFunc(slices.Clone(flags), func(f *flagDef) bool { return f.Hidden })
	slices.SortFunc(shown, func(a, b *flagDef) int { return strings.Compare(a.Name, b.Name) })
	out := make([]urfave.Flag, len(shown))
	for i, f := range shown {
		out[i] = optionFlag{f, shownEnv(c, f)}
	}
	return out
}

// listed turns rows into what the library prints, without their flags.
func listed(rows []*command) []*urfave.Command {
	out := make([]*urfave.Command, len(rows))
	for i, c := range rows {
		out[i] = &urfave.Command{Name: c.Name, Aliases: c.Aliases, Usage: c.Summary, Category: c.Group, Hidden: c.Hidden}
	}
	return out
}

// commandGroup is one heading of the application help.
type commandGroup struct {
	Name     string
	Commands []*urfave.Command
}

func groupCommands(list []*urfave.Command) []commandGroup {
	var out []commandGroup
	for _, name := range groupOrder() {
		g := commandGroup{Name: name}
		for _, c := range list {
			if c.Category == name && !c.Hidden {
				g.Commands = append(g.Commands, c)
			}
		}
		slices.SortFunc(g.Commands, func(a, b *urfave.Command) int { return strings.Compare(a.Name, b.Name) })
		if len(g.Commands) > 0 {
			out = append(out, g)
		}
	}
	return out
}

// writeAppHelp prints the page of the program itself.
func writeAppHelp(w io.Writer, t *table) {
	app := &urfave.App{
		Name:      progName,
		UsageText: progName + " [global options] <command> [options]",
		Description: displayName + " runs OpenTofu and Terraform over many units of configuration " +
			"and keeps what they share in one place.",
		Commands: listed(t.Commands),
		Flags:    options(nil, t.Globals),
	}
	urfave.HelpPrinterCustom(w, appTemplate, app, map[string]any{"groups": groupCommands})
}

// writeCommandHelp prints the page of a command.
func writeCommandHelp(w io.Writer, t *table, c *command) {
	page := &urfave.Command{
		UsageText:   usageLine(c),
		Description: pageText(c),
		Subcommands: listed(c.Subs),
		Flags:       options(c, c.Flags),
	}
	if c.Words == wordsTofu {
		page.Subcommands = listedTofu()
	}
	urfave.HelpPrinterCustom(w, commandTemplate, page, map[string]any{
		"examples": func() []example { return c.Examples },
		"globals":  func() []urfave.Flag { return options(nil, t.Globals) },
	})
}

func listedTofu() []*urfave.Command {
	var out []*urfave.Command
	for _, w := range tofuCommands() {
		out = append(out, &urfave.Command{Name: w.Name, Usage: w.Summary})
	}
	return out
}

func usageLine(c *command) string {
	line := progName + " " + c.Path()
	switch {
	case len(c.Subs) > 0:
		return line + " <command> [options]"
	case len(c.Flags) > 0:
		line += " [options]"
	}
	return strings.TrimSuffix(line+" "+c.Args, " ")
}

func pageText(c *command) string {
	if c.Description != "" {
		return c.Description
	}
	return c.Summary + "."
}
