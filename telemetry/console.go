package telemetry

import (
	"encoding/hex"
	"time"
)

// shownSpan is a span as a line of JSON, with the names that the console
// exporters of OpenTelemetry use.
type shownSpan struct {
	Name        string
	SpanContext shownContext
	Parent      *shownContext `json:",omitempty"`
	StartTime   time.Time
	EndTime     time.Time
	Attributes  []shownAttr
	Status      shownStatus
}

type shownContext struct{ TraceID, SpanID string }

type shownAttr struct {
	Key   string
	Value struct{ Value any }
}

type shownStatus struct{ Code, Description string }

func (s *Span) shown(end time.Time, err error) shownSpan {
	trace := hex.EncodeToString(s.rec.trace[:])
	out := shownSpan{
		Name: s.name, StartTime: s.start, EndTime: end, Status: shownStatus{Code: "Unset"},
		SpanContext: shownContext{trace, hex.EncodeToString(s.id[:])},
		Attributes:  make([]shownAttr, len(s.attrs)),
	}
	if s.parent != (spanID{}) {
		out.Parent = &shownContext{trace, hex.EncodeToString(s.parent[:])}
	}
	for i, a := range s.attrs {
		out.Attributes[i].Key, out.Attributes[i].Value.Value = a.Key, a.Value
	}
	if err != nil {
		out.Status = shownStatus{"Error", statusText(err)}
	}
	return out
}
