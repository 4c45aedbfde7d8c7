package ui

import (
	"fmt"
	"log/slog"
	"strings"
)

// The log levels, least verbose first. Entries at LevelStdout and LevelStderr are
// lines a child process wrote.
const (
	LevelStderr = slog.Level(16)
	LevelStdout = slog.Level(12)
	LevelError  = slog.LevelError
	LevelWarn   = slog.LevelWarn
	LevelInfo   = slog.LevelInfo
	LevelDebug  = slog.LevelDebug
	LevelTrace  = slog.Level(-8)
)

// levelLook is how a level appears in a log line.
type levelLook struct {
	level             slog.Level
	full, short, tiny string
	color             Color
}

func levelLooks() [7]levelLook {
	return [7]levelLook{
		{LevelStderr, "stderr", "std", "s", "31"},
		{LevelStdout, "stdout", "std", "s", "37"},
		{LevelError, "error", "err", "e", "31"},
		{LevelWarn, "warn", "wrn", "w", "33"},
		{LevelInfo, "info", "inf", "i", "32"},
		{LevelDebug, "debug", "deb", "d", "94"},
		{LevelTrace, "trace", "trc", "t", "37"},
	}
}

// lookOf finds the look of a level; one in between takes the next lower name.
func lookOf(level slog.Level) levelLook {
	looks := levelLooks()
	for _, l := range looks {
		if level >= l.level {
			return l
		}
	}
	return looks[len(looks)-1]
}

// LevelNames lists the names of the levels, least verbose first.
func LevelNames() []string {
	var names []string
	for _, l := range levelLooks() {
		names = append(names, l.full)
	}
	return names
}

// ParseLevel reads the name of a level in any case. The error names the choices.
func ParseLevel(name string) (slog.Level, error) {
	for _, l := range levelLooks() {
		if strings.EqualFold(name, l.full) {
			return l.level, nil
		}
	}
	return 0, fmt.Errorf("invalid level %q, supported levels: %s", name, strings.Join(LevelNames(), ", "))
}

// isChildOutput says whether entries at this level are lines of a child process,
// whose text is never altered.
func isChildOutput(level slog.Level) bool { return level >= LevelStdout }
