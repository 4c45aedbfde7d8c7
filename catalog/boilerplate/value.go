package boilerplate

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// convert makes a value of a variable's type of one that was given: text of
// the command line, or a value of a file.
func (v *Variable) convert(given any) (any, error) {
	out, ok := convertTo(v.Type, given)
	if !ok {
		return nil, fmt.Errorf("%v is not a value of type %s", given, v.Type)
	}
	if v.Type == "enum" && !slices.Contains(v.Options, fmt.Sprint(out)) {
		return nil, fmt.Errorf("%v is not one of %s", given, strings.Join(v.Options, ", "))
	}
	if problem := v.Validations.problem(fmt.Sprint(out)); problem != "" {
		return nil, fmt.Errorf("%q %s", fmt.Sprint(out), problem)
	}
	return out, nil
}

func convertTo(typ string, given any) (any, bool) {
	if typ == "" || typ == "string" || typ == "enum" {
		switch x := given.(type) {
		case string:
			return x, true
		case bool, int, int64, uint64, float64:
			return fmt.Sprint(x), true
		}
		return nil, false
	}
	if s, ok := given.(string); ok {
		var parsed any
		if yaml.Unmarshal([]byte(s), &parsed) != nil {
			return nil, false
		}
		given = parsed
	}
	switch typ {
	case "bool":
		b, ok := given.(bool)
		return b, ok
	case "int":
		return toInt(given)
	case "float":
		f, ok := toFloat(given)
		return f, ok
	case "list":
		l, ok := given.([]any)
		return l, ok || given == nil
	case "map":
		m, ok := given.(map[string]any)
		return m, ok || given == nil
	}
	return nil, false
}

func toInt(given any) (any, bool) {
	f, ok := toFloat(given)
	if !ok || f != math.Trunc(f) {
		return nil, false
	}
	return int(f), true
}

func toFloat(given any) (float64, bool) {
	switch x := given.(type) {
	case int:
		return float64(x), true
	case int64:
		return float64(x), true
	case uint64:
		return float64(x), true
	case float64:
		return x, true
	case string:
		f, err := strconv.ParseFloat(strings.TrimSpace(x), 64)
		return f, err == nil
	}
	return 0, false
}

// Given reads a value of the command line that no template declares: lists,
// maps and booleans are YAML, all else is the text.
func Given(s string) any {
	trimmed := strings.TrimSpace(s)
	if trimmed == "true" || trimmed == "false" {
		return trimmed == "true"
	}
	if strings.HasPrefix(trimmed, "{") || strings.HasPrefix(trimmed, "[") {
		var out any
		if yaml.Unmarshal([]byte(s), &out) == nil {
			return out
		}
	}
	return s
}

// Check says what is wrong with a value as a person types it.
func (v *Variable) Check(typed string) error {
	_, err := v.convert(typed)
	return err
}
