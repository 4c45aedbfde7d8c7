package boilerplate

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"text/template"
	"unicode"
	"unicode/utf8"
)

func textFunctions() template.FuncMap {
	return template.FuncMap{
		"lower": strings.ToLower, "downcase": strings.ToLower, "upper": strings.ToUpper, "upcase": strings.ToUpper,
		"title": titleCase, "capitalize": titleCase, "untitle": untitle,
		"trim": strings.TrimSpace, "trimAll": flipped(strings.Trim), "trimall": flipped(strings.Trim),
		"trimPrefix": strings.TrimPrefix, "trimSuffix": strings.TrimSuffix,
		"trimPrefixBoilerplate": strings.TrimPrefix, "trimSuffixBoilerplate": strings.TrimSuffix,
		"trimPrefixSprig": flipped(strings.TrimPrefix), "trimSuffixSprig": flipped(strings.TrimSuffix),
		"replace": replaceOne, "replaceOne": replaceOne,
		"replaceAll": func(old, by, s string) string { return strings.ReplaceAll(s, old, by) },
		"dasherize":  func(s string) string { return strings.ToLower(strings.Join(wordsOf(s), "-")) },
		"kebabcase":  func(s string) string { return strings.ToLower(strings.Join(wordsOf(s), "-")) },
		"snakecase":  snake, "snakeCase": snake, "camelcase": camel, "camelCase": camel,
		"camelCaseLower": func(s string) string { return untitle(camel(s)) },
		"contains":       func(part, s string) bool { return strings.Contains(s, part) },
		"hasPrefix":      func(part, s string) bool { return strings.HasPrefix(s, part) },
		"hasSuffix":      func(part, s string) bool { return strings.HasSuffix(s, part) },
		"nospace":        func(s string) string { return strings.Join(strings.Fields(s), "") },
		"repeat":         repeat,
		"substr":         substr,
		"trunc":          trunc,
		"indent":         indent,
		"nindent":        func(n int, s string) string { return "\n" + indent(n, s) },
		"quote":          func(list ...any) string { return eachText(list, func(s string) string { return fmt.Sprintf("%q", s) }) },
		"squote":         func(list ...any) string { return eachText(list, func(s string) string { return "'" + s + "'" }) },
		"cat":            func(list ...any) string { return eachText(list, func(s string) string { return s }) },
		"initials":       initials,
		"plural":         plural,
		"toString":       toText,
		"regexMatch":     func(re, s string) (bool, error) { return regexp.MatchString(re, s) },
		"regexFind":      regexFind,
		"regexFindAll":   regexFindAll,
		"regexSplit":     regexSplit,
		"regexReplaceAll": func(re, s, by string) (string, error) {
			r, err := regexp.Compile(re)
			if err != nil {
				return "", err
			}
			return r.ReplaceAllString(s, by), nil
		},
		"regexReplaceAllLiteral": func(re, s, by string) (string, error) {
			r, err := regexp.Compile(re)
			if err != nil {
				return "", err
			}
			return r.ReplaceAllLiteralString(s, by), nil
		},
	}
}

// flipped takes the text last, as it comes out of a pipe.
func flipped(f func(s, part string) string) func(part, s string) string {
	return func(part, s string) string { return f(s, part) }
}

func replaceOne(old, by, s string) string { return strings.Replace(s, old, by, 1) }

func titleCase(s string) string {
	start := true
	return strings.Map(func(c rune) rune {
		was := start
		start = unicode.IsSpace(c)
		if was {
			return unicode.ToTitle(c)
		}
		return c
	}, s)
}

func untitle(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToLower(first)) + s[size:]
}

func firstUpper(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(first)) + s[size:]
}

// wordsOf parts a name at spaces, dashes, underscores and capitals.
func wordsOf(s string) []string {
	var out []string
	var word []rune
	flush := func() {
		if len(word) > 0 {
			out = append(out, string(word))
			word = nil
		}
	}
	runes := []rune(s)
	for i, c := range runes {
		if !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			flush()
			continue
		}
		lowerBefore := i > 0 && (unicode.IsLower(runes[i-1]) || unicode.IsDigit(runes[i-1]))
		endOfAcronym := i > 0 && unicode.IsUpper(runes[i-1]) && i+1 < len(runes) && unicode.IsLower(runes[i+1])
		if unicode.IsUpper(c) && (lowerBefore || endOfAcronym) {
			flush()
		}
		word = append(word, c)
	}
	flush()
	return out
}

func snake(s string) string { return strings.ToLower(strings.Join(wordsOf(s), "_")) }

func camel(s string) string {
	var b strings.Builder
	for _, w := range wordsOf(s) {
		b.WriteString(firstUpper(strings.ToLower(w)))
	}
	return b.String()
}

// maxRepeat keeps a slip in a template from filling the memory.
const maxRepeat = 1 << 20

func repeat(n int, s string) (string, error) {
	if n < 0 || n*len(s) > maxRepeat {
		return "", fmt.Errorf("repeat %d is out of range", n)
	}
	return strings.Repeat(s, n), nil
}

func substr(from, to int, s string) string {
	from = min(max(from, 0), len(s))
	if to < from || to > len(s) {
		to = len(s)
	}
	return s[from:to]
}

func trunc(n int, s string) string {
	switch {
	case n >= 0 && n < len(s):
		return s[:n]
	case n < 0 && -n < len(s):
		return s[len(s)+n:]
	}
	return s
}

func indent(n int, s string) string {
	pad := strings.Repeat(" ", max(n, 0))
	return pad + strings.ReplaceAll(s, "\n", "\n"+pad)
}

func eachText(list []any, f func(string) string) string {
	var out []string
	for _, x := range list {
		if x != nil {
			out = append(out, f(toText(x)))
		}
	}
	return strings.Join(out, " ")
}

func toText(x any) string {
	if s, ok := x.(string); ok {
		return s
	}
	return fmt.Sprint(x)
}

func initials(s string) string {
	var b strings.Builder
	for _, w := range strings.Fields(s) {
		first, _ := utf8.DecodeRuneInString(w)
		b.WriteRune(first)
	}
	return b.String()
}

func plural(one, many string, n int) string {
	if n == 1 {
		return one
	}
	return many
}

func regexFind(re, s string) (string, error) {
	r, err := regexp.Compile(re)
	if err != nil {
		return "", err
	}
	return r.FindString(s), nil
}

func regexFindAll(re, s string, n int) ([]string, error) {
	r, err := regexp.Compile(re)
	if err != nil {
		return nil, err
	}
	return r.FindAllString(s, n), nil
}

func regexSplit(re, s string, n int) ([]string, error) {
	r, err := regexp.Compile(re)
	if err != nil {
		return nil, err
	}
	return r.Split(s, n), nil
}

func fail(message string) (string, error) { return "", errors.New(message) }
