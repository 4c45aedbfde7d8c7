package boilerplate

import (
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/go-version"
	"go.yaml.in/yaml/v3"
)

// validations are rules that a value must meet: a list, or one text with
// spaces between them.
type validations []rule

type rule string

func (v *validations) UnmarshalYAML(n *yaml.Node) error {
	var words []string
	if n.Kind == yaml.ScalarNode {
		words = strings.Fields(n.Value)
	} else if err := n.Decode(&words); err != nil {
		return err
	}
	for _, w := range words {
		*v = append(*v, rule(strings.TrimSpace(w)))
	}
	return nil
}

// problem is what is wrong with a value, "" for nothing.
func (v validations) problem(value string) string {
	for _, r := range v {
		if what, err := r.check(value); err == nil && what != "" {
			return what
		}
	}
	return ""
}

// check says what is wrong with a value. The error is a rule that does not
// exist. All but one rule let an empty value pass.
func (r rule) check(value string) (problem string, err error) {
	name, rest, _ := strings.Cut(string(r), "-")
	if pattern, ok := strings.CutPrefix(string(r), "regex("); ok {
		return matchRule(strings.TrimSuffix(pattern, ")"), value)
	}
	test := map[string]struct {
		ok  func(string) bool
		say string
	}{
		"required":     {func(s string) bool { return strings.TrimSpace(s) != "" }, "must not be empty"},
		"url":          {isURL, "must be a URL"},
		"email":        {isEmail, "must be an email address"},
		"alpha":        {only(isLetter), "must contain English letters only"},
		"digit":        {only(isDigit), "must contain digits only"},
		"alphanumeric": {only(func(c rune) bool { return isLetter(c) || isDigit(c) }), "must contain English letters and digits only"},
		"countrycode2": {func(s string) bool { return len(s) == 2 && only(unicode.IsUpper)(s) }, "must be a country code of two capital letters"},
		"semver":       {isSemver, "must be a semantic version"},
		"length":       {func(s string) bool { return lengthWithin(s, rest) == "" }, lengthWithin(value, rest)},
	}[name]
	if test.ok == nil {
		return "", fmt.Errorf("there is no validation %q", string(r))
	}
	if name == "length" {
		if _, _, err := limits(rest); err != nil {
			return "", err
		}
	}
	if value == "" && name != "required" || test.ok(value) {
		return "", nil
	}
	return test.say, nil
}

func matchRule(pattern, value string) (string, error) {
	re, err := regexp.Compile(pattern)
	if err != nil {
		return "", err
	}
	if value == "" || re.MatchString(value) {
		return "", nil
	}
	return "must match " + pattern, nil
}

func limits(text string) (low, high int, err error) {
	if _, err := fmt.Sscanf(text, "%d-%d", &low, &high); err != nil || low > high {
		return 0, 0, errors.New("a length is written as length-5-22")
	}
	return low, high, nil
}

func lengthWithin(value, text string) string {
	low, high, err := limits(text)
	if n := utf8.RuneCountInString(value); err != nil || n >= low && n <= high {
		return ""
	}
	return fmt.Sprintf("must have between %d and %d characters", low, high)
}

func only(is func(rune) bool) func(string) bool {
	return func(s string) bool { return !strings.ContainsFunc(s, func(c rune) bool { return !is(c) }) }
}

func isLetter(c rune) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
func isDigit(c rune) bool  { return c >= '0' && c <= '9' }

func isURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme != "" && u.Host != ""
}

func isEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s
}

func isSemver(s string) bool {
	_, err := version.NewSemver(s)
	return err == nil
}
