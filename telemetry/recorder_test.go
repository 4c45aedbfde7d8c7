package telemetry

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	common "go.opentelemetry.io/proto/otlp/common/v1"
	metric "go.opentelemetry.io/proto/otlp/metrics/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
)

const someParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

func start(t *testing.T, s Settings) *Recorder {
	t.Helper()
	r, err := New(s, "terrace", "1.2.3", t.Output())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// texts are attributes as strings.
func texts(list []*common.KeyValue) map[string]string {
	out := map[string]string{}
	for _, kv := range list {
		out[kv.Key] = kv.Value.String()
	}
	return out
}

// TestSpans covers what arrives of spans, over each protocol.
func TestSpans(t *testing.T) {
	t.Parallel()
	for _, exporter := range []string{"otlpHttp", "otlpGrpc"} {
		for _, compression := range []string{"none", "gzip"} {
			t.Run(exporter+" "+compression, func(t *testing.T) {
				t.Parallel()
				c := newCollector(t, nil)
				r := start(t, c.settings(t, map[string]string{
					"TELEMETRY_TRACE_EXPORTER": exporter, "TRACEPARENT": someParent,
					"OTEL_EXPORTER_OTLP_COMPRESSION": compression,
					"OTEL_EXPORTER_OTLP_HEADERS":     "api-key=a%20b, x=1",
					"OTEL_RESOURCE_ATTRIBUTES":       "deployment.environment=test,team=a%2Cb",
				}))
				ctx, outer := r.Start(t.Context(), "outer", Attr{"s", "text"}, Attr{"n", -3}, Attr{"yes", true}, Attr{"no", false}, Attr{"f", 1.5}, Attr{"zero", 0})
				_, inner := r.Start(ctx, "inner")
				inner.End(errors.New("it broke\nin detail"))
				inner.End(nil)
				outer.Set(Attr{"empty", ""})
				outer.End(nil)
				if err := r.Close(); err != nil {
					t.Fatal(err)
				}
				checkSpans(t, c, outer)
			})
		}
	}
}

func checkSpans(t *testing.T, c *collector, started *Span) {
	outer, inner := c.span(t, "outer"), c.span(t, "inner")
	if got := hex.EncodeToString(outer.TraceId) + "-" + hex.EncodeToString(outer.ParentSpanId); "00-"+got+"-01" != someParent {
		t.Errorf("trace and parent are %s, want those of %s", got, someParent)
	}
	if !bytes.Equal(inner.ParentSpanId, outer.SpanId) || !bytes.Equal(inner.TraceId, outer.TraceId) {
		t.Errorf("the inner span does not lie in the outer: %v", inner)
	}
	if got, want := started.Traceparent(), "00-"+hex.EncodeToString(outer.TraceId)+"-"+hex.EncodeToString(outer.SpanId)+"-01"; got != want {
		t.Errorf("Traceparent = %s, want %s", got, want)
	}
	want := map[string]string{
		"s": `string_value:"text"`, "n": `int_value:-3`, "yes": `bool_value:true`, "no": `bool_value:false`,
		"f": `double_value:1.5`, "zero": `int_value:0`, "empty": `string_value:""`,
	}
	if got := texts(outer.Attributes); !maps.Equal(got, want) {
		t.Errorf("attributes = %v, want %v", got, want)
	}
	if inner.Status.GetCode() != trace.Status_STATUS_CODE_ERROR || inner.Status.GetMessage() != "it broke" {
		t.Errorf("status of the failed span = %v", inner.Status)
	}
	if outer.Status.GetCode() != trace.Status_STATUS_CODE_UNSET || outer.Kind != trace.Span_SPAN_KIND_INTERNAL {
		t.Errorf("status %v, kind %v", outer.Status, outer.Kind)
	}
	if outer.EndTimeUnixNano < outer.StartTimeUnixNano || time.Since(time.Unix(0, int64(outer.StartTimeUnixNano))) > time.Minute {
		t.Errorf("times %d to %d", outer.StartTimeUnixNano, outer.EndTimeUnixNano)
	}
	resource := texts(c.spans[0].Resource.Attributes)
	for key, want := range map[string]string{"service.name": "terrace", "service.version": "1.2.3", "deployment.environment": "test", "team": "a,b"} {
		if resource[key] != `string_value:"`+want+`"` {
			t.Errorf("resource %s = %s, want %s", key, resource[key], want)
		}
	}
	if h := c.headers[0]; h.Get("Api-Key") != "a b" || h.Get("X") != "1" || h.Get("User-Agent") != "terrace/1.2.3" {
		t.Errorf("headers = %v", h)
	}
	if s := c.spans[0].ScopeSpans[0].Scope; s.Name != "terrace" || s.Version != "1.2.3" {
		t.Errorf("scope = %v", s)
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	c := newCollector(t, nil)
	r := start(t, c.settings(t, map[string]string{"TELEMETRY_METRIC_EXPORTER": "grpcHttp"}))
	ctx, s := r.Start(t.Context(), "run plan")
	if s.Traceparent() != "" {
		t.Error("a span that is not exported was named to another process")
	}
	s.StartAt(time.Now().Add(-100 * time.Millisecond))
	s.End(nil)
	_, s = r.Start(ctx, "run plan")
	s.End(errors.New("broken"))
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	got := map[string]*metric.Metric{}
	for _, m := range c.metrics[len(c.metrics)-1].ScopeMetrics[0].Metrics {
		got[m.Name] = m
	}
	if names := slices.Sorted(maps.Keys(got)); !slices.Equal(names, []string{"errors_count", "run_plan_duration", "run_plan_errors_count", "run_plan_success_count"}) {
		t.Fatalf("metrics = %v", names)
	}
	for _, name := range []string{"errors_count", "run_plan_errors_count", "run_plan_success_count"} {
		sum := got[name].GetSum()
		if !sum.IsMonotonic || sum.AggregationTemporality != metric.AggregationTemporality_AGGREGATION_TEMPORALITY_CUMULATIVE || sum.DataPoints[0].GetAsInt() != 1 {
			t.Errorf("%s = %v", name, sum)
		}
	}
	d := got["run_plan_duration"].GetHistogram()
	p := d.DataPoints[0]
	if d.AggregationTemporality != metric.AggregationTemporality_AGGREGATION_TEMPORALITY_CUMULATIVE || got["run_plan_duration"].Unit != "ms" ||
		p.Count != 2 || *p.Sum < 100 || *p.Max < 100 || *p.Min >= 100 || len(p.BucketCounts) != len(p.ExplicitBounds)+1 || !slices.Equal(p.ExplicitBounds, bounds()) {
		t.Errorf("duration = %v", d)
	}
	if i := slices.Index(p.BucketCounts, 1); i < 0 || p.BucketCounts[0] != 0 || p.BucketCounts[slices.Index(p.ExplicitBounds, 250)]+p.BucketCounts[slices.Index(p.ExplicitBounds, 100)+2] == 0 {
		t.Errorf("buckets = %v", p.BucketCounts)
	}
	if p.StartTimeUnixNano == 0 || p.TimeUnixNano < p.StartTimeUnixNano {
		t.Errorf("times %d to %d", p.StartTimeUnixNano, p.TimeUnixNano)
	}
}

func TestBuckets(t *testing.T) {
	t.Parallel()
	m := newMetrics()
	for _, ms := range []float64{0, 5, 5.1, 4e6} {
		m.add("x", time.Duration(ms*float64(time.Millisecond)), false)
	}
	b := m.byName["x"].buckets
	if b[0] != 1 || b[1] != 1 || b[2] != 1 || b[len(b)-1] != 1 {
		t.Errorf("buckets = %v: an upper bound belongs to its bucket", b)
	}
	if m.snapshot() == nil || m.snapshot() != nil {
		t.Error("a snapshot is for what has changed")
	}
}

func TestLogs(t *testing.T) {
	t.Parallel()
	c := newCollector(t, nil)
	r := start(t, c.settings(t, map[string]string{"TELEMETRY_TRACE_EXPORTER": "otlpHttp", "TELEMETRY_LOGS_EXPORTER": "otlpHttp"}))
	ctx, s := r.Start(t.Context(), "outer")
	r.Log(ctx, Entry{Time: time.Now(), Severity: 13, Level: "WARN", Text: "careful", Attrs: []Attr{{"unit", "vpc"}}})
	s.End(nil)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	l := c.logs[0].ScopeLogs[0].LogRecords[0]
	if l.SeverityNumber != 13 || l.SeverityText != "WARN" || l.Body.GetStringValue() != "careful" || texts(l.Attributes)["unit"] != `string_value:"vpc"` {
		t.Errorf("record = %v", l)
	}
	if outer := c.span(t, "outer"); !bytes.Equal(l.SpanId, outer.SpanId) || !bytes.Equal(l.TraceId, outer.TraceId) {
		t.Errorf("the record is not tied to its span: %v", l)
	}
}

// TestBatches sends more than one batch holds and checks that nothing is lost
// or sent twice.
func TestBatches(t *testing.T) {
	t.Parallel()
	c := newCollector(t, nil)
	r := start(t, c.settings(t, map[string]string{"TELEMETRY_TRACE_EXPORTER": "otlpHttp"}))
	const n = 3*batchSize + 7
	for range n {
		_, s := r.Start(t.Context(), "one")
		s.End(nil)
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	ids := map[string]bool{}
	for _, of := range c.spans {
		if len(of.ScopeSpans[0].Spans) > batchSize {
			t.Errorf("a batch of %d", len(of.ScopeSpans[0].Spans))
		}
		for _, s := range of.ScopeSpans[0].Spans {
			ids[string(s.SpanId)] = true
		}
	}
	if len(ids) != n {
		t.Errorf("%d spans arrived, want %d", len(ids), n)
	}
}

func TestRetries(t *testing.T) {
	t.Parallel()
	busy := func(w http.ResponseWriter, n int) bool {
		if n < 3 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		return n < 3
	}
	unavailable := func(w http.ResponseWriter, n int) bool {
		if n < 3 {
			w.Header().Set("Content-Type", "application/grpc")
			w.Header().Set("Grpc-Status", "14")
		}
		return n < 3
	}
	never := func(w http.ResponseWriter, _ int) bool {
		w.WriteHeader(http.StatusUnauthorized)
		return true
	}
	denied := func(w http.ResponseWriter, _ int) bool {
		w.Header().Set("Grpc-Status", "16")
		w.Header().Set("Grpc-Message", "who are you")
		return true
	}
	for name, test := range map[string]struct {
		exporter string
		refuse   func(http.ResponseWriter, int) bool
		calls    int
		err      string
	}{
		"busy":         {"otlpHttp", busy, 3, ""},
		"unavailable":  {"otlpGrpc", unavailable, 3, ""},
		"unauthorized": {"otlpHttp", never, 1, "1 spans could not be exported: 127.0.0.1"},
		"denied":       {"otlpGrpc", denied, 1, "gRPC status 16 who are you"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCollector(t, test.refuse)
			r := start(t, c.settings(t, map[string]string{"TELEMETRY_TRACE_EXPORTER": test.exporter}))
			_, s := r.Start(t.Context(), "one")
			s.End(nil)
			err := r.Close()
			if test.err == "" && err != nil || test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)) {
				t.Errorf("Close = %v, want %q", err, test.err)
			}
			if c.calls != test.calls {
				t.Errorf("%d requests, want %d", c.calls, test.calls)
			}
		})
	}
}

