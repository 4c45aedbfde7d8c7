package ui

import (
	"context"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// The attributes with a place of their own in a log line. All others are added
// to the message as key=value.
const (
	AttrUnit   = "unit"            // absolute directory the entry belongs to
	AttrTFPath = "tf-path"         // the wrapped program
	AttrTFArgs = "tf-command-args" // []string, or one string split at spaces
)

// LogOptions say which entries are written and how they look.
type LogOptions struct {
	Level slog.Level
	// Format comes from PresetFormat or ParseFormat; nil means pretty.
	Format *Format
	// WorkDir is the absolute directory unit paths are shown relative to.
	WorkDir string
	// AbsPaths shows absolute paths instead.
	AbsPaths bool
	// Start is the moment %interval counts from; zero means now.
	Start time.Time
}

// NewHandler returns a handler that writes entries as lines to the console:
// those at LevelStdout to standard output, all others to standard error.
func NewHandler(c *Console, o LogOptions) slog.Handler {
	if o.Start.IsZero() {
		o.Start = time.Now()
	}
	if o.Format == nil {
		o.Format, _ = PresetFormat(FormatPretty)
	}
	return &handler{logger: &logger{console: c, o: o}}
}

// logger is what all handlers derived from one share.
type logger struct {
	console *Console
	o       LogOptions
	buffers sync.Pool

	mu sync.Mutex
	// hues remembers the colour given to each distinct text, for the life of the
	// logger, so that a unit keeps its colour.
	hues map[string]Color
}

type handler struct {
	*logger
	scope scope
}

// scope is what slog's With has attached so far.
type scope struct {
	unit     string
	relative string // unit as seen from the working directory, slashes forward
	tfPath   string
	tfArgs   []string
	extra    []slog.Attr
	group    string // prefix of the keys in extra
}

// entry is one log line about to be written.
type entry struct {
	*logger
	scope
	time  time.Time
	level slog.Level
	msg   string
	style Style
}

func (h *handler) Enabled(_ context.Context, level slog.Level) bool {
	return level >= h.o.Level
}

func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	next := handler{logger: h.logger, scope: h.scope}
	next.scope.extra = slices.Clip(next.scope.extra)
	for _, a := range attrs {
		next.scope.add(h.o.WorkDir, a)
	}
	return &next
}

func (h *handler) WithGroup(name string) slog.Handler {
	next := handler{logger: h.logger, scope: h.scope}
	if name != "" {
		next.scope.group += name + "."
	}
	return &next
}

func (h *handler) Handle(_ context.Context, r slog.Record) error {
	if r.Level < h.o.Level {
		return nil
	}
	to := h.console.err
	if r.Level == LevelStdout {
		to = h.console.out
	}
	e := entry{logger: h.logger, scope: h.scope, time: r.Time, level: r.Level, msg: r.Message, style: to.style}
	if r.NumAttrs() > 0 {
		e.extra = slices.Clip(e.extra)
		r.Attrs(func(a slog.Attr) bool {
			e.add(h.o.WorkDir, a)
			return true
		})
	}
	return h.write(to, &e)
}

func (l *logger) write(to *stream, e *entry) error {
	buf, ok := l.buffers.Get().(*[]byte)
	if !ok {
		buf = new([]byte)
	}
	b := l.o.Format.append((*buf)[:0], e)
	b = append(b, '\n')
	_, err := to.Write(b)
	*buf = b
	l.buffers.Put(buf)
	return err
}

// add puts one attribute in its place.
func (s *scope) add(workDir string, a slog.Attr) {
	a.Value = a.Value.Resolve()
	if a.Value.Kind() == slog.KindGroup {
		inner := *s
		if a.Key != "" {
			inner.group += a.Key + "."
		}
		for _, m := range a.Value.Group() {
			inner.add(workDir, m)
		}
		inner.group = s.group
		*s = inner
		return
	}
	switch {
	case a.Equal(slog.Attr{}):
	case s.group == "" && a.Key == AttrUnit:
		s.unit = a.Value.String()
		s.relative = relativeTo(workDir, s.unit)
	case s.group == "" && a.Key == AttrTFPath:
		s.tfPath = a.Value.String()
	case s.group == "" && a.Key == AttrTFArgs:
		s.tfArgs = words(a.Value)
	default:
		a.Key = s.group + a.Key
		s.extra = append(s.extra, a)
	}
}

func words(v slog.Value) []string {
	if list, ok := v.Any().([]string); ok {
		return list
	}
	return strings.Fields(v.String())
}

func relativeTo(workDir, path string) string {
	if workDir == "" || path == "" {
		return path
	}
	rel, err := filepath.Rel(workDir, path)
	if err != nil {
		return path // another drive
	}
	return filepath.ToSlash(rel)
}

// hue gives each distinct text one of twelve colours, in rotation.
func (l *logger) hue(text string) Color {
	palette := [12]Color{"66", "67", "95", "96", "102", "103", "108", "109", "130", "139", "144", "145"}
	l.mu.Lock()
	defer l.mu.Unlock()
	c, ok := l.hues[text]
	if !ok {
		if l.hues == nil {
			l.hues = map[string]Color{}
		}
		c = "38;5;" + palette[len(l.hues)%len(palette)]
		l.hues[text] = c
	}
	return c
}
