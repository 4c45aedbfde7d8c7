package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// listView is where in the list one is.
type listView struct {
	tab, at, first int
	filter         input
	typing         bool
}

// press moves through a list of some length.
func (l *listView) press(k tea.KeyPressMsg, length, room int) {
	l.at = moved(k, l.at, length, room)
}

// moved is where a key leads in a list. Keys that do not move lead nowhere.
func moved(k tea.KeyPressMsg, at, length, room int) int {
	switch k.String() {
	case "j", "down":
		at++
	case "k", "up":
		at--
	case "pgdown", "space", "ctrl+f":
		at += room
	case "pgup", "ctrl+b":
		at -= room
	case "g", "home":
		at = 0
	case "G", "end":
		at = length - 1
	}
	return max(min(at, length-1), 0)
}

// pageView is a text that is read.
type pageView struct {
	text  string
	first int
	lines int // of the text as it was drawn
}

func (p *pageView) press(k tea.KeyPressMsg, room int) {
	p.first = moved(k, p.first, max(p.lines-room+1, 1), room)
}

func (v *catalogView) View() tea.View {
	out := tea.NewView(v.text())
	out.AltScreen = true
	return out
}

func (v *catalogView) text() string {
	switch {
	case v.form != nil:
		return v.form.view(v.width, v.height)
	case v.page != nil:
		return v.pageText()
	}
	return v.listText()
}

const (
	listChrome = 4 // lines around the list, besides the status
	pageChrome = 5 // lines around a page, besides the status
	maxStatus  = 3 // lines of the status
)

func (v *catalogView) listRoom() int { return max(v.height-listChrome-len(v.status()), 1) }
func (v *catalogView) pageRoom() int { return max(v.height-pageChrome-len(v.news()), 1) }

func (v *catalogView) listText() string {
	top := []string{v.tabs(), v.filterLine(), ""}
	keys := []string{"j/k move", "/ filter", "tab kinds", "enter read", "s scaffold", "q quit"}
	if v.list.typing {
		keys = []string{"type to filter", "enter keep", "esc clear"}
	}
	bottom := append(v.status(), v.look.dim.Render(keysLine(keys, v.width)))
	v.list.first = window(v.list.first, v.list.at, v.listRoom())
	var body []string
	for i := v.list.first; i < min(v.list.first+v.listRoom(), len(v.shown)); i++ {
		body = append(body, v.entryLine(i))
	}
	if len(body) == 0 && !v.loading {
		body = v.nothing()
	}
	return page(top, body, bottom, v.width, v.height)
}

func (v *catalogView) nothing() []string {
	switch {
	case len(v.entries) > 0:
		return []string{v.look.dim.Render("Nothing matches.")}
	case v.catalog.Load == nil:
		return strings.Split(v.catalog.Empty, "\n")
	case v.choice.Err != nil:
		return wrapAll(strings.Split(safe(v.choice.Err.Error()), "\n"), v.width)
	}
	return []string{v.look.dim.Render("Nothing was found.")}
}

func (v *catalogView) tabs() string {
	var parts []string
	for i, name := range v.catalog.Tabs {
		text := " " + name + " "
		if i == v.list.tab {
			parts = append(parts, v.look.activeTab.Render(text))
		} else {
			parts = append(parts, v.look.tab.Render(text))
		}
	}
	return v.look.title.Render("Catalog") + "  " + strings.Join(parts, " ")
}

func (v *catalogView) filterLine() string {
	switch {
	case v.list.typing:
		return "/" + v.list.filter.view(v.look)
	case len(v.list.filter.text) > 0:
		return "/" + v.list.filter.String()
	}
	return ""
}

// status is what there is to say about the list.
func (v *catalogView) status() []string {
	if news := v.news(); len(news) > 0 {
		return news
	}
	text := fmt.Sprintf("%d of %d shown", len(v.shown), len(v.entries))
	if v.loading {
		return []string{v.look.accent.Render(text + ", still looking…")}
	}
	return []string{v.look.dim.Render(text)}
}

// news is what is waited for, or what went wrong.
func (v *catalogView) news() []string {
	switch {
	case v.busy != "":
		return []string{v.look.accent.Render(v.busy)}
	case v.problem != "":
		lines := wrap(strings.Join(strings.Fields(safe(v.problem)), " "), v.width)
		lines = lines[:min(len(lines), maxStatus)]
		for i := range lines {
			lines[i] = v.look.warning.Render(lines[i])
		}
		return lines
	}
	return nil
}

func (v *catalogView) entryLine(i int) string {
	e := v.entries[v.shown[i]]
	mark, title := "  ", safe(e.Title)
	if i == v.list.at {
		mark, title = "> ", v.look.selected.Render(safe(e.Title))
	}
	line := mark + v.look.accent.Render(fmt.Sprintf("%-9s", e.Kind)) + title
	if e.Version != "" {
		line += " " + v.look.code.Render(e.Version)
	}
	if e.Description != "" {
		line += v.look.dim.Render("  " + strings.Join(strings.Fields(safe(e.Description)), " "))
	}
	return line
}

func (v *catalogView) pageText() string {
	e := v.entries[v.shown[v.list.at]]
	title := v.look.title.Render(safe(e.Title)) + "  " + v.look.accent.Render(e.Kind)
	if e.Version != "" {
		title += " " + v.look.code.Render(e.Version)
	}
	top := []string{title, v.look.dim.Render(safe(e.Place)), ""}
	keys := []string{"j/k scroll", "s scaffold", "ctrl+d scaffold with placeholders", "h back", "q quit"}
	bottom := append(append([]string{""}, v.news()...), v.look.dim.Render(keysLine(keys, v.width)))
	body := []string{v.look.dim.Render("There is no README.")}
	if e.Doc != "" {
		body = markdown(v.page.text, min(v.width, 100), v.look)
	}
	v.page.lines = len(body)
	v.page.first = max(min(v.page.first, len(body)-1), 0)
	return page(top, body[v.page.first:], bottom, v.width, v.height)
}