// TestHangingCollector: one that never answers costs a bounded time.
func TestHangingCollector(t *testing.T) {
	t.Parallel()
	done := make(chan struct{})
	c := newCollector(t, nil)
	c.Config.Handler = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-done })
	defer close(done)
	r := start(t, c.settings(t, map[string]string{"TELEMETRY_TRACE_EXPORTER": "otlpHttp"}))
	for range 2 * batchSize {
		_, s := r.Start(t.Context(), "one")
		s.End(nil)
	}
	r.patience = 200 * time.Millisecond
	began := time.Now()
	err := r.Close()
	if err == nil || !strings.Contains(err.Error(), "1024 spans") || !strings.Contains(err.Error(), errTooSlow.Error()) {
		t.Errorf("Close = %v", err)
	}
	if took := time.Since(began); took > 3*time.Second {
		t.Errorf("Close took %v", took)
	}
}

// TestTLS covers a collector whose certificate is known from a file alone, and
// that it is not trusted without.
func TestTLS(t *testing.T) {
	t.Parallel()
	for _, exporter := range []string{"otlpHttp", "otlpGrpc"} {
		c := unstarted(t, nil)
		c.EnableHTTP2 = true
		c.Config.Protocols = nil
		c.StartTLS()
		file := filepath.Join(t.TempDir(), "ca.pem")
		if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Certificate().Raw}), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, ca := range []string{file, ""} {
			r := start(t, c.settings(t, map[string]string{"TELEMETRY_TRACE_EXPORTER": exporter, "OTEL_EXPORTER_OTLP_CERTIFICATE": ca}))
			r.patience = time.Second
			_, s := r.Start(t.Context(), "one")
			s.End(nil)
			if err := r.Close(); (err == nil) != (ca != "") {
				t.Errorf("%s: Close with the certificate %q = %v", exporter, ca, err)
			}
		}
		c.span(t, "one")
	}
}

