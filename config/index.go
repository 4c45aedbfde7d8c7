package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// index sorts a file's attributes and blocks into unevaluated cells, checking
// them against the schema. It evaluates nothing.
func (l *Loader) index(f *file, body hcl.Body) hcl.Diagnostics {
	var diags hcl.Diagnostics
	if f.spec == l.schema {
		diags = allowBareInclude(body, f.json)
	}
	content, more := body.Content(l.bodySchema(f.spec, f.json, bareJSONInclude(body, f.json)))
	diags = append(diags, explainRemoved(more)...)
	for name, attr := range content.Attributes {
		switch spec := f.spec.block(name); {
		case name == "inputs":
			f.inputs = indexInputs(f, attr)
		case spec != nil:
			diags = append(diags, indexAttributeForm(f, spec, attr)...)
		default:
			f.attrs[name] = newDef(f, name, attr.Expr, attr.Range)
		}
	}
	for _, b := range content.Blocks {
		if b.Type == "locals" {
			diags = append(diags, indexLocals(f, b)...)
			continue
		}
		bd, more := l.indexBlock(f, f.spec.block(b.Type), b)
		diags = append(diags, more...)
		f.blocks = append(f.blocks, bd)
	}
	return append(diags, checkRepeats(f, content)...)
}

// withoutFollowUps drops the complaint that an attribute is missing where it is
// there under a misspelt name.
func withoutFollowUps(diags hcl.Diagnostics, spec *blockSpec) hcl.Diagnostics {
	meant := map[string]bool{}
	for _, d := range diags {
		if name, ok := unsupported(d); ok {
			meant[nearest(name, spec.attrNames())] = true
		}
	}
	if len(meant) == 0 {
		return diags
	}
	return slices.DeleteFunc(diags, func(d *hcl.Diagnostic) bool {
		if d.Summary != "Missing required argument" {
			return false
		}
		quoted := strings.SplitN(d.Detail, `"`, 3)
		return len(quoted) == 3 && meant[quoted[1]]
	})
}

// unsupported gives the name of an attribute that a diagnostic does not expect.
func unsupported(d *hcl.Diagnostic) (name string, ok bool) {
	if d.Summary != "Unsupported argument" {
		return "", false
	}
	quoted := strings.SplitN(d.Detail, `"`, 3)
	if len(quoted) < 3 {
		return "", false
	}
	return quoted[1], true
}

// bodySchema is what hcl wants to know of a row of the schema. Files in native
// syntax, of which there are many, share it.
func (l *Loader) bodySchema(spec *blockSpec, isJSON, bareInclude bool) *hcl.BodySchema {
	if isJSON || bareInclude {
		return newBodySchema(spec, isJSON, bareInclude)
	}
	known, ok := l.bodies.Load(spec)
	if !ok {
		known, _ = l.bodies.LoadOrStore(spec, newBodySchema(spec, false, false))
	}
	return known.(*hcl.BodySchema)
}

func newBodySchema(spec *blockSpec, isJSON, bareInclude bool) *hcl.BodySchema {
	out := &hcl.BodySchema{}
	for _, a := range spec.attrs {
		out.Attributes = append(out.Attributes, hcl.AttributeSchema{Name: a.name, Required: a.required})
	}
	for _, b := range spec.blocks {
		if b.attribute {
			out.Attributes = append(out.Attributes, hcl.AttributeSchema{Name: b.name})
			if isJSON {
				continue // in JSON both forms look alike, and the attribute form reads them all
			}
		}
		header := hcl.BlockHeaderSchema{Type: b.name}
		if b.label == labelOne || (b.label == labelOptional && !bareInclude) {
			header.LabelNames = []string{"name"}
		}
		out.Blocks = append(out.Blocks, header)
	}
	return out
}

// allowBareInclude gives an include block without a label the empty one.
func allowBareInclude(body hcl.Body, isJSON bool) hcl.Diagnostics {
	native, ok := body.(*hclsyntax.Body)
	if !ok || isJSON {
		return nil
	}
	var bare []*hclsyntax.Block
	for _, b := range native.Blocks {
		if b.Type == "include" && len(b.Labels) == 0 {
			b.Labels, b.LabelRanges = []string{""}, []hcl.Range{b.TypeRange}
			bare = append(bare, b)
		}
	}
	if len(bare) < 2 {
		return nil
	}
	return repeated("Multiple bare include blocks", "only one include block may stand without a label", bare[1].TypeRange, bare[0].TypeRange)
}

// bareJSONInclude tells "include": {"path": ...} from "include": {"label": {...}}.
func bareJSONInclude(body hcl.Body, isJSON bool) bool {
	if !isJSON {
		return false
	}
	content, _, _ := body.PartialContent(&hcl.BodySchema{Attributes: []hcl.AttributeSchema{{Name: "include"}}})
	attr, ok := content.Attributes["include"]
	if !ok {
		return false
	}
	exprs, diags := hcl.ExprList(attr.Expr)
	if diags.HasErrors() {
		exprs = []hcl.Expression{attr.Expr}
	}
	for _, e := range exprs {
		pairs, diags := hcl.ExprMap(e)
		if diags.HasErrors() {
			continue
		}
		for _, p := range pairs {
			if k, d := p.Key.Value(nil); !d.HasErrors() && k.AsString() == "path" {
				return true
			}
		}
	}
	return false
}

