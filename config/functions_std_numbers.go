package config

import (
	"errors"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

func stdNumbers() []funcSpec {
	return []funcSpec{
		{Name: "abs", Summary: "The distance of a number from zero.", Example: `abs(-3) # 3`, build: pure(stdlib.AbsoluteFunc)},
		{Name: "ceil", Summary: "The smallest whole number that is not below the given one.", Example: `ceil(1.2) # 2`, build: pure(stdlib.CeilFunc)},
		{Name: "floor", Summary: "The largest whole number that is not above the given one.", Example: `floor(1.8) # 1`, build: pure(stdlib.FloorFunc)},
		{Name: "log", Summary: "The logarithm of a number in the given base.", Example: `log(16, 2) # 4`, build: pure(stdlib.LogFunc)},
		{Name: "max", Summary: "The largest of the given numbers.", Example: `max(3, 7, 5) # 7`, build: pure(stdlib.MaxFunc)},
		{Name: "min", Summary: "The smallest of the given numbers.", Example: `min(3, 7, 5) # 3`, build: pure(stdlib.MinFunc)},
		{Name: "parseint", Summary: "The whole number that a string holds in the given base, 2 to 62.", Example: `parseint("ff", 16) # 255`, build: pure(stdlib.ParseIntFunc)},
		{Name: "pow", Summary: "The first number raised to the power of the second.", Example: `pow(2, 3) # 8`, build: pure(stdlib.PowFunc)},
		{Name: "signum", Summary: "The sign of a number: -1, 0 or 1.", Example: `signum(-4) # -1`, build: pure(stdlib.SignumFunc)},
		{Name: "sum", Summary: "The sum of a list or set of numbers, which must not be empty.", Example: `sum([1, 2, 3.5]) # 6.5`, build: pure(stdSum())},
	}
}

func stdSum() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "list", Type: cty.DynamicPseudoType}},
		Type:   function.StaticReturnType(cty.Number),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			list := args[0]
			if !stdIsSequence(list.Type()) {
				return cty.NilVal, function.NewArgErrorf(0, "argument must be list, set, or tuple; received %s", list.Type().FriendlyName())
			}
			if !list.IsWhollyKnown() {
				return cty.UnknownVal(cty.Number), nil
			}
			if list.LengthInt() == 0 {
				return cty.NilVal, function.NewArgErrorf(0, "cannot sum an empty list")
			}
			return addUp(list)
		},
	})
}

func addUp(list cty.Value) (cty.Value, error) {
	total := cty.Zero
	for it := list.ElementIterator(); it.Next(); {
		_, v := it.Element()
		n, err := convert.Convert(v, cty.Number)
		if err != nil || n.IsNull() {
			return cty.NilVal, function.NewArgError(0, errors.New("argument must be list, set, or tuple of number values"))
		}
		total = total.Add(n)
	}
	return total, nil
}

// stdIsSequence tells whether values of a type are lists, sets or tuples.
func stdIsSequence(ty cty.Type) bool {
	return ty.IsListType() || ty.IsSetType() || ty.IsTupleType()
}
