package cli

import (
	"slices"
	"strings"
	"testing"
)

// allFlags visits every flag with the command that has it; nil for the global
// ones.
func allFlags(t *table, visit func(*command, *flagDef)) {
	for _, f := range t.Globals {
		visit(nil, f)
	}
	t.walk(func(c *command) {
		for _, f := range c.Flags {
			visit(c, f)
		}
	})
}

func TestFlagRows(t *testing.T) {
	t.Parallel()
	tab := newTable()
	allFlags(tab, func(c *command, f *flagDef) {
		if !strings.HasSuffix(f.Help, ".") || f.Help == "." {
			t.Errorf("%s: help must be sentences", f.Name)
		}
		if f.Kind.takesText() != (f.Value != "") {
			t.Errorf("%s: a name for the value if and only if there is one", f.Name)
		}
		if other := tab.anywhere(f.Name); other.Kind != f.Kind && (c == nil || findFlag(tab.Globals, f.Name) == nil) {
			t.Errorf("%s: kind %v here and %v elsewhere", f.Name, f.Kind, other.Kind)
		}
		if f.Default != "" {
			if _, err := parseText(f, valueText{texts: splitDefault(f)}); err != nil {
				t.Errorf("%s: default: %v", f.Name, err)
			}
		}
		if f.Retired != nil && !slices.Contains(activeControls(), f.Retired.Control) {
			t.Errorf("%s: no control %s", f.Name, f.Retired.Control)
		}
	})
}

// A name must not stand for two flags of one command.
func TestFlagNamesAreUnique(t *testing.T) {
	t.Parallel()
	tab := newTable()
	tab.walk(func(c *command) {
		seen := map[string]bool{}
		for _, f := range tab.flags(c) {
			for _, name := range slices.Concat([]string{f.Name}, f.Aliases, f.Old) {
				if seen[name] {
					t.Errorf("%s: --%s twice", c.Path(), name)
				}
				seen[name] = true
			}
		}
	})
}

func TestCommandRows(t *testing.T) {
	t.Parallel()
	tab := newTable()
	tab.walk(func(c *command) {
		if c.Summary == "" || strings.HasSuffix(c.Summary, ".") {
			t.Errorf("%s: summary must be a line without dot", c.Path())
		}
		if c.parent == nil && !c.Hidden && !slices.Contains(groupOrder(), c.Group) {
			t.Errorf("%s: no group", c.Path())
		}
		if len(c.Subs) == 0 && !c.Hidden && c.parent == nil && len(c.Examples) == 0 {
			t.Errorf("%s: no examples", c.Path())
		}
		if len(c.Subs) > 0 && (len(c.Flags) > 0 || c.Words != wordsOwn) {
			t.Errorf("%s: a group has commands only", c.Path())
		}
	})
}

// Whatever help shows as an example must parse.
func TestExamplesParse(t *testing.T) {
	t.Parallel()
	tab := newTable()
	tab.walk(func(c *command) {
		for _, e := range c.Examples {
			line, _, _ := strings.Cut(e.Line, " | ")
			line, _, _ = strings.Cut(line, " >")
			line = strings.TrimSuffix(line[strings.Index(line, progName):], ")")
			w, err := split(tab, strings.Fields(line)[1:])
			if err != nil {
				t.Errorf("%s: %v", e.Line, err)
				continue
			}
			if w.Command != c {
				t.Errorf("%s: is an example of %s", e.Line, commandPath(w))
			}
			if _, _, err := bind(tab, w, newEnvironment(nil)); err != nil {
				t.Errorf("%s: %v", e.Line, err)
			}
		}
	})
}

func TestEditDistance(t *testing.T) {
	t.Parallel()
	tests := []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"plan", "plan", 0}, {"pln", "plan", 1}, {"kitten", "sitting", 3}, {"ab", "ba", 2}}
	for _, tt := range tests {
		check(t, tt.a+"/"+tt.b, editDistance(tt.a, tt.b), tt.want)
		check(t, tt.b+"/"+tt.a, editDistance(tt.b, tt.a), tt.want)
	}
	check(t, "nearest", nearest("aply", []string{"plan", "apply"}), "apply")
	check(t, "too far", nearest("xy", []string{"ls"}), "")
}

// A variable for one command must not be the variable of another flag.
func TestVariablesAreUnambiguous(t *testing.T) {
	t.Parallel()
	tab := newTable()
	owner := map[string]string{}
	allFlags(tab, func(c *command, f *flagDef) {
		for i, name := range envNames(c, f) {
			what := f.Name
			if i == 0 && c != nil {
				what = c.Path() + " " + f.Name
			} else if strings.HasPrefix(name, "RUN_") {
				what = "run " + f.Name
			}
			if have, ok := owner[name]; ok && have != what {
				t.Errorf("%s is for %q and for %q", name, have, what)
			}
			owner[name] = what
		}
	})
}
