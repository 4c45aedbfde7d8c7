package config

import (
	"errors"

	"github.com/hashicorp/go-cty-funcs/collection"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

func stdCollections() []funcSpec {
	return []funcSpec{
		{Name: "alltrue", Summary: "Whether all elements of a list are true.", Example: `alltrue([true, false]) # false`, build: pure(stdEvery(true))},
		{Name: "anytrue", Summary: "Whether any element of a list is true.", Example: `anytrue([true, false]) # true`, build: pure(stdEvery(false))},
		{Name: "chunklist", Summary: "A list cut into lists of at most the given length.", Example: `chunklist(["a", "b", "c"], 2) # [["a", "b"], ["c"]]`, build: pure(stdlib.ChunklistFunc)},
		{Name: "coalesce", Summary: "The first argument that is neither null nor an empty string.", Example: `coalesce("", null, "x") # "x"`, build: pure(collection.CoalesceFunc)},
		{Name: "coalescelist", Summary: "The first argument that is not an empty list.", Example: `coalescelist([], ["a"]) # ["a"]`, build: pure(stdlib.CoalesceListFunc)},
		{Name: "compact", Summary: "A list of strings without those that are empty.", Example: `compact(["a", "", "b"]) # ["a", "b"]`, build: pure(stdlib.CompactFunc)},
		{Name: "concat", Summary: "Several lists as one.", Example: `concat(["a"], ["b", "c"]) # ["a", "b", "c"]`, build: pure(stdlib.ConcatFunc)},
		{Name: "contains", Summary: "Whether a list or set contains a value.", Example: `contains(["a", "b"], "a") # true`, build: pure(stdlib.ContainsFunc)},
		{Name: "distinct", Summary: "A list without the repetitions of its elements.", Example: `distinct(["a", "b", "a"]) # ["a", "b"]`, build: pure(stdlib.DistinctFunc)},
		{Name: "element", Summary: "The element of a list at an index, which starts over at the end of the list.", Example: `element(["a", "b"], 3) # "b"`, build: pure(stdlib.ElementFunc)},
		{Name: "flatten", Summary: "A list with the lists inside it replaced by their elements.", Example: `flatten([[1], [2, [3]]]) # [1, 2, 3]`, build: pure(stdlib.FlattenFunc)},
		{Name: "index", Summary: "The index of a value in a list, which must contain it.", Example: `index(["a", "b"], "b") # 1`, build: pure(stdIndex())},
		{Name: "length", Summary: "The number of elements of a list, set, map or object, or of characters in a string.", Example: `length("héllo") # 5`, build: pure(stdLength())},
		{Name: "list", Summary: "Removed: write [...] or use tolist. Always fails.", Example: `can(list("a")) # false`, build: pure(stdRemoved(`the "list" function was deprecated in Terraform v0.12 and is no longer available; use tolist([ ... ]) syntax to write a literal list`))},
		{Name: "matchkeys", Summary: "The elements of the first list whose counterparts in the second are in the third.", Example: `matchkeys(["a", "b"], ["x", "y"], ["x"]) # ["a"]`, build: pure(stdMatchKeys())},
		{Name: "one", Summary: "The only element of a list or set, or null when it is empty. More elements are an error.", Example: `one(["a"]) # "a"`, build: pure(stdOne())},
		{Name: "range", Summary: "A list of numbers, by limit, by start and limit, or by start, limit and step.", Example: `range(1, 4) # [1, 2, 3]`, build: pure(stdlib.RangeFunc)},
		{Name: "reverse", Summary: "A list in reverse order.", Example: `reverse(["a", "b"]) # ["b", "a"]`, build: pure(stdlib.ReverseListFunc)},
		{Name: "setintersection", Summary: "The elements that all sets have.", Example: `setintersection(["a", "b"], ["b", "c"]) # ["b"]`, build: pure(stdlib.SetIntersectionFunc)},
		{Name: "setproduct", Summary: "All combinations of one element from each set.", Example: `setproduct(["a"], [1, 2]) # [["a", 1], ["a", 2]]`, build: pure(stdlib.SetProductFunc)},
		{Name: "setsubtract", Summary: "The elements of the first set that the second does not have.", Example: `setsubtract(["a", "b"], ["b"]) # ["a"]`, build: pure(stdlib.SetSubtractFunc)},
		{Name: "setunion", Summary: "The elements that any of the sets has.", Example: `setunion(["a"], ["b"]) # ["a", "b"]`, build: pure(stdlib.SetUnionFunc)},
		{Name: "slice", Summary: "Part of a list, from a first index to before a last one.", Example: `slice(["a", "b", "c"], 1, 2) # ["b"]`, build: pure(stdlib.SliceFunc)},
		{Name: "sort", Summary: "A list of strings in the order of their code points.", Example: `sort(["b", "a"]) # ["a", "b"]`, build: pure(stdlib.SortFunc)},
	}
}

// stdEvery makes alltrue (all is true) and anytrue (all is false). A null
// counts as false; an unknown element matters only if no other decides.
func stdEvery(all bool) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "list", Type: cty.List(cty.Bool)}},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			result := cty.BoolVal(all)
			for it := args[0].ElementIterator(); it.Next(); {
				_, v := it.Element()
				switch {
				case !v.IsKnown():
					result = cty.UnknownVal(cty.Bool)
				case (!v.IsNull() && v.True()) != all:
					return cty.BoolVal(!all), nil
				}
			}
			return result, nil
		},
	})
}

