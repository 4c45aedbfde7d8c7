package config

import (
	"errors"
	"fmt"
	"sort"
	"strings"

	"github.com/hashicorp/hcl/v2"
)

// Error is everything that is wrong with a unit's configuration, each mistake
// once.
type Error struct {
	Path        string // the unit's configuration file
	Diagnostics []Diagnostic
}

// Diagnostic is one mistake: what, where, why and what to do.
type Diagnostic struct {
	Summary, Detail string
	Warning         bool
	File            string // "" when there is no place to point at
	Line, Column    int    // 1-based; columns count characters
	EndLine         int
	EndColumn       int
	Bytes, Around   Span     // what is wrong, and what should be shown with it
	Source          []byte   // the file's text, for a snippet
	Values          []string // "local.x is 1": what the variables involved hold
	Trace           []string // how the file was reached from the unit, outermost first
	Cause           error    // an error of the outside world, for its exit code
}

// Error composes one line per diagnostic, in the form that scripts match on:
// file:line,column-column: summary; detail.
func (e *Error) Error() string {
	lines := make([]string, 0, len(e.Diagnostics))
	for _, d := range e.Diagnostics {
		lines = append(lines, d.String())
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives the causes that came from outside.
func (e *Error) Unwrap() []error {
	var causes []error
	for _, d := range e.Diagnostics {
		if d.Cause != nil {
			causes = append(causes, d.Cause)
		}
	}
	return causes
}

func (d Diagnostic) String() string {
	text := d.Summary
	if d.Detail != "" {
		text += "; " + d.Detail
	}
	if d.File == "" {
		return text
	}
	return fmt.Sprintf("%s:%d,%d-%d: %s", d.File, d.Line, d.Column, d.EndColumn, text)
}

// problem is an Error on its way up. Two cells that fail because a third one
// does carry the same diagnostics, so they are told apart by identity.
type problem struct {
	diags hcl.Diagnostics
	cause error
	trace []string
	root  *problem // the problem this one repeats from further away
	// outside says that the expression asked the outside world, which may
	// answer otherwise later.
	outside bool
	// found are the mistakes of another unit, whose outputs cannot be read for
	// them, in the form that left the package already.
	found []Diagnostic
}

func (p *problem) Error() string {
	if len(p.found) > 0 {
		return (&Error{Diagnostics: p.found}).Error()
	}
	return p.diags.Error()
}

func (p *problem) Unwrap() error { return p.cause }

func (p *problem) origin() *problem {
	if p.root != nil {
		return p.root
	}
	return p
}

// reached repeats problems as seen from a file that led to them.
func reached(err error, step string) error {
	if many, ok := err.(*manyProblems); ok {
		out := &manyProblems{}
		for _, p := range many.list {
			out.list = append(out.list, p.reachedFrom(step))
		}
		return out
	}
	var p *problem
	if !errors.As(err, &p) {
		return err
	}
	return p.reachedFrom(step)
}

func (p *problem) reachedFrom(step string) *problem {
	if len(p.trace) > 0 && p.trace[0] == step {
		return p
	}
	return &problem{diags: p.diags, cause: p.cause, root: p.origin(), outside: p.outside, found: p.found, trace: append([]string{step}, p.trace...)}
}

// manyProblems are several that were found side by side.
type manyProblems struct{ list []*problem }

func (m *manyProblems) Error() string {
	lines := make([]string, len(m.list))
	for i, p := range m.list {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

func (m *manyProblems) Unwrap() []error {
	errs := make([]error, len(m.list))
	for i, p := range m.list {
		errs[i] = p
	}
	return errs
}

func diagErr(diags hcl.Diagnostics) error {
	if !diags.HasErrors() {
		return nil
	}
	return &problem{diags: diags, cause: causeOf(diags)}
}

// causeOf finds the error of the outside world that a function wrapped.
func causeOf(diags hcl.Diagnostics) error {
	for _, d := range diags {
		if extra, ok := hcl.DiagnosticExtra[interface{ FunctionCallError() error }](d); ok && extra.FunctionCallError() != nil {
			return extra.FunctionCallError()
		}
	}
	return nil
}

// errorAt is a mistake with a place.
func errorAt(rng hcl.Range, summary, format string, args ...any) error {
	return &problem{diags: hcl.Diagnostics{{
		Severity: hcl.DiagError, Summary: summary, Detail: fmt.Sprintf(format, args...), Subject: rng.Ptr(),
	}}}
}

// causedAt is a failure of the outside world, shown at the expression that
// asked for it.
func causedAt(rng hcl.Range, summary string, cause error) error {
	p := errorAt(rng, summary, "%s", cause.Error()).(*problem)
	p.cause = cause
	return p
}

// causedOutside is a failure that may not be there later.
func causedOutside(rng hcl.Range, summary string, cause error) error {
	p := causedAt(rng, summary, cause).(*problem)
	p.outside = true
	return p
}

// problems gathers failures, dropping those already known.
type problems struct {
	list []*problem
	seen map[*problem]bool
	text map[string]bool
}

func (ps *problems) add(err error) {
	if err == nil {
		return
	}
	if many, ok := err.(*manyProblems); ok {
		for _, p := range many.list {
			ps.add(p)
		}
		return
	}
	var p *problem
	if !errors.As(err, &p) {
		p = &problem{diags: hcl.Diagnostics{{Severity: hcl.DiagError, Summary: err.Error()}}, cause: err}
	}
	if ps.seen == nil {
		ps.seen, ps.text = map[*problem]bool{}, map[string]bool{}
	}
	if ps.seen[p.origin()] {
		return
	}
	ps.seen[p.origin()] = true
	text := p.Error()
	if ps.text[text] {
		return
	}
	ps.text[text] = true
	ps.list = append(ps.list, p)
}

// outside says that every failure came from the outside world.
func (ps *problems) outside() bool {
	for _, p := range ps.list {
		if !p.outside {
			return false
		}
	}
	return len(ps.list) > 0
}

func (ps *problems) empty() bool { return len(ps.list) == 0 }

// joined gives the gathered failures as one that can be taken apart again.
func (ps *problems) joined() error {
	switch len(ps.list) {
	case 0:
		return nil
	case 1:
		return ps.list[0]
	}
	return &manyProblems{list: ps.list}
}

// err gives the gathered failures as one, in file order.
func (ps *problems) err(l *Loader, path string) error {
	if ps.empty() {
		return nil
	}
	e := &Error{Path: path}
	for _, p := range ps.list {
		for _, d := range p.diags {
			e.Diagnostics = append(e.Diagnostics, l.diagnostic(d, p))
		}
		for _, d := range p.found {
			d.Trace = append(append([]string{}, p.trace...), d.Trace...)
			e.Diagnostics = append(e.Diagnostics, d)
		}
	}
	sort.SliceStable(e.Diagnostics, func(i, j int) bool {
		a, b := e.Diagnostics[i], e.Diagnostics[j]
		if a.File != b.File {
			return a.File < b.File
		}
		return a.Line < b.Line
	})
	return e
}

const longestTrace = 12

// shortened keeps both ends of a very long way.
func shortened(trace []string) []string {
	if len(trace) <= longestTrace {
		return trace
	}
	half := longestTrace / 2
	out := append([]string{}, trace[:half]...)
	out = append(out, fmt.Sprintf("... %d more steps ...", len(trace)-2*half))
	return append(out, trace[len(trace)-half:]...)
}

// isProblem says whether an error is a mistake in configuration that has its
// own place.
func isProblem(err error) bool {
	switch err.(type) {
	case *problem, *manyProblems:
		return true
	}
	return false
}

// readFailure is a mistake in a file that an expression reads.
type readFailure struct {
	path string
	err  error
}

func (e *readFailure) Error() string { return e.err.Error() }
func (e *readFailure) Unwrap() error { return e.err }

// diagnostic makes the plain form of one of hcl's, with the file's text.
func (l *Loader) diagnostic(d *hcl.Diagnostic, p *problem) Diagnostic {
	var src []byte
	if d.Subject != nil {
		src = l.sourceText(d.Subject.Filename)
	}
	out := plainDiagnostic(d, src)
	out.Trace, out.Cause = shortened(p.trace), p.cause
	out.Values = involvedValues(d, l.secretTest(d))
	return out
}

func plainDiagnostic(d *hcl.Diagnostic, src []byte) Diagnostic {
	out := Diagnostic{Summary: d.Summary, Detail: d.Detail, Warning: d.Severity == hcl.DiagWarning}
	if d.Subject == nil {
		return out
	}
	out.File, out.Line, out.Column = d.Subject.Filename, d.Subject.Start.Line, d.Subject.Start.Column
	out.EndLine, out.EndColumn = d.Subject.End.Line, d.Subject.End.Column
	out.Source = src
	out.Bytes, out.Around = spanOf(*d.Subject), spanOf(*d.Subject)
	if d.Context != nil && d.Context.Filename == d.Subject.Filename {
		out.Around = spanOf(hcl.RangeOver(*d.Subject, *d.Context))
	}
	return out
}

// secretTest judges references by the file in which they stand.
func (l *Loader) secretTest(d *hcl.Diagnostic) func([]string) bool {
	if d.Subject == nil {
		return func([]string) bool { return true }
	}
	f := l.parsedFile(d.Subject.Filename)
	if f == nil {
		return func([]string) bool { return true }
	}
	return f.maySecret
}
