package telemetry

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Settings say what is recorded and where it goes. The zero value records
// nothing.
type Settings struct {
	Traces, Metrics, Logs Target
	// Resource describes the program; it is sent with everything.
	Resource []Attr
	// Warnings are about variables that say nothing that can be followed.
	Warnings []string

	parent  parent
	sampler sampler
}

// Off says that nothing is recorded.
func (s Settings) Off() bool {
	return s.Traces.kind == toNowhere && s.Metrics.kind == toNowhere && s.Logs.kind == toNowhere
}

// Target is where one signal goes.
type Target struct {
	kind    targetKind
	url     string
	headers map[string]string
	timeout time.Duration // of one attempt
	gzip    bool

	authority, certificate, key string // files, empty for the system's authorities and no certificate
}

type targetKind int

const (
	toNowhere targetKind = iota
	toConsole
	toHTTP
	toGRPC
)

// signal is a kind of telemetry and what it is called in different places.
type signal struct{ own, otel, path, method string }

func signals() [3]signal {
	const prefix = "/opentelemetry.proto.collector."
	return [3]signal{
		{"TRACE", "TRACES", "/v1/traces", prefix + "trace.v1.TraceService/Export"},
		{"METRIC", "METRICS", "/v1/metrics", prefix + "metrics.v1.MetricsService/Export"},
		{"LOGS", "LOGS", "/v1/logs", prefix + "logs.v1.LogsService/Export"},
	}
}

// SettingError says that a variable cannot be followed. The text of the
// variable may be a secret and is not repeated.
type SettingError struct{ Name, Problem string }

func (e *SettingError) Error() string { return e.Name + ": " + e.Problem }

// Read makes the settings of variables. lookup gives the text of a variable,
// or "": those of OpenTelemetry and TRACEPARENT by their names, and ours, which
// start with TELEMETRY_ and win. service and version name the program where
// the variables do not.
func Read(lookup func(name string) string, service, version string) (Settings, error) {
	r := &reader{lookup: lookup}
	var s Settings
	if r.on("OTEL_SDK_DISABLED") {
		return s, nil
	}
	for i, t := range []*Target{&s.Traces, &s.Metrics, &s.Logs} {
		if *t = r.target(signals()[i]); r.err != nil {
			return Settings{}, r.err
		}
	}
	if !s.Off() {
		s.Resource = r.resource(service, version)
		ratio, err := strconv.ParseFloat(lookup("OTEL_TRACES_SAMPLER_ARG"), 64)
		if err != nil || ratio < 0 || ratio > 1 {
			ratio = 1
		}
		s.sampler = newSampler(lookup("OTEL_TRACES_SAMPLER"), ratio)
		if text := strings.TrimSpace(lookup("TRACEPARENT")); text != "" {
			s.parent, r.err = parseParent(text)
		}
	}
	s.Warnings = r.warnings
	return s, r.err
}

// reader keeps what comes up while variables are read.
type reader struct {
	lookup   func(string) string
	warnings []string
	err      error // the first
}

func (r *reader) warn(name, problem string) { r.warnings = append(r.warnings, name+": "+problem) }

func (r *reader) fail(name, problem string) {
	if r.err == nil {
		r.err = &SettingError{name, problem}
	}
}

func (r *reader) on(name string) bool {
	text := r.lookup(name)
	on, err := strconv.ParseBool(text)
	if text != "" && err != nil {
		r.warn(name, "not a boolean, and ignored")
	}
	return on
}

// otlp gives a setting of the OTLP exporters, of the signal before that of
// all, and the variable it comes from.
func (r *reader) otlp(sig signal, what string) (text, name string) {
	name = "OTEL_EXPORTER_OTLP_" + sig.otel + "_" + what
	if text = r.lookup(name); text == "" {
		name = "OTEL_EXPORTER_OTLP_" + what
		text = r.lookup(name)
	}
	return text, name
}

func (r *reader) target(sig signal) Target {
	switch kind := r.exporter(sig); kind {
	case "console":
		return Target{kind: toConsole}
	case "otlpHttp", "otlpGrpc", "grpcHttp", "http":
		return r.collector(sig, kind)
	}
	return Target{}
}

