package cli

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// valueText is what a value is read from: one text, or several for lists and
// maps. The name of the variable, if it is one, is for messages.
type valueText struct {
	texts    []string
	variable string
}

// parseText reads a value of the flag's kind.
func parseText(def *flagDef, t valueText) (value, error) {
	switch def.Kind {
	case kindBool:
		on, err := strconv.ParseBool(t.texts[0])
		if err != nil {
			return value{}, badBool(def, t)
		}
		return value{Bool: on}, nil
	case kindInt, kindCount:
		return parseInt(def, t)
	case kindList:
		return value{List: slices.DeleteFunc(slices.Clone(t.texts), func(s string) bool { return s == "" })}, nil
	case kindMap:
		m, err := parseMap(t.texts)
		return value{Map: m}, err
	default:
		return parseChoice(def, t.texts[0])
	}
}

func badBool(def *flagDef, t valueText) error {
	subject := fmt.Sprintf("invalid boolean value %q for -%s", t.texts[0], def.Name)
	if t.variable != "" {
		subject = fmt.Sprintf("invalid value %q for env var %s", t.texts[0], t.variable)
	}
	return &usageError{subject + `: must be one of: "0", "1", "f", "t", "false", "true"`}
}

// parseInt reads a whole number, for kindCount one above zero.
func parseInt(def *flagDef, t valueText) (value, error) {
	n, err := strconv.Atoi(strings.TrimSpace(t.texts[0]))
	cause := ""
	switch {
	case err != nil:
		cause = "must be a whole number"
	case def.Kind == kindCount && n <= 0:
		cause = "must be positive"
	default:
		return value{Int: n}, nil
	}
	subject := "flag -" + def.Name
	if t.variable != "" {
		subject = "env var " + t.variable
	}
	return value{}, &usageError{fmt.Sprintf("invalid value %q for %s: %s", t.texts[0], subject, cause)}
}

// parseMap reads KEY=VALUE pairs. The first "=" separates, so values may hold
// more. A later pair wins over an earlier one of the same key.
func parseMap(texts []string) (map[string]string, error) {
	m := make(map[string]string, len(texts))
	for _, text := range texts {
		if text == "" {
			continue
		}
		key, val, ok := strings.Cut(text, "=")
		if !ok || key == "" {
			return nil, &usageError{fmt.Sprintf("invalid key-value pair, expected format KEY=VALUE, got %s.", text)}
		}
		m[key] = val
	}
	return m, nil
}

// parseChoice reads a text. One of a closed set is accepted in any case.
func parseChoice(def *flagDef, text string) (value, error) {
	if len(def.Choices) == 0 {
		return value{Text: text}, nil
	}
	for _, c := range def.Choices {
		if strings.EqualFold(c, text) {
			return value{Text: c}, nil
		}
	}
	return value{}, &usageError{fmt.Sprintf("invalid %s: %s, must be one of: %s",
		strings.ReplaceAll(def.Name, "-", " "), text, strings.Join(def.Choices, ", "))}
}