func TestNotSampled(t *testing.T) {
	t.Parallel()
	c := newCollector(t, nil)
	r := start(t, c.settings(t, map[string]string{"OTEL_TRACES_EXPORTER": "otlp", "TRACEPARENT": someParent[:len(someParent)-1] + "0"}))
	_, s := r.Start(t.Context(), "one")
	if text := s.Traceparent(); !strings.HasSuffix(text, "-00") || !strings.HasPrefix(text, someParent[:35]) {
		t.Errorf("Traceparent = %s", text)
	}
	s.End(nil)
	if err := r.Close(); err != nil || c.calls != 0 {
		t.Errorf("%d requests, %v", c.calls, err)
	}
}

func TestConsole(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	s, err := Read(func(name string) string {
		return map[string]string{"TELEMETRY_TRACE_EXPORTER": "console", "TELEMETRY_METRIC_EXPORTER": "console", "TRACEPARENT": someParent}[name]
	}, "terrace", "1.2.3")
	if err != nil {
		t.Fatal(err)
	}
	r, err := New(s, "terrace", "1.2.3", &out)
	if err != nil {
		t.Fatal(err)
	}
	_, span := r.Start(t.Context(), "one", Attr{"n", 3})
	span.End(errors.New("broken"))
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	var first shownSpan
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if err := json.Unmarshal([]byte(lines[0]), &first); err != nil {
		t.Fatal(err)
	}
	if first.Name != "one" || first.Parent.SpanID != "b7ad6b7169203331" || first.Status != (shownStatus{"Error", "broken"}) || first.Attributes[0].Value.Value != 3.0 {
		t.Errorf("span = %+v", first)
	}
	if len(lines) != 5 || !strings.Contains(lines[2], `"one_duration"`) {
		t.Errorf("lines = %q", lines)
	}
}

// TestOff: where nothing is recorded nothing is allocated, and no goroutine
// runs.
func TestOff(t *testing.T) { // not parallel: allocations are counted
	r, err := New(Settings{}, "terrace", "1.2.3", nil)
	if r != nil || err != nil {
		t.Fatalf("New = %v, %v", r, err)
	}
	ctx := context.Background()
	if n := testing.AllocsPerRun(100, func() {
		ctx, s := r.Start(ctx, "one")
		s.Set()
		s.End(nil)
		if s.Traceparent() != "" || ctx == nil || r.Logs() {
			t.Error("something is recorded")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if err := r.Close(); err != nil {
		t.Error(err)
	}
}
