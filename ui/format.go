package ui

import (
	"fmt"
	"strings"
)

// The names of the preset log formats.
const (
	FormatPretty   = "pretty"
	FormatBare     = "bare"
	FormatKeyValue = "key-value"
	FormatJSON     = "json"
)

const (
	prettyFormat = `%time(color=light-black) %level(case=upper,width=6,color=preset) ` +
		`%prefix(path=short-relative,prefix="[",suffix="] ",color=gradient)` +
		`%tf-path(path=filename,suffix=": ",color=cyan)%msg(path=relative)`
	bareFormat = `%level(case=upper,width=4,color=preset)[%interval] %msg(path=relative)` +
		`%prefix(path=short,prefix="` + "\t" + ` prefix=[",suffix="] ")`
)

// Format is a compiled log format. It is immutable and may be shared.
type Format struct {
	segments []segment
}

// segment appends one piece of a line.
type segment func(b []byte, e *entry) []byte

func (f *Format) append(b []byte, e *entry) []byte {
	for _, s := range f.segments {
		b = s(b, e)
	}
	return b
}

// FormatNames lists the preset log formats.
func FormatNames() []string {
	return []string{FormatPretty, FormatBare, FormatKeyValue, FormatJSON}
}

// PresetFormat compiles the preset of this name. The error names the choices.
func PresetFormat(name string) (*Format, error) {
	switch name {
	case FormatPretty:
		return ParseFormat(prettyFormat)
	case FormatBare:
		return ParseFormat(bareFormat)
	case FormatKeyValue:
		return &Format{segments: []segment{appendKeyValue}}, nil
	case FormatJSON:
		return &Format{segments: []segment{appendJSON}}, nil
	}
	return nil, fmt.Errorf("invalid log format %q, supported formats: %s", name, strings.Join(FormatNames(), ", "))
}

// ParseFormat compiles a custom format: text with placeholders such as
// %level(case=upper,width=6). Errors name the valid choices.
func ParseFormat(text string) (*Format, error) {
	f := &Format{}
	for text != "" {
		i := strings.IndexByte(text, '%')
		if i != 0 {
			if i < 0 {
				i = len(text)
			}
			f.segments = append(f.segments, literal(text[:i]))
			text = text[i:]
			continue
		}
		s, rest, err := parsePlaceholder(text[1:])
		if err != nil {
			return nil, err
		}
		f.segments = append(f.segments, s)
		text = rest
	}
	return f, nil
}

func literal(text string) segment {
	return func(b []byte, _ *entry) []byte { return append(b, text...) }
}

// placeholderNames lists the named placeholders in the order errors show them.
func placeholderNames() []string {
	return []string{"interval", "time", "level", "msg", "prefix", "tf-path", "tf-command-args", "tf-command"}
}

// parsePlaceholder reads what follows a percent sign and returns the rest.
func parsePlaceholder(text string) (segment, string, error) {
	name := ""
	for _, n := range placeholderNames() { // the longest name wins
		if strings.HasPrefix(text, n) && len(n) > len(name) {
			name = n
		}
	}
	if name == "" && !strings.HasPrefix(text, "(") {
		return parseSign(text)
	}
	options, rest, err := parseOptions(name, text[len(name):])
	if err != nil {
		return nil, "", err
	}
	s, err := compilePlaceholder(name, options)
	return s, rest, err
}

// parseSign reads a placeholder that stands for one fixed character. A percent
// sign before a space, or at the end, is just that.
func parseSign(text string) (segment, string, error) {
	switch {
	case text == "" || text[0] == ' ':
		return literal("%"), text, nil
	case text[0] == '%':
		return literal("%"), text[1:], nil
	case text[0] == 't':
		return literal("\t"), text[1:], nil
	case text[0] == 'n':
		return literal("\n"), text[1:], nil
	}
	end := strings.IndexFunc(text, func(r rune) bool { return r != '-' && (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') })
	if end < 0 {
		end = len(text)
	}
	if end == 0 {
		end = 1
	}
	return nil, "", invalid("placeholder name", text[:end], placeholderNames())
}

// parseOptions reads an option list in parentheses, if there is one.
func parseOptions(name, text string) (map[string]string, string, error) {
	if !strings.HasPrefix(text, "(") {
		return nil, text, nil
	}
	whole := text
	options := map[string]string{}
	for text = strings.TrimLeft(text[1:], " "); !strings.HasPrefix(text, ")"); {
		key, rest, found := strings.Cut(text, "=")
		if end := strings.IndexAny(text, ",)"); !found || end >= 0 && end < len(key) {
			return nil, "", fmt.Errorf("invalid options %q of placeholder %q: want (name=value, ...)", whole, "%"+name)
		}
		value, rest, err := parseValue(strings.TrimLeft(rest, " "))
		if err != nil {
			return nil, "", fmt.Errorf("invalid options %q of placeholder %q: %w", whole, "%"+name, err)
		}
		options[strings.TrimSpace(key)] = value
		text = strings.TrimLeft(rest, " ")
		if strings.HasPrefix(text, ",") {
			text = strings.TrimLeft(text[1:], " ")
		}
	}
	return options, text[1:], nil
}

// parseValue reads an option value, which may be quoted, up to the comma or
// parenthesis behind it.
func parseValue(text string) (value, rest string, err error) {
	if text == "" || text[0] != '"' && text[0] != '\'' {
		end := strings.IndexAny(text, ",)")
		if end < 0 {
			return "", "", fmt.Errorf("closing parenthesis missing")
		}
		return strings.TrimSpace(text[:end]), text[end:], nil
	}
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == text[0]:
			rest = strings.TrimLeft(text[i+1:], " ")
			if rest == "" || rest[0] != ',' && rest[0] != ')' {
				return "", "", fmt.Errorf("closing parenthesis missing")
			}
			return b.String(), rest, nil
		case text[i] == '\\' && i+1 < len(text) && (text[i+1] == text[0] || text[i+1] == '\\'):
			i++
		}
		b.WriteByte(text[i])
	}
	return "", "", fmt.Errorf("closing quote missing")
}

func invalid(what, got string, choices []string) error {
	return fmt.Errorf("invalid %s %q, available names: %s", what, got, strings.Join(choices, ","))
}
