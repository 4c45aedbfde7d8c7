package telemetry

import (
	"compress/gzip"
	"encoding/binary"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	logs "go.opentelemetry.io/proto/otlp/logs/v1"
	metric "go.opentelemetry.io/proto/otlp/metrics/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// collector understands OTLP over HTTP and gRPC, by the official descriptions
// of its messages.
type collector struct {
	*httptest.Server
	// refuse, unless nil, answers a request in place of the collector when it
	// gives true. n counts from 1.
	refuse func(w http.ResponseWriter, n int) bool

	mu      sync.Mutex
	calls   int
	headers []http.Header
	spans   []*trace.ResourceSpans
	metrics []*metric.ResourceMetrics
	logs    []*logs.ResourceLogs
}

func newCollector(t *testing.T, refuse func(w http.ResponseWriter, n int) bool) *collector {
	c := unstarted(t, refuse)
	c.Start()
	return c
}

func unstarted(t *testing.T, refuse func(w http.ResponseWriter, n int) bool) *collector {
	c := &collector{refuse: refuse}
	c.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := c.serve(w, r); err != nil {
			t.Errorf("collector: %s %s: %v", r.Proto, r.URL.Path, err)
			w.WriteHeader(http.StatusBadRequest)
		}
	}))
	c.Config.Protocols = new(http.Protocols)
	c.Config.Protocols.SetHTTP1(true)
	c.Config.Protocols.SetUnencryptedHTTP2(true)
	t.Cleanup(c.Close)
	return c
}

func (c *collector) serve(w http.ResponseWriter, r *http.Request) error {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls++
	if c.refuse != nil && c.refuse(w, c.calls) {
		return nil
	}
	c.headers = append(c.headers, r.Header)
	grpc := r.Header.Get("Content-Type") == "application/grpc"
	zipped := r.Header.Get("Content-Encoding") == "gzip"
	if grpc {
		if int(binary.BigEndian.Uint32(body[1:])) != len(body)-5 || r.ProtoMajor != 2 || r.Header.Get("Te") != "trailers" {
			return io.ErrUnexpectedEOF
		}
		zipped, body = body[0] == 1, body[5:]
	}
	if zipped {
		zip, err := gzip.NewReader(strings.NewReader(string(body)))
		if err != nil {
			return err
		}
		if body, err = io.ReadAll(zip); err != nil {
			return err
		}
	}
	if err := c.keep(r.URL.Path, body); err != nil {
		return err
	}
	if grpc {
		w.Header().Set("Trailer", "Grpc-Status")
		w.Header().Set("Content-Type", "application/grpc")
		_, err = w.Write([]byte{0, 0, 0, 0, 0})
		w.Header().Set("Grpc-Status", "0")
	}
	return err
}

func (c *collector) keep(path string, body []byte) error {
	var s trace.TracesData
	var m metric.MetricsData
	var l logs.LogsData
	switch path {
	case "/v1/traces", signals()[0].method:
		err := proto.Unmarshal(body, &s)
		c.spans = append(c.spans, s.ResourceSpans...)
		return err
	case "/v1/metrics", signals()[1].method:
		err := proto.Unmarshal(body, &m)
		c.metrics = append(c.metrics, m.ResourceMetrics...)
		return err
	case "/v1/logs", signals()[2].method:
		err := proto.Unmarshal(body, &l)
		c.logs = append(c.logs, l.ResourceLogs...)
		return err
	}
	return http.ErrNotSupported
}

// span finds a span by its name.
func (c *collector) span(t *testing.T, name string) *trace.Span {
	t.Helper()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range c.spans {
		for _, s := range r.ScopeSpans[0].Spans {
			if s.Name == name {
				return s
			}
		}
	}
	t.Fatalf("no span %q arrived in %v", name, c.spans)
	return nil
}

// settings are those of variables, with the collector as endpoint.
func (c *collector) settings(t *testing.T, vars map[string]string) Settings {
	t.Helper()
	vars["OTEL_EXPORTER_OTLP_ENDPOINT"] = c.URL
	s, err := Read(func(name string) string { return vars[name] }, "terrace", "1.2.3")
	if err != nil {
		t.Fatal(err)
	}
	return s
}
