package config

import (
	"bytes"
	"sort"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// folding rewrites an expression: each part that can be evaluated where it is
// written becomes its value, and the rest stays as written, to be evaluated
// where the text is read.
type folding struct {
	ev    *eval
	frame *frame
	def   *def
	kept  func(names []string) bool // references that stay

	src    []byte
	edits  []edit
	inside hclsyntax.Node                     // a part that is replaced as a whole, while walking in it
	bound  []map[string]struct{}              // names that the for expressions around give
	items  map[*hclsyntax.AnonSymbolExpr]bool // what the splats around stand for
	texts  map[hclsyntax.Node]quote           // parts of templates, by how the template is quoted
	err    error
}

// edit is a stretch of the text and what replaces it.
type edit struct {
	from, to int
	text     []byte
}

type quote uint8

const (
	quoted quote = iota
	heredoc
)

// text gives the expression rewritten.
func (f *folding) text() ([]byte, error) {
	rng := f.def.expr.Range()
	f.src = f.def.file.src
	f.items, f.texts = map[*hclsyntax.AnonSymbolExpr]bool{}, map[hclsyntax.Node]quote{}
	root, ok := f.def.expr.(hclsyntax.Node)
	if !ok {
		return rng.SliceBytes(f.src), nil
	}
	_ = hclsyntax.Walk(root, f)
	if f.err != nil {
		return nil, f.err
	}
	return f.apply(rng), nil
}

func (f *folding) apply(rng hcl.Range) []byte {
	sort.Slice(f.edits, func(i, j int) bool { return f.edits[i].from < f.edits[j].from })
	for i := range f.edits {
		f.edits[i].from -= rng.Start.Byte
		f.edits[i].to -= rng.Start.Byte
	}
	return applied(rng.SliceBytes(f.src), f.edits)
}

// Enter replaces a part that can be evaluated, or looks into it.
func (f *folding) Enter(n hclsyntax.Node) hcl.Diagnostics {
	if f.inside != nil || f.err != nil {
		return nil
	}
	if scope, ok := n.(hclsyntax.ChildScope); ok {
		f.bound = append(f.bound, scope.LocalNames)
		return nil
	}
	expr, ok := n.(hclsyntax.Expression)
	if !ok {
		return nil
	}
	if f.closed(expr) && f.replace(expr) {
		f.inside = n
		return nil
	}
	switch e := n.(type) {
	case *hclsyntax.SplatExpr:
		f.items[e.Item] = true
	case *hclsyntax.TemplateExpr:
		how := quoted
		if bytes.HasPrefix(f.src[e.Range().Start.Byte:], []byte("<<")) {
			how = heredoc
		}
		for _, p := range e.Parts {
			f.texts[p] = how
		}
	}
	return nil
}

// Exit leaves a part.
func (f *folding) Exit(n hclsyntax.Node) hcl.Diagnostics {
	if _, ok := n.(hclsyntax.ChildScope); ok {
		if f.inside == nil && len(f.bound) > 0 {
			f.bound = f.bound[:len(f.bound)-1]
		}
		return nil
	}
	if f.inside == n {
		f.inside = nil
	}
	return nil
}

// closed says that a part refers to nothing that stays.
func (f *folding) closed(expr hclsyntax.Expression) bool {
	for _, t := range expr.Variables() {
		for _, names := range f.bound {
			if _, ok := names[t.RootName()]; ok {
				return false
			}
		}
		if f.kept(traversalNames(t)) {
			return false
		}
	}
	open := false
	_ = hclsyntax.VisitAll(expr, func(n hclsyntax.Node) hcl.Diagnostics {
		item, ok := n.(*hclsyntax.AnonSymbolExpr)
		open = open || ok && f.items[item]
		return nil
	})
	return !open
}

// replace evaluates a part. It is false for one that stays as it is: plain
// text, and a call that fails, which may succeed where the text is read.
func (f *folding) replace(expr hclsyntax.Expression) bool {
	part := newDef(f.def.file, f.def.name, expr, expr.Range())
	part.analyse()
	if part.constant() {
		return true
	}
	ctx, err := f.frame.context(f.ev, part)
	if err != nil {
		f.err = err
		return true
	}
	v, diags := expr.Value(ctx)
	switch {
	case diags.HasErrors() && causeOf(diags) != nil:
		return false
	case diags.HasErrors():
		f.err = f.frame.failure(f.ev, part, diags)
		return true
	}
	v, _ = v.UnmarkDeep()
	if !v.IsWhollyKnown() {
		return true
	}
	f.edits = append(f.edits, f.edit(expr, v))
	return true
}

func (f *folding) edit(expr hclsyntax.Expression, v cty.Value) edit {
	rng := expr.Range()
	literal := hclwrite.TokensForValue(v).Bytes()
	if how, ok := f.texts[expr]; ok && how == quoted {
		if e, ok := f.spliced(rng, v); ok {
			return e
		}
	}
	return edit{rng.Start.Byte, rng.End.Byte, literal}
}

// spliced writes a value into the text around it, together with the ${ and }
// at its sides. It is not done where that could change the meaning of what
// stands beside it.
func (f *folding) spliced(rng hcl.Range, v cty.Value) (edit, bool) {
	text, err := convert.Convert(v, cty.String)
	if err != nil || text.IsNull() {
		return edit{}, false
	}
	from, to := rng.Start.Byte-1, rng.End.Byte
	for from >= 0 && isSpace(f.src[from]) {
		from--
	}
	for to < len(f.src) && isSpace(f.src[to]) {
		to++
	}
	if from < 1 || to >= len(f.src) || f.src[from] != '{' || f.src[from-1] != '$' || f.src[to] != '}' {
		return edit{}, false
	}
	literal := hclwrite.TokensForValue(text).Bytes()
	literal = literal[1 : len(literal)-1] // the quotes
	if bytes.HasSuffix(literal, []byte("$")) || bytes.HasSuffix(literal, []byte("%")) || f.src[max(from-2, 0)] == '%' {
		return edit{}, false
	}
	return edit{from - 1, to + 1, literal}, true
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
