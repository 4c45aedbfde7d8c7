package live

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/terrace-iac/terrace/shell"
)

// Kinds of events.
const (
	ReviewWaits = "review_waits"
	ApplyEnded  = "apply_ended"
	CheckFailed = "check_failed"
)

// Event is what a notify command reads as JSON on its standard input.
type Event struct {
	Kind        string    `json:"event"`
	Time        time.Time `json:"time"`
	Environment string    `json:"environment,omitempty"`
	Units       []string  `json:"units,omitempty"` // paths from the root
	Commit      string    `json:"commit,omitempty"`
	Promotion   string    `json:"promotion,omitempty"` // its ID
	Bundle      string    `json:"bundle,omitempty"`    // its folder or digest
	Check       string    `json:"check,omitempty"`     // the one that failed
	OK          bool      `json:"ok"`                  // false for what failed
	Text        string    `json:"text"`                // a sentence for people
}

// notifyTimeout is how long a notify command may take. It is short: a run
// waits for it.
const notifyTimeout = 30 * time.Second

// NotifyError says which notify command failed.
type NotifyError struct {
	Notify string
	At     Range
	Err    error
	Tail   string // the end of what it has said
}

func (e *NotifyError) Error() string {
	text := fmt.Sprintf("notify %q (%s:%d): %v", e.Notify, e.At.File, e.At.Line, e.Err)
	if e.Tail != "" {
		text += "\n" + e.Tail
	}
	return text
}

func (e *NotifyError) Unwrap() error { return e.Err }

// Notify tells every notify command of a file about an event. What it returns
// are failures to be reported; they never fail what the event is about.
func (c Commands) Notify(ctx context.Context, f *File, e Event) error {
	if e.Time.IsZero() {
		e.Time = time.Now().UTC().Truncate(time.Second)
	}
	text, err := oneLine(e)
	if err != nil {
		return err
	}
	var errs []error
	for _, n := range f.Notifies {
		var said lastBytes
		cmd := shell.Cmd{
			Path: c.program(n.Command[0], c.Root), Args: n.Command[1:], Dir: c.Root,
			Env:   append(c.Env[:len(c.Env):len(c.Env)], "TERRACE_EVENT="+e.Kind, "TERRACE_ENVIRONMENT="+e.Environment),
			Stdin: strings.NewReader(text), Stdout: &said, Stderr: &said, Timeout: notifyTimeout,
			Cleanup: true, // an interrupted apply is worth telling
		}
		if err := c.Exec.Run(context.WithoutCancel(ctx), cmd); err != nil {
			errs = append(errs, &NotifyError{n.Name, n.Range, err, said.String()})
		}
	}
	return errors.Join(errs...)
}
