package tui

import (
	"context"
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// Form asks for values.
type Form struct {
	Title  string
	Fields []Field
	// Check says what is wrong with a value, nil for nothing.
	Check func(name, text string) error
}

// Field is one value of a form.
type Field struct {
	Name        string
	Description string
	Type        string
	Options     []string // the only values, none for any
	Default     string   // shown where there is no value
	Required    bool
	Hidden      bool // what is typed is not shown
}

// Fill shows a form. Done is false when it was cancelled. Fields that were not
// set are not among the values.
func (s Screen) Fill(ctx context.Context, f Form) (values map[string]string, done bool, err error) {
	last, err := s.run(ctx, &formProgram{form: newFormView(f)}, nil)
	if err != nil {
		return nil, false, err
	}
	p := last.(*formProgram)
	if p.form.end == interrupted {
		return nil, false, ErrInterrupted
	}
	return p.form.values(), p.form.end == finished, nil
}

// formProgram is a form that is all there is on the screen.
type formProgram struct {
	form          *formView
	width, height int
}

func (p *formProgram) Init() tea.Cmd { return nil }

func (p *formProgram) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if size, ok := msg.(tea.WindowSizeMsg); ok {
		p.width, p.height = size.Width, size.Height
	}
	p.form.update(msg)
	if p.form.end != open {
		return p, tea.Quit
	}
	return p, nil
}

func (p *formProgram) View() tea.View {
	v := tea.NewView(p.form.view(p.width, p.height))
	v.AltScreen = true
	return v
}

// ending is how a form was left.
type ending int

const (
	open ending = iota
	finished
	cancelled
	interrupted
)

// formView is a form on the screen.
type formView struct {
	Form
	look    look
	set     []*string // nil where there is no value
	at      int
	first   int    // field at the top of the screen
	editing *input // nil while moving
	problem string
	end     ending
}

func newFormView(f Form) *formView {
	return &formView{Form: f, look: newLook(), set: make([]*string, len(f.Fields))}
}

func (f *formView) values() map[string]string {
	out := map[string]string{}
	for i, x := range f.set {
		if x != nil {
			out[f.Fields[i].Name] = *x
		}
	}
	return out
}

func (f *formView) update(msg tea.Msg) {
	switch m := msg.(type) {
	case tea.PasteMsg:
		if f.editing != nil {
			f.editing.insert(m.Content)
		}
	case tea.KeyPressMsg:
		f.problem = ""
		switch {
		case m.String() == "ctrl+c":
			f.end = interrupted
		case f.editing != nil:
			f.edit(m)
		default:
			f.move(m)
		}
	}
}

func (f *formView) edit(k tea.KeyPressMsg) {
	switch k.String() {
	case "esc":
		f.editing = nil
	case "enter":
		f.assign(f.editing.String())
	default:
		f.editing.press(k)
	}
}

// assign sets the field to what was typed. Nothing typed is no value.
func (f *formView) assign(text string) {
	field := f.Fields[f.at]
	if strings.TrimSpace(text) == "" {
		f.set[f.at], f.editing = nil, nil
		return
	}
	if f.Check != nil {
		if err := f.Check(field.Name, text); err != nil {
			f.problem = err.Error()
			return
		}
	}
	f.set[f.at], f.editing = &text, nil
}

func (f *formView) move(k tea.KeyPressMsg) {
	switch k.String() {
	case "j", "down", "tab":
		f.at = min(f.at+1, len(f.Fields)-1)
	case "k", "up", "shift+tab":
		f.at = max(f.at-1, 0)
	case "g", "home":
		f.at = 0
	case "G", "end":
		f.at = len(f.Fields) - 1
	case "enter", "space":
		f.open()
	case "x", "r", "backspace", "delete":
		f.set[f.at] = nil
	case "s":
		f.finish()
	case "ctrl+d":
		f.end = finished
	case "esc", "q":
		f.end = cancelled
	}
}

// open begins to edit a field; one with few values goes on to the next of them.
func (f *formView) open() {
	field := f.Fields[f.at]
	choices := field.Options
	if field.Type == "bool" {
		choices = []string{"true", "false"}
	}
	now := field.Default
	if f.set[f.at] != nil {
		now = *f.set[f.at]
	}
	if len(choices) > 0 {
		next := choices[(slices.Index(choices, now)+1)%len(choices)]
		f.set[f.at] = &next
		return
	}
	if f.set[f.at] == nil && field.Type == "string" {
		now = strings.Trim(now, `"`)
	}
	in := newInput(now)
	f.editing = &in
}

// finish refuses while something is missing.
func (f *formView) finish() {
	for i, field := range f.Fields {
		if field.Required && f.set[i] == nil {
			f.at = i
			f.problem = field.Name + " is required: set it, or press ctrl+d to write a placeholder"
			return
		}
	}
	f.end = finished
}

func (f *formView) view(width, height int) string {
	missing := 0
	for i, field := range f.Fields {
		if field.Required && f.set[i] == nil {
			missing++
		}
	}
	top := []string{f.look.title.Render(f.Title), f.look.dim.Render(fmt.Sprintf("%d fields, %d required and not set", len(f.Fields), missing)), ""}
	bottom := f.bottom(width)
	room := max(height-len(top)-len(bottom), 1)
	f.first = window(f.first, f.at, room)
	var body []string
	for i := f.first; i < min(f.first+room, len(f.Fields)); i++ {
		body = append(body, f.line(i))
	}
	return page(top, body, bottom, width, height)
}

// bottom tells about the selected field, and which keys there are.
func (f *formView) bottom(width int) []string {
	field := f.Fields[f.at]
	about := strings.TrimSpace(safe(field.Description))
	if about == "" {
		about = "no description"
	}
	typ := field.Type
	if typ == "" {
		typ = "any"
	}
	lines := wrap(strings.Join(strings.Fields(about), " "), width)
	out := append([]string{""}, lines[:min(len(lines), 4)]...)
	out = append(out, f.look.dim.Render("Type: "+strings.Join(strings.Fields(typ), " ")))
	keys := []string{"j/k move", "enter edit", "s finish", "ctrl+d finish anyway", "x unset", "r reset", "esc cancel"}
	if f.editing != nil {
		keys = []string{"enter set", "esc back"}
	}
	return append(out, f.look.warning.Render(f.problem), f.look.dim.Render(keysLine(keys, width)))
}

func (f *formView) line(i int) string {
	field := f.Fields[i]
	mark, name := "  ", field.Name
	if i == f.at {
		mark = "> "
	}
	if field.Required {
		name += " *"
	}
	value := f.look.dim.Render(shownDefault(field))
	switch {
	case i == f.at && f.editing != nil:
		value = f.editing.view(f.look)
	case f.set[i] != nil && field.Hidden:
		value = "••••••"
	case f.set[i] != nil:
		value = safe(*f.set[i])
	}
	name = fmt.Sprintf("%-*s", f.nameWidth(), name)
	if i == f.at {
		name = f.look.selected.Render(name)
	}
	return mark + name + "  " + value
}

func shownDefault(field Field) string {
	switch {
	case field.Default != "":
		return "default: " + safe(strings.Join(strings.Fields(field.Default), " "))
	case field.Required:
		return "not set"
	}
	return "not set, optional"
}

func (f *formView) nameWidth() int {
	width := 0
	for _, field := range f.Fields {
		width = max(width, len(field.Name)+2)
	}
	return min(width, 40)
}
