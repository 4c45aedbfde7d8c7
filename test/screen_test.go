package test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// screen is what a terminal of some height makes of a stream of bytes: as much of it as our
// output needs. Lines that have scrolled out of sight are kept and cannot be reached.
type screen struct {
	height   int
	lines    [][]rune
	row, col int
	rest     string   // the beginning of an escape sequence
	unknown  []string // sequences that it does not understand
}

func newScreen(height int) *screen { return &screen{height: height, lines: [][]rune{{}}} }

var escape = regexp.MustCompile(`^\x1b\[(\??[0-9;]*)([A-Za-z])`)

func (s *screen) Write(p []byte) (int, error) {
	text := s.rest + string(p)
	s.rest = ""
	for text != "" {
		if text[0] == '\x1b' {
			m := escape.FindStringSubmatch(text)
			if m == nil && len(text) < 16 {
				s.rest = text
				break
			}
			if m == nil {
				s.unknown = append(s.unknown, text[:16])
				text = text[1:]
				continue
			}
			s.control(m[1], m[2])
			text = text[len(m[0]):]
			continue
		}
		r := []rune(text)[0]
		s.put(r)
		text = text[len(string(r)):]
	}
	return len(p), nil
}

func (s *screen) control(args, letter string) {
	switch letter {
	case "m", "h", "l": // colours, and whether long lines wrap: these tests have none
	case "A":
		n, _ := strconv.Atoi(args)
		s.row = max(s.row-n, len(s.lines)-s.height, 0)
	case "K":
		s.cut()
	case "J":
		s.cut()
		s.lines = s.lines[:s.row+1]
	default:
		s.unknown = append(s.unknown, "CSI "+args+letter)
	}
}

func (s *screen) cut() {
	if line := s.lines[s.row]; len(line) > s.col {
		s.lines[s.row] = line[:s.col]
	}
}

func (s *screen) put(r rune) {
	switch r {
	case '\r':
		s.col = 0
	case '\n':
		if s.row++; s.row == len(s.lines) {
			s.lines = append(s.lines, nil)
		}
	default:
		for len(s.lines[s.row]) <= s.col {
			s.lines[s.row] = append(s.lines[s.row], ' ')
		}
		s.lines[s.row][s.col] = r
		s.col++
	}
}

// text is everything on the screen and above it, without spaces at line ends.
func (s *screen) text() []string {
	var out []string
	for _, line := range s.lines {
		out = append(out, strings.TrimRight(string(line), " "))
	}
	return out
}

func TestScreen(t *testing.T) {
	t.Parallel()
	s := newScreen(3)
	for _, part := range []string{"one\r\ntwo\r\n\x1b[", "1A\r\x1b[J2\x1b[31m!\x1b[0m\r\nthree\r\nfour\r\n", "\x1b[9A\rX\x1b[K"} {
		_, _ = s.Write([]byte(part))
	}
	if got := strings.Join(s.text(), "|"); got != "one|2!|X|four|" || s.unknown != nil {
		t.Errorf("%q %q", got, s.unknown)
	}
}
