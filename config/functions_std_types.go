package config

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/customdecode"
	"github.com/hashicorp/hcl/v2/ext/tryfunc"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

func stdTypes() []funcSpec {
	return []funcSpec{
		{Name: "can", Summary: "Whether an expression can be evaluated without an error.", Example: `can(tonumber("x")) # false`, build: pure(tryfunc.CanFunc)},
		{Name: "defaults", Summary: "Removed: was an experiment for filling in missing attributes. Always fails.", Example: `can(defaults({}, {})) # false`, build: pure(stdRemoved(`the "defaults" function was an experiment and is not available; use merge or try to fill in missing attributes`))},
		{Name: "nonsensitive", Summary: "A value without the mark that sensitive puts on it.", Example: `nonsensitive(sensitive("s")) # "s"`, build: pure(stdNonsensitive())},
		{Name: "sensitive", Summary: "A value marked as secret.", Example: `nonsensitive(sensitive("s")) # "s"`, build: pure(stdSensitive())},
		{Name: "tobool", Summary: "A value converted to a boolean.", Example: `tobool("true") # true`, build: pure(stdlib.MakeToFunc(cty.Bool))},
		{Name: "tolist", Summary: "A value converted to a list, with elements of one type.", Example: `tolist(["a", 1]) # ["a", "1"]`, build: pure(stdlib.MakeToFunc(cty.List(cty.DynamicPseudoType)))},
		{Name: "tomap", Summary: "A value converted to a map, with elements of one type.", Example: `tomap({ a = "x", b = 1 }) # { a = "x", b = "1" }`, build: pure(stdlib.MakeToFunc(cty.Map(cty.DynamicPseudoType)))},
		{Name: "tonumber", Summary: "A value converted to a number.", Example: `tonumber("2.5") # 2.5`, build: pure(stdlib.MakeToFunc(cty.Number))},
		{Name: "toset", Summary: "A value converted to a set: without duplicates or order, with elements of one type.", Example: `toset(["b", "a", "b"]) # ["a", "b"]`, build: pure(stdlib.MakeToFunc(cty.Set(cty.DynamicPseudoType)))},
		{Name: "tostring", Summary: "A value converted to a string.", Example: `tostring(1.5) # "1.5"`, build: pure(stdlib.MakeToFunc(cty.String))},
		{Name: "try", Summary: "The value of the first expression that can be evaluated without an error.", Example: `try({ a = 1 }.b, "none") # "none"`, build: pure(stdTry())},
	}
}

// markSensitive is on the values that sensitive returns. It changes nothing
// but what nonsensitive sees: who renders a value or hands it on removes it.
const markSensitive = valueMark("sensitive")

type valueMark string

func stdSensitive() function.Function {
	return stdMark(func(v cty.Value) cty.Value { return v.Mark(markSensitive) })
}

// stdNonsensitive accepts a value that is not marked. Terraform 0.15 refused
// it, which made a value's history part of its type; marks do not reach as far
// here, so refusing would break files that work there.
func stdNonsensitive() function.Function {
	return stdMark(func(v cty.Value) cty.Value {
		v, marks := v.Unmark()
		delete(marks, markSensitive)
		return v.WithMarks(marks)
	})
}

// stdMark makes a function that gives its argument with other marks.
func stdMark(remark func(cty.Value) cty.Value) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{
			Name: "value", Type: cty.DynamicPseudoType,
			AllowNull: true, AllowUnknown: true, AllowDynamicType: true, AllowMarked: true,
		}},
		Type: func(args []cty.Value) (cty.Type, error) { return args[0].Type(), nil },
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) { return remark(args[0]), nil },
	})
}

// stdTry differs from the one of the HCL library in evaluating its arguments
// once: with a type that is known beforehand they would be evaluated twice.
func stdTry() function.Function {
	return function.New(&function.Spec{
		VarParam: &function.Parameter{Name: "expressions", Type: customdecode.ExpressionClosureType},
		Type:     function.StaticReturnType(cty.DynamicPseudoType),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			if len(args) == 0 {
				return cty.NilVal, errors.New("at least one argument is required")
			}
			var failures hcl.Diagnostics
			for _, arg := range args {
				v, diags := customdecode.ExpressionClosureFromVal(arg).Value()
				switch {
				case diags.HasErrors():
					failures = append(failures, diags...)
				case !v.IsWhollyKnown():
					// A known value could still make this argument fail, and
					// the next one be the result.
					return cty.DynamicVal, nil
				default:
					return v, nil
				}
			}
			return cty.NilVal, errors.New(noneSucceeded(failures))
		},
	})
}

func noneSucceeded(failures hcl.Diagnostics) string {
	var b strings.Builder
	b.WriteString("no expression succeeded:\n")
	for _, d := range failures {
		if d.Subject != nil {
			fmt.Fprintf(&b, "- %s (at %s)\n  %s\n", d.Summary, d.Subject, d.Detail)
		} else {
			fmt.Fprintf(&b, "- %s\n  %s\n", d.Summary, d.Detail)
		}
	}
	b.WriteString("\nAt least one expression must produce a successful result")
	return b.String()
}
