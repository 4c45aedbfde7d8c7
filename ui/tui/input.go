package tui

import (
	"slices"
	"unicode"

	tea "charm.land/bubbletea/v2"
)

// input is a line that is being typed.
type input struct {
	text []rune
	at   int // of the cursor
}

func newInput(text string) input {
	r := []rune(text)
	return input{r, len(r)}
}

func (in *input) String() string { return string(in.text) }

// insert types text at the cursor. A line has no ends of lines.
func (in *input) insert(text string) {
	var add []rune
	for _, c := range text {
		if c == '\n' || c == '\t' {
			c = ' '
		}
		if unicode.IsPrint(c) {
			add = append(add, c)
		}
	}
	in.text = slices.Insert(in.text, in.at, add...)
	in.at += len(add)
}

// press handles a key of editing and says whether it was one.
func (in *input) press(k tea.KeyPressMsg) bool {
	switch k.String() {
	case "left", "ctrl+b":
		in.at = max(in.at-1, 0)
	case "right", "ctrl+f":
		in.at = min(in.at+1, len(in.text))
	case "home", "ctrl+a":
		in.at = 0
	case "end", "ctrl+e":
		in.at = len(in.text)
	case "backspace":
		if in.at > 0 {
			in.text = slices.Delete(in.text, in.at-1, in.at)
			in.at--
		}
	case "delete":
		if in.at < len(in.text) {
			in.text = slices.Delete(in.text, in.at, in.at+1)
		}
	case "ctrl+u":
		in.text, in.at = slices.Delete(in.text, 0, in.at), 0
	case "ctrl+k":
		in.text = in.text[:in.at]
	case "ctrl+w":
		start := in.at
		for start > 0 && in.text[start-1] == ' ' {
			start--
		}
		for start > 0 && in.text[start-1] != ' ' {
			start--
		}
		in.text, in.at = slices.Delete(in.text, start, in.at), start
	default:
		if k.Text == "" {
			return false
		}
		in.insert(k.Text)
	}
	return true
}

// view draws the line with its cursor.
func (in *input) view(l look) string {
	under, rest := " ", ""
	if in.at < len(in.text) {
		under, rest = string(in.text[in.at]), string(in.text[in.at+1:])
	}
	return string(in.text[:in.at]) + l.activeTab.Render(under) + rest
}
