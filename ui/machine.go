package ui

import (
	"log/slog"
	"time"
	"unicode/utf8"
)

// appendKeyValue renders an entry as pairs for machines: RFC 3339 time, level,
// prefix and tf-path where there are any, message, other attributes.
func appendKeyValue(b []byte, e *entry) []byte {
	plain := *e
	plain.style = false
	b = append(b, "time="...)
	b = e.time.AppendFormat(b, time.RFC3339)
	b = append(b, " level="...)
	b = append(b, lookOf(e.level).full...)
	if prefix := e.prefix(true); prefix != "" {
		b = appendQuoted(append(b, " prefix="...), prefix)
	}
	if program := e.program(); program != "" {
		b = appendQuoted(append(b, " tf-path="...), program)
	}
	b = appendQuoted(append(b, " msg="...), plain.message(true))
	return appendPairs(b, e.extra)
}

// appendJSON renders an entry as one JSON object. working-dir is always an
// absolute path: the unit's directory, or the working directory for entries that
// belong to no unit.
func appendJSON(b []byte, e *entry) []byte {
	plain := *e
	plain.style = false
	b = append(b, `{"time":"`...)
	b = e.time.AppendFormat(b, time.RFC3339)
	b = append(b, `", "level":"`...)
	b = append(b, lookOf(e.level).full...)
	b = append(b, `", "working-dir":`...)
	if dir := e.unit; dir != "" {
		b = appendString(b, dir)
	} else {
		b = appendString(b, e.o.WorkDir)
	}
	if program := e.program(); program != "" {
		b = appendString(append(b, `, "tf-path":`...), program)
	}
	if len(e.tfArgs) > 0 {
		b = append(b, `, "tf-command-args":`...)
		for i, arg := range e.tfArgs {
			b = append(b, "[,"[min(i, 1)])
			b = appendString(b, arg)
		}
		b = append(b, ']')
	}
	b = appendString(append(b, `, "msg":`...), plain.message(true))
	return append(appendMembers(b, e.extra), '}')
}

func appendMembers(b []byte, attrs []slog.Attr) []byte {
	for _, a := range attrs {
		b = append(b, ", "...)
		b = appendString(b, a.Key)
		b = append(b, ':')
		switch a.Value.Kind() {
		case slog.KindBool, slog.KindInt64, slog.KindUint64:
			b = append(b, a.Value.String()...)
		default:
			b = appendString(b, a.Value.String())
		}
	}
	return b
}

func appendString(b []byte, text string) []byte {
	b = append(b, '"')
	b = appendEscaped(b, text)
	return append(b, '"')
}

// appendEscaped appends text as it stands between the quotes of a JSON string.
func appendEscaped(b []byte, text string) []byte {
	const hex = "0123456789abcdef"
	for _, r := range text {
		switch {
		case r == '"' || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, `\n`...)
		case r == '\t':
			b = append(b, `\t`...)
		case r == '\r':
			b = append(b, `\r`...)
		case r < ' ':
			b = append(b, `\u00`...)
			b = append(b, hex[r>>4], hex[r&15])
		default:
			b = utf8.AppendRune(b, r)
		}
	}
	return b
}
