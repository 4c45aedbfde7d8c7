package ui

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"strings"
	"sync"
	"time"
)

// Raw passes a child's output on as it comes. Close does nothing.
func Raw(w io.Writer) io.WriteCloser { return rawWriter{w} }

type rawWriter struct{ io.Writer }

func (rawWriter) Close() error { return nil }

// Lines passes a child's output on in whole lines, so that lines of different
// children never mix. Close writes a last line that has no end, and ends it.
func Lines(w io.Writer) io.WriteCloser {
	return &lineWriter{emit: func(block []byte) error {
		_, err := w.Write(block)
		return err
	}}
}

// Grouped holds a child's output back until Close, then writes it in one piece.
func Grouped(w io.Writer) io.WriteCloser { return &groupWriter{w: w} }

// LogLines turns each line of a child into a log entry at level: LevelStdout or
// LevelStderr for the program the user asked for, LevelInfo or LevelError for one
// that runs on its behalf. Blank lines are dropped. A line written because of
// TF_LOG becomes an entry at the level it names. Close flushes a last line that
// has no end.
func LogLines(log *slog.Logger, level slog.Level) io.WriteCloser {
	e := lineLogger{handler: log.Handler(), level: level}
	return &lineWriter{emit: e.emit}
}

// lineWriter cuts what is written into blocks of whole lines.
type lineWriter struct {
	emit func(block []byte) error // gets one or more lines, the last one ended too

	mu      sync.Mutex
	partial []byte // the beginning of a line
}

func (l *lineWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	end := bytes.LastIndexByte(p, '\n') + 1
	if end == 0 {
		l.partial = append(l.partial, p...)
		return len(p), nil
	}
	block := p[:end]
	if len(l.partial) > 0 {
		block = append(l.partial, block...)
		l.partial = nil
	}
	l.partial = append(l.partial, p[end:]...)
	if err := l.emit(block); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (l *lineWriter) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.partial) == 0 {
		return nil
	}
	block := append(l.partial, '\n')
	l.partial = nil
	return l.emit(block)
}

type groupWriter struct {
	w  io.Writer
	mu sync.Mutex
	b  bytes.Buffer
}

func (g *groupWriter) Write(p []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.b.Write(p)
}

func (g *groupWriter) Close() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.b.Len() == 0 {
		return nil
	}
	_, err := g.w.Write(g.b.Bytes())
	g.b = bytes.Buffer{}
	return err
}

// lineLogger logs lines. It talks to the handler itself, as there is no call
// site worth recording.
type lineLogger struct {
	handler slog.Handler
	level   slog.Level
}

func (l lineLogger) emit(block []byte) error {
	for line := range bytes.Lines(block) {
		if err := l.log(visibleLine(string(line))); err != nil {
			return err
		}
	}
	return nil
}

func (l lineLogger) log(line string) error {
	if strings.TrimSpace(stripANSI(line)) == "" {
		return nil
	}
	level, msg := l.level, line
	if own, text, ok := parseTFLog(line); ok {
		level, msg = own, "TF_LOG: "+text
	}
	ctx := context.Background()
	if !l.handler.Enabled(ctx, level) {
		return nil
	}
	return l.handler.Handle(ctx, slog.NewRecord(time.Now(), level, msg, 0))
}

// visibleLine removes the line's end and what a carriage return has overwritten,
// as progress bars do.
func visibleLine(line string) string {
	line = strings.TrimRight(line, "\r\n")
	if i := strings.LastIndexByte(line, '\r'); i >= 0 {
		line = line[i+1:]
	}
	return line
}

// parseTFLog recognises `2024-01-02T15:04:05.000Z [DEBUG] text`, the lines that
// OpenTofu and Terraform write when TF_LOG is set.
func parseTFLog(line string) (slog.Level, string, bool) {
	const layout = "2006-01-02T15:04:05.999999999Z07:00"
	if len(line) < len("2006-01-02T15:04:05Z [X]") || line[4] != '-' || line[10] != 'T' {
		return 0, "", false
	}
	stamp, rest, _ := strings.Cut(line, " ")
	name, text, ok := strings.Cut(rest, "]")
	if !ok || !strings.HasPrefix(name, "[") {
		return 0, "", false
	}
	if _, err := time.Parse(layout, stamp); err != nil {
		if _, err := time.Parse("2006-01-02T15:04:05.999999999Z0700", stamp); err != nil {
			return 0, "", false
		}
	}
	level, err := ParseLevel(name[1:])
	if err != nil || isChildOutput(level) {
		return 0, "", false
	}
	return level, strings.TrimLeft(text, " "), true
}
