package cli

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"
)

// WriteReference writes the reference page of all commands and flags as
// Markdown, from the same rows that the program parses by.
func WriteReference(w io.Writer) error {
	t := newTable()
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Commands and flags\n\nThis page is made by `%s docs cli`. Do not edit it.\n\n", progName)
	b.WriteString(referenceRules)
	referenceFlags(&b, "## Global options", nil, t.Globals)
	t.walk(func(c *command) {
		if !c.Hidden && !hiddenAbove(c) {
			referenceCommand(&b, c)
		}
	})
	_, err := w.Write(b.Bytes())
	return err
}

const referenceRules = "Every flag may be written with one dash or two, and with `=` or a space before its value. " +
	"Flags that hold a list are repeated; their variables are split on commas. " +
	"The command line wins over variables. Each variable `TG_X` may also be written `TERRACE_X`, " +
	"and `TG_<COMMAND>_X` sets it for one command. Everything after `--` is passed on.\n\n"

func hiddenAbove(c *command) bool {
	return c.parent != nil && (c.parent.Hidden || hiddenAbove(c.parent))
}

func referenceCommand(b *bytes.Buffer, c *command) {
	fmt.Fprintf(b, "## %s %s\n\n", progName, c.Path())
	fmt.Fprintf(b, "```\n%s\n```\n\n%s\n\n", usageLine(c), pageText(c))
	if len(c.Aliases) > 0 {
		fmt.Fprintf(b, "Also written `%s`.\n\n", strings.Join(c.Aliases, "`, `"))
	}
	for _, s := range c.Subs {
		if !s.Hidden {
			fmt.Fprintf(b, "- `%s`: %s\n", s.Path(), s.Summary)
		}
	}
	if len(c.Subs) > 0 {
		b.WriteString("\n")
	}
	for _, e := range c.Examples {
		fmt.Fprintf(b, "%s:\n\n```sh\n%s\n```\n\n", e.Text, e.Line)
	}
	if c.Words == wordsShortcut {
		fmt.Fprintf(b, "Options: those of `%s run`.\n\n", progName)
		return
	}
	referenceFlags(b, "", c, c.Flags)
}

// referenceFlags writes a table of flags, the hidden ones left out.
func referenceFlags(b *bytes.Buffer, heading string, c *command, flags []*flagDef) {
	shown := slices.DeleteFunc(slices.Clone(flags), func(f *flagDef) bool { return f.Hidden })
	if len(shown) == 0 {
		return
	}
	slices.SortFunc(shown, func(x, y *flagDef) int { return strings.Compare(x.Name, y.Name) })
	if heading != "" {
		b.WriteString(heading + "\n\n")
	}
	b.WriteString("| Flag | Variable | Meaning |\n| --- | --- | --- |\n")
	for _, f := range shown {
		variable := shownEnv(c, f)
		if variable != "" {
			variable = "`" + variable + "`"
		}
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", optionSpelling(f), variable, optionText(f, ""))
	}
	b.WriteString("\n")
}
