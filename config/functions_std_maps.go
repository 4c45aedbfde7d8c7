package config

import (
	"sort"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

func stdMaps() []funcSpec {
	return []funcSpec{
		{Name: "keys", Summary: "The keys of a map or object, sorted.", Example: `keys({ b = 1, a = 2 }) # ["a", "b"]`, build: pure(stdlib.KeysFunc)},
		{Name: "lookup", Summary: "The element of a map or object with the given key, or else the default.", Example: `lookup({ a = "1" }, "z", "none") # "none"`, build: pure(stdLookup())},
		{Name: "map", Summary: "Removed: write {...} or use tomap. Always fails.", Example: `can(map("a", "b")) # false`, build: pure(stdRemoved(`the "map" function was deprecated in Terraform v0.12 and is no longer available; use tomap({ ... }) syntax to write a literal map`))},
		{Name: "merge", Summary: "Several maps or objects as one. Later ones win.", Example: `merge({ a = 1, b = 1 }, { b = 2 }) # { a = 1, b = 2 }`, build: pure(stdlib.MergeFunc)},
		{Name: "transpose", Summary: "A map of lists of strings with keys and elements exchanged.", Example: `transpose({ a = ["x", "y"], b = ["x"] }) # { x = ["a", "b"], y = ["a"] }`, build: pure(stdTranspose())},
		{Name: "values", Summary: "The elements of a map or object, in the order of its sorted keys.", Example: `values({ b = 1, a = 2 }) # [2, 1]`, build: pure(stdlib.ValuesFunc)},
		{Name: "zipmap", Summary: "A map made of a list of keys and a list of values.", Example: `zipmap(["a", "b"], [1, 2]) # { a = 1, b = 2 }`, build: pure(stdlib.ZipmapFunc)},
	}
}

// stdLookup lets the default be left out, unlike the one of the cty library.
func stdLookup() function.Function {
	return function.New(&function.Spec{
		Params:   []function.Parameter{{Name: "inputMap", Type: cty.DynamicPseudoType}, {Name: "key", Type: cty.String}},
		VarParam: &function.Parameter{Name: "default", Type: cty.DynamicPseudoType, AllowNull: true, AllowUnknown: true, AllowDynamicType: true},
		Type:     lookupType,
		Impl: func(args []cty.Value, result cty.Type) (cty.Value, error) {
			from, key := args[0], args[1]
			switch {
			case from.Type().IsObjectType():
				if from.Type().HasAttribute(key.AsString()) {
					return from.GetAttr(key.AsString()), nil
				}
			case from.HasIndex(key).True():
				return from.Index(key), nil
			}
			if len(args) == 2 {
				return cty.NilVal, function.NewArgErrorf(1, "lookup failed to find key %q", key.AsString())
			}
			return convert.Convert(args[2], result)
		},
	})
}

func lookupType(args []cty.Value) (cty.Type, error) {
	if len(args) > 3 {
		return cty.NilType, function.NewArgErrorf(3, "lookup() takes two or three arguments, got %d", len(args))
	}
	switch ty := args[0].Type(); {
	case ty.IsObjectType():
		switch {
		case !args[1].IsKnown():
			return cty.DynamicPseudoType, nil
		case ty.HasAttribute(args[1].AsString()):
			return ty.AttributeType(args[1].AsString()), nil
		case len(args) == 3:
			return args[2].Type(), nil
		}
		return cty.NilType, function.NewArgErrorf(0, "the given object has no attribute %q", args[1].AsString())
	case ty.IsMapType():
		if len(args) == 3 {
			if _, err := convert.Convert(args[2], ty.ElementType()); err != nil {
				return cty.NilType, function.NewArgErrorf(2, "the default value must have the same type as the map elements")
			}
		}
		return ty.ElementType(), nil
	}
	return cty.NilType, function.NewArgErrorf(0, "lookup() requires a map as the first argument")
}

func stdTranspose() function.Function {
	lists := cty.Map(cty.List(cty.String))
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "values", Type: lists}},
		Type:   function.StaticReturnType(lists),
		Impl: func(args []cty.Value, result cty.Type) (cty.Value, error) {
			if !args[0].IsWhollyKnown() {
				return cty.UnknownVal(result), nil
			}
			byElement := map[string][]string{}
			for it := args[0].ElementIterator(); it.Next(); {
				key, list := it.Element()
				if list.IsNull() {
					return cty.NilVal, function.NewArgErrorf(0, "the list of %q must not be null", key.AsString())
				}
				for _, v := range list.AsValueSlice() {
					if v.IsNull() {
						return cty.NilVal, function.NewArgErrorf(0, "the list of %q must not contain null", key.AsString())
					}
					byElement[v.AsString()] = append(byElement[v.AsString()], key.AsString())
				}
			}
			return mapOfLists(byElement), nil
		},
	})
}

func mapOfLists(m map[string][]string) cty.Value {
	if len(m) == 0 {
		return cty.MapValEmpty(cty.List(cty.String))
	}
	out := make(map[string]cty.Value, len(m))
	for key, words := range m {
		sort.Strings(words)
		list := make([]cty.Value, len(words))
		for i, w := range words {
			list[i] = cty.StringVal(w)
		}
		out[key] = cty.ListVal(list)
	}
	return cty.MapVal(out)
}
