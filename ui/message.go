package ui

import (
	"log/slog"
	"path/filepath"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

func compileMessage(path string) (content, error) {
	switch path {
	case "":
		return func(e *entry) string { return e.text(false) }, nil
	case "relative":
		return func(e *entry) string { return e.text(true) }, nil
	}
	return nil, invalidValue("path", path, "relative")
}

// text is the message with its extra attributes, as people read it.
func (e *entry) text(relative bool) string {
	msg := e.message(relative)
	switch {
	case len(e.extra) > 0:
		msg = string(appendPairs([]byte(msg), e.extra))
	case bool(e.style) && strings.IndexByte(msg, '\x1b') >= 0 && !strings.HasSuffix(msg, reset):
		msg += reset // a child's colour ends with its line
	}
	return msg
}

// message is the message alone. Paths below the working directory are shortened
// in the program's own words only: the output of a child is never altered, but
// for colour on a stream that has none.
func (e *entry) message(relative bool) string {
	msg := e.msg
	if !e.style {
		msg = stripANSI(msg)
	}
	if relative && !e.o.AbsPaths && !isChildOutput(e.level) {
		msg = shortenPaths(msg, e.o.WorkDir)
	}
	return msg
}

// shortenPaths replaces dir at the start of paths in msg by a dot.
func shortenPaths(msg, dir string) string {
	if dir == "" || dir == filepath.Dir(dir) || !strings.Contains(msg, dir) {
		return msg
	}
	var b strings.Builder
	for from := 0; ; {
		i := strings.Index(msg[from:], dir)
		if i < 0 {
			b.WriteString(msg[from:])
			return b.String()
		}
		start, end := from+i, from+i+len(dir)
		before, _ := utf8.DecodeLastRuneInString(msg[:start])
		after, _ := utf8.DecodeRuneInString(msg[end:])
		b.WriteString(msg[from:start])
		if start > 0 && (isPathRune(before) || before == '/') || end < len(msg) && isPathRune(after) {
			b.WriteString(dir)
		} else {
			b.WriteByte('.')
		}
		from = end
	}
}

// isPathRune says whether r continues a path element.
func isPathRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("-_.~", r)
}

// appendPairs appends the attributes as ` key=value`, values quoted when needed.
func appendPairs(b []byte, attrs []slog.Attr) []byte {
	for _, a := range attrs {
		b = append(b, ' ')
		b = append(b, a.Key...)
		b = append(b, '=')
		b = appendQuoted(b, a.Value.String())
	}
	return b
}

// appendQuoted appends text, in quotes if it could not be told apart otherwise.
func appendQuoted(b []byte, text string) []byte {
	plain := text != ""
	for _, r := range text {
		if r <= ' ' || r == '"' || r == '=' || r == '\\' || r == utf8.RuneError || !unicode.IsPrint(r) {
			plain = false
			break
		}
	}
	if plain {
		return append(b, text...)
	}
	return strconv.AppendQuote(b, text)
}
