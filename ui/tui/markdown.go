package tui

import (
	"regexp"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// markdown draws Markdown for a terminal: headings, lists, code, emphasis and
// links. What it does not know stays as it is written.
func markdown(text string, width int, l look) []string {
	m := newMarks()
	var out []string
	var paragraph []string
	flush := func() {
		if len(paragraph) > 0 {
			out = append(out, wrap(m.inline(strings.Join(paragraph, " "), l), width)...)
			paragraph = nil
		}
	}
	fenced := false
	for line := range strings.Lines(safe(text)) {
		line = strings.TrimRight(line, "\n ")
		trimmed := strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(trimmed, "```") || strings.HasPrefix(trimmed, "~~~"):
			flush()
			fenced = !fenced
		case fenced:
			for part := range strings.SplitSeq(ansi.Hardwrap(line, max(width-4, 10), true), "\n") {
				out = append(out, "    "+l.code.Render(part))
			}
		case trimmed == "":
			flush()
			if len(out) > 0 && out[len(out)-1] != "" {
				out = append(out, "")
			}
		case strings.HasPrefix(trimmed, "#"):
			flush()
			out = append(out, l.title.Render(strings.TrimSpace(strings.Trim(trimmed, "#"))))
		case strings.HasPrefix(trimmed, "|"):
			flush()
			out = append(out, wrapAll([]string{line}, width)...)
		case m.list.MatchString(line):
			flush()
			out = append(out, m.item(line, width, l)...)
		case strings.HasPrefix(trimmed, "<!--") && strings.HasSuffix(trimmed, "-->"):
		default:
			paragraph = append(paragraph, trimmed)
		}
	}
	flush()
	return out
}

// marks find what Markdown marks. They are made when text is drawn: most runs
// of the program draw none.
type marks struct{ list, emphasis, code, link *regexp.Regexp }

func newMarks() marks {
	return marks{
		list:     regexp.MustCompile(`^\s*([-*+]|\d+[.)])\s`),
		emphasis: regexp.MustCompile(`\*\*([^*]+)\*\*|__([^_]+)__`),
		code:     regexp.MustCompile("`([^`]+)`"),
		link:     regexp.MustCompile(`!?\[([^\]]*)\]\(([^)\s]+)[^)]*\)`),
	}
}

func (m marks) item(line string, width int, l look) []string {
	mark := m.list.FindString(line)
	shown := strings.NewReplacer("- ", "• ", "* ", "• ", "+ ", "• ").Replace(mark)
	indent := len([]rune(shown))
	lines := wrap(m.inline(strings.TrimPrefix(line, mark), l), width-indent)
	for i := range lines {
		if i == 0 {
			lines[i] = shown + lines[i]
		} else {
			lines[i] = strings.Repeat(" ", indent) + lines[i]
		}
	}
	return lines
}

// inline draws what stands within a line.
func (m marks) inline(text string, l look) string {
	text = m.link.ReplaceAllString(text, "$1 ($2)")
	text = m.emphasis.ReplaceAllStringFunc(text, func(s string) string { return l.bold.Render(strings.Trim(s, "*_")) })
	return m.code.ReplaceAllStringFunc(text, func(s string) string { return l.code.Render(strings.Trim(s, "`")) })
}
