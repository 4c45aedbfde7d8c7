package review

import (
	"fmt"
	"slices"
	"strings"
)

// mark is what people know an action by from the binary's own output.
func (a Action) mark() string {
	switch a {
	case Delete:
		return "-"
	case Replace:
		return "-/+"
	case Update:
		return "~"
	case Create:
		return "+"
	case Forget:
		return "."
	case Read:
		return "<="
	}
	return ">"
}

// String is such as "1 to delete, 2 to create", or "no changes".
func (c Counts) String() string {
	var parts []string
	for _, p := range []struct {
		n    int
		what string
	}{
		{c.Delete, "to delete"}, {c.Replace, "to replace"}, {c.Forget, "to forget"}, {c.Update, "to change"}, {c.Create, "to create"},
		{c.Import, "to import"}, {c.Move, "to move"}, {c.Read, "to read"},
	} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.what))
		}
	}
	if c.Outputs > 0 {
		parts = append(parts, plural(c.Outputs, "output")+" to change")
	}
	if len(parts) == 0 {
		return "no changes"
	}
	return strings.Join(parts, ", ")
}

// headline is one line on a change: "-/+ replace a.b".
func (c Change) headline() string {
	line := fmt.Sprintf("%s %s %s", c.Action.mark(), c.Action, c.Address)
	if c.MoveFrom != "" {
		line += ", moved from " + c.MoveFrom
	}
	if c.Import != "" {
		line += ", imported from " + c.Import
	}
	if len(c.Forces) > 0 {
		line += ", forced by " + strings.Join(c.Forces, ", ")
	} else if c.Reason != "" && (c.Action == Replace || c.Action == Delete) {
		line += ", " + strings.ReplaceAll(c.Reason, "_", " ")
	}
	return line
}

// line is one line on an attribute: `~ name: "a" -> "b"`.
func (a Attribute) line(name string) string {
	after := a.After
	if a.Unknown {
		after = "(known after apply)"
	}
	label := name
	if a.Path != "" {
		label = name + a.Path
		if name != "" && !strings.HasPrefix(a.Path, "[") {
			label = name + "." + a.Path
		}
	}
	var line string
	switch {
	case a.Before == "":
		line = fmt.Sprintf("+ %s: %s", label, after)
	case after == "":
		line = fmt.Sprintf("- %s: %s", label, a.Before)
	case a.Sensitive && a.Before == a.After:
		line = fmt.Sprintf("~ %s: %s, changed", label, a.Before)
	default:
		line = fmt.Sprintf("~ %s: %s -> %s", label, a.Before, after)
	}
	if a.Forces {
		line += "  (forces replacement)"
	}
	return line
}

// lines is what a unit would do, one line for each change, and with detail one
// for each leaf. Detail of what goes away is left out: it is all of it.
func (u Unit) lines(detail bool) []string {
	u = u.shown()
	var out []string
	for _, c := range u.Changes {
		out = append(out, c.headline())
		if !detail || c.Action == Delete || c.Action == Forget {
			continue
		}
		for _, a := range c.Attrs {
			out = append(out, "      "+a.line(""))
		}
	}
	for _, o := range u.Outputs {
		if !detail {
			out = append(out, fmt.Sprintf("%s output %s", o.Action.mark(), o.Name))
			continue
		}
		for _, a := range o.Attrs {
			out = append(out, a.line("output "+o.Name))
		}
	}
	return out
}

// title names a group: "us/vpc", or how many units are alike.
func (g group) title() string {
	u := g.first()
	n := len(u.Changes) + len(u.Outputs)
	if len(g.units) == 1 {
		return u.Path
	}
	text := fmt.Sprintf("the same %s in %d units", plural(n, "change"), len(g.units))
	switch len(g.differ) {
	case 0:
	case 1:
		text += "; 1 differs"
	default:
		text += fmt.Sprintf("; %d differ", len(g.differ))
	}
	return text
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// remarks are lines about the units of a group that are no changes.
func (g group) remarks() []string {
	var out []string
	if len(g.units) > 1 {
		out = append(out, "in: "+strings.Join(g.paths(), ", "))
	}
	if len(g.differ) > 0 {
		out = append(out, "different values in: "+strings.Join(g.differ, ", "))
	}
	for _, u := range g.units {
		prefix := ""
		if len(g.units) > 1 {
			prefix = u.Path + ": "
		}
		if u.Status != "" && u.Status != "planned" || u.Note != "" {
			out = append(out, prefix+strings.TrimSuffix(u.Status+": "+u.Note, ": "))
		}
		if len(u.Mocked) > 0 {
			mocked := slices.Clone(u.Mocked)
			slices.Sort(mocked)
			out = append(out, prefix+"planned with mocks for "+strings.Join(slices.Compact(mocked), ", "))
		}
	}
	return out
}

// sameLine folds the units without changes into one line, "" for none.
func sameLine(units []Unit) string {
	if len(units) == 0 {
		return ""
	}
	paths := make([]string, len(units))
	for i, u := range units {
		paths[i] = u.Path
	}
	slices.Sort(paths)
	return plural(len(units), "unit") + " without changes: " + strings.Join(paths, ", ")
}
