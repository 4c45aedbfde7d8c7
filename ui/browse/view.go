package browse

import (
	"fmt"
	"path"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// View draws the screen.
func (m *model) View() tea.View {
	v := tea.NewView(m.draw())
	v.AltScreen, v.WindowTitle = true, "terrace browse"
	return v
}

// The parts of the screen by lines: a head, the columns, and a foot.
const around = 3

func (m *model) draw() string {
	height := max(1, m.height-around)
	lines := []string{fit(m.head(), m.width), ""}
	left, middle, right := m.columns()
	parent, current := m.parentColumn(left, height), m.currentColumn(middle, height)
	details := m.detailsColumn(right, height)
	for i := range height {
		line := fit(at(current, i), middle) + "  " + fit(at(details, i), right)
		if left > 0 {
			line = fit(at(parent, i), left) + "  " + line
		}
		lines = append(lines, line)
	}
	foot := m.message
	if foot == "" {
		foot = faint(m.help())
	}
	return strings.Join(append(lines, fit(foot, m.width)), "\n")
}

// columns shares the width. A list of paths needs no folder beside it, and has
// the place of both.
func (m *model) columns() (left, middle, right int) {
	width := m.width - 4
	switch {
	case m.list != nil || width < 60:
		middle = min(m.width*2/5, 60)
		return 0, middle, max(1, m.width-middle-2)
	}
	left, middle = min(width/5, 24), min(width*3/10, 40)
	return left, middle, width - left - middle
}

func (m *model) head() string {
	units := len(m.tree.below("."))
	text := bold(m.title) + fmt.Sprintf("  %s, %s", many(units, "unit"), many(len(m.tree.components)-units, "stack"))
	if n := len(m.marked); n > 0 {
		text += fmt.Sprintf(", %d marked", n)
	}
	switch {
	case m.list == nil:
		if m.dir != "." {
			text += "  " + m.dir + "/"
		}
		return text
	case m.list.what != "":
		text += "  " + m.list.what
	}
	if m.typing || m.list.filter != "" {
		text += "  / " + m.list.filter
	}
	if m.typing {
		text += "█"
	}
	return text
}

func many(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func (m *model) parentColumn(width, height int) []string {
	if width == 0 || m.dir == "." {
		return nil
	}
	rows := m.tree.children[path.Dir(m.dir)]
	chosen := 0
	for i, r := range rows {
		if r.path == m.dir {
			chosen = i
		}
	}
	return m.listed(rows, chosen, size{width, height})
}

func (m *model) currentColumn(width, height int) []string {
	rows := m.rows()
	if len(rows) == 0 {
		return []string{faint("nothing here")}
	}
	return m.listed(rows, m.at(len(rows)), size{width, height})
}

type size struct{ width, height int }

// listed draws the rows around the chosen one.
func (m *model) listed(rows []row, chosen int, s size) []string {
	from := max(0, min(chosen-s.height/2, len(rows)-s.height))
	var lines []string
	for i := from; i < len(rows) && i < from+s.height; i++ {
		text := fit(m.label(rows[i]), s.width)
		if i == chosen {
			text = reverse(ansi.Strip(text))
		}
		lines = append(lines, text)
	}
	return lines
}

// label is a row's sign and name: how the unit ended last, whether it is
// marked, whether there is more in it.
func (m *model) label(r row) string {
	mark := " "
	if m.allMarked(r) {
		mark = "*"
	}
	name := r.name
	if r.folder {
		name += "/"
	}
	if r.component == nil {
		return mark + "  " + name
	}
	return mark + m.sign(r.component) + " " + name
}

func (m *model) allMarked(r row) bool {
	if len(m.marked) == 0 {
		return false
	}
	units := m.tree.below(r.path)
	for _, p := range units {
		if !m.marked[p] {
			return false
		}
	}
	return len(units) > 0
}

// sign is one letter that can be told apart without colours.
func (m *model) sign(c *Component) string {
	if c.Problem != "" {
		return red("!")
	}
	if c.Kind == "stack" {
		return "▤"
	}
	switch m.results[c.Path].State {
	case "":
		return "·"
	case "succeeded":
		return green("✓")
	case "failed":
		return red("✗")
	}
	return faint("-")
}

func (m *model) detailsColumn(width, height int) []string {
	r, ok := m.chosen()
	if !ok {
		return nil
	}
	lines := m.details(r, width)
	m.scroll = max(0, min(m.scroll, len(lines)-height))
	return lines[m.scroll:]
}

func (m *model) details(r row, width int) []string {
	if r.component == nil {
		units := m.tree.below(r.path)
		return append([]string{bold(r.path + "/"), many(len(units), "unit"), ""}, units...)
	}
	c := r.component
	lines := []string{bold(c.Kind + " " + c.Path)}
	if c.Source != "" {
		lines = append(lines, "source     "+c.Source)
	}
	if last, ok := m.results[c.Path]; ok {
		lines = append(lines, fmt.Sprintf("last run   %s %s, %s", last.Command, last.State, ago(time.Since(last.At))))
	}
	lines = append(lines, paths("needs", c.Needs)...)
	lines = append(lines, paths("needed by", c.NeededBy)...)
	if c.Kind != "unit" {
		return append(append(lines, ""), m.tree.below(c.Path)...)
	}
	return append(append(lines, ""), m.configuration(c, width)...)
}

func paths(what string, list []string) []string {
	var lines []string
	for i, p := range list {
		if i > 0 {
			what = ""
		}
		lines = append(lines, fmt.Sprintf("%-10s %s", what, p))
	}
	return lines
}

func (m *model) configuration(c *Component, width int) []string {
	text := m.texts[c.Path]
	switch {
	case c.Problem != "":
		return strings.Split(ansi.Wrap(c.Problem, width, ""), "\n")
	case !text.done:
		return []string{faint("evaluating ...")}
	case text.err != nil:
		return strings.Split(ansi.Wrap(text.err.Error(), width, ""), "\n")
	}
	return strings.Split(strings.ReplaceAll(strings.TrimRight(text.text, "\n"), "\t", "  "), "\n")
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
