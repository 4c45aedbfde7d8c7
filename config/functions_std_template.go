package config

import (
	"errors"
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// buildTemplateFile declares its result as dynamic, although it could be told
// from the arguments: the template would then have to be evaluated twice.
func buildTemplateFile(c *call) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "path", Type: cty.String}, {Name: "vars", Type: cty.DynamicPseudoType}},
		Type:   function.StaticReturnType(cty.DynamicPseudoType),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			vars, err := templateVars(args[1])
			if err != nil {
				return cty.NilVal, function.NewArgError(1, err)
			}
			expr, err := parseTemplateIn(c, args[0].AsString())
			if err != nil {
				return cty.NilVal, function.NewArgError(0, err)
			}
			if err := checkTemplateVars(expr, vars); err != nil {
				return cty.NilVal, function.NewArgError(1, err)
			}
			result, diags := expr.Value(&hcl.EvalContext{Variables: vars, Functions: templateFunctions(c)})
			if diags.HasErrors() {
				return cty.NilVal, diags
			}
			return result, nil
		},
	})
}

func parseTemplateIn(c *call, path string) (hclsyntax.Expression, error) {
	b, err := readIn(c, path)
	if err != nil {
		return nil, err
	}
	text, err := fileText(path, b)
	if err != nil {
		return nil, err
	}
	if diags := tooDeepTemplate([]byte(text), path); diags.HasErrors() {
		return nil, diags
	}
	expr, diags := hclsyntax.ParseTemplate([]byte(text), path, hcl.InitialPos)
	if diags.HasErrors() {
		return nil, diags
	}
	return expr, nil
}

func templateVars(v cty.Value) (map[string]cty.Value, error) {
	if ty := v.Type(); !ty.IsObjectType() && !ty.IsMapType() {
		return nil, errors.New("invalid vars value: must be a map")
	}
	vars := v.AsValueMap()
	for name := range vars {
		if !hclsyntax.ValidIdentifier(name) {
			return nil, fmt.Errorf("invalid template variable name %q: must start with a letter, followed by zero or more letters, digits, and underscores", name)
		}
	}
	return vars, nil
}

func checkTemplateVars(expr hclsyntax.Expression, vars map[string]cty.Value) error {
	for _, traversal := range expr.Variables() {
		if _, ok := vars[traversal.RootName()]; !ok {
			return fmt.Errorf("vars map does not contain key %q, referenced at %s", traversal.RootName(), traversal[0].SourceRange())
		}
	}
	return nil
}

func templateFunctions(c *call) map[string]function.Function {
	known := c.functions()
	fs := make(map[string]function.Function, len(known)+1)
	for name, f := range known {
		fs[name] = f
	}
	fs["templatefile"] = stdRemoved("cannot recursively call templatefile from inside templatefile call")
	return fs
}
