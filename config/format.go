package config

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
)

// Format gives HCL text in canonical form. The path serves messages only. Text
// with mistakes in its syntax is not touched: the error is an *Error.
func Format(src []byte, path string) ([]byte, error) {
	_, diags := hclsyntax.ParseConfig(src, path, hcl.InitialPos)
	if diags.HasErrors() {
		e := &Error{Path: path}
		for _, d := range firstMistakes(diags) {
			e.Diagnostics = append(e.Diagnostics, plainDiagnostic(d, src))
		}
		return nil, e
	}
	return hclwrite.Format(src), nil
}
