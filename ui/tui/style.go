package tui

import (
	"slices"
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
)

// look is how the parts of a screen are drawn.
type look struct {
	title, tab, activeTab, cursor, dim, selected, bold, accent, warning, code, good, bad lipgloss.Style
}

func newLook() look {
	plain := lipgloss.NewStyle()
	return look{
		title:     plain.Bold(true).Foreground(lipgloss.Color("5")),
		tab:       plain,
		activeTab: plain.Bold(true).Reverse(true),
		cursor:    plain.Reverse(true),
		dim:       plain.Faint(true),
		selected:  plain.Bold(true).Foreground(lipgloss.Color("6")),
		bold:      plain.Bold(true),
		accent:    plain.Foreground(lipgloss.Color("4")),
		warning:   plain.Foreground(lipgloss.Color("3")),
		code:      plain.Foreground(lipgloss.Color("2")),
		good:      plain.Foreground(lipgloss.Color("2")),
		bad:       plain.Foreground(lipgloss.Color("1")),
	}
}

// fit cuts a line that is wider than the screen.
func fit(line string, width int) string { return ansi.Truncate(line, max(width, 1), "…") }

// wrap breaks text into lines of at most a width.
func wrap(text string, width int) []string {
	return strings.Split(ansi.Wrap(text, max(width, 10), ""), "\n")
}

// wrapAll wraps each of some lines. What follows of a line is indented more
// than its beginning.
func wrapAll(lines []string, width int) (out []string) {
	for _, line := range lines {
		if ansi.StringWidth(line) <= width {
			out = append(out, line)
			continue
		}
		rest := strings.TrimLeft(line, " ")
		indent := line[:min(len(line)-len(rest), width/2)]
		for i, part := range wrap(rest, width-len(indent)-2) {
			if i > 0 {
				part = "  " + part
			}
			out = append(out, indent+part)
		}
	}
	return out
}

// pad makes a line exactly so wide.
func pad(line string, width int) string {
	line = fit(line, width)
	return line + strings.Repeat(" ", max(0, width-ansi.StringWidth(line)))
}

// fitEnd cuts the beginning of a line that is wider than there is room.
func fitEnd(line string, width int) string {
	over := ansi.StringWidth(line) - max(width, 1)
	if over <= 0 {
		return line
	}
	return ansi.TruncateLeft(line, over+1, "…")
}

// nth is a line, or nothing behind the last one.
func nth(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return ""
}

// keysLine names keys in a line. Where there is no room for all, the last but
// one goes first: the last is the way out.
func keysLine(hints []string, width int) string {
	const between = " · "
	for len(hints) > 1 && ansi.StringWidth(strings.Join(hints, between)) > width {
		hints = slices.Delete(slices.Clone(hints), len(hints)-2, len(hints)-1)
	}
	return strings.Join(hints, between)
}

// filterWords are what a filter looks for, whatever the case.
func filterWords(filter string) []string { return strings.Fields(strings.ToLower(filter)) }

// hasWords says that all words are somewhere in a text.
func hasWords(text string, words []string) bool {
	text = strings.ToLower(text)
	return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) })
}

// safe takes out what a terminal would obey: text of repositories is shown as
// it is, never run.
func safe(text string) string {
	return strings.Map(func(c rune) rune {
		if c < ' ' && c != '\n' && c != '\t' || c >= 0x7f && c < 0xa0 {
			return -1
		}
		return c
	}, strings.ReplaceAll(text, "\t", "    "))
}

// page puts a body between lines at the top and at the bottom, so that all of
// them fill the screen.
func page(top, body, bottom []string, width, height int) string {
	room := max(height-len(top)-len(bottom), 1)
	if len(body) > room {
		body = body[:room]
	}
	lines := append(append([]string{}, top...), body...)
	for range room - len(body) {
		lines = append(lines, "")
	}
	lines = append(lines, bottom...)
	for i := range lines {
		lines[i] = fit(lines[i], width)
	}
	return strings.Join(lines, "\n")
}

// window is the first line to show so that one of them can be seen.
func window(first, at, room int) int {
	switch {
	case at < first:
		return at
	case at >= first+room:
		return at - room + 1
	}
	return first
}