// exporter is the exporter of a signal by the names that our variables use.
func (r *reader) exporter(sig signal) string {
	name := "TELEMETRY_" + sig.own + "_EXPORTER"
	known := []string{"none", "console", "otlpHttp", "otlpGrpc", "grpcHttp", "http"}
	kind := r.lookup(name)
	if kind == "" {
		name, known = "OTEL_"+sig.otel+"_EXPORTER", []string{"none", "console", "otlp"}
		kind = r.lookup(name)
	}
	if kind != "" && !slices.Contains(known, kind) {
		r.warn(name, fmt.Sprintf("unknown exporter %q, nothing is exported; known are %s", kind, strings.Join(known, ", ")))
		return "none"
	}
	if kind == "otlp" {
		kind = "otlpHttp"
		if protocol, _ := r.otlp(sig, "PROTOCOL"); protocol == "grpc" {
			kind = "otlpGrpc"
		}
	}
	return kind
}

// collector is a target that speaks OTLP.
func (r *reader) collector(sig signal, kind string) Target {
	t := Target{kind: toHTTP, timeout: 10 * time.Second}
	if kind == "otlpGrpc" || kind == "grpcHttp" {
		t.kind = toGRPC
	}
	t.url = r.endpoint(sig, kind, t.kind)
	headers, name := r.otlp(sig, "HEADERS")
	t.headers = r.pairs(name, headers)
	if text, name := r.otlp(sig, "TIMEOUT"); text != "" {
		if ms, err := strconv.Atoi(text); err == nil && ms > 0 {
			t.timeout = time.Duration(ms) * time.Millisecond
		} else {
			r.warn(name, "not a number of milliseconds, and ignored")
		}
	}
	compression, _ := r.otlp(sig, "COMPRESSION")
	t.gzip = compression == "gzip"
	t.authority, _ = r.otlp(sig, "CERTIFICATE")
	t.certificate, _ = r.otlp(sig, "CLIENT_CERTIFICATE")
	t.key, _ = r.otlp(sig, "CLIENT_KEY")
	return t
}

// endpoint is the address that requests go to. Without a scheme it is https,
// as with the official exporters, unless an insecure one was asked for.
func (r *reader) endpoint(sig signal, kind string, protocol targetKind) string {
	own := "TELEMETRY_" + sig.own + "_EXPORTER_"
	insecure := r.on(own + "INSECURE_ENDPOINT")
	text, name := r.otlp(sig, "ENDPOINT")
	whole := text != "" && name != "OTEL_EXPORTER_OTLP_ENDPOINT" // the path is in it
	switch {
	case kind == "http":
		name, whole = own+"HTTP_ENDPOINT", false
		if text = r.lookup(name); text == "" {
			r.fail(name, "needed by the exporter http: the host:port of the collector")
			return ""
		}
	case text == "" && protocol == toGRPC:
		text = "http://localhost:4317"
	case text == "":
		text = "http://localhost:4318"
	}
	if !strings.Contains(text, "://") {
		plain, _ := r.otlp(sig, "INSECURE")
		insecure = insecure || plain == "true"
		text = "https://" + text
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		r.fail(name, "not an http or https address")
		return ""
	}
	if insecure {
		u.Scheme = "http"
	}
	switch {
	case protocol == toGRPC:
		u.Path = sig.method
	case !whole:
		u.Path = strings.TrimRight(u.Path, "/") + sig.path
	}
	return u.String()
}

// pairs reads key=value pairs with escapes like those of addresses. A pair that
// cannot be read is left out.
func (r *reader) pairs(name, text string) map[string]string {
	out := map[string]string{}
	for pair := range strings.SplitSeq(text, ",") {
		if strings.TrimSpace(pair) == "" {
			continue
		}
		key, value, ok := strings.Cut(pair, "=")
		value, err := url.PathUnescape(strings.TrimSpace(value))
		if key = strings.TrimSpace(key); !ok || err != nil || key == "" {
			r.warn(name, "a part that is not key=value is ignored")
			continue
		}
		out[key] = value
	}
	return out
}

func (r *reader) resource(service, version string) []Attr {
	const variable = "OTEL_RESOURCE_ATTRIBUTES"
	all := map[string]string{"service.name": service, "service.version": version}
	for key, value := range r.pairs(variable, r.lookup(variable)) {
		all[key] = value
	}
	if name := r.lookup("OTEL_SERVICE_NAME"); name != "" {
		all["service.name"] = name
	}
	all["telemetry.sdk.name"], all["telemetry.sdk.language"], all["telemetry.sdk.version"] = service, "go", version
	list := make([]Attr, 0, len(all))
	for key, value := range all {
		list = append(list, Attr{key, value})
	}
	slices.SortFunc(list, func(a, b Attr) int { return strings.Compare(a.Key, b.Key) })
	return list
}
