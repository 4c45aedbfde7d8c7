package tui

import (
	"fmt"
	"path"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// View draws the screen.
func (v *treeView) View() tea.View {
	out := tea.NewView(v.text())
	out.AltScreen, out.WindowTitle = true, "terrace browse"
	return out
}

const (
	treeChrome = 3 // lines around the columns
	gap        = 2 // between two columns
)

// room is how many lines the columns have.
func (v *treeView) room() int { return max(1, v.height-treeChrome) }

func (v *treeView) text() string {
	left, middle, right := v.columns()
	parent, current := v.parentColumn(left), v.currentColumn(middle)
	details := v.detailsColumn(right)
	var body []string
	for i := range v.room() {
		line := pad(nth(current, i), middle+gap) + nth(details, i)
		if left > 0 {
			line = pad(nth(parent, i), left+gap) + line
		}
		body = append(body, line)
	}
	foot := v.look.dim.Render(keysLine(v.hints(), v.width))
	if v.message != "" {
		foot = v.look.warning.Render(safe(v.message))
	}
	return page([]string{v.head(), ""}, body, []string{foot}, v.width, v.height)
}

// columns shares the width. A list has as much as its names need, but leaves
// more than half to the details; at the top and beside a list of paths there is
// no folder to show around it.
func (v *treeView) columns() (left, middle, right int) {
	if v.list == nil && v.dir != "." && v.width >= 60 {
		left = min(v.longest(v.tree.children[path.Dir(v.dir)]), v.width/5, 24)
	}
	middle = min(v.longest(v.rows()), v.width*2/5, 70)
	if left > 0 {
		middle = min(middle, v.width*3/10)
	}
	right = v.width - middle - gap
	if left > 0 {
		right -= left + gap
	}
	return left, middle, max(1, right)
}

// labelSigns are the cells before a name.
const labelSigns = 3

func (v *treeView) longest(rows []row) int {
	width := 12
	for _, r := range rows {
		width = max(width, labelSigns+1+ansi.StringWidth(r.name))
	}
	return width
}

func (v *treeView) head() string {
	text := fmt.Sprintf("  %s, %s", many(v.tree.units, "unit"), many(len(v.tree.components)-v.tree.units, "stack"))
	if n := len(v.marked); n > 0 {
		text += fmt.Sprintf(", %d marked", n)
	}
	switch {
	case v.list == nil && v.dir != ".":
		text += "  " + safe(v.dir) + "/"
	case v.list != nil && v.list.what != "":
		text += "  " + safe(v.list.what)
	}
	switch {
	case v.typing:
		text += "  / " + v.list.filter.view(v.look)
	case v.list != nil && v.list.filter.String() != "":
		text += "  / " + v.list.filter.String()
	}
	// The folder is known; what has been typed is not to be cut off.
	return v.look.title.Render(fitEnd(safe(v.title), max(v.width-ansi.StringWidth(text), v.width/4))) + text
}

func many(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func (v *treeView) parentColumn(width int) []string {
	if width == 0 {
		return nil
	}
	rows, chosen := v.tree.children[path.Dir(v.dir)], 0
	for i, r := range rows {
		if r.path == v.dir {
			chosen = i
		}
	}
	return v.listed(rows, chosen, width)
}

func (v *treeView) currentColumn(width int) []string {
	rows := v.rows()
	if len(rows) > 0 {
		return v.listed(rows, v.at(), width)
	}
	if v.list == nil {
		return nil // the details say so
	}
	return []string{v.look.dim.Render("Nothing matches.")}
}

// listed draws the rows around the chosen one.
func (v *treeView) listed(rows []row, chosen, width int) []string {
	from := max(0, min(chosen-v.room()/2, len(rows)-v.room()))
	var lines []string
	for i := from; i < min(len(rows), from+v.room()); i++ {
		text := pad(v.label(rows[i], width), width)
		if i == chosen {
			text = v.look.cursor.Render(ansi.Strip(text))
		}
		lines = append(lines, text)
	}
	return lines
}

// label is a row's sign and name: how the unit ended last, whether it is
// marked, whether there is more in it. Of a long path the end is shown.
func (v *treeView) label(r row, width int) string {
	mark, sign, name := " ", " ", safe(r.name)
	if v.allMarked(r) {
		mark = "*"
	}
	if r.component != nil {
		sign = v.sign(r.component)
	}
	if r.folder {
		name += "/"
	}
	if v.list != nil {
		name = fitEnd(name, width-labelSigns)
	}
	return mark + sign + " " + name
}

func (v *treeView) allMarked(r row) bool {
	if len(v.marked) == 0 {
		return false
	}
	units := v.tree.below(r.path)
	for _, p := range units {
		if !v.marked[p] {
			return false
		}
	}
	return len(units) > 0
}

// sign is one letter that can be told apart without colours.
func (v *treeView) sign(c *Component) string {
	if c.Problem != "" {
		return v.look.bad.Render("!")
	}
	if c.Kind == "stack" {
		return "▤"
	}
	switch v.results[c.Path].State {
	case "":
		return "·"
	case "succeeded":
		return v.look.good.Render("✓")
	case "failed":
		return v.look.bad.Render("✗")
	}
	return v.look.dim.Render("-")
}
