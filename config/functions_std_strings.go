package config

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/hashicorp/go-version"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

func stdStrings() []funcSpec {
	return []funcSpec{
		{Name: "chomp", Summary: "A string without the newlines at its end.", Example: `chomp("a\n\n") # "a"`, build: pure(stdlib.ChompFunc)},
		{Name: "constraint_check", Summary: "Whether a version satisfies a constraint.", Example: `constraint_check("1.5", ">= 1.2, < 2.0") # true`, build: pure(stdConstraintCheck())},
		{Name: "endswith", Summary: "Whether a string ends with another.", Example: `endswith("network", "work") # true`, build: pure(stdPredicate("endswith", strings.HasSuffix))},
		{Name: "format", Summary: "A string made from a format and values, with verbs such as %s, %d, %03d, %v and %q.", Example: `format("%s-%03d", "web", 7) # "web-007"`, build: pure(stdlib.FormatFunc)},
		{Name: "formatlist", Summary: "A list of strings, made by applying a format to the elements of lists.", Example: `formatlist("%s/%d", ["a", "b"], 8) # ["a/8", "b/8"]`, build: pure(stdlib.FormatListFunc)},
		{Name: "indent", Summary: "A string with spaces added to the start of every line but the first.", Example: `indent(2, "a:\nb") # "a:\n  b"`, build: pure(stdlib.IndentFunc)},
		{Name: "join", Summary: "The strings of one or more lists, put together with a separator.", Example: `join("-", ["a", "b"]) # "a-b"`, build: pure(stdlib.JoinFunc)},
		{Name: "lower", Summary: "A string in lower case.", Example: `lower("HELLO") # "hello"`, build: pure(stdlib.LowerFunc)},
		{Name: "regex", Summary: "The first match of an RE2 pattern: the text, or its capture groups as a list or, if named, an object. No match is an error.", Example: `regex("(?P<year>\\d+)-(?P<month>\\d+)", "2024-05") # { month = "05", year = "2024" }`, build: pure(stdlib.RegexFunc)},
		{Name: "regexall", Summary: "All matches of an RE2 pattern, each as regex gives it.", Example: `regexall("[0-9]", "1a2") # ["1", "2"]`, build: pure(stdlib.RegexAllFunc)},
		{Name: "replace", Summary: "A string with every occurrence of another replaced. A search text between slashes is an RE2 pattern, and $1 in the replacement its first group.", Example: `replace("a-b", "/(\\w)-/", "$1.") # "a.b"`, build: pure(stdReplace())},
		{Name: "split", Summary: "The parts of a string between the occurrences of a separator.", Example: `split(",", "a,b") # ["a", "b"]`, build: pure(stdlib.SplitFunc)},
		{Name: "startswith", Summary: "Whether a string starts with another.", Example: `startswith("network", "net") # true`, build: pure(stdPredicate("startswith", strings.HasPrefix))},
		{Name: "strcontains", Summary: "Whether a string contains another.", Example: `strcontains("network", "two") # true`, build: pure(stdPredicate("strcontains", strings.Contains))},
		{Name: "strrev", Summary: "A string with its characters in reverse order.", Example: `strrev("hello") # "olleh"`, build: pure(stdlib.ReverseFunc)},
		{Name: "substr", Summary: "Part of a string, by offset and length in characters. A negative offset counts from the end, the length -1 means the rest.", Example: `substr("hello", -3, 2) # "ll"`, build: pure(stdlib.SubstrFunc)},
		{Name: "title", Summary: "A string with the first letter of each word in upper case.", Example: `title("hello there") # "Hello There"`, build: pure(stdlib.TitleFunc)},
		{Name: "trim", Summary: "A string without the given characters at its start and end.", Example: `trim("?!hello?!", "!?") # "hello"`, build: pure(stdlib.TrimFunc)},
		{Name: "trimprefix", Summary: "A string without the given start.", Example: `trimprefix("hello", "hel") # "lo"`, build: pure(stdlib.TrimPrefixFunc)},
		{Name: "trimspace", Summary: "A string without white space at its start and end.", Example: `trimspace("  a b\n") # "a b"`, build: pure(stdlib.TrimSpaceFunc)},
		{Name: "trimsuffix", Summary: "A string without the given end.", Example: `trimsuffix("hello", "lo") # "hel"`, build: pure(stdlib.TrimSuffixFunc)},
		{Name: "upper", Summary: "A string in upper case.", Example: `upper("hello") # "HELLO"`, build: pure(stdlib.UpperFunc)},
	}
}

// stdReplace chooses between plain and pattern replacement by the slashes
// around the search text.
func stdReplace() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{
			{Name: "str", Type: cty.String},
			{Name: "substr", Type: cty.String},
			{Name: "replace", Type: cty.String},
		},
		Type: function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			text, search, with := args[0].AsString(), args[1].AsString(), args[2].AsString()
			if len(search) < 2 || search[0] != '/' || search[len(search)-1] != '/' {
				return cty.StringVal(strings.ReplaceAll(text, search, with)), nil
			}
			re, err := regexp.Compile(search[1 : len(search)-1])
			if err != nil {
				return cty.NilVal, function.NewArgError(1, err)
			}
			return cty.StringVal(re.ReplaceAllString(text, with)), nil
		},
	})
}

func stdConstraintCheck() function.Function {
	return stdWords("constraint_check", 2, cty.Bool, func(w []string) (cty.Value, error) {
		v, err := version.NewVersion(w[0])
		if err != nil {
			return cty.NilVal, fmt.Errorf("invalid version %q", w[0])
		}
		c, err := version.NewConstraint(w[1])
		if err != nil {
			return cty.NilVal, fmt.Errorf("invalid constraint %q", w[1])
		}
		if len(c) == 0 {
			return cty.NilVal, errors.New("invalid constraint: it is empty")
		}
		return cty.BoolVal(c.Check(v)), nil
	})
}