func stdIndex() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "list", Type: cty.DynamicPseudoType}, {Name: "value", Type: cty.DynamicPseudoType}},
		Type:   function.StaticReturnType(cty.Number),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if ty := args[0].Type(); !ty.IsListType() && !ty.IsTupleType() {
				return cty.NilVal, function.NewArgErrorf(0, "argument must be a list or tuple")
			}
			if args[0].LengthInt() == 0 {
				return cty.NilVal, errors.New("cannot search an empty list")
			}
			for it := args[0].ElementIterator(); it.Next(); {
				i, v := it.Element()
				eq, err := stdlib.Equal(v, args[1])
				if err != nil {
					return cty.NilVal, err
				}
				if !eq.IsKnown() {
					return cty.UnknownVal(cty.Number), nil
				}
				if eq.True() {
					return i, nil
				}
			}
			return cty.NilVal, errors.New("item not found")
		},
	})
}

// stdLength counts the elements of tuples and objects by their type, so that
// unknown ones have a length too.
func stdLength() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "value", Type: cty.DynamicPseudoType, AllowDynamicType: true, AllowUnknown: true}},
		Type: func(args []cty.Value) (cty.Type, error) {
			ty := args[0].Type()
			if ty == cty.String || ty == cty.DynamicPseudoType || ty.IsCollectionType() || ty.IsTupleType() || ty.IsObjectType() {
				return cty.Number, nil
			}
			return cty.Number, errors.New("argument must be a string, a collection type, or a structural type")
		},
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			ty := args[0].Type()
			switch {
			case ty.IsTupleType():
				return cty.NumberIntVal(int64(len(ty.TupleElementTypes()))), nil
			case ty.IsObjectType():
				return cty.NumberIntVal(int64(len(ty.AttributeTypes()))), nil
			case !args[0].IsKnown():
				return cty.UnknownVal(cty.Number), nil
			case ty == cty.String:
				return stdlib.Strlen(args[0])
			}
			return args[0].Length(), nil
		},
	})
}

func stdMatchKeys() function.Function {
	list := cty.List(cty.DynamicPseudoType)
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "values", Type: list}, {Name: "keys", Type: list}, {Name: "searchset", Type: list}},
		Type: func(args []cty.Value) (cty.Type, error) {
			if ty, _ := convert.UnifyUnsafe([]cty.Type{args[1].Type(), args[2].Type()}); ty == cty.NilType {
				return cty.NilType, errors.New("keys and searchset must be of the same type")
			}
			return args[0].Type(), nil
		},
		Impl: func(args []cty.Value, result cty.Type) (cty.Value, error) {
			if !args[0].IsWhollyKnown() || !args[1].IsWhollyKnown() || !args[2].IsWhollyKnown() {
				return cty.UnknownVal(result), nil
			}
			values, keys := args[0].AsValueSlice(), args[1].AsValueSlice()
			if len(values) != len(keys) {
				return cty.NilVal, errors.New("length of keys and values should be equal")
			}
			var found []cty.Value
			for i, key := range keys {
				if anyEqual(key, args[2]) {
					found = append(found, values[i])
				}
			}
			if len(found) == 0 {
				return cty.ListValEmpty(result.ElementType()), nil
			}
			return cty.ListVal(found), nil
		},
	})
}

// anyEqual tells whether a value is among known ones, after conversion to a
// common type.
func anyEqual(v cty.Value, among cty.Value) bool {
	ty, _ := convert.UnifyUnsafe([]cty.Type{v.Type(), among.Type().ElementType()})
	v, err := convert.Convert(v, ty)
	if err != nil {
		return false
	}
	for it := among.ElementIterator(); it.Next(); {
		_, other := it.Element()
		if other, err := convert.Convert(other, ty); err == nil && v.RawEquals(other) {
			return true
		}
	}
	return false
}

func stdOne() function.Function {
	wrong := function.NewArgErrorf(0, "must be a list, set, or tuple value with either zero or one elements")
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "list", Type: cty.DynamicPseudoType}},
		Type: func(args []cty.Value) (cty.Type, error) {
			ty := args[0].Type()
			if ty.IsListType() || ty.IsSetType() {
				return ty.ElementType(), nil
			}
			if !ty.IsTupleType() || len(ty.TupleElementTypes()) > 1 {
				return cty.NilType, wrong
			}
			if len(ty.TupleElementTypes()) == 0 {
				return cty.DynamicPseudoType, nil
			}
			return ty.TupleElementTypes()[0], nil
		},
		Impl: func(args []cty.Value, result cty.Type) (cty.Value, error) {
			elements := args[0].AsValueSlice()
			switch {
			case len(elements) == 0:
				return cty.NullVal(result), nil
			case args[0].Type().IsSetType() && !args[0].IsWhollyKnown():
				return cty.UnknownVal(result), nil // unknown elements may prove equal
			case len(elements) > 1:
				return cty.NilVal, wrong
			}
			return elements[0], nil
		},
	})
}
