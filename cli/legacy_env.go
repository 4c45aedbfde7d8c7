package cli

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// legacyVar is an old variable that is set.
type legacyVar struct {
	name, text string
	row        legacyName
}

// newLegacyVar recognises an old variable by its name.
func newLegacyVar(name, text string) (legacyVar, bool) {
	if word, ok := strings.CutPrefix(name, oldPrefix); ok {
		old := kebab(word)
		old = strings.Replace(old, "telemerty-", "telemetry-", 1) // a misspelling that had been in use
		if slices.Contains(sameNames(), old) || slices.Contains(telemetryNames(), old) {
			return legacyVar{name, text, legacyName{Old: old, New: old}}, true
		}
		row, ok := findLegacy(renamed(), old)
		return legacyVar{name, text, row}, ok
	}
	if word, ok := strings.CutPrefix(name, sharedPrefix); ok {
		row, ok := findLegacy(hclNames(), kebab(word))
		row.Control = controlEnvVars
		return legacyVar{name, text, row}, ok
	}
	return legacyVar{}, false
}

// meant reports whether the variable is for this command.
func (l legacyVar) meant(c *command) bool {
	return l.row.Command == "" || c != nil && l.row.Command == c.Path()
}

// today is the text that today's flag would be given, or false when the old
// variable says nothing about it. A text that is no boolean is handed on for
// the error about it to name the variable.
func (l legacyVar) today() (string, bool) {
	if !l.row.Invert && l.row.Value == "" {
		return l.text, true
	}
	on, err := strconv.ParseBool(l.text)
	switch {
	case err != nil:
		return l.text, true
	case l.row.Invert:
		return strconv.FormatBool(!on), true
	default:
		return l.row.Value, on
	}
}

// warning names the variable to use instead. Tokens are secrets and are not
// repeated.
func (l legacyVar) warning(today, text string) warning {
	control := l.row.Control
	if control == "" {
		control = controlOldVars
	}
	if strings.Contains(l.row.New, "token") {
		text = "value"
	}
	return warning{control, fmt.Sprintf(
		"The `%s` environment variable is deprecated and will be removed in a future version of %s. Use `%s=%s` instead.",
		l.name, displayName, today, text)}
}
