package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/configstack"
	"github.com/terrace-iac/terrace/shell"
	"github.com/terrace-iac/terrace/ui"
)

// showError prints an error once: configuration mistakes as boxes with the
// source, everything else as one log line for each. What several units have in
// common, such as a mistake in their root.hcl, is shown for the first of them.
func showError(inv *invocation, err error) {
	list := flatten(err)
	b := &billboard{inv: inv, times: timesOf(list), shown: map[string]bool{}}
	for _, e := range list {
		var mistakes *config.Error
		if errors.As(e, &mistakes) {
			b.mistakes(mistakes)
		} else if text := errorLine(e); !b.shown[text] {
			b.shown[text] = true
			inv.Notify.Error(text)
		}
	}
}

// timesOf counts the units in which each mistake was found.
func timesOf(list []error) map[string]int {
	times := map[string]int{}
	for _, e := range list {
		var mistakes *config.Error
		if errors.As(e, &mistakes) {
			for _, d := range mistakes.Diagnostics {
				times[d.String()]++
			}
		}
	}
	return times
}

// billboard is where errors are shown, with what is there already.
type billboard struct {
	inv     *invocation
	console *ui.Console // opened for the first box
	times   map[string]int
	shown   map[string]bool // by text
}

// errorLine is an error's text, but for the one that says nothing to people.
func errorLine(err error) string {
	if err == context.Canceled { //nolint:errorlint // one that is wrapped has more to say
		return "Interrupted before the command was run"
	}
	return err.Error()
}

// flatten takes joined errors apart, so that each is shown by its own kind.
func flatten(err error) []error {
	switch e := err.(type) {
	case *runError:
		var out []error
		for _, one := range e.list {
			out = append(out, flatten(one)...)
		}
		return out
	case *unitFailure:
		return e.errors()
	case *configstack.UnitError:
		return unitErrors(e)
	case interface{ Unwrap() []error }:
		if _, ok := err.(*config.Error); ok {
			return []error{err}
		}
		var out []error
		for _, one := range e.Unwrap() {
			out = append(out, flatten(one)...)
		}
		return out
	}
	return []error{err}
}

// unitErrors names the unit of a failed process and repeats the end of what it
// said: in a long run that stands far above.
func unitErrors(e *configstack.UnitError) []error {
	var mistakes *config.Error
	if errors.As(e.Err, &mistakes) {
		return []error{e.Err}
	}
	var exit *shell.ExitError
	if !errors.As(e.Err, &exit) {
		return []error{e}
	}
	tail := lastLines(exit.Stderr, 20)
	if strings.TrimSpace(tail) == "" { // with -json, and in some hooks, that is where errors are
		tail = lastLines(exit.Stdout, 20)
	}
	return []error{&failedUnit{unit: e.Unit, err: e.Err, tail: tail}}
}

type failedUnit struct {
	unit string
	err  error
	tail string
}

func (f *failedUnit) Error() string {
	text := fmt.Sprintf("Unit '%s' failed: %s", f.unit, f.err)
	if f.tail != "" {
		text += "\n" + f.tail
	}
	return text
}

func (f *failedUnit) Unwrap() error { return f.err }

func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	if len(lines) > n {
		lines = lines[len(lines)-n:]
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

// mistakes prints a unit's configuration mistakes and, where nobody sits at a
// terminal, a line for each in the form that scripts match.
func (b *billboard) mistakes(e *config.Error) {
	if b.console == nil {
		b.console = ui.NewConsole(ui.Options{Stdin: b.inv.Stdin, Stdout: b.inv.Stdout, Stderr: b.inv.Stderr, NoColor: b.inv.Global.NoColor,
			LookupEnv: func(name string) (string, bool) { return newEnvironment(b.inv.Env).get(name) }})
	}
	var lines []string
	for _, d := range e.Diagnostics {
		text := d.String()
		if b.shown[text] {
			continue
		}
		b.shown[text] = true
		lines = append(lines, text)
		box := diagnostic(d, e.Path)
		if n := b.times[text]; n > 1 {
			box.Trace = append(box.Trace, fmt.Sprintf("and in %d more", n-1))
		}
		if err := ui.WriteDiagnostic(b.console.Stderr(), box, b.console.StderrStyle()); err != nil {
			return // stderr is gone: nobody is listening
		}
	}
	if b.console.StderrTerminal() {
		return // the boxes say it all; the lines are for scripts
	}
	for _, text := range lines {
		b.inv.Notify.Error(text)
	}
}

func diagnostic(d config.Diagnostic, unit string) ui.Diagnostic {
	out := ui.Diagnostic{
		Summary: d.Summary, Detail: d.Detail, File: d.File, Line: d.Line, Column: d.Column,
		Values: d.Values, Trace: d.Trace,
	}
	if d.Warning {
		out.Severity = ui.SeverityWarning
	}
	if d.EndLine == d.Line {
		out.EndColumn = d.EndColumn
	}
	if d.File != "" && d.Line > 0 {
		lines := bytes.Split(d.Source, []byte("\n"))
		for n := d.Line; n <= min(max(d.EndLine, d.Line), d.Line+2) && n <= len(lines); n++ {
			out.Snippet = append(out.Snippet, ui.SnippetLine{Number: n, Text: strings.TrimRight(string(lines[n-1]), "\r")})
		}
	}
	if d.File != unit && len(d.Trace) == 0 {
		out.Trace = []string{"unit " + unit}
	}
	return out
}
