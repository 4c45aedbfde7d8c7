package telemetry

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRead(t *testing.T) {
	t.Parallel()
	const own, otel = "TELEMETRY_TRACE_EXPORTER", "OTEL_EXPORTER_OTLP_ENDPOINT"
	grpc := signals()[0].method
	for name, c := range map[string]struct {
		vars    string
		url     string // "console", or "" for nothing
		grpc    bool
		warning string
		err     string
	}{
		"nothing":                         {},
		"none":                            {vars: own + "=none"},
		"console":                         {vars: own + "=console", url: "console"},
		"default":                         {vars: own + "=otlpHttp", url: "http://localhost:4318/v1/traces"},
		"default of gRPC":                 {vars: own + "=otlpGrpc", url: "http://localhost:4317" + grpc, grpc: true},
		"the odd name":                    {vars: own + "=grpcHttp", url: "http://localhost:4317" + grpc, grpc: true},
		"endpoint":                        {vars: own + "=otlpHttp " + otel + "=https://c.example.com/otlp/", url: "https://c.example.com/otlp/v1/traces"},
		"endpoint of the signal":          {vars: own + "=otlpHttp " + otel + "=http://a OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=http://b/as/is", url: "http://b/as/is"},
		"insecure wins":                   {vars: own + "=otlpHttp " + otel + "=https://a:1 " + own + "_INSECURE_ENDPOINT=true", url: "http://a:1/v1/traces"},
		"host and port":                   {vars: own + "=otlpGrpc " + otel + "=a:4317", url: "https://a:4317" + grpc, grpc: true},
		"host and port, insecure":         {vars: own + "=otlpGrpc OTEL_EXPORTER_OTLP_INSECURE=true " + otel + "=a:4317", url: "http://a:4317" + grpc, grpc: true},
		"http":                            {vars: own + "=http " + own + "_HTTP_ENDPOINT=a:4318", url: "https://a:4318/v1/traces"},
		"http, insecure":                  {vars: own + "=http " + own + "_HTTP_ENDPOINT=a:4318 " + own + "_INSECURE_ENDPOINT=1", url: "http://a:4318/v1/traces"},
		"http without endpoint":           {vars: own + "=http", err: own + "_HTTP_ENDPOINT: needed by the exporter http"},
		"unknown":                         {vars: own + "=otlphttp", warning: own + `: unknown exporter "otlphttp", nothing is exported; known are none, console, otlpHttp`},
		"of OpenTelemetry":                {vars: "OTEL_TRACES_EXPORTER=otlp", url: "http://localhost:4318/v1/traces"},
		"of OpenTelemetry, gRPC":          {vars: "OTEL_TRACES_EXPORTER=otlp OTEL_EXPORTER_OTLP_PROTOCOL=grpc", url: "http://localhost:4317" + grpc, grpc: true},
		"of OpenTelemetry, by signal":     {vars: "OTEL_TRACES_EXPORTER=otlp OTEL_EXPORTER_OTLP_PROTOCOL=grpc OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=http/protobuf", url: "http://localhost:4318/v1/traces"},
		"of OpenTelemetry, unknown":       {vars: "OTEL_TRACES_EXPORTER=zipkin", warning: `OTEL_TRACES_EXPORTER: unknown exporter "zipkin"`},
		"ours win":                        {vars: own + "=none OTEL_TRACES_EXPORTER=otlp"},
		"an endpoint alone":               {vars: otel + "=http://a"},
		"disabled":                        {vars: own + "=otlpHttp OTEL_SDK_DISABLED=true"},
		"bad endpoint":                    {vars: own + "=otlpHttp " + otel + "=ftp://secret", err: otel + ": not an http or https address"},
		"bad boolean":                     {vars: own + "=otlpHttp " + own + "_INSECURE_ENDPOINT=maybe", url: "http://localhost:4318/v1/traces", warning: "not a boolean"},
		"bad timeout":                     {vars: own + "=otlpHttp OTEL_EXPORTER_OTLP_TIMEOUT=soon", url: "http://localhost:4318/v1/traces", warning: "OTEL_EXPORTER_OTLP_TIMEOUT: not a number of milliseconds"},
		"bad header":                      {vars: own + "=otlpHttp OTEL_EXPORTER_OTLP_HEADERS=a=1,secret", url: "http://localhost:4318/v1/traces", warning: "OTEL_EXPORTER_OTLP_HEADERS: a part that is not key=value is ignored"},
		"bad parent":                      {vars: own + "=otlpHttp TRACEPARENT=nonsense", url: "http://localhost:4318/v1/traces", err: `TRACEPARENT: "nonsense" is not`},
		"bad parent, and nothing is sent": {vars: "TRACEPARENT=nonsense"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			vars := map[string]string{}
			for pair := range strings.FieldsSeq(c.vars) {
				key, value, _ := strings.Cut(pair, "=")
				vars[key] = value
			}
			s, err := Read(func(name string) string { return vars[name] }, "terrace", "1")
			if c.err != "" {
				if err == nil || !strings.Contains(err.Error(), c.err) {
					t.Fatalf("Read = %v, want %q", err, c.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			got := s.Traces.url
			if s.Traces.kind == toConsole {
				got = "console"
			}
			if got != c.url || (s.Traces.kind == toGRPC) != c.grpc || s.Off() != (c.url == "") {
				t.Errorf("Read = %+v, want %s", s.Traces, c.url)
			}
			if all := strings.Join(s.Warnings, "\n"); c.warning == "" && all != "" || !strings.Contains(all, c.warning) || strings.Contains(all, "secret") {
				t.Errorf("warnings = %q, want %q", all, c.warning)
			}
		})
	}
}

func TestServiceName(t *testing.T) {
	t.Parallel()
	for vars, want := range map[string]string{
		"": "terrace", "OTEL_SERVICE_NAME=a": "a", "OTEL_RESOURCE_ATTRIBUTES=service.name=b": "b",
		"OTEL_SERVICE_NAME=a OTEL_RESOURCE_ATTRIBUTES=service.name=b": "a",
	} {
		s, err := Read(func(name string) string {
			for pair := range strings.FieldsSeq(vars + " TELEMETRY_METRIC_EXPORTER=console") {
				if key, value, _ := strings.Cut(pair, "="); key == name {
					return value
				}
			}
			return ""
		}, "terrace", "1")
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range s.Resource {
			if a.Key == "service.name" && a.Value != want {
				t.Errorf("%q: service.name = %v, want %s", vars, a.Value, want)
			}
		}
	}
}

func TestParent(t *testing.T) {
	t.Parallel()
	const trace, span = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
	for text, want := range map[string]string{
		"00-" + trace + "-" + span + "-01":                   "sampled",
		"00-" + trace + "-" + span + "-00":                   "not sampled",
		"00-" + trace + "-" + span + "-03":                   "sampled",
		"00-" + trace + "-" + span + "-10":                   "not sampled", // hexadecimal
		"cc-" + trace + "-" + span + "-01-what-will-be":      "sampled",
		"00-" + trace + "-" + span + "-01-what":              "",
		"ff-" + trace + "-" + span + "-01":                   "",
		"00-" + trace + "-" + span:                           "",
		"00-" + strings.ToUpper(trace) + "-" + span + "-01":  "",
		"00-" + strings.Repeat("0", 32) + "-" + span + "-01": "",
		"00-" + trace + "-0000000000000000-01":               "",
		"00-" + trace + "00-" + span + "-01":                 "",
		"00-" + trace[1:] + "-" + span + "-01":               "",
		"00-" + trace + "-" + span + "-1":                    "",
		"0g-" + trace + "-" + span + "-01":                   "",
		"":                                                   "",
	} {
		p, err := parseParent(text)
		got := "not sampled"
		if p.sampled {
			got = "sampled"
		}
		if err != nil {
			got = ""
			var bad *ParentError
			if !errors.As(err, &bad) || p != (parent{}) {
				t.Errorf("parseParent(%q) = %v, %v", text, p, err)
			}
		}
		if got != want {
			t.Errorf("parseParent(%q) is %q, want %q", text, got, want)
		}
	}
}

func TestSampler(t *testing.T) {
	t.Parallel()
	on, off := parent{trace: traceID{1}, span: spanID{1}, sampled: true}, parent{trace: traceID{1}, span: spanID{1}}
	low, high := traceID{15: 1}, traceID{8: 0xff, 9: 0xff}
	for _, c := range []struct {
		name   string
		ratio  float64
		parent parent
		id     traceID
		want   bool
	}{
		{"", 1, parent{}, high, true},
		{"", 1, off, high, false},
		{"parentbased_always_on", 1, off, high, false},
		{"parentbased_always_off", 1, on, low, true},
		{"parentbased_always_off", 1, parent{}, low, false},
		{"always_on", 1, off, high, true},
		{"always_off", 1, on, low, false},
		{"traceidratio", 0.5, on, high, false},
		{"traceidratio", 0.5, off, low, true},
		{"parentbased_traceidratio", 0.5, on, high, true},
		{"parentbased_traceidratio", 0.5, parent{}, high, false},
		{"what", 0.5, parent{}, high, true},
	} {
		if got := newSampler(c.name, c.ratio).samples(c.parent, c.id); got != c.want {
			t.Errorf("%s %v, parent %v: %v", c.name, c.ratio, c.parent, got)
		}
	}
}

func TestCertificates(t *testing.T) {
	t.Parallel()
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{"missing.pem": "missing.pem", empty: "no certificate in it"} {
		s, err := Read(func(name string) string {
			return map[string]string{"TELEMETRY_TRACE_EXPORTER": "otlpHttp", "OTEL_EXPORTER_OTLP_CERTIFICATE": file}[name]
		}, "terrace", "1")
		if err != nil {
			t.Fatal(err)
		}
		if r, err := New(s, "terrace", "1", nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("New = %v, %v, want %q", r, err, want)
		}
	}
}
