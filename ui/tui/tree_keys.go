package tui

import (
	"fmt"
	"slices"

	tea "charm.land/bubbletea/v2"
)

// hints are the keys that the foot of the screen names, the least needed last
// but for the way out.
func (v *treeView) hints() []string {
	switch {
	case v.typing:
		return []string{"type to filter", "enter keep", "esc back"}
	case v.reading:
		return []string{"j/k scroll", "g/G ends", "h back", "p plan", "q quit"}
	case v.list != nil:
		return []string{"j/k move", "/ filter", "l read", "d needs", "D needed by", "p plan", "space mark", "J/K scroll", "esc back", "q quit"}
	}
	return []string{"j/k move", "h/l out, in", "/ find", "d needs", "D needed by", "p plan", "space mark", "n/N next", "J/K scroll", "q quit"}
}

// typed takes a key while the filter is written.
func (v *treeView) typed(k tea.KeyPressMsg) tea.Cmd {
	switch k.String() {
	case "ctrl+c":
		return v.interrupt()
	case "esc":
		v.leave()
	case "enter":
		v.typing = false
		if v.list.filter.String() == "" {
			v.leave()
		}
	case "up":
		v.move(v.at() - 1)
	case "down":
		v.move(v.at() + 1)
	default:
		if v.list.filter.press(k) && v.list.filter.String() != v.searched {
			v.narrow()
		}
	}
	return v.ask()
}

func (v *treeView) interrupt() tea.Cmd {
	v.interrupted = true
	return tea.Quit
}

// pressed takes a key that is a command.
func (v *treeView) pressed(k tea.KeyPressMsg) tea.Cmd {
	switch k.String() {
	case "ctrl+c":
		return v.interrupt()
	case "q":
		return tea.Quit
	case "p":
		return v.plan()
	case "J", "ctrl+d":
		v.scroll += max(1, v.height/2)
		return nil
	case "K", "ctrl+u":
		v.scroll = max(0, v.scroll-max(1, v.height/2))
		return nil
	}
	if v.reading {
		v.read(k)
		return nil
	}
	v.step(k)
	return v.ask()
}

// read scrolls through the details.
func (v *treeView) read(k tea.KeyPressMsg) {
	switch k.String() {
	case "h", "left", "esc", "enter", "backspace":
		v.reading = false
	default:
		v.scroll = moved(k, v.scroll, 1<<30, v.room()) // the view stops at the last line
	}
}

// step moves between rows and lists.
func (v *treeView) step(k tea.KeyPressMsg) {
	switch k.String() {
	case "n":
		v.next(1)
	case "N":
		v.next(-1)
	case "l", "right", "enter":
		v.in()
	case "h", "left", "backspace":
		v.out()
	case "esc":
		v.escape()
	case "/":
		if v.list == nil {
			v.show("", v.tree.all())
		}
		v.searched, v.typing = v.list.filter.String(), true
	case "d":
		v.related("what %s needs", func(c *Component) []string { return c.Needs })
	case "D":
		v.related("what needs %s", func(c *Component) []string { return c.NeededBy })
	case "space":
		v.mark()
	default:
		if to := moved(k, v.at(), len(v.rows()), v.room()); to != v.at() {
			v.move(to)
		}
	}
}

// next goes to another component that was found. A list has no others.
func (v *treeView) next(step int) {
	if v.list != nil {
		v.move(v.at() + step)
		return
	}
	v.search(step)
}

// in opens a folder, or the details of a component.
func (v *treeView) in() {
	r, ok := v.chosen()
	switch {
	case !ok:
	case v.list == nil && r.folder:
		v.dir = r.path
		v.scroll = 0
	case r.component != nil:
		v.reading = true
	}
}

func (v *treeView) out() {
	switch {
	case v.list != nil:
		v.leave()
	case v.dir != ".":
		v.reveal(v.dir)
	}
}

func (v *treeView) escape() {
	if v.list != nil {
		v.leave()
		return
	}
	clear(v.marked)
}

// related lists what a component leads to, directly and not.
func (v *treeView) related(what string, next func(*Component) []string) {
	r, ok := v.chosen()
	if !ok || r.component == nil {
		v.message = "Choose a unit or a stack first."
		return
	}
	paths := v.tree.around(r.path, next)
	if len(paths) == 1 {
		v.message = fmt.Sprintf(what+": nothing.", r.path)
		return
	}
	v.show(fmt.Sprintf(what, r.path), paths)
}

// mark chooses the units of the row, or gives them up if all are chosen, and
// goes to the next.
func (v *treeView) mark() {
	r, ok := v.chosen()
	if !ok {
		return
	}
	units := v.tree.below(r.path)
	all := !slices.ContainsFunc(units, func(p string) bool { return !v.marked[p] })
	for _, p := range units {
		if all {
			delete(v.marked, p)
		} else {
			v.marked[p] = true
		}
	}
	v.move(v.at() + 1)
}

// plan plans the marked units, or those of the row.
func (v *treeView) plan() tea.Cmd {
	var units []string
	for _, p := range v.tree.all() {
		if v.marked[p] {
			units = append(units, p)
		}
	}
	if r, ok := v.chosen(); ok && len(units) == 0 {
		units = v.tree.below(r.path)
	}
	if len(units) == 0 {
		v.message = "There is no unit to plan here."
		return nil
	}
	return tea.Exec(&pausing{cmd: v.services.Plan(units)}, func(err error) tea.Msg { return plannedMsg{err} })
}
