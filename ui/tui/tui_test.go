package tui

import (
	"context"
	"errors"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// key is what a terminal sends for a key by its name, or for a letter.
func key(name string) tea.KeyPressMsg {
	special := map[string]tea.KeyPressMsg{
		"enter": {Code: tea.KeyEnter}, "esc": {Code: tea.KeyEscape}, "tab": {Code: tea.KeyTab}, "left": {Code: tea.KeyLeft}, "backspace": {Code: tea.KeyBackspace},
		"space":  {Code: tea.KeySpace, Text: " "},
		"ctrl+d": {Code: 'd', Mod: tea.ModCtrl}, "ctrl+c": {Code: 'c', Mod: tea.ModCtrl}, "ctrl+w": {Code: 'w', Mod: tea.ModCtrl}, "ctrl+a": {Code: 'a', Mod: tea.ModCtrl},
	}
	if k, ok := special[name]; ok {
		return k
	}
	return tea.KeyPressMsg{Code: []rune(name)[0], Text: name}
}

func TestInput(t *testing.T) {
	t.Parallel()
	for keys, want := range map[string]string{
		"a b c": "abc", "a b left c": "acb", "a b backspace": "a", "a left backspace b": "ba", "ä left x": "xä", "o n e ctrl+a x": "xone",
	} {
		in := newInput("")
		for _, k := range strings.Fields(keys) {
			in.press(key(k))
		}
		if got := in.String(); got != want {
			t.Errorf("%s: %q, want %q", keys, got, want)
		}
	}
	in := newInput("two words ")
	in.press(key("ctrl+w"))
	in.insert("x\ny\x1b")
	if got := in.String(); got != "two x y" {
		t.Errorf("%q", got)
	}
}

func TestForm(t *testing.T) {
	t.Parallel()
	fields := []Field{{Name: "name", Type: "string", Required: true}, {Name: "on", Type: "bool", Default: "false"}, {Name: "n", Type: "number", Default: "2"}}
	check := func(name, text string) error {
		if name == "n" && text == "x" {
			return errors.New("no number")
		}
		return nil
	}
	for keys, c := range map[string]struct {
		end  ending
		want string
	}{
		"s":                                 {open, ""},
		"enter a enter s":                   {finished, "name=a"},
		"ctrl+d":                            {finished, ""},
		"enter a esc s":                     {open, ""},
		"enter a enter x s":                 {open, ""},
		"j enter enter ctrl+d":              {finished, "on=false"},
		"j enter r ctrl+d":                  {finished, ""},
		"j j enter backspace x enter":       {open, ""},
		"j j enter backspace 7 enter k k s": {open, "n=7"},
		"esc":                               {cancelled, ""},
		"enter ctrl+c":                      {interrupted, ""},
	} {
		f := newFormView(Form{Title: "T", Fields: fields, Check: check})
		for _, k := range strings.Fields(keys) {
			f.update(key(k))
		}
		var got []string
		for _, field := range fields {
			if x, ok := f.values()[field.Name]; ok {
				got = append(got, field.Name+"="+x)
			}
		}
		if f.end != c.end || strings.Join(got, " ") != c.want {
			t.Errorf("%s: %v %q, want %v %q", keys, f.end, got, c.end, c.want)
		}
		if lines := strings.Split(f.view(40, 12), "\n"); len(lines) != 12 {
			t.Errorf("%s: %d lines on a screen of 12", keys, len(lines))
		}
	}
}

func TestMarkdown(t *testing.T) {
	t.Parallel()
	text := "# Head #\n\nSome **bold** `code` and a [link](http://x).\n\n\n- one\n  two\n1. three\n```hcl\na = 1\n# no head\n```\n| a | b |\n\x1b[31mred\n"
	got := ansi.Strip(strings.Join(markdown(text, 60, newLook()), "\n"))
	want := "Head\n\nSome bold code and a link (http://x).\n\n• one\ntwo\n1. three\n    a = 1\n    # no head\n| a | b |\n[31mred"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestCatalogFilter(t *testing.T) {
	t.Parallel()
	v := newCatalogView(context.Background(), Catalog{Tabs: []string{"All", "Units"}})
	for _, e := range []Entry{{Title: "App"}, {Title: "Net", Tabs: []string{"Units"}, Description: "For apps"}, {Title: "Web", Tabs: []string{"Units"}}} {
		v.Update(foundMsg{e})
	}
	see := func(want string) {
		t.Helper()
		var got []string
		for _, i := range v.shown {
			got = append(got, v.entries[i].Title)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("shown %q, want %q", got, want)
		}
	}
	see("App Net Web")
	for _, k := range []string{"j", "/", "a", "p", "p"} {
		v.Update(key(k))
	}
	see("App Net")
	if v.list.at != 1 {
		t.Errorf("the selection has left its entry: %d", v.list.at)
	}
	v.Update(key("enter"))
	v.Update(key("tab"))
	see("Net")
	v.Update(key("esc"))
	see("Net Web")
}
