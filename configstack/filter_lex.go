package configstack

import (
	"path/filepath"
	"runtime"
	"strings"
)

// tokenKind is what a piece of a query is.
type tokenKind int

const (
	tokEnd    tokenKind = iota
	tokName             // a word without a slash
	tokPath             // a word that is a path
	tokBraces           // {text}
	tokGit              // [text]
	tokBounds           // (text)
	tokValue            // what follows an equals sign
	tokDots
	tokBar
	tokBang
	tokCaret
	tokEqual
)

// dots is the operator of graphs and of git ranges. It ends every word.
const dots = "..."

// specialChars end a word.
const specialChars = "!|={}[]()^"

// token is a piece of a query: what lies between pos and end.
type token struct {
	kind     tokenKind
	text     string // without brackets, quotes and surrounding space
	pos, end int
}

// lexer cuts a query into tokens.
type lexer struct {
	query string
	at    int
}

// lex cuts the whole query. The last token is the end.
func lex(query string) ([]token, *QueryError) {
	l := &lexer{query: query}
	var list []token
	for {
		l.space()
		value := len(list) > 0 && list[len(list)-1].kind == tokEqual
		t, err := l.next(value)
		if err != nil {
			return nil, err
		}
		list = append(list, t)
		if t.kind == tokEnd {
			return list, nil
		}
	}
}

func (l *lexer) fail(title string, pos int, label, hint string) *QueryError {
	return &QueryError{Title: title, Query: l.query, Pos: pos, Label: label, Hint: hint}
}

func (l *lexer) space() { l.at += len(l.rest()) - len(strings.TrimLeft(l.rest(), " \t\r\n")) }

func (l *lexer) rest() string { return l.query[l.at:] }

// next reads the token that starts here. value says that it follows an equals
// sign.
func (l *lexer) next(value bool) (token, *QueryError) {
	rest := l.rest()
	switch {
	case rest == "":
		return token{kind: tokEnd, pos: l.at, end: l.at}, nil
	case strings.HasPrefix(rest, dots):
		return l.take(tokDots, len(dots)), nil
	case value && (rest[0] == '"' || rest[0] == '\''):
		return l.quoted()
	case strings.IndexByte(specialChars, rest[0]) < 0:
		return l.word(value)
	}
	switch rest[0] {
	case '!':
		return l.take(tokBang, 1), nil
	case '|':
		return l.take(tokBar, 1), nil
	case '^':
		return l.take(tokCaret, 1), nil
	case '=':
		return l.take(tokEqual, 1), nil
	case '{':
		return l.braces()
	case '[':
		return l.git()
	case '(':
		return l.bounds()
	}
	return token{}, l.fail(titleUnexpected, l.at, "nothing was opened that '"+rest[:1]+"' could close", "")
}

// take makes a token of the next n bytes.
func (l *lexer) take(kind tokenKind, n int) token {
	t := token{kind: kind, text: strings.TrimSpace(l.query[l.at : l.at+n]), pos: l.at, end: l.at + n}
	l.at += n
	return t
}

// word reads a name, a path or a value up to the next special character.
func (l *lexer) word(value bool) (token, *QueryError) {
	rest := l.rest()
	n := strings.IndexAny(rest, specialChars)
	if n < 0 {
		n = len(rest)
	}
	if i := strings.Index(rest[:n], dots); i >= 0 {
		n = i
	}
	if i := strings.IndexFunc(rest[:n], func(r rune) bool { return r < ' ' && r != '\t' && r != '\r' && r != '\n' }); i >= 0 {
		return token{}, l.fail(titleIllegal, l.at+i, "a control character has no place in a query", "")
	}
	t := l.take(tokName, n)
	switch {
	case value:
		t.kind = tokValue
	case isPathWord(t.text):
		t.kind = tokPath
	}
	return t, nil
}

func isPathWord(word string) bool {
	return word == "." || word == ".." || strings.Contains(word, "/") ||
		runtime.GOOS == "windows" && (strings.Contains(word, `\`) || filepath.IsAbs(word))
}

// quoted reads a value in quotes, in which no character is special. A
// backslash before the quote makes it part of the value.
func (l *lexer) quoted() (token, *QueryError) {
	quote := l.query[l.at]
	var text strings.Builder
	for i := l.at + 1; i < len(l.query); i++ {
		switch c := l.query[i]; {
		case c == '\\' && i+1 < len(l.query) && l.query[i+1] == quote:
			text.WriteByte(quote)
			i++
		case c == quote:
			t := token{kind: tokValue, text: text.String(), pos: l.at, end: i + 1}
			l.at = i + 1
			return t, nil
		default:
			text.WriteByte(c)
		}
	}
	return token{}, l.fail(titleIllegal, l.at, "this quote is never closed", "end the value with "+string(quote))
}

// enclosed reads up to the closing bracket. The second result is false if
// there is none; the text then runs to the end.
func (l *lexer) enclosed(kind tokenKind, closing string) (token, bool) {
	start := l.at
	body := l.query[start+1:]
	n, width, closed := strings.Index(body, closing), 1, true
	if n < 0 {
		n, width, closed = len(body), 0, false
	}
	l.at = start + 1 + n + width
	return token{kind: kind, text: strings.TrimSpace(body[:n]), pos: start, end: l.at}, closed
}

func (l *lexer) braces() (token, *QueryError) {
	t, closed := l.enclosed(tokBraces, "}")
	switch {
	case !closed:
		return t, l.fail(titleOpenPath, t.pos, "this brace is never closed", "end the path with }")
	case t.text == "":
		return t, l.fail(titleEmptyPath, t.pos, "expected a path between the braces", "")
	}
	return t, nil
}

func (l *lexer) bounds() (token, *QueryError) {
	t, closed := l.enclosed(tokBounds, ")")
	switch {
	case !closed:
		return t, l.fail(titleOpenBounds, t.pos, "this parenthesis is never closed", "a directory in parentheses next to '...' limits how far dependencies are followed")
	case t.text == "":
		return t, l.fail(titleEmptyBounds, t.pos, "expected a directory between the parentheses", "")
	}
	return t, nil
}

// git reads a range of git references. Its parts are taken apart by the
// parser; what is missing is told here, where the places are known.
func (l *lexer) git() (token, *QueryError) {
	const hint = "a range is written [main...HEAD]; [main] is short for [main...HEAD]"
	t, closed := l.enclosed(tokGit, "]")
	from, to, ranged := strings.Cut(t.text, dots)
	last := t.end
	if closed {
		last--
	}
	switch {
	case ranged && strings.TrimSpace(from) == "":
		return t, l.fail(titleMissingRef, t.pos+1, "Expected first Git reference before '...'", hint)
	case ranged && strings.TrimSpace(to) == "":
		return t, l.fail(titleMissingRef, last, "Expected second Git reference after '...'", hint)
	case !closed:
		return t, l.fail(titleOpenGit, t.pos, "this bracket is never closed", "end the references with ]")
	case t.text == "":
		return t, l.fail(titleEmptyGit, t.pos, "expected a Git reference between the brackets", hint)
	}
	return t, nil
}