func indexLocals(f *file, b *hcl.Block) hcl.Diagnostics {
	attrs, diags := b.Body.JustAttributes()
	for name, attr := range attrs {
		f.locals.add(newDef(f, "local."+name, attr.Expr, attr.Range), name)
	}
	f.locals.sortBySource()
	return diags
}

func (l *Loader) indexBlock(f *file, spec *blockSpec, b *hcl.Block) (*blockDef, hcl.Diagnostics) {
	content, diags := b.Body.Content(l.bodySchema(spec, f.json, false))
	diags = withoutFollowUps(diags, spec)
	bd := &blockDef{spec: spec, attrs: map[string]*def{}, rng: b.DefRange}
	if len(b.Labels) > 0 {
		bd.label = b.Labels[0]
	}
	prefix := spec.name
	if bd.label != "" {
		prefix += "." + bd.label
	}
	for name, attr := range content.Attributes {
		bd.attrs[name] = newDef(f, prefix+"."+name, attr.Expr, attr.Range)
	}
	for _, nested := range content.Blocks {
		child, more := l.indexBlock(f, spec.block(nested.Type), nested)
		diags = append(diags, more...)
		bd.blocks = append(bd.blocks, child)
	}
	return bd, diags
}

func indexAttributeForm(f *file, spec *blockSpec, attr *hcl.Attribute) hcl.Diagnostics {
	d := newDef(f, spec.name, attr.Expr, attr.Range)
	f.blocks = append(f.blocks, &blockDef{spec: spec, whole: d, rng: attr.NameRange})
	return nil
}

func indexInputs(f *file, attr *hcl.Attribute) *inputsDef {
	in := &inputsDef{rng: attr.Range}
	if pairs, ok := staticPairs(attr.Expr); ok && !f.json {
		for _, p := range pairs {
			in.keys.add(newDef(f, "inputs."+p.name, p.value, p.value.Range()), p.name)
		}
		return in
	}
	in.whole = newDef(f, "inputs", attr.Expr, attr.Range)
	return in
}

type pair struct {
	name  string
	value hcl.Expression
}

// staticPairs reads an object whose keys are plain words or literals.
func staticPairs(expr hcl.Expression) ([]pair, bool) {
	object, ok := expr.(*hclsyntax.ObjectConsExpr)
	if !ok {
		return nil, false
	}
	pairs := make([]pair, 0, len(object.Items))
	for _, item := range object.Items {
		if len(item.KeyExpr.Variables()) > 0 {
			return nil, false
		}
		key, diags := item.KeyExpr.Value(nil)
		if diags.HasErrors() || key.IsNull() || !key.IsKnown() || !key.Type().Equals(ctyString) {
			return nil, false
		}
		pairs = append(pairs, pair{name: key.AsString(), value: item.ValueExpr})
	}
	return pairs, true
}

// checkRepeats finds blocks that may stand once only, or once for a label.
func checkRepeats(f *file, content *hcl.BodyContent) hcl.Diagnostics {
	var diags hcl.Diagnostics
	first := map[string]*hcl.Block{}
	for _, b := range content.Blocks {
		if attr, both := content.Attributes[b.Type]; both && len(b.Labels) == 0 {
			diags = append(diags, repeated(fmt.Sprintf("Duplicate %s block", b.Type), "the attribute and the block of that name are the same", b.DefRange, attr.NameRange)...)
			continue
		}
		label := ""
		if len(b.Labels) > 0 {
			label = b.Labels[0]
		}
		key := b.Type + "\x00" + label
		before, again := first[key]
		if !again {
			first[key] = b
			continue
		}
		switch {
		case b.Type == "generate":
			diags = append(diags, repeated(fmt.Sprintf("Detected generate blocks with the same name: [%s]", label), "give each its own label", b.DefRange, before.DefRange)...)
		case b.Type == "locals":
			diags = append(diags, repeated("Multiple locals block", "a file has one locals block", b.DefRange, before.DefRange)...)
		case label == "" && b.Type == "include":
			// told by allowBareInclude
		case label != "":
			diags = append(diags, repeated(fmt.Sprintf("Duplicate %s block", b.Type), fmt.Sprintf("%s %q is there already", b.Type, label), b.DefRange, before.DefRange)...)
		default:
			diags = append(diags, repeated(fmt.Sprintf("Duplicate %s block", b.Type), fmt.Sprintf("a file has one %s block", b.Type), b.DefRange, before.DefRange)...)
		}
	}
	return diags
}

func repeated(summary, detail string, at, before hcl.Range) hcl.Diagnostics {
	return hcl.Diagnostics{{
		Severity: hcl.DiagError, Summary: summary,
		Detail:  fmt.Sprintf("%s; the first one is at %s:%d.", detail, before.Filename, before.Start.Line),
		Subject: at.Ptr(),
	}}
}
