package telemetry

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
)

type (
	traceID [16]byte
	spanID  [8]byte
)

// parent is the span of another process that ours continues. The zero value
// stands for none.
type parent struct {
	trace   traceID
	span    spanID
	sampled bool
}

// ParentError says that TRACEPARENT is not what W3C Trace Context calls a
// traceparent.
type ParentError struct{ Text string }

func (e *ParentError) Error() string {
	return fmt.Sprintf("TRACEPARENT: %q is not a W3C traceparent, such as 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", e.Text)
}

// parseParent reads a traceparent. Versions to come may add fields at the end.
func parseParent(text string) (parent, error) {
	var p parent
	bad := &ParentError{text}
	f := strings.Split(text, "-")
	if len(f) < 4 || len(f) > 4 && f[0] == "00" || f[0] == "ff" || text != strings.ToLower(text) {
		return p, bad
	}
	var version, flags [1]byte
	for i, to := range [][]byte{version[:], p.trace[:], p.span[:], flags[:]} {
		if n, err := hex.Decode(to, sized(f[i], 2*len(to))); err != nil || n != len(to) {
			return parent{}, bad
		}
	}
	if p.trace == (traceID{}) || p.span == (spanID{}) {
		return parent{}, bad
	}
	p.sampled = flags[0]&1 == 1
	return p, nil
}

// sized gives nothing for a text of another length: hex.Decode would write
// past its target.
func sized(text string, n int) []byte {
	if len(text) != n {
		return nil
	}
	return []byte(text)
}

func newTraceID() (id traceID) {
	binary.BigEndian.PutUint64(id[:8], rand.Uint64())
	binary.BigEndian.PutUint64(id[8:], rand.Uint64()|1) // never all zero
	return id
}

func newSpanID() (id spanID) {
	for id == (spanID{}) {
		binary.BigEndian.PutUint64(id[:], rand.Uint64())
	}
	return id
}

// sampler decides once, for the trace as a whole, whether it is recorded.
type sampler struct {
	byParent bool
	ratio    float64 // of the traces that have no parent, or of all
}

// newSampler reads OTEL_TRACES_SAMPLER; what it does not know counts as the
// default of OpenTelemetry.
func newSampler(name string, ratio float64) sampler {
	s := sampler{byParent: true, ratio: 1}
	if rest, ok := strings.CutPrefix(name, "parentbased_"); ok {
		name = rest
	} else if name == "always_on" || name == "always_off" || name == "traceidratio" {
		s.byParent = false
	}
	switch name {
	case "always_off":
		s.ratio = 0
	case "traceidratio":
		s.ratio = ratio
	}
	return s
}

func (s sampler) samples(p parent, id traceID) bool {
	if s.byParent && p != (parent{}) {
		return p.sampled
	}
	return float64(binary.BigEndian.Uint64(id[8:])>>1) < s.ratio*(1<<63)
}
