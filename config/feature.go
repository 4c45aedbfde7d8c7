package config

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// featureNode is the word feature. A parent that is not merged sees its own
// flags only.
func (c *core) featureNode(fr *frame) node {
	v := c.view()
	if fr.strategy() == "no_merge" {
		v = fr.include.view(c)
	}
	byLabel := map[string]labelled{}
	for _, f := range v.labelled("feature") {
		byLabel[f.label] = f
	}
	return node{
		kid: func(_ *eval, name string) (node, bool, error) {
			if f, ok := byLabel[name]; ok {
				return c.flag(name, func(ev *eval) (cty.Value, error) { return c.featureValue(ev, f) }), true, nil
			}
			if text, ok := c.l.opts.Features[name]; ok {
				return c.flag(name, func(*eval) (cty.Value, error) { return cty.StringVal(text), nil }), true, nil
			}
			return node{}, false, nil
		},
		names: func(*eval) ([]string, error) {
			names := sortedKeys(byLabel)
			for _, name := range sortedKeys(c.l.opts.Features) {
				if _, declared := byLabel[name]; !declared {
					names = append(names, name)
				}
			}
			return names, nil
		},
	}
}

func (c *core) flag(name string, value func(ev *eval) (cty.Value, error)) node {
	return fixed(map[string]node{"name": known(cty.StringVal(name)), "value": leaf(value)})
}

// featureValue gives a flag's override in the type of its default, else the
// default.
func (c *core) featureValue(ev *eval, f labelled) (cty.Value, error) {
	def, ok, err := f.merged(ev, "default")
	if err != nil {
		return cty.NilVal, err
	}
	place := f.first()
	if !ok {
		return cty.NilVal, errorAt(place.block.rng, "Missing default", "feature flag %s does not have a default value in %s", f.label, place.frame.file.path)
	}
	text, ok := c.l.opts.Features[f.label]
	if !ok {
		return def, nil
	}
	v, err := convertOverride(text, def.Type())
	if err != nil {
		return cty.NilVal, errorAt(place.block.rng, "Invalid feature override", "feature %s: %s", f.label, err)
	}
	return v, nil
}

func convertOverride(text string, want cty.Type) (cty.Value, error) {
	switch {
	case want == cty.String || want == cty.DynamicPseudoType:
		return cty.StringVal(text), nil
	case want == cty.Bool:
		return parseBool(text)
	case want.IsPrimitiveType():
		return convert.Convert(cty.StringVal(text), want)
	}
	expr, diags := hclsyntax.ParseExpression([]byte(text), "override", hcl.InitialPos)
	if diags.HasErrors() {
		return cty.NilVal, fmt.Errorf("%q is not a value of type %s", text, want.FriendlyName())
	}
	v, diags := expr.Value(nil)
	if diags.HasErrors() || isSequence(v) != (want.IsTupleType() || want.IsListType()) {
		return cty.NilVal, fmt.Errorf("%q is not a value of type %s", text, want.FriendlyName())
	}
	return v, nil
}

func parseBool(text string) (cty.Value, error) {
	switch text {
	case "1", "t", "T", "true", "TRUE", "True":
		return cty.True, nil
	case "0", "f", "F", "false", "FALSE", "False":
		return cty.False, nil
	}
	return cty.NilVal, fmt.Errorf("%q is not a boolean: use one of %s", text, strings.Join([]string{"true", "false", "1", "0", "t", "f"}, ", "))
}
