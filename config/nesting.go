package config

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// maxNesting is how deep expressions may be nested. hcl parses and evaluates
// them by recursion without a bound of its own.
const maxNesting = 5000

// tooDeep complains of text that is nested deeper than anybody writes. Few
// files hold so many brackets and operators that the tokens must be looked at.
func tooDeep(src []byte, path string) hcl.Diagnostics {
	if mayNest(src) <= maxNesting {
		return nil
	}
	tokens, _ := hclsyntax.LexConfig(src, path, hcl.InitialPos)
	return tooDeepIn(tokens)
}

// tooDeepTemplate is tooDeep for the text of a template.
func tooDeepTemplate(src []byte, path string) hcl.Diagnostics {
	if mayNest(src) <= maxNesting {
		return nil
	}
	tokens, _ := hclsyntax.LexTemplate(src, path, hcl.InitialPos)
	return tooDeepIn(tokens)
}

func tooDeepIn(tokens hclsyntax.Tokens) hcl.Diagnostics {
	n := nesting{open: []level{{lines: true}}}
	for _, t := range tokens {
		if n.add(t) > maxNesting {
			return nestedTooDeep(t.Range)
		}
	}
	return nil
}

// mayNest is never less than the depth that a text is nested.
func mayNest(src []byte) int {
	n := 0
	for _, c := range src {
		switch c {
		case '(', '[', '{', '!', '-', '+', '*', '/', '%', '?', '&', '|', '<', '>', '=':
			n++
		}
	}
	return n
}

func nestedTooDeep(at hcl.Range) hcl.Diagnostics {
	return hcl.Diagnostics{{
		Severity: hcl.DiagError, Summary: "Nested too deeply", Subject: at.Ptr(),
		Detail: fmt.Sprintf("Brackets, blocks and operators may be nested %d deep. Give parts of the expression a name in locals.", maxNesting),
	}}
}

// nesting counts open brackets, and the operators behind each since its last
// element began: a chain of operators is as deep as it is long.
type nesting struct {
	open    []level
	depth   int  // all levels, and the operators in them
	control bool // behind %{, in front of its keyword
}

// level is an open bracket.
type level struct {
	operators int  // since the element's start
	lines     bool // the end of a line ends the element
}

func (n *nesting) add(t hclsyntax.Token) int {
	switch t.Type {
	case hclsyntax.TokenOBrack:
		n.count(1) // a[x][y] is as deep as it is long
		n.push(false)
	case hclsyntax.TokenOBrace:
		n.push(true)
	case hclsyntax.TokenOParen, hclsyntax.TokenOQuote, hclsyntax.TokenOHeredoc, hclsyntax.TokenTemplateInterp:
		n.push(false)
	case hclsyntax.TokenTemplateControl:
		n.control = true
		n.push(false)
	case hclsyntax.TokenCParen, hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCQuote, hclsyntax.TokenCHeredoc, hclsyntax.TokenTemplateSeqEnd:
		n.pop()
	case hclsyntax.TokenComma:
		n.endElement()
	case hclsyntax.TokenNewline:
		if n.open[len(n.open)-1].lines {
			n.endElement()
		}
	case hclsyntax.TokenIdent:
		n.keyword(string(t.Bytes))
	case hclsyntax.TokenNumberLit, hclsyntax.TokenStringLit, hclsyntax.TokenQuotedLit, hclsyntax.TokenDot, hclsyntax.TokenEqual:
	default:
		n.count(1)
	}
	return n.depth
}

// keyword follows the directives of a template, %{ if } to %{ endif }.
func (n *nesting) keyword(word string) {
	if !n.control {
		return
	}
	n.control = false
	around := len(n.open) - 2
	switch {
	case around < 0:
	case word == "if" || word == "for":
		n.open[around].operators++
		n.depth++
	case (word == "endif" || word == "endfor") && n.open[around].operators > 0:
		n.open[around].operators--
		n.depth--
	}
}

func (n *nesting) count(operators int) {
	n.open[len(n.open)-1].operators += operators
	n.depth += operators
}

func (n *nesting) push(lines bool) {
	n.open = append(n.open, level{lines: lines})
	n.depth++
}

func (n *nesting) pop() {
	if last := len(n.open) - 1; last > 0 {
		n.depth -= n.open[last].operators + 1
		n.open = n.open[:last]
	}
}

func (n *nesting) endElement() {
	n.depth -= n.open[len(n.open)-1].operators
	n.open[len(n.open)-1].operators = 0
}

// mostMistakes is how many mistakes of syntax are told of one file. More of
// them say that it is no configuration at all.
const mostMistakes = 10

// firstMistakes drops what a parser says after it has lost the thread.
func firstMistakes(diags hcl.Diagnostics) hcl.Diagnostics {
	var out hcl.Diagnostics
	for _, d := range diags {
		if d.Severity != hcl.DiagError {
			continue
		}
		if len(out) == mostMistakes {
			last := *out[len(out)-1]
			last.Detail += " There are more mistakes behind this one."
			out[len(out)-1] = &last
			return out
		}
		out = append(out, d)
		switch d.Summary {
		case "Invalid multi-line string", "Unterminated template string", "Unclosed configuration block", "Unterminated object constructor expression":
			return out // everything behind it is read wrongly
		}
	}
	return out
}

const notJSON = "This is not valid JSON: "

// jsonMistake is what checkJSON found, without its place.
func jsonMistake(diags hcl.Diagnostics) string { return strings.TrimPrefix(diags[0].Detail, notJSON) }

// checkJSON finds the first mistake in JSON text. hcl's own parser would
// report several, at places behind it, and has no bound for nesting.
func checkJSON(src []byte, path string) hcl.Diagnostics {
	var any json.RawMessage
	err := json.Unmarshal(src, &any)
	var syntax *json.SyntaxError
	if !errors.As(err, &syntax) {
		return hugeJSONNumbers(src, path)
	}
	offset := min(max(int(syntax.Offset)-1, 0), len(src))
	detail := strings.TrimPrefix(syntax.Error(), "json: ")
	if strings.HasPrefix(detail, "unexpected end") {
		offset = len(bytes.TrimRight(src, " \t\r\n"))
	}
	at := position(src, offset)
	end := at
	end.Byte, end.Column = end.Byte+1, end.Column+1
	return hcl.Diagnostics{{
		Severity: hcl.DiagError, Summary: "Invalid JSON", Detail: notJSON + detail + ".",
		Subject: &hcl.Range{Filename: path, Start: at, End: end},
	}}
}

// position gives line and column of a byte.
func position(src []byte, offset int) hcl.Pos {
	before := src[:offset]
	line := bytes.LastIndexByte(before, '\n') + 1
	return hcl.Pos{Line: bytes.Count(before, []byte{'\n'}) + 1, Column: len([]rune(string(before[line:]))) + 1, Byte: offset}
}
