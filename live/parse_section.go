package live

import (
	"slices"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/gocty"
)

// section is one block being read. Every name that is asked for is known; what
// was never asked for is a mistake.
type section struct {
	*parser
	block *hclsyntax.Block
	name  string
	known map[string]bool
}

// option says what a list must be like.
type option int

const (
	needed   option = iota // must be given
	notEmpty               // and if given, hold something
	orOne                  // a single text will do
)

// value evaluates an attribute. Values are plain: nothing in the file refers
// to anything else, so that it means the same wherever it is read.
func (s *section) value(name string) (cty.Value, bool) {
	s.known[name] = true
	a := s.block.Body.Attributes[name]
	if a == nil {
		return cty.NilVal, false
	}
	if !isPlain(a.Expr) {
		s.fail(a.Expr.Range(), "Plain values only", "%s takes texts, numbers and lists of them: references and functions mean nothing here", FileName)
		return cty.NilVal, false
	}
	v, diags := a.Expr.Value(nil)
	s.diags = append(s.diags, diags...)
	if !diags.HasErrors() && v.IsNull() {
		return cty.NilVal, false
	}
	return v, !diags.HasErrors()
}

// isPlain says that an expression refers to nothing and calls nothing.
func isPlain(expr hclsyntax.Expression) bool {
	plain := len(expr.Variables()) == 0
	_ = hclsyntax.VisitAll(expr, func(n hclsyntax.Node) hcl.Diagnostics {
		if _, call := n.(*hclsyntax.FunctionCallExpr); call {
			plain = false
		}
		return nil
	})
	return plain
}

// at is where messages about an attribute point at: its value, or the block.
func (s *section) at(name string) hcl.Range {
	if a := s.block.Body.Attributes[name]; a != nil {
		return a.Expr.Range()
	}
	return s.block.DefRange()
}

func (s *section) place(name string) Range {
	if a := s.block.Body.Attributes[name]; a != nil {
		return rangeOf(a.NameRange)
	}
	return Range{}
}

// element is the place of one element of a list.
func (s *section) element(name string, i int) hcl.Range {
	a := s.block.Body.Attributes[name]
	if a != nil {
		if list, diags := hcl.ExprList(a.Expr); !diags.HasErrors() && i < len(list) {
			return list[i].Range()
		}
	}
	return s.at(name)
}

// texts reads a list of texts.
func (s *section) texts(name string, options ...option) []string {
	v, ok := s.value(name)
	if !ok {
		if s.block.Body.Attributes[name] == nil && slices.Contains(options, needed) {
			s.fail(s.block.DefRange(), "Missing argument", "%s %q needs %s", s.block.Type, s.name, name)
		}
		return nil
	}
	if slices.Contains(options, orOne) && v.Type() == cty.String {
		v = cty.TupleVal([]cty.Value{v})
	}
	if !v.Type().IsTupleType() {
		s.fail(s.at(name), "Invalid value", "%s is a list of texts: [\"...\"]", name)
		return nil
	}
	var list []string
	for i, one := range v.AsValueSlice() {
		if one.IsNull() || one.Type() != cty.String || one.AsString() == "" {
			s.fail(s.element(name, i), "Invalid value", "%s is a list of texts, none of them empty", name)
			return nil
		}
		list = append(list, one.AsString())
	}
	if len(list) == 0 && (slices.Contains(options, notEmpty) || slices.Contains(options, needed)) {
		s.fail(s.at(name), "Empty list", "%s holds nothing: leave it out, or name something", name)
	}
	return list
}

// whole reads a whole number that is at least min.
func (s *section) whole(name string, otherwise, min int) int {
	v, ok := s.value(name)
	if !ok {
		return otherwise
	}
	var n int
	if v.Type() != cty.Number || gocty.FromCtyValue(v, &n) != nil || n < min {
		s.fail(s.at(name), "Invalid value", "%s is a whole number, at least %d", name, min)
		return otherwise
	}
	return n
}

// duration reads a span of time, as in "90s".
func (s *section) duration(name string, otherwise, min time.Duration) time.Duration {
	v, ok := s.value(name)
	if !ok {
		return otherwise
	}
	if v.Type() == cty.String {
		if d, err := time.ParseDuration(v.AsString()); err == nil && d >= min {
			return d
		}
	}
	s.fail(s.at(name), "Invalid value", `%s is a span of time with its unit: "90s", "10m", "1h30m"`, name)
	return otherwise
}

// inner finds a block within, which may be there once.
func (s *section) inner(name string) *section {
	s.known[name] = true
	var found *section
	for _, b := range s.block.Body.Blocks {
		if b.Type != name {
			continue
		}
		if found != nil {
			s.fail(b.TypeRange, "Duplicate "+name, "%s %q has it on line %d already", s.block.Type, s.name, found.block.TypeRange.Start.Line)
			continue
		}
		found = &section{parser: s.parser, block: b, name: s.name, known: map[string]bool{}}
	}
	return found
}

// close complains of names that were not asked for.
func (s *section) close() {
	var names []string
	for name := range s.known {
		names = append(names, name)
	}
	for _, a := range s.block.Body.Attributes {
		if !s.known[a.Name] {
			s.fail(a.NameRange, "Unknown argument", "%s has no %q.%s", s.block.Type, a.Name, didYouMean(a.Name, names))
		}
	}
	for _, b := range s.block.Body.Blocks {
		if !s.known[b.Type] {
			s.fail(b.TypeRange, "Unknown block", "%s has no %q.%s", s.block.Type, b.Type, didYouMean(b.Type, names))
		}
	}
}
