package config

import (
	"bytes"
	"sort"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
)

// RebaseSources rewrites the sources in a unit's or stack's file whose block
// has update_source_with_cas = true: rebase is given each and says what to
// write instead. Text without such blocks is returned as it is. The error is
// an *Error.
func RebaseSources(src []byte, path string, rebase func(block, source string) (string, error)) ([]byte, error) {
	if !bytes.Contains(src, []byte("update_source_with_cas")) {
		return src, nil
	}
	parsed, diags := parseBody(src, path, false)
	if diags.HasErrors() {
		return src, nil // whoever evaluates the file reports it
	}
	var edits []edit
	body := parsed.(*hclsyntax.Body)
	for _, b := range body.Blocks {
		e, diags := rebased(b, rebase)
		if diags.HasErrors() {
			return nil, &Error{Path: path, Diagnostics: []Diagnostic{plainDiagnostic(diags[0], src)}}
		}
		if e != nil {
			edits = append(edits, *e)
		}
	}
	sort.Slice(edits, func(i, j int) bool { return edits[i].from < edits[j].from })
	return applied(src, edits), nil
}

// applied replaces stretches of a text, which are sorted.
func applied(src []byte, edits []edit) []byte {
	var out bytes.Buffer
	at := 0
	for _, e := range edits {
		out.Write(src[at:e.from])
		out.Write(e.text)
		at = e.to
	}
	out.Write(src[at:])
	return out.Bytes()
}

// rebased gives the new source of a block that asks for it.
func rebased(b *hclsyntax.Block, rebase func(block, source string) (string, error)) (*edit, hcl.Diagnostics) {
	switch b.Type {
	case "unit", "stack", "terraform":
	default:
		return nil, nil
	}
	flag, source := b.Body.Attributes["update_source_with_cas"], b.Body.Attributes["source"]
	if flag == nil || source == nil {
		return nil, nil
	}
	if on, diags := flag.Expr.Value(nil); diags.HasErrors() || on.Type() != cty.Bool || on.IsNull() || on.False() {
		return nil, nil
	}
	name := b.Type
	if len(b.Labels) > 0 {
		name += ` "` + b.Labels[0] + `"`
	}
	wrong := func(detail string) hcl.Diagnostics {
		return hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Invalid source", Detail: detail, Subject: source.Expr.Range().Ptr()}}
	}
	v, diags := source.Expr.Value(nil)
	if diags.HasErrors() || v.IsNull() || v.Type() != cty.String {
		return nil, wrong(name + " has update_source_with_cas, so that its source must be plain text in quotes.")
	}
	text, err := rebase(name, v.AsString())
	if err != nil {
		return nil, wrong(err.Error())
	}
	rng := source.Expr.Range()
	return &edit{rng.Start.Byte, rng.End.Byte, hclwrite.TokensForValue(cty.StringVal(text)).Bytes()}, nil
}
