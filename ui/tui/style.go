package tui

import (
	"strings"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
)

// look is how the parts of a screen are drawn.
type look struct {
	title, tab, activeTab, dim, selected, bold, accent, warning, code lipgloss.Style
}

func newLook() look {
	plain := lipgloss.NewStyle()
	return look{
		title:     plain.Bold(true).Foreground(lipgloss.Color("5")),
		tab:       plain,
		activeTab: plain.Bold(true).Reverse(true),
		dim:       plain.Faint(true),
		selected:  plain.Bold(true).Foreground(lipgloss.Color("6")),
		bold:      plain.Bold(true),
		accent:    plain.Foreground(lipgloss.Color("4")),
		warning:   plain.Foreground(lipgloss.Color("3")),
		code:      plain.Foreground(lipgloss.Color("2")),
	}
}

// fit cuts a line that is wider than the screen.
func fit(line string, width int) string { return ansi.Truncate(line, max(width, 1), "…") }

// wrap breaks text into lines of at most a width.
func wrap(text string, width int) []string {
	return strings.Split(ansi.Wrap(text, max(width, 10), ""), "\n")
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
