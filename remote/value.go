package remote

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"sort"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"
)

// toValue turns a setting into the form that the HCL library writes. Nulls
// inside of objects are left out: to the binary that is the same. Errors name
// the place and the type, never the value, which may be a secret.
func toValue(key string, v any) (cty.Value, error) {
	switch v := v.(type) {
	case nil:
		return cty.NullVal(cty.DynamicPseudoType), nil
	case string:
		return cty.StringVal(v), nil
	case bool:
		return cty.BoolVal(v), nil
	case int:
		return cty.NumberIntVal(int64(v)), nil
	case int64:
		return cty.NumberIntVal(v), nil
	case uint64:
		return cty.NumberUIntVal(v), nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return cty.NilVal, fmt.Errorf("%s: not a finite number", key)
		}
		return cty.NumberFloatVal(v), nil
	case *big.Float:
		if v == nil || v.IsInf() {
			return cty.NilVal, fmt.Errorf("%s: not a finite number", key)
		}
		return cty.NumberVal(v), nil
	case json.Number:
		n, err := cty.ParseNumberVal(v.String())
		if err != nil {
			return cty.NilVal, fmt.Errorf("%s: not a number", key)
		}
		return n, nil
	case []any:
		return toTuple(key, v)
	case map[string]any:
		return toObject(key, v)
	}
	return cty.NilVal, fmt.Errorf("%s: values of type %T cannot be written as HCL", key, v)
}

func toTuple(key string, list []any) (cty.Value, error) {
	elements := make([]cty.Value, len(list))
	for i, v := range list {
		element, err := toValue(fmt.Sprintf("%s[%d]", key, i), v)
		if err != nil {
			return cty.NilVal, err
		}
		elements[i] = element
	}
	return cty.TupleVal(elements), nil
}

func toObject(key string, m map[string]any) (cty.Value, error) {
	attrs := make(map[string]cty.Value, len(m))
	for name, v := range m {
		if v == nil {
			continue
		}
		attr, err := toValue(key+"."+name, v)
		if err != nil {
			return cty.NilVal, err
		}
		attrs[name] = attr
	}
	return cty.ObjectVal(attrs), nil
}

// oneLine writes a value as HCL without spaces: {a="x",b=[1,true]}.
func oneLine(v cty.Value) string {
	ty := v.Type()
	if v.IsNull() || !ty.IsTupleType() && !ty.IsObjectType() {
		return string(hclwrite.TokensForValue(v).Bytes())
	}
	var parts []string
	for it := v.ElementIterator(); it.Next(); {
		key, element := it.Element()
		text := oneLine(element)
		if ty.IsObjectType() {
			text = objectKey(key.AsString()) + "=" + text
		}
		parts = append(parts, text)
	}
	if ty.IsObjectType() {
		return "{" + strings.Join(parts, ",") + "}"
	}
	return "[" + strings.Join(parts, ",") + "]"
}

func objectKey(name string) string {
	if hclsyntax.ValidIdentifier(name) {
		return name
	}
	return string(hclwrite.TokensForValue(cty.StringVal(name)).Bytes())
}

func sortedKeys(m map[string]any) []string {
	keys := make([]string, 0, len(m))
	for key := range m {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}
