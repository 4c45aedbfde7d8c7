package config

import (
	"errors"
	"strconv"
	"strings"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// funcSpec is a function of the language: its documentation, and how to build
// it for the place it is called from.
type funcSpec struct {
	Name, Subject, Summary string
	Example                string // one line: upper("a") # "A"

	sensitive bool // the result depends on the caller's place, environment or the moment
	outside   bool // reads files or runs something
	marks     bool // is not outside, but a file counts as read by the unit
	build     func(*call) function.Function
}

// example takes the spec's example apart: an expression and what it gives.
func (s funcSpec) example() (expression, result string) {
	expression, result, _ = strings.Cut(s.Example, " # ")
	return expression, result
}

// pure is the build of a function that is the same wherever it is called.
func pure(f function.Function) func(*call) function.Function {
	return func(*call) function.Function { return f }
}

// stdFunctions is the standard library: the functions of Terraform 0.15.3,
// and the few that terragrunt.hcl has always had beside them.
func stdFunctions() []funcSpec {
	var all []funcSpec
	for _, s := range []struct {
		subject string
		specs   []funcSpec
	}{
		{"Numbers", stdNumbers()},
		{"Strings", stdStrings()},
		{"Collections", stdCollections()},
		{"Collections", stdMaps()},
		{"Encoding", stdEncodings()},
		{"Files", stdFiles()},
		{"Dates", stdDates()},
		{"Hashes", stdHashes()},
		{"Networks", stdNetworks()},
		{"Types", stdTypes()},
	} {
		for _, spec := range s.specs {
			spec.Subject = s.subject
			all = append(all, spec)
		}
	}
	return all
}

// stdText makes a function of one string that gives a string.
func stdText(impl func(string) (string, error)) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "str", Type: cty.String}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			s, err := impl(args[0].AsString())
			if err != nil {
				return cty.NilVal, err
			}
			return cty.StringVal(s), nil
		},
	})
}

// stdWords makes a function of exactly n strings. It counts them itself, to
// report a wrong number in the words that scripts match on.
func stdWords(name string, n int, result cty.Type, impl func(words []string) (cty.Value, error)) function.Function {
	return function.New(&function.Spec{
		VarParam: &function.Parameter{Name: "args", Type: cty.String},
		Type: func(args []cty.Value) (cty.Type, error) {
			if len(args) != n {
				return cty.NilType, &argumentCountError{Want: strconv.Itoa(n), Function: name, Got: len(args)}
			}
			return result, nil
		},
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			words := make([]string, n)
			for i, arg := range args {
				words[i] = arg.AsString()
			}
			return impl(words)
		},
	})
}

// stdPredicate makes a function that compares two strings.
func stdPredicate(name string, holds func(a, b string) bool) function.Function {
	return stdWords(name, 2, cty.Bool, func(w []string) (cty.Value, error) {
		return cty.BoolVal(holds(w[0], w[1])), nil
	})
}

// stdRemoved makes a function that still has its name, to say what to write
// instead.
func stdRemoved(reason string) function.Function {
	return function.New(&function.Spec{
		VarParam: &function.Parameter{
			Name: "args", Type: cty.DynamicPseudoType,
			AllowNull: true, AllowUnknown: true, AllowDynamicType: true, AllowMarked: true,
		},
		Type: func([]cty.Value) (cty.Type, error) { return cty.NilType, errors.New(reason) },
		Impl: func([]cty.Value, cty.Type) (cty.Value, error) { return cty.NilVal, errors.New(reason) },
	})
}
