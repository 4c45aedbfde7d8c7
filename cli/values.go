package cli

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// origin says where a value comes from, weakest first.
type origin int

const (
	fromDefault origin = iota
	fromLegacyEnv
	fromEnv
	fromFlag
)

// value is what a flag has been set to. Only the field of its kind is used.
type value struct {
	Origin origin
	Source string // what set it, as the user knows it: "--all", "TG_ALL"
	Bool   bool
	Text   string // kindString, kindPath
	Int    int    // kindInt, kindCount
	List   []string
	Map    map[string]string
}

// values holds the flags of one command that were set. Flags that were not
// read as their default.
type values struct {
	table   *table
	command *command
	set     map[string]value
}

// get returns the value of a flag. A flag that the command does not have gives
// the zero value, so that one builder serves all commands; a name that is in
// no table is a mistake in this package.
func (v *values) get(name string) value {
	if x, ok := v.set[name]; ok {
		return x
	}
	def := v.table.lookup(v.command, name)
	if def == nil {
		if v.table.anywhere(name) == nil {
			panic("cli: no flag named " + name)
		}
		return value{}
	}
	if def.Default == "" {
		return value{}
	}
	x, err := parseText(def, valueText{texts: splitDefault(def)})
	if err != nil {
		panic("cli: default of " + name + ": " + err.Error())
	}
	return x
}

func splitDefault(def *flagDef) []string {
	if def.Kind.repeats() {
		return strings.Split(def.Default, ",")
	}
	return []string{def.Default}
}

// Bool, String, Int, List and Map return the value of a flag of that kind. A
// list or map is a copy.
func (v *values) Bool(name string) bool             { return v.get(name).Bool }
func (v *values) String(name string) string         { return v.get(name).Text }
func (v *values) Int(name string) int               { return v.get(name).Int }
func (v *values) List(name string) []string         { return slices.Clone(v.get(name).List) }
func (v *values) Map(name string) map[string]string { return maps.Clone(v.get(name).Map) }

// Set reports whether the user gave the flag, in words or by a variable.
func (v *values) Set(name string) bool { return v.get(name).Origin != fromDefault }

// Source is what set the flag, for messages: "--all" or "TG_ALL". It is empty
// for a default.
func (v *values) Source(name string) string { return v.get(name).Source }

// bind gives every flag its value: from the command line, else from today's
// variables, else from the old ones.
func bind(t *table, w words, env environment) (*values, []warning, error) {
	b := &binder{values: &values{t, w.Command, map[string]value{}}, env: env, given: map[string][]setting{}}
	for _, s := range w.Flags {
		b.given[s.Def.Name] = append(b.given[s.Def.Name], s)
	}
	for _, def := range t.flags(w.Command) {
		if err := b.flag(def); err != nil {
			return nil, nil, err
		}
	}
	return b.values, b.warnings, nil
}

type binder struct {
	values   *values
	env      environment
	given    map[string][]setting
	warnings []warning
}

func (b *binder) flag(def *flagDef) error {
	x, ok, err := b.find(def)
	if err != nil || !ok {
		return err
	}
	// A bool that is set to false asks for nothing.
	used := def.Kind != kindBool || x.Bool
	if def.Unsupported != "" && used {
		return &usageError{fmt.Sprintf("%s is not supported: %s", x.subject(def), def.Unsupported)}
	}
	if def.Retired != nil && used {
		b.warnings = append(b.warnings, warning{def.Retired.Control,
			fmt.Sprintf("The `%s` flag is deprecated. %s", dashed(def.Name), def.Retired.Advice)})
	}
	b.values.set[def.Name] = x
	return nil
}

// subject names the flag, and the variable when it was set by one.
func (x value) subject(def *flagDef) string {
	if x.Origin == fromFlag {
		return "flag " + dashed(def.Name)
	}
	return fmt.Sprintf("%s: flag %s", x.Source, dashed(def.Name))
}

// find looks on the command line and then in the environment.
func (b *binder) find(def *flagDef) (value, bool, error) {
	if given := b.given[def.Name]; len(given) > 0 {
		x, err := b.typed(def, given)
		return x, true, err
	}
	text, ok := b.env.lookup(b.values.command, def)
	if !ok {
		return value{}, false, nil
	}
	b.warnings = append(b.warnings, text.Warnings...)
	texts := []string{text.Text}
	if def.Kind.repeats() {
		texts = trimmed(strings.Split(text.Text, ","))
	}
	x, err := parseText(def, valueText{texts: texts, variable: text.Var})
	x.Origin, x.Source = fromEnv, text.Var
	if text.Legacy {
		x.Origin = fromLegacyEnv
	}
	return x, true, err
}

func trimmed(list []string) []string {
	for i, s := range list {
		list[i] = strings.TrimSpace(s)
	}
	return list
}

// typed reads what stood on the command line.
func (b *binder) typed(def *flagDef, given []setting) (value, error) {
	last := given[len(given)-1]
	if len(given) > 1 && !def.Kind.repeats() && !def.Repeat {
		return value{}, &usageError{fmt.Sprintf("invalid value %q for flag -%s: setting the flag multiple times",
			settingText(last), def.Name)}
	}
	var texts []string
	for _, s := range given {
		texts = append(texts, settingText(s))
		if slices.Contains(def.Old, s.Name) {
			b.warnings = append(b.warnings, warning{controlOldFlags,
				fmt.Sprintf("The `%s` flag is deprecated. Use `%s` instead.", dashed(s.Name), dashed(def.Name))})
		}
	}
	if !def.Kind.repeats() {
		texts = texts[len(texts)-1:]
	}
	x, err := parseText(def, valueText{texts: texts})
	x.Origin, x.Source = fromFlag, dashed(last.Name)
	return x, err
}

// settingText is the text of a setting; a bool without one is true.
func settingText(s setting) string {
	if !s.HasText {
		return strconv.FormatBool(true)
	}
	return s.Text
}
