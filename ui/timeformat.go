package ui

import (
	"strings"
	"time"
)

// defaultTime is 15:04:05.000.
const defaultTime = "H:i:sv"

// timePiece is a layout of package time, or text that stands for itself.
type timePiece struct {
	text     string
	isLayout bool
}

// compileTime reads a time format. Presets are looked up before letters are, so
// the letters of a preset's name never stand for themselves.
func compileTime(format string) content {
	if format == "" {
		format = defaultTime
	}
	pieces := []timePiece{{timePreset(format), true}}
	if pieces[0].text == "" {
		pieces = timePieces(format)
	}
	return func(e *entry) string {
		var scratch [40]byte
		b := scratch[:0]
		for _, p := range pieces {
			if p.isLayout {
				b = e.time.AppendFormat(b, p.text)
			} else {
				b = append(b, p.text...)
			}
		}
		return string(b)
	}
}

func timePreset(name string) string {
	switch name {
	case "date-time":
		return time.DateTime
	case "date-only":
		return time.DateOnly
	case "time-only":
		return time.TimeOnly
	case "rfc3339":
		return time.RFC3339
	case "rfc3339-nano":
		return time.RFC3339Nano
	}
	return ""
}

func timePieces(format string) []timePiece {
	var pieces []timePiece
	for _, r := range format {
		layout := timeLetter(r)
		if layout != "" {
			pieces = append(pieces, timePiece{layout, true})
			continue
		}
		pieces = append(pieces, timePiece{string(r), false})
	}
	return pieces
}

// timeLetter is the layout a letter stands for, "" for none.
func timeLetter(r rune) string {
	const letters = "H h g i s v u Y y m n M d j D A a T P O "
	layouts := [...]string{
		"15", "03", "3", "04", "05", ".000", ".000000", "2006", "06", "01",
		"1", "Jan", "02", "2", "Mon", "PM", "pm", "MST", "-07:00", "-0700",
	}
	if i := strings.IndexRune(letters, r); i >= 0 && r != ' ' {
		return layouts[i/2]
	}
	return ""
}
