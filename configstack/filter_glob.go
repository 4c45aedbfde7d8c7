package configstack

import (
	"errors"
	slashed "path" // this package has a function of that name
	"regexp"
	"strings"
)

// glob is a compiled pattern. `*` and `?` stop at a slash, `**` crosses it,
// and `**/` may stand for no directory at all.
type glob struct {
	text  string
	match *regexp.Regexp // nil: the text itself is meant
}

var (
	errOpenClass  = errors.New("the bracket [ is never closed")
	errOpenChoice = errors.New("the brace { is never closed")
)

// compileGlob compiles a pattern; with alternation {a,b} stands for a or b.
func compileGlob(text string, alternation bool) (glob, error) {
	special := "*?["
	if alternation {
		special += "{"
	}
	if !strings.ContainsAny(text, special) {
		return glob{text: text}, nil
	}
	c := &globCompiler{text: text, choices: alternation}
	expr, err := c.compile()
	if err != nil {
		return glob{}, err
	}
	re, err := regexp.Compile(`(?s)\A` + expr + `\z`)
	if err != nil {
		return glob{}, errors.New("the pattern is malformed")
	}
	return glob{text, re}, nil
}

// is says whether the pattern matches a text.
func (g glob) is(text string) bool {
	if g.match == nil {
		return g.text == text
	}
	return g.match.MatchString(text)
}

// isPath says whether the pattern matches a path, given absolute and relative
// with slashes. No wildcard matches a step upwards: ../ stands only for itself.
func (g glob) isPath(abs, rel string) bool {
	if slashed.IsAbs(g.text) || isDrive(g.text) {
		return g.is(abs)
	}
	if rel == "." || g.text == "." {
		return rel == g.text
	}
	up := func(s string) int {
		n := 0
		for ; strings.HasPrefix(s[n:], "../"); n += len("../") {
		}
		if s[n:] == ".." {
			n = len(s)
		}
		return n
	}
	if n := up(rel); n != up(g.text) || n == len(rel) {
		return rel == g.text
	}
	return g.is(rel)
}

// isDrive recognises C:/x, whatever the system: no relative path looks so.
func isDrive(p string) bool { return len(p) > 2 && p[1] == ':' && p[2] == '/' }

// cleanSlashes is path.Clean for patterns and texts.
func cleanSlashes(p string) string { return slashed.Clean(p) }

// globCompiler turns a pattern into a regular expression, whose matching time
// grows with the text only.
type globCompiler struct {
	text    string
	choices bool
	at      int
	open    int // braces not closed yet
	out     strings.Builder
}

func (c *globCompiler) compile() (string, error) {
	for c.at < len(c.text) {
		if err := c.step(); err != nil {
			return "", err
		}
	}
	if c.open > 0 {
		return "", errOpenChoice
	}
	return c.out.String(), nil
}

func (c *globCompiler) step() error {
	switch ch := c.text[c.at]; {
	case ch == '*':
		c.star()
		return nil
	case ch == '?':
		c.out.WriteString("[^/]")
	case ch == '[':
		return c.class()
	case ch == '{' && c.choices:
		c.open++
		c.out.WriteString("(?:")
	case ch == '}' && c.open > 0:
		c.open--
		c.out.WriteString(")")
	case ch == ',' && c.open > 0:
		c.out.WriteString("|")
	default:
		c.literal()
		return nil
	}
	c.at++
	return nil
}

// literal copies everything up to the next character that may be special.
func (c *globCompiler) literal() {
	n := strings.IndexAny(c.text[c.at+1:], "*?[{},")
	if n < 0 {
		n = len(c.text) - c.at - 1
	}
	c.out.WriteString(regexp.QuoteMeta(c.text[c.at : c.at+1+n]))
	c.at += 1 + n
}

// star writes `*`, `**` and, where it is a whole segment, `**/`.
func (c *globCompiler) star() {
	start := c.at
	for c.at < len(c.text) && c.text[c.at] == '*' {
		c.at++
	}
	if c.at-start == 1 {
		c.out.WriteString("[^/]*")
		return
	}
	if (start == 0 || c.text[start-1] == '/') && strings.HasPrefix(c.text[c.at:], "/") {
		c.at++
		c.out.WriteString("(?:.*/)?")
		return
	}
	c.out.WriteString(".*")
}

// class writes [abc], [a-z] or [!a]. A closing bracket that comes first is
// one of its characters.
func (c *globCompiler) class() error {
	body := c.text[c.at+1:]
	negated := strings.HasPrefix(body, "!") || strings.HasPrefix(body, "^")
	if negated {
		body = body[1:]
	}
	end := -1
	if len(body) > 1 {
		end = strings.IndexByte(body[1:], ']') + 1
	}
	if end <= 0 {
		return errOpenClass
	}
	set := strings.NewReplacer(`\`, `\\`, `[`, `\[`, `]`, `\]`, `^`, `\^`).Replace(body[:end])
	if negated {
		c.out.WriteString("[^/" + set + "]")
	} else {
		c.out.WriteString("[" + set + "]")
	}
	c.at = len(c.text) - len(body) + end + 1
	return nil
}
