package cli

import (
	"context"
	"log/slog"
	"slices"

	"github.com/terrace-iac/terrace/telemetry"
	"github.com/terrace-iac/terrace/ui"
)

// recorded is a log whose own lines, not those of processes, are recorded too.
func (inv *invocation) recorded(log *slog.Logger) *slog.Logger {
	if !inv.Recorder.Logs() {
		return log
	}
	return slog.New(&logRecorder{Handler: log.Handler(), rec: inv.Recorder})
}

// logRecorder records what it hands on.
type logRecorder struct {
	slog.Handler
	rec   *telemetry.Recorder
	attrs []telemetry.Attr
}

// Handle records a line and hands it on.
func (h *logRecorder) Handle(ctx context.Context, r slog.Record) error {
	if r.Level != ui.LevelStdout && r.Level != ui.LevelStderr {
		attrs := slices.Clone(h.attrs)
		r.Attrs(func(a slog.Attr) bool {
			attrs = appendAttr(attrs, a)
			return true
		})
		h.rec.Log(ctx, telemetry.Entry{Time: r.Time, Severity: severity(r.Level), Level: r.Level.String(), Text: r.Message, Attrs: attrs})
	}
	return h.Handler.Handle(ctx, r)
}

// appendAttr leaves out what may hold secrets.
func appendAttr(list []telemetry.Attr, a slog.Attr) []telemetry.Attr {
	if a.Key == ui.AttrTFArgs {
		return list
	}
	return append(list, telemetry.Attr{Key: a.Key, Value: a.Value.String()})
}

// severity is a level as OpenTelemetry counts: 1 to 24, in fours, from trace on.
func severity(level slog.Level) int { return min(max(int(level)+9, 1), 24) }

// WithAttrs keeps what belongs to all lines to come.
func (h *logRecorder) WithAttrs(list []slog.Attr) slog.Handler {
	attrs := slices.Clone(h.attrs)
	for _, a := range list {
		attrs = appendAttr(attrs, a)
	}
	return &logRecorder{h.Handler.WithAttrs(list), h.rec, attrs}
}

// WithGroup hands the group on; records have none.
func (h *logRecorder) WithGroup(name string) slog.Handler {
	return &logRecorder{h.Handler.WithGroup(name), h.rec, h.attrs}
}
