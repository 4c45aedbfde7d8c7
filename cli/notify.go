package cli

import (
	"fmt"
	"io"
	"slices"
	"time"
)

// notifier shows single lines to the user.
type notifier interface {
	Info(text string)
	Warn(text string)
	Error(text string)
}

// lineNotifier writes plain lines with time and level. It serves until the log
// settings are known, which is also when they are wrong.
type lineNotifier struct {
	w     io.Writer
	level string // least important level shown
	now   func() time.Time
}

func newLineNotifier(w io.Writer, o logOptions) notifier {
	level := o.Level
	if o.Disable {
		level = "error"
	}
	return &lineNotifier{w, level, time.Now}
}

func (n *lineNotifier) Info(text string)  { n.line("info", "INFO", text) }
func (n *lineNotifier) Warn(text string)  { n.line("warn", "WARN", text) }
func (n *lineNotifier) Error(text string) { n.line("error", "ERROR", text) }

func (n *lineNotifier) line(level, shown, text string) {
	levels := logLevels()
	if level != "error" && slices.Index(levels, level) > slices.Index(levels, n.level) {
		return
	}
	fmt.Fprintf(n.w, "%s %-6s %s\n", n.now().Format("15:04:05.000"), shown, text)
}
