package tui

import (
	"fmt"
	"strings"
	"time"
)

// detailsColumn tells about the row under the cursor.
func (v *treeView) detailsColumn(width int) []string {
	r, ok := v.chosen()
	switch {
	case !ok && len(v.tree.components) == 0:
		return wrap("There are no units and no stacks below this folder.", width)
	case !ok:
		return nil
	}
	lines := wrapAll(v.details(r), width)
	v.scroll = max(0, min(v.scroll, len(lines)-v.room()))
	return lines[v.scroll:]
}

func (v *treeView) details(r row) []string {
	if r.component == nil {
		units := v.tree.below(r.path)
		return append([]string{v.look.bold.Render(safe(r.path) + "/"), many(len(units), "unit"), ""}, units...)
	}
	c := r.component
	lines := []string{v.look.bold.Render(c.Kind + " " + safe(c.Path))}
	if c.Source != "" {
		lines = append(lines, "source     "+c.Source)
	}
	if last, ok := v.results[c.Path]; ok {
		lines = append(lines, fmt.Sprintf("last run   %s %s, %s", last.Command, last.State, ago(time.Since(last.At))))
	}
	lines = append(lines, named("needs", c.Needs)...)
	lines = append(lines, named("needed by", c.NeededBy)...)
	lines = append(lines, "")
	if c.Kind != "unit" {
		return append(lines, v.tree.below(c.Path)...)
	}
	return append(lines, v.configuration(c)...)
}

func named(what string, list []string) []string {
	var lines []string
	for i, p := range list {
		if i > 0 {
			what = ""
		}
		lines = append(lines, fmt.Sprintf("%-10s %s", what, safe(p)))
	}
	return lines
}

func (v *treeView) configuration(c *Component) []string {
	text := v.texts[c.Path]
	switch {
	case c.Problem != "":
		return strings.Split(safe(c.Problem), "\n")
	case !text.done:
		return []string{v.look.dim.Render("evaluating ...")}
	case text.err != nil:
		return strings.Split(safe(text.err.Error()), "\n")
	}
	return strings.Split(safe(strings.TrimRight(text.text, "\n")), "\n")
}

func ago(d time.Duration) string {
	switch {
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return many(int(d.Minutes()), "minute") + " ago"
	case d < 48*time.Hour:
		return many(int(d.Hours()), "hour") + " ago"
	}
	return many(int(d.Hours()/24), "day") + " ago"
}
