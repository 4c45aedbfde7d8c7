package config

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"

	yaml "github.com/zclconf/go-cty-yaml"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/ianaindex"
)

func stdEncodings() []funcSpec {
	return []funcSpec{
		{Name: "base64decode", Summary: "The text that a base64 string holds, which must be UTF-8.", Example: `base64decode("aGk=") # "hi"`, build: pure(stdText(decodeBase64))},
		{Name: "base64encode", Summary: "The base64 form of a string's UTF-8 bytes.", Example: `base64encode("hi") # "aGk="`, build: pure(stdText(encodeBase64))},
		{Name: "base64gzip", Summary: "A string compressed with gzip, in base64.", Example: `substr(base64gzip("hi"), 0, 4) # "H4sI"`, build: pure(stdText(compressBase64))},
		{Name: "csvdecode", Summary: "The rows of a CSV text as objects, with keys from its first line.", Example: `csvdecode("a,b\n1,2\n") # [{ a = "1", b = "2" }]`, build: pure(stdlib.CSVDecodeFunc)},
		{Name: "jsondecode", Summary: "The value that a JSON text describes.", Example: `jsondecode("{\"a\":[1,true]}") # { a = [1, true] }`, build: pure(stdJSONDecode())},
		{Name: "jsonencode", Summary: "A value as JSON, in one line.", Example: `jsonencode({ a = [1, null] }) # "{\"a\":[1,null]}"`, build: pure(stdlib.JSONEncodeFunc)},
		{Name: "textdecodebase64", Summary: "The text that a base64 string holds in the given character encoding.", Example: `textdecodebase64("aABpAA==", "UTF-16LE") # "hi"`, build: pure(stdTranscode("base64", decodeText))},
		{Name: "textencodebase64", Summary: "The base64 form of a string in the given character encoding.", Example: `textencodebase64("hi", "UTF-16LE") # "aABpAA=="`, build: pure(stdTranscode("str", encodeText))},
		{Name: "urlencode", Summary: "A string escaped for use in a URL's query.", Example: `urlencode("a&b c") # "a%26b+c"`, build: pure(stdText(func(s string) (string, error) { return url.QueryEscape(s), nil }))},
		{Name: "yamldecode", Summary: "The value that a YAML text describes.", Example: `yamldecode("a: [1, x]") # { a = [1, "x"] }`, build: pure(yaml.YAMLDecodeFunc)},
		{Name: "yamlencode", Summary: "A value as YAML.", Example: `yamlencode({ a = 1 }) # "\"a\": 1\n"`, build: pure(yaml.YAMLEncodeFunc)},
	}
}

// decodeBase64 keeps the text out of its errors: what is stored encoded is
// often a secret.
func decodeBase64(s string) (string, error) {
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		return "", fmt.Errorf("failed to decode base64 data: %w", err)
	}
	if !utf8.Valid(b) {
		return "", errors.New("the result of decoding the provided string is not valid UTF-8")
	}
	return string(b), nil
}

func encodeBase64(s string) (string, error) {
	return base64.StdEncoding.EncodeToString([]byte(s)), nil
}

func compressBase64(s string) (string, error) {
	var buf bytes.Buffer
	w := gzip.NewWriter(&buf)
	if _, err := w.Write([]byte(s)); err != nil {
		return "", fmt.Errorf("failed to compress: %w", err)
	}
	// Terraform flushes before closing; the extra empty block is part of the
	// result that users have in their state.
	if err := w.Flush(); err != nil {
		return "", fmt.Errorf("failed to compress: %w", err)
	}
	if err := w.Close(); err != nil {
		return "", fmt.Errorf("failed to compress: %w", err)
	}
	return base64.StdEncoding.EncodeToString(buf.Bytes()), nil
}

// stdJSONDecode is the library's, but says where the text is wrong, and has a
// bound for nesting.
func stdJSONDecode() function.Function {
	check := func(args []cty.Value) error {
		text, _ := args[0].Unmark()
		if !text.IsKnown() || text.IsNull() {
			return nil
		}
		if diags := checkJSON([]byte(text.AsString()), "text"); diags.HasErrors() {
			at := diags[0].Subject.Start
			return fmt.Errorf("%s, in line %d, column %d of the text", strings.TrimSuffix(jsonMistake(diags), "."), at.Line, at.Column)
		}
		return nil
	}
	params := stdlib.JSONDecodeFunc.Params()
	return function.New(&function.Spec{
		Params: params,
		Type: func(args []cty.Value) (cty.Type, error) {
			if err := check(args); err != nil {
				return cty.NilType, function.NewArgError(0, err)
			}
			return stdlib.JSONDecodeFunc.ReturnTypeForValues(args)
		},
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) { return stdlib.JSONDecodeFunc.Call(args) },
	})
}

// stdTranscode makes a function of a text and the name of a character encoding.
func stdTranscode(first string, work func(s, name string, e encoding.Encoding) (string, error)) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: first, Type: cty.String}, {Name: "encoding", Type: cty.String}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			e, err := ianaindex.IANA.Encoding(args[1].AsString())
			if err != nil || e == nil {
				return cty.NilVal, function.NewArgErrorf(1, "%q is not a supported IANA encoding name or alias", args[1].AsString())
			}
			name, err := ianaindex.IANA.Name(e)
			if err != nil {
				name = args[1].AsString()
			}
			s, err := work(args[0].AsString(), name, e)
			if err != nil {
				return cty.NilVal, function.NewArgError(0, err)
			}
			return cty.StringVal(s), nil
		},
	})
}

func encodeText(s, name string, e encoding.Encoding) (string, error) {
	b, err := e.NewEncoder().Bytes([]byte(s))
	if err != nil {
		return "", fmt.Errorf("the given string contains characters that cannot be represented in %s", name)
	}
	return base64.StdEncoding.EncodeToString(b), nil
}

func decodeText(s, name string, e encoding.Encoding) (string, error) {
	b, err := base64.StdEncoding.DecodeString(s)
	if err != nil {
		return "", fmt.Errorf("the given value is not a valid base64 string: %w", err)
	}
	text, err := e.NewDecoder().Bytes(b)
	if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
		return "", fmt.Errorf("the given string contains symbols that are not defined for %s", name)
	}
	return string(text), nil
}
