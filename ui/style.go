package ui

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Color is the parameter of an SGR escape sequence, such as "1;34". The empty
// Color leaves text as it is.
type Color string

// The colours used in listings, summaries and diagnostics.
const (
	Plain      Color = ""
	Bold       Color = "1"
	Dim        Color = "2"
	Cyan       Color = "36"
	BoldRed    Color = "1;31"
	BoldGreen  Color = "1;32"
	BoldYellow Color = "1;33"
	BoldBlue   Color = "1;34"
)

const reset = "\x1b[0m"

// Style says whether text for one stream may carry colour.
type Style bool

// Paint returns text in the colour c, or text unchanged where colour is off.
func (s Style) Paint(c Color, text string) string {
	if !s || c == Plain || text == "" {
		return text
	}
	return "\x1b[" + string(c) + "m" + text + reset
}

// stripANSI removes escape sequences.
func stripANSI(s string) string {
	if strings.IndexByte(s, '\x1b') < 0 {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		if n := escapeLen(s); n > 0 {
			s = s[n:]
			continue
		}
		_, n := utf8.DecodeRuneInString(s)
		b.WriteString(s[:n])
		s = s[n:]
	}
	return b.String()
}

// visibleWidth counts the characters of s that take a column. Wide characters
// count as one: the tables here hold paths, and a library for the rest is not
// worth its start-up time.
func visibleWidth(s string) int {
	width := 0
	for len(s) > 0 {
		if n := escapeLen(s); n > 0 {
			s = s[n:]
			continue
		}
		r, n := utf8.DecodeRuneInString(s)
		width += runeWidth(r)
		s = s[n:]
	}
	return width
}

// cutVisible shortens s to at most width visible characters. Escape sequences
// after the cut are kept, so that a colour that was opened is also closed.
func cutVisible(s string, width int) string {
	if len(s) <= width {
		return s
	}
	var b strings.Builder
	for len(s) > 0 {
		if n := escapeLen(s); n > 0 {
			b.WriteString(s[:n])
			s = s[n:]
			continue
		}
		r, n := utf8.DecodeRuneInString(s)
		if width -= runeWidth(r); width >= 0 {
			b.WriteString(s[:n])
		}
		s = s[n:]
	}
	return b.String()
}

func runeWidth(r rune) int {
	if unicode.Is(unicode.Mn, r) || unicode.IsControl(r) {
		return 0
	}
	return 1
}

// escapeLen is the length of the escape sequence s starts with, 0 for none.
func escapeLen(s string) int {
	if len(s) < 2 || s[0] != '\x1b' {
		return 0
	}
	switch s[1] {
	case '[': // control sequence: parameters up to one final byte
		for i := 2; i < len(s); i++ {
			if s[i] >= 0x40 && s[i] <= 0x7e {
				return i + 1
			}
		}
		return len(s)
	case ']': // system command, such as a link or a title: up to BEL or ESC \
		for i := 2; i < len(s); i++ {
			if s[i] == '\a' {
				return i + 1
			}
			if s[i] == '\x1b' && i+1 < len(s) && s[i+1] == '\\' {
				return i + 2
			}
		}
		return len(s)
	}
	return 2
}

// pad fills s with spaces on the right up to width visible characters.
func pad(s string, width int) string {
	if n := width - visibleWidth(s); n > 0 {
		return s + strings.Repeat(" ", n)
	}
	return s
}
