package configstack

import (
	"fmt"
	"strconv"
	"strings"
)

// ParseQuery reads a query. The error is a [QueryError] without an origin.
func ParseQuery(text string) (*Query, error) {
	tokens, bad := lex(text)
	if bad != nil {
		return nil, bad
	}
	p := &parser{query: text, tokens: tokens}
	q := &Query{Text: text}
	for {
		term, err := p.term()
		if err != nil {
			return nil, err
		}
		q.terms = append(q.terms, term)
		if p.peek().kind != tokBar {
			break
		}
		p.pop()
	}
	if t := p.peek(); t.kind != tokEnd {
		return nil, p.fail(titleUnexpected, t, "the query should end here, or go on with '|' or '...'", p.advice(t))
	}
	return q, nil
}

type parser struct {
	query  string
	tokens []token
	at     int
}

func (p *parser) peek() token { return p.tokens[p.at] }

// ahead is the token after the next one.
func (p *parser) ahead() token { return p.tokens[min(p.at+1, len(p.tokens)-1)] }

func (p *parser) pop() token {
	t := p.peek()
	p.at = min(p.at+1, len(p.tokens)-1)
	return t
}

func (p *parser) fail(title string, t token, label, hint string) *QueryError {
	return &QueryError{Title: title, Query: p.query, Pos: t.pos, Label: label, Hint: hint}
}

// advice guesses what was meant with a token in the wrong place.
func (p *parser) advice(t token) string {
	switch t.kind {
	case tokBounds:
		return "there are no parentheses for grouping; repeat --filter to add, use '|' to narrow"
	case tokEqual:
		return "write a value that contains '=' in quotes: source=\"git::https://host/repo?ref=v1\""
	case tokName, tokPath, tokBraces, tokGit:
		return "join conditions with '|', or repeat --filter for alternatives"
	}
	return ""
}

// term reads an atom and the graph operators around it.
func (p *parser) term() (expr, error) {
	before, err := p.before()
	if err != nil {
		return nil, err
	}
	g := &graph{before: before}
	if p.peek().kind == tokCaret {
		p.pop()
		g.without = true
	}
	if g.target, err = p.atom(); err != nil {
		return nil, err
	}
	if p.peek().kind == tokDots {
		g.after = p.after()
	}
	if g.before == nil && g.after == nil && !g.without {
		return g.target, nil
	}
	return g, nil
}

// before reads the operator for dependents: 2... or (dir)... or ... alone.
func (p *parser) before() (*reach, error) {
	r := &reach{}
	switch t := p.peek(); {
	case t.kind == tokDots:
	case t.kind == tokName && isNumber(t.text) && p.ahead().kind == tokDots:
		r.depth = depth(p.pop().text)
	case t.kind == tokBounds && p.ahead().kind == tokDots:
		r.boundary = p.pop().text
	case t.kind == tokBounds:
		return nil, p.fail(titleWrongBounds, t, "expected '...' after the parentheses", p.advice(t))
	default:
		return nil, nil
	}
	p.pop()
	return r, nil
}

// after reads the operator for dependencies: ...2 or ...(dir) or ... alone.
func (p *parser) after() *reach {
	r := &reach{}
	p.pop()
	switch t := p.peek(); {
	case t.kind == tokName && isNumber(t.text):
		r.depth = depth(p.pop().text)
	case t.kind == tokBounds:
		r.boundary = p.pop().text
	}
	return r
}

func isNumber(text string) bool { return strings.Trim(text, "0123456789") == "" && text != "" }

// depth reads a number of steps; 0, or one beyond counting, is no limit.
func depth(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0
	}
	return n
}

func (p *parser) atom() (expr, error) {
	t := p.pop()
	switch t.kind {
	case tokBang:
		return p.negation()
	case tokName:
		return p.name(t)
	case tokPath:
		g, err := compilePathGlob(t.text, false)
		return pathIs{g}, p.glob(t, err)
	case tokBraces:
		g, err := compilePathGlob(t.text, false)
		return pathIs{g}, p.glob(t, err)
	case tokGit:
		return newGitRange(t.text), nil
	case tokEnd:
		return nil, p.fail(titleEnd, t, "expected a path, a name, an attribute or a Git range", "")
	case tokBounds:
		return nil, p.fail(titleWrongBounds, t, "parentheses only stand next to '...'", p.advice(t))
	}
	return nil, p.fail(titleUnexpected, t, "expected a path, a name, an attribute or a Git range", "")
}

// glob turns the error of a pattern into one that points at it.
func (p *parser) glob(t token, err error) error {
	if err == nil {
		return nil
	}
	return p.fail(titleBadGlob, t, err.Error(), "")
}

// negation reads what follows an exclamation mark. Each further one turns the
// meaning around.
func (p *parser) negation() (expr, error) {
	odd := true
	for p.peek().kind == tokBang {
		p.pop()
		odd = !odd
	}
	inner, err := p.term()
	if err != nil || !odd {
		return inner, err
	}
	return not{inner}, nil
}

func (p *parser) name(t token) (expr, error) {
	if p.peek().kind == tokEqual {
		p.pop()
		return p.attribute(t)
	}
	if isNumber(t.text) && (p.peek().kind == tokDots || p.at >= 2 && p.tokens[p.at-2].kind == tokDots) {
		return nil, p.fail(titleUnexpected, t, "expected what the depth belongs to", fmt.Sprintf(hintDepthOrNumber, t.text, t.text))
	}
	g, err := compileGlob(t.text, false)
	return nameIs{g}, p.glob(t, err)
}

// attribute reads the value of a key.
func (p *parser) attribute(key token) (expr, error) {
	value := p.peek()
	if !isKey(key.text) {
		return nil, p.fail(titleUnknownKey, key, "unknown attribute key: "+key.text, "the keys are name, type, external, reading and source")
	}
	if value.kind != tokValue || value.text == "" {
		return nil, p.fail(titleNoValue, value, "expected a value after '"+key.text+"='", "")
	}
	p.pop()
	switch key.text {
	case "type":
		return p.typeValue(value)
	case "external":
		return p.externalValue(value)
	case "reading":
		g, err := compilePathGlob(value.text, false)
		return readingIs{g}, p.glob(value, err)
	case "source":
		g, err := compileGlob(value.text, false)
		return sourceIs{g}, p.glob(value, err)
	}
	g, err := compileGlob(value.text, false)
	return nameIs{g}, p.glob(value, err)
}

func isKey(key string) bool {
	switch key {
	case "name", "type", "external", "reading", "source":
		return true
	}
	return false
}

func (p *parser) typeValue(t token) (expr, error) {
	for _, k := range []Kind{KindUnit, KindStack} {
		if t.text == k.String() {
			return typeIs{k}, nil
		}
	}
	return nil, p.fail(titleBadValue, t, "invalid type: "+t.text, "the types are unit and stack")
}

func (p *parser) externalValue(t token) (expr, error) {
	switch t.text {
	case "true", "false":
		return externalIs{t.text == "true"}, nil
	}
	return nil, p.fail(titleBadValue, t, "invalid value of external: "+t.text, "external is true or false")
}
