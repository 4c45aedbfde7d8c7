package browse

import (
	"fmt"
	"path"
	"slices"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
)

// help is the line at the foot of the screen.
func (m *model) help() string {
	switch {
	case m.typing:
		return "type to filter   enter keep   esc all"
	case m.reading:
		return "j/k scroll   g/G ends   h back   p plan   q quit"
	case m.list != nil:
		return "j/k move   / filter   l read   d needs   D needed by   space mark   p plan   esc back   q quit"
	}
	return "j/k move   h/l out, in   / filter   d needs   D needed by   space mark   p plan   q quit"
}

// typed takes a key while the filter is written.
func (m *model) typed(msg tea.KeyPressMsg) tea.Cmd {
	switch msg.String() {
	case "ctrl+c":
		return tea.Quit
	case "esc":
		m.leave()
	case "enter":
		m.typing = false
		if m.list.filter == "" {
			m.leave()
		}
	case "backspace":
		_, n := utf8.DecodeLastRuneInString(m.list.filter)
		m.narrow(m.list.filter[:len(m.list.filter)-n])
	case "ctrl+u":
		m.narrow("")
	case "up":
		m.move(m.at(len(m.rows())) - 1)
	case "down":
		m.move(m.at(len(m.rows())) + 1)
	default:
		m.narrow(m.list.filter + msg.Text)
	}
	return m.ask()
}

// pressed takes a key that is a command.
func (m *model) pressed(key string) tea.Cmd {
	again := m.firstG && key == "g"
	m.firstG = key == "g" && !again
	switch key {
	case "q", "ctrl+c":
		return tea.Quit
	case "p":
		return m.plan()
	case "J", "ctrl+d", "pgdown":
		m.scroll += max(1, m.height/2)
		return nil
	case "K", "ctrl+u", "pgup":
		m.scroll = max(0, m.scroll-max(1, m.height/2))
		return nil
	}
	if m.reading {
		m.read(key, again)
		return nil
	}
	m.step(key, again)
	return m.ask()
}

// read scrolls through the details.
func (m *model) read(key string, top bool) {
	switch key {
	case "j", "down":
		m.scroll++
	case "k", "up":
		m.scroll = max(0, m.scroll-1)
	case "G", "end":
		m.scroll = 1 << 30 // the view stops at the last line
	case "home":
		m.scroll = 0
	case "h", "left", "esc", "enter", "backspace":
		m.reading = false
	}
	if top {
		m.scroll = 0
	}
}

// step moves between rows and lists.
func (m *model) step(key string, top bool) {
	at, last := m.at(len(m.rows())), len(m.rows())-1
	switch key {
	case "j", "down", "n":
		m.move(at + 1)
	case "k", "up", "N":
		m.move(at - 1)
	case "G", "end":
		m.move(last)
	case "home":
		m.move(0)
	case "l", "right", "enter":
		m.in()
	case "h", "left", "backspace":
		m.out()
	case "esc":
		m.escape()
	case "/":
		if m.list == nil {
			m.show("", m.tree.all())
		}
		m.typing = true
	case "d":
		m.related("what %s needs", func(c *Component) []string { return c.Needs })
	case "D":
		m.related("what needs %s", func(c *Component) []string { return c.NeededBy })
	case "space":
		m.mark()
	}
	if top {
		m.move(0)
	}
}

// in opens a folder, or the details of a component.
func (m *model) in() {
	r, ok := m.chosen()
	switch {
	case !ok:
	case m.list == nil && r.folder:
		m.dir = r.path
		m.scroll = 0
	case r.component != nil:
		m.reading = true
	}
}

func (m *model) out() {
	switch {
	case m.list != nil:
		m.leave()
	case m.dir != ".":
		m.reveal(m.dir)
	}
}

func (m *model) escape() {
	if m.list != nil {
		m.leave()
		return
	}
	clear(m.marked)
}

// related lists what a component leads to, directly and not.
func (m *model) related(what string, next func(*Component) []string) {
	r, ok := m.chosen()
	if !ok || r.component == nil {
		m.message = "Choose a unit or a stack first."
		return
	}
	paths := m.tree.around(r.path, next)
	if len(paths) == 1 {
		m.message = fmt.Sprintf(what+": nothing.", r.path)
		return
	}
	m.show(fmt.Sprintf(what, r.path), paths)
}

// mark chooses the units of the row, or gives them up if all are chosen, and
// goes to the next.
func (m *model) mark() {
	r, ok := m.chosen()
	if !ok {
		return
	}
	units := m.tree.below(r.path)
	all := !slices.ContainsFunc(units, func(p string) bool { return !m.marked[p] })
	for _, p := range units {
		if all {
			delete(m.marked, p)
		} else {
			m.marked[p] = true
		}
	}
	m.move(m.at(len(m.rows())) + 1)
}

// plan plans the marked units, or those of the row.
func (m *model) plan() tea.Cmd {
	var units []string
	for _, p := range m.tree.all() {
		if m.marked[p] {
			units = append(units, p)
		}
	}
	if r, ok := m.chosen(); ok && len(units) == 0 {
		units = m.tree.below(path.Clean(r.path))
	}
	if len(units) == 0 {
		m.message = "There is no unit to plan here."
		return nil
	}
	return tea.Exec(&pausing{cmd: m.services.Plan(units)}, func(err error) tea.Msg { return planned{err} })
}
