package catalog

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
)

// valuesFile is the file beside a unit or stack that holds what it reads as
// values.
const valuesFile = "terragrunt.values.hcl"

// Value is one of the values that a unit or stack reads.
type Value struct {
	Name string
	// Fallback is the expression that stands in for the value where there is
	// none; "" where the value must be set, and where there is no telling.
	Fallback  string
	Required  bool   // it is read without anything to fall back on
	UserValue string // an expression, "" while nobody gave one

	literal bool // the fallback needs nothing to be evaluated
}

// ValuesRead lists the values that a configuration file refers to, in the
// order of their first use.
func ValuesRead(path string) ([]*Value, error) {
	src, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if !bytes.Contains(src, []byte("values")) || filepath.Ext(path) == ".json" {
		return nil, nil
	}
	f, diags := hclsyntax.ParseConfig(src, path, hcl.InitialPos)
	if diags.HasErrors() {
		return nil, firstError(diags)
	}
	r := &valueReader{src: src, byName: map[string]*Value{}}
	_ = hclsyntax.Walk(f.Body.(*hclsyntax.Body), r)
	// Attributes are walked in the order of a map.
	slices.SortStableFunc(r.uses, func(a, b valueUse) int { return a.at - b.at })
	for _, u := range r.uses {
		r.note(u)
	}
	return r.list, nil
}

// valueUse is one reference to a value.
type valueUse struct {
	name     string
	at       int                  // byte in the file
	guarded  bool                 // a missing value is no mistake
	fallback hclsyntax.Expression // nil for none
}

// valueReader collects references. It is inside a try as long as one is open.
type valueReader struct {
	src    []byte
	byName map[string]*Value
	list   []*Value
	uses   []valueUse
	tries  []*hclsyntax.FunctionCallExpr
}

func (r *valueReader) Enter(n hclsyntax.Node) hcl.Diagnostics {
	switch e := n.(type) {
	case *hclsyntax.FunctionCallExpr:
		if e.Name == "try" || e.Name == "can" {
			r.tries = append(r.tries, e)
		}
		r.lookup(e)
	case *hclsyntax.ScopeTraversalExpr:
		if name, ok := valueName(e.Traversal); ok {
			u := valueUse{name: name, at: e.SrcRange.Start.Byte, guarded: len(r.tries) > 0}
			if u.guarded {
				u.fallback = lastOfTry(r.tries[len(r.tries)-1])
			}
			r.uses = append(r.uses, u)
		}
	}
	return nil
}

func (r *valueReader) Exit(n hclsyntax.Node) hcl.Diagnostics {
	if e, ok := n.(*hclsyntax.FunctionCallExpr); ok && (e.Name == "try" || e.Name == "can") {
		r.tries = r.tries[:len(r.tries)-1]
	}
	return nil
}

// lookup notes lookup(values, "name", fallback).
func (r *valueReader) lookup(e *hclsyntax.FunctionCallExpr) {
	if e.Name != "lookup" || len(e.Args) < 2 {
		return
	}
	from, ok := e.Args[0].(*hclsyntax.ScopeTraversalExpr)
	if !ok || from.Traversal.RootName() != "values" || len(from.Traversal) != 1 {
		return
	}
	name, ok := literal(&hcl.Attribute{Expr: e.Args[1]})
	if !ok {
		return
	}
	u := valueUse{name: name, at: e.NameRange.Start.Byte, guarded: len(e.Args) > 2 || len(r.tries) > 0}
	if len(e.Args) > 2 {
		u.fallback = e.Args[2]
	}
	r.uses = append(r.uses, u)
}

// lastOfTry is what a try gives when all else fails.
func lastOfTry(e *hclsyntax.FunctionCallExpr) hclsyntax.Expression {
	if e.Name != "try" || len(e.Args) < 2 {
		return nil
	}
	return e.Args[len(e.Args)-1]
}

// valueName reads values.name and values["name"].
func valueName(t hcl.Traversal) (string, bool) {
	if t.RootName() != "values" || len(t) < 2 {
		return "", false
	}
	switch step := t[1].(type) {
	case hcl.TraverseAttr:
		return step.Name, true
	case hcl.TraverseIndex:
		if step.Key.Type() == cty.String {
			return step.Key.AsString(), true
		}
	}
	return "", false
}

// note adds what a reference says about its value.
func (r *valueReader) note(u valueUse) {
	v := r.byName[u.name]
	if v == nil {
		v = &Value{Name: u.name}
		r.byName[u.name] = v
		r.list = append(r.list, v)
	}
	v.Required = v.Required || !u.guarded
	if u.fallback != nil {
		r.fallBack(v, u.fallback)
	}
}

// fallBack keeps the first fallback that is a literal, or else the first.
func (r *valueReader) fallBack(v *Value, e hclsyntax.Expression) {
	known, diags := e.Value(nil)
	isLiteral := !diags.HasErrors() && known.IsWhollyKnown()
	if v.literal || !isLiteral && v.Fallback != "" || isLiteral && known.IsNull() {
		return
	}
	v.literal = isLiteral
	v.Fallback = string(e.Range().SliceBytes(r.src))
}

// valuesText is the file that gives a unit or stack its values: what must be
// set as TODO, what may be as it falls back. It is nil where nothing is read.
func valuesText(list []*Value) []byte {
	if len(list) == 0 {
		return nil
	}
	var b bytes.Buffer
	for _, v := range list {
		switch {
		case !hclsyntax.ValidIdentifier(v.Name):
			continue
		case v.UserValue != "":
			fmt.Fprintf(&b, "%s = %s\n", v.Name, v.UserValue)
		case v.Required:
			fmt.Fprintf(&b, "%s = \"TODO\"\n", v.Name)
		case v.literal:
			fmt.Fprintf(&b, "%s = %s\n", v.Name, v.Fallback)
		case v.Fallback != "":
			// It cannot be evaluated here, so that it stays what it is in the unit.
			fmt.Fprintf(&b, "# %s = %s\n", v.Name, oneLine(v.Fallback))
		}
	}
	return hclwrite.Format(b.Bytes())
}
