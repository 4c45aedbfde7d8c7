package shell

import (
	"regexp"
	"strings"
	"sync"
	"time"
)

// Lock is what the binary tells of a lock on a state.
type Lock struct {
	ID        string
	Path      string
	Operation string // as the binary names it: OperationTypeApply
	Who       string // user@host
	Version   string // of the binary that holds it
	Created   time.Time
	Info      string // free text of whoever took it, mostly empty
}

// LockRefused finds in what a failed command has said that it did not get the
// lock, and who holds it. Both tools print the same block, plain, within a box
// or as a JSON string.
func LockRefused(text string) (Lock, bool) {
	_, rest, found := strings.Cut(plain(text), "Error acquiring the state lock")
	if !found {
		return Lock{}, false
	}
	if m := onlyID().FindStringSubmatch(rest); m != nil {
		return Lock{ID: m[1]}, true // the block that follows is about the lock that was wanted
	}
	_, block, found := strings.Cut(rest, "Lock Info:")
	if !found {
		return Lock{}, false
	}
	var l Lock
	for line := range strings.Lines(block) {
		name, value, isField := strings.Cut(strings.TrimSpace(line), ":")
		value = strings.TrimSpace(value)
		switch {
		case !isField && strings.TrimSpace(line) == "" && l.ID != "":
			return l, true
		case name == "ID":
			l.ID = value
		case name == "Path":
			l.Path = value
		case name == "Operation":
			l.Operation = value
		case name == "Who":
			l.Who = value
		case name == "Version":
			l.Version = value
		case name == "Created":
			l.Created = lockTime(value)
		case name == "Info":
			l.Info = value
			return l, l.ID != ""
		}
	}
	return l, l.ID != ""
}

// lockTime reads the time as the binary prints it, the zero time if it cannot
// be read.
func lockTime(text string) time.Time {
	if i := strings.Index(text, " m="); i > 0 {
		text = text[:i] // the monotonic clock of another process
	}
	for _, layout := range []string{"2006-01-02 15:04:05.999999999 -0700 MST", time.RFC3339Nano} {
		if t, err := time.Parse(layout, text); err == nil {
			return t
		}
	}
	return time.Time{}
}

// plain takes colours, the bars of boxes and the escapes of JSON off.
func plain(text string) string {
	text = colour().ReplaceAllString(text, "")
	text = strings.ReplaceAll(text, `\n`, "\n")
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(strings.TrimLeft(line, "│╷╵| "))
		if !strings.HasSuffix(line, "\n") {
			b.WriteByte('\n')
		}
	}
	return b.String()
}

var colour = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\x1b\[[0-9;?]*[A-Za-z]`) })

var onlyID = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`already locked:\s+ID=(\S+)`) })
