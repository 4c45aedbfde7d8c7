package ui

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"

	"golang.org/x/term"
)

const (
	defaultWidth  = 80
	defaultHeight = 24
)

// Options describe the three standard streams. Nil streams read nothing and
// discard what is written.
type Options struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	// NoColor turns colour off on both streams.
	NoColor bool
	// LookupEnv finds NO_COLOR and TERM. Nil finds nothing.
	LookupEnv func(string) (string, bool)
}

// Console owns the standard streams. Every write through it is whole: writes of
// different goroutines never mix, and live progress is taken off the screen
// before a write and put back after it.
type Console struct {
	in         io.Reader
	inTerminal bool
	out, err   *stream

	mu       sync.Mutex // guards the fields below and every write
	region   region     // live progress, nil for none
	drawn    int        // lines of region now on the screen
	question string     // the prompt that waits for an answer, "" for none
	held     *held      // what waits for the screen to be given back, nil while we have it
}

// region is something drawn below all other output. Its method is called with
// the console locked and returns lines of at most width visible characters.
type region interface {
	lines(width, height int) []string
}

// stream is one output stream of a console.
type stream struct {
	console  *Console
	w        io.Writer
	terminal bool
	ansi     bool // a terminal that understands escape sequences
	style    Style
	midLine  bool // the last write did not end its line
	size     func() (width, height int, err error)
}

// NewConsole looks at the streams once: whether they are terminals, and whether
// they take colour (a terminal, NoColor and NO_COLOR unset, TERM not dumb).
func NewConsole(o Options) *Console {
	lookup := o.LookupEnv
	if lookup == nil {
		lookup = func(string) (string, bool) { return "", false }
	}
	termName, _ := lookup("TERM")
	noColor, _ := lookup("NO_COLOR")
	color := Style(!o.NoColor && noColor == "")

	c := &Console{in: o.Stdin}
	if c.in == nil {
		c.in = strings.NewReader("")
	}
	if f, ok := o.Stdin.(*os.File); ok && f != nil {
		c.inTerminal = term.IsTerminal(int(f.Fd()))
	}
	c.out = newStream(c, o.Stdout, color, termName == "dumb")
	c.err = newStream(c, o.Stderr, color, termName == "dumb")
	return c
}

func newStream(c *Console, w io.Writer, color Style, dumb bool) *stream {
	s := &stream{console: c, w: w}
	if w == nil {
		s.w = io.Discard
	}
	f, ok := w.(*os.File)
	if !ok || f == nil {
		return s
	}
	fd := int(f.Fd())
	if !term.IsTerminal(fd) {
		return s
	}
	s.terminal = true
	s.size = func() (int, int, error) { return term.GetSize(fd) }
	s.ansi = !dumb && understandsANSI(f)
	s.style = Style(s.ansi) && color
	return s
}

// Stdout writes to standard output. Give it whole lines.
func (c *Console) Stdout() io.Writer { return c.out }

// Stderr writes to standard error. Give it whole lines.
func (c *Console) Stderr() io.Writer { return c.err }

// StdinTerminal says whether standard input is a terminal.
func (c *Console) StdinTerminal() bool { return c.inTerminal }

// StdoutTerminal says whether standard output is a terminal.
func (c *Console) StdoutTerminal() bool { return c.out.terminal }

// StderrTerminal says whether standard error is a terminal.
func (c *Console) StderrTerminal() bool { return c.err.terminal }

// StdoutStyle says whether standard output takes colour.
func (c *Console) StdoutStyle() Style { return c.out.style }

// StderrStyle says whether standard error takes colour.
func (c *Console) StderrStyle() Style { return c.err.style }

// Width is the width of standard output in columns, 80 when it has none.
func (c *Console) Width() int {
	width, _ := c.out.dimensions()
	return width
}

func (s *stream) dimensions() (width, height int) {
	if s.size != nil {
		if w, h, err := s.size(); err == nil && w > 0 && h > 0 {
			return w, h
		}
	}
	return defaultWidth, defaultHeight
}

// Write writes p in one piece.
func (s *stream) Write(p []byte) (int, error) {
	c := s.console
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held != nil {
		return c.held.add(s, p)
	}
	visible := s.terminal || s == c.err // where progress and prompts would be in the way
	if visible {
		c.erase()
		c.interrupt()
	}
	n, err := s.w.Write(p)
	if len(p) > 0 {
		s.midLine = p[len(p)-1] != '\n'
	}
	if visible {
		c.repeat()
		c.draw()
	}
	return n, err
}

// erase takes the region off the screen.
func (c *Console) erase() {
	if c.drawn > 0 {
		io.WriteString(c.err.w, cursorUp(c.drawn)+"\x1b[J")
		c.drawn = 0
	}
}

// draw puts the region on the screen, over its last picture if that is still
// there, unless the cursor stands in a line that belongs to somebody else.
func (c *Console) draw() {
	if c.region == nil || c.question != "" || c.out.terminal && c.out.midLine || c.err.midLine {
		return
	}
	lines := c.region.lines(c.err.dimensions())
	if len(lines) == 0 {
		c.erase()
		return
	}
	var b strings.Builder
	b.WriteString("\x1b[?7l") // a line that is too long must not wrap, or erase would miss its rest
	if c.drawn > 0 {
		b.WriteString(cursorUp(c.drawn))
	}
	for _, line := range lines {
		b.WriteString(line + "\x1b[K\n")
	}
	b.WriteString("\x1b[J\x1b[?7h")
	io.WriteString(c.err.w, b.String())
	c.drawn = len(lines)
}

func cursorUp(lines int) string { return fmt.Sprintf("\x1b[%dA\r", lines) }

// interrupt ends the line of an open prompt before other output.
func (c *Console) interrupt() {
	if c.question != "" {
		io.WriteString(c.err.w, "\n")
	}
}

// repeat asks an open prompt again after other output.
func (c *Console) repeat() {
	if c.question != "" {
		io.WriteString(c.err.w, c.question)
	}
}

// ask opens a prompt. Live progress is hidden until answered is called.
func (c *Console) ask(question string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.erase()
	c.question = question
	io.WriteString(c.err.w, question)
}

// answered closes the open prompt. A terminal has already shown the end of the
// line as it was typed; elsewhere it is written here.
func (c *Console) answered(typed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !typed || !c.inTerminal {
		io.WriteString(c.err.w, "\n")
	}
	c.question = ""
	c.draw()
}
