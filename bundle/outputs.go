package bundle

import (
	"encoding/json"
	"fmt"

	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

// plannedOutputs gives the outputs that a unit will have once its plan is
// applied, with unknown values where nobody can know them before. ok is false
// where the plan leaves the outputs as they are.
func plannedOutputs(plan []byte) (outputs cty.Value, ok bool, err error) {
	var doc struct {
		Planned struct {
			Outputs map[string]struct {
				Type json.RawMessage `json:"type"`
			} `json:"outputs"`
		} `json:"planned_values"`
		Changes map[string]struct {
			Actions []string        `json:"actions"`
			After   json.RawMessage `json:"after"`
			Unknown json.RawMessage `json:"after_unknown"`
		} `json:"output_changes"`
	}
	if err := json.Unmarshal(plan, &doc); err != nil {
		return cty.NilVal, false, fmt.Errorf("plan: %w", err)
	}
	values := map[string]cty.Value{}
	for name, c := range doc.Changes {
		if len(c.Actions) != 1 || c.Actions[0] != "no-op" {
			ok = true
		}
		if len(c.Actions) == 1 && c.Actions[0] == "delete" {
			continue
		}
		v, err := outputValue(c.After, c.Unknown, doc.Planned.Outputs[name].Type)
		if err != nil {
			return cty.NilVal, false, fmt.Errorf("plan: output %s: %w", name, err)
		}
		values[name] = v
	}
	return cty.ObjectVal(values), ok, nil
}

func outputValue(after, unknown, typ json.RawMessage) (cty.Value, error) {
	value := cty.NullVal(cty.DynamicPseudoType)
	if len(after) > 0 {
		t, err := typeOf(after, unknown, typ)
		if err != nil {
			return cty.NilVal, err
		}
		if value, err = ctyjson.Unmarshal(after, t); err != nil {
			return cty.NilVal, err
		}
	}
	var mask any
	if len(unknown) > 0 {
		if err := json.Unmarshal(unknown, &mask); err != nil {
			return cty.NilVal, err
		}
	}
	return withUnknown(value, mask), nil
}

// typeOf is the type that the plan names, where the value is known as a whole:
// one with holes is not of that type.
func typeOf(after, unknown, typ json.RawMessage) (cty.Type, error) {
	if whole := len(unknown) == 0 || string(unknown) == "false"; whole && len(typ) > 0 {
		if t, err := ctyjson.UnmarshalType(typ); err == nil {
			return t, nil
		}
	}
	return ctyjson.ImpliedType(after)
}

// withUnknown puts unknown values where the mask says true.
func withUnknown(v cty.Value, mask any) cty.Value {
	switch m := mask.(type) {
	case bool:
		if m {
			return cty.DynamicVal
		}
	case map[string]any:
		if len(m) == 0 {
			return v
		}
		out := map[string]cty.Value{}
		if !v.IsNull() && (v.Type().IsObjectType() || v.Type().IsMapType()) {
			for key, inner := range v.AsValueMap() {
				out[key] = inner
			}
		}
		for key, inner := range m {
			have, ok := out[key]
			if !ok {
				have = cty.NullVal(cty.DynamicPseudoType)
			}
			if filled := withUnknown(have, inner); ok || !filled.IsWhollyKnown() {
				out[key] = filled
			}
		}
		return cty.ObjectVal(out)
	case []any:
		var items []cty.Value
		if !v.IsNull() && v.CanIterateElements() {
			items = v.AsValueSlice()
		}
		if len(m) == 0 {
			return v
		}
		out := make([]cty.Value, max(len(items), len(m)))
		for i := range out {
			out[i] = cty.NullVal(cty.DynamicPseudoType)
			if i < len(items) {
				out[i] = items[i]
			}
			if i < len(m) {
				out[i] = withUnknown(out[i], m[i])
			}
		}
		return cty.TupleVal(out)
	}
	return v
}
