package config

import (
	"errors"

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
	if !ok {
		return cty.NilVal, f.errAt("default", "Missing default", "feature flag %s does not have a default value in %s", f.label, f.first().frame.file.path)
	}
	text, ok := c.l.opts.Features[f.label]
	if !ok {
		return def, nil
	}
	v, err := convertOverride(text, def.Type())
	if err != nil {
		return cty.NilVal, f.errAt("default", "Invalid feature override", "the override %q of feature %s does not fit its default, which is %s: %s", text, f.label, kindOf(def), err)
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
		v, err := convert.Convert(cty.StringVal(text), want)
		if err != nil {
			err = errors.New("write digits, as in 10 or 2.5")
		}
		return v, err
	}
	return parseCollection(text, want)
}

// parseCollection reads a list or an object in the syntax of expressions,
// which JSON's is a part of.
func parseCollection(text string, want cty.Type) (cty.Value, error) {
	if diags := tooDeep([]byte(text), "override"); diags.HasErrors() {
		return cty.NilVal, errors.New("it is nested too deeply")
	}
	expr, diags := hclsyntax.ParseExpression([]byte(text), "override", hcl.InitialPos)
	if diags.HasErrors() {
		return cty.NilVal, errors.New(asIn(want))
	}
	v, diags := expr.Value(nil)
	if diags.HasErrors() || v.IsNull() || isObject(v) != isObjectType(want) || isSequence(v) == isObjectType(want) {
		return cty.NilVal, errors.New(asIn(want))
	}
	return v, nil
}

func isObjectType(t cty.Type) bool { return t.IsObjectType() || t.IsMapType() }

func asIn(want cty.Type) string {
	if isObjectType(want) {
		return `write it as in {"a": 1}`
	}
	return `write it as in ["a", "b"]`
}

func parseBool(text string) (cty.Value, error) {
	switch text {
	case "1", "t", "T", "true", "TRUE", "True":
		return cty.True, nil
	case "0", "f", "F", "false", "FALSE", "False":
		return cty.False, nil
	}
	return cty.NilVal, errors.New("write true or false")
}
