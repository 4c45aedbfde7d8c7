package ui

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Severity says how bad a diagnostic is.
type Severity int

// The severities.
const (
	SeverityError Severity = iota
	SeverityWarning
)

// Diagnostic is a mistake in a file, or elsewhere, as shown to a person.
type Diagnostic struct {
	Severity Severity
	Summary  string
	// Detail is wrapped; lines that start with white space are left as they are.
	Detail string
	// File is the path to show, "" for a mistake that is in no file. Line and
	// Column count from 1, zero when unknown; EndColumn is the column behind the
	// range if it ends on the same line, else zero.
	File                    string
	Line, Column, EndColumn int
	Snippet                 []SnippetLine
	// Values are the values the expression refers to, such as `local.env is "x"`.
	Values []string
	// Trace is the way the file was reached: unit, include, file:line.
	Trace []string
	Hint  string
}

// SnippetLine is one line of source.
type SnippetLine struct {
	Number int
	Text   string
}

const (
	diagnosticWidth = 100 // columns, the bar on the left included
	snippetWidth    = 88  // columns for the text of a source line
)

// WriteDiagnostic shows one diagnostic in a box that is open on the right.
func WriteDiagnostic(w io.Writer, d Diagnostic, st Style) error {
	p := diagnosticPrinter{style: st, color: BoldRed}
	title := "Error: "
	if d.Severity == SeverityWarning {
		p.color, title = BoldYellow, "Warning: "
	}
	p.b.WriteString(st.Paint(p.color, "╷") + "\n")
	p.line(st.Paint(p.color, title) + st.Paint(Bold, d.Summary))
	p.position(d)
	p.snippet(d)
	if d.Detail != "" {
		p.line("")
		p.lines(wrap(d.Detail, diagnosticWidth-2))
	}
	if len(d.Trace) > 0 || d.Hint != "" {
		p.line("")
	}
	p.trace(d.Trace)
	p.labelled("hint: ", d.Hint)
	p.b.WriteString(st.Paint(p.color, "╵") + "\n")
	_, err := io.WriteString(w, p.b.String())
	return err
}

// diagnosticPrinter collects the lines of one box.
type diagnosticPrinter struct {
	b     strings.Builder
	style Style
	color Color
}

func (p *diagnosticPrinter) line(text string) {
	p.b.WriteString(p.style.Paint(p.color, "│"))
	if text != "" {
		p.b.WriteString(" " + text)
	}
	p.b.WriteByte('\n')
}

func (p *diagnosticPrinter) lines(texts []string) {
	for _, t := range texts {
		p.line(t)
	}
}

// position writes file:line:column, a form that terminals and editors link.
func (p *diagnosticPrinter) position(d Diagnostic) {
	if d.File == "" {
		return
	}
	place := d.File
	for _, n := range []int{d.Line, d.Column} {
		if n <= 0 {
			break
		}
		place += ":" + strconv.Itoa(n)
	}
	p.line("")
	p.line("  on " + p.style.Paint(Bold, place))
}

// snippet writes the source lines, a caret line below the one the diagnostic
// points to, and the values.
func (p *diagnosticPrinter) snippet(d Diagnostic) {
	if len(d.Snippet) == 0 && len(d.Values) == 0 {
		return
	}
	digits := 1
	for _, s := range d.Snippet {
		digits = max(digits, len(strconv.Itoa(s.Number)))
	}
	p.line("")
	for _, s := range d.Snippet {
		column := 0
		if s.Number == d.Line {
			column = d.Column
		}
		text, start, length := marked(s.Text, column, d.EndColumn)
		p.gutter(fmt.Sprintf("%*d", digits, s.Number), text)
		if column > 0 {
			p.gutter(strings.Repeat(" ", digits), strings.Repeat(" ", start)+p.style.Paint(p.color, strings.Repeat("^", length)))
		}
	}
	for _, v := range d.Values {
		for line := range strings.SplitSeq(v, "\n") {
			p.gutter(strings.Repeat(" ", digits), line)
		}
	}
}

func (p *diagnosticPrinter) gutter(number, text string) {
	line := "  " + p.style.Paint(Dim, number+" │")
	if text != "" {
		line += " " + text
	}
	p.line(line)
}

// marked prepares a source line: tabs become spaces, and a line too long for the
// screen is cut around the column. It returns where the caret line starts, in
// characters, and how long it is.
func marked(text string, column, endColumn int) (shown string, start, length int) {
	const tab = "    "
	runes := []rune(strings.TrimRight(text, "\r\n"))
	from := max(0, min(column-1, len(runes)))
	to := max(from, min(endColumn-1, len(runes)))
	expand := func(part []rune) []rune { return []rune(strings.ReplaceAll(string(part), "\t", tab)) }
	start, length = len(expand(runes[:from])), max(1, len(expand(runes[from:to])))
	runes = expand(runes)

	if cut := start - snippetWidth/2; len(runes) > snippetWidth && cut > 0 {
		runes = append([]rune("…"), runes[cut+1:]...)
		start -= cut
	}
	if len(runes) > snippetWidth {
		runes = append(runes[:snippetWidth-1:snippetWidth-1], '…')
	}
	return strings.TrimRight(string(runes), " "), start, max(1, min(length, snippetWidth-start))
}

// trace writes the chain in one line, or one element a line if it is long.
func (p *diagnosticPrinter) trace(chain []string) {
	if len(chain) == 0 {
		return
	}
	const label, arrow = "from ", " -> "
	if one := strings.Join(chain, arrow); visibleWidth(label+one) <= diagnosticWidth-2 {
		p.line(label + one)
		return
	}
	for i, c := range chain {
		if i == 0 {
			p.line(label + c)
			continue
		}
		p.line(arrow + " " + c)
	}
}

// labelled writes a wrapped text behind a label, its other lines below the first.
func (p *diagnosticPrinter) labelled(label, text string) {
	if text == "" {
		return
	}
	for i, line := range wrap(text, diagnosticWidth-2-len(label)) {
		if i == 0 {
			p.line(p.style.Paint(Cyan, label) + line)
			continue
		}
		p.line(strings.TrimRight(strings.Repeat(" ", len(label))+line, " "))
	}
}

// wrap breaks text at spaces into lines of at most width characters. Line breaks
// are kept, and so are lines that start with white space and words longer than
// the width, such as paths.
func wrap(text string, width int) []string {
	var lines []string
	for paragraph := range strings.SplitSeq(strings.Trim(text, "\n"), "\n") {
		paragraph = strings.TrimRight(paragraph, " \t\r")
		if strings.HasPrefix(paragraph, " ") || strings.HasPrefix(paragraph, "\t") {
			lines = append(lines, paragraph)
			continue
		}
		line := ""
		for _, word := range strings.Fields(paragraph) {
			switch {
			case line == "":
				line = word
			case visibleWidth(line)+1+visibleWidth(word) > width:
				lines = append(lines, line)
				line = word
			default:
				line += " " + word
			}
		}
		lines = append(lines, line)
	}
	return lines
}
