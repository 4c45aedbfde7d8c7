package catalog

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
)

// Expression makes HCL of what a person typed for a value of a type: text is
// quoted where the type is string, and where the words are not an expression.
// Of another type they must be one. An empty text gives "".
func Expression(typ, text string) (string, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return "", nil
	}
	_, diags := hclsyntax.ParseExpression([]byte(text), "", hcl.InitialPos)
	isExpression := !diags.HasErrors()
	switch typ {
	case "string":
		if isExpression && strings.HasPrefix(text, `"`) {
			return text, nil
		}
		return quoted(text), nil
	case "number", "bool", "list", "set", "tuple", "map", "object":
		if !isExpression {
			return "", fmt.Errorf("%s is not a %s: %s", text, typ, strings.ToLower(diags[0].Summary))
		}
		return text, checkLiteral(typ, text)
	}
	if isExpression && !isBareWord(text) {
		return text, nil
	}
	return quoted(text), nil
}

// isBareWord says that an expression is nothing but a name, which nobody means.
func isBareWord(text string) bool {
	switch text {
	case "true", "false", "null":
		return false
	}
	return hclsyntax.ValidIdentifier(text)
}

// checkLiteral finds values of the wrong type. What only the unit can evaluate
// is not judged.
func checkLiteral(typ, text string) error {
	e, _ := hclsyntax.ParseExpression([]byte(text), "", hcl.InitialPos)
	v, diags := e.Value(nil)
	if isBareWord(text) {
		return fmt.Errorf("%s is not a %s", text, typ)
	}
	if diags.HasErrors() || v.IsNull() || !v.IsKnown() {
		return nil
	}
	t := v.Type()
	ok := map[string]bool{
		"number": t == cty.Number, "bool": t == cty.Bool,
		"list": t.IsTupleType(), "set": t.IsTupleType(), "tuple": t.IsTupleType(),
		"map": t.IsObjectType(), "object": t.IsObjectType(),
	}[typ]
	if !ok {
		return fmt.Errorf("%s is not a %s", text, typ)
	}
	return nil
}

func quoted(text string) string {
	return string(bytes.TrimSpace(hclwrite.TokensForValue(cty.StringVal(text)).Bytes()))
}
