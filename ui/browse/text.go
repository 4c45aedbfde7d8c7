package browse

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// fit makes a line exactly so wide, whatever escape sequences are in it.
func fit(text string, width int) string {
	text = ansi.Truncate(text, width, "…")
	return text + strings.Repeat(" ", max(0, width-ansi.StringWidth(text)))
}

// at is a line, or nothing behind the last one.
func at(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return ""
}

func styled(parameter, text string) string { return "\x1b[" + parameter + "m" + text + "\x1b[0m" }
func bold(text string) string              { return styled("1", text) }
func faint(text string) string             { return styled("2", text) }
func reverse(text string) string           { return styled("7", text) }
func red(text string) string               { return styled("31", text) }
func green(text string) string             { return styled("32", text) }
