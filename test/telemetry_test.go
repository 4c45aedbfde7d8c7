package test

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
	metric "go.opentelemetry.io/proto/otlp/metrics/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// telemetryTree has a unit that fails, one that stands on it, and one that
// does not.
const telemetryTree = `
-- live/bad/terragrunt.hcl --
-- live/bad/main.tf --
-- live/bad/faketofu.txt --
apply stderr no more room
apply exit 3
-- live/behind/terragrunt.hcl --
dependencies {
  paths = ["../bad"]
}
-- live/behind/main.tf --
-- live/good/terragrunt.hcl --
inputs = { token = "secret" }
-- live/good/main.tf --
`

// recordedRun runs a queue that fails, with the variables, and returns the
// folder of the tree.
func recordedRun(t *testing.T, vars ...string) string {
	t.Helper()
	dir := t.TempDir()
	for _, file := range txtar.Parse([]byte(telemetryTree)).Files {
		path := filepath.Join(dir, filepath.FromSlash(file.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, file.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	fake := filepath.Join(dir, "tofu"+exeSuffix())
	if err := linkOrCopy(self, fake); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(terraceBin(t), "run", "--all", "--non-interactive", "--tf-path", fake, "--working-dir", filepath.Join(dir, "live"), "apply", "-var", "x=secret")
	cmd.Env = append(os.Environ(), append(vars, "HOME="+dir, "XDG_CACHE_HOME="+dir, "WORK="+dir)...)
	out, err := cmd.CombinedOutput()
	if err == nil || strings.Contains(string(out), "Telemetry:") {
		t.Fatalf("the run ended with %v and said:\n%s", err, out)
	}
	return dir
}

// TestTelemetry checks the spans and metrics of a run, as a collector gets them.
func TestTelemetry(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var spans []*trace.Span
	var metrics []*metric.Metric
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Errorf("%s: %v", r.URL.Path, err)
		}
		var s trace.TracesData
		var m metric.MetricsData
		switch r.URL.Path {
		case "/v1/traces":
			err = proto.Unmarshal(body, &s)
		case "/v1/metrics":
			err = proto.Unmarshal(body, &m)
		default:
			err = fmt.Errorf("no such path")
		}
		if err != nil {
			t.Errorf("%s: %v", r.URL.Path, err)
		}
		if strings.Contains(string(body), "secret") {
			t.Errorf("a secret was sent to %s", r.URL.Path)
		}
		mu.Lock()
		defer mu.Unlock()
		for _, of := range s.ResourceSpans {
			spans = append(spans, of.ScopeSpans[0].Spans...)
		}
		for _, of := range m.ResourceMetrics {
			metrics = of.ScopeMetrics[0].Metrics // counts from the start: the last ones say all
		}
	}))
	defer server.Close()
	recordedRun(t, "TG_TELEMETRY_TRACE_EXPORTER=otlpHttp", "OTEL_METRICS_EXPORTER=otlp", "OTEL_EXPORTER_OTLP_ENDPOINT="+server.URL,
		"TRACEPARENT=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	mu.Lock()
	defer mu.Unlock()
	checkTree(t, spanTree(spans))
	checkCounts(t, metrics)
}

// spanTree maps the way to each span, by names and units, to its attributes.
func spanTree(spans []*trace.Span) map[string]map[string]string {
	byID := map[string]*trace.Span{}
	for _, s := range spans {
		byID[string(s.SpanId)] = s
	}
	tree := map[string]map[string]string{}
	for _, s := range spans {
		attrs := map[string]string{"failed": fmt.Sprint(s.Status.GetCode() == trace.Status_STATUS_CODE_ERROR)}
		for _, kv := range s.Attributes {
			attrs[kv.Key] = strings.Trim(kv.Value.GetStringValue()+fmt.Sprint(kv.Value.GetIntValue()), "0")
		}
		way := s.Name
		for at := s; ; {
			above := byID[string(at.ParentSpanId)]
			if above == nil {
				way = hex.EncodeToString(at.TraceId)[:4] + hex.EncodeToString(at.ParentSpanId)[:4] + " " + way
				break
			}
			way, at = above.Name+" "+way, above
		}
		way = strings.ReplaceAll(way, "run apply runner_pool_controller runner_pool_task", "task")
		tree[strings.TrimSpace(way+" "+attrs["unit_path"])] = attrs
	}
	return tree
}

func checkTree(t *testing.T, tree map[string]map[string]string) {
	const top = "0af7b7ad "
	for way, want := range map[string]map[string]string{
		"run apply":                        {"exit_code": "3", "failed": "true"},
		"run apply discovery":              {"failed": "false"},
		"run apply preflight":              {"failed": "false"},
		"run apply runner_pool_controller": {"total_tasks": "3", "tasks_succeeded": "1", "tasks_failed": "1", "tasks_early_exit": "1", "terraform_command": "apply"},
		"task good":                        {"outcome": "succeeded", "exit_code": "", "failed": "false", "attempts": "1"},
		"task bad":                         {"outcome": "failed", "exit_code": "3", "failed": "true"},
		"task behind":                      {"outcome": "early_exit", "failed": "true"},
		"task step_evaluate good":          {},
		"task step_fetch good":             {},
		"task step_generate good":          {},
		"task step_run good":               {"failed": "false"},
		"task step_run bad":                {"failed": "true"},
		"task step_run step_init bad":      {"failed": "false"},
		"task step_run step_init run_tofu": {"args": "init -no-color", "failed": "false"},
	} {
		got := tree[top+way]
		if got == nil {
			t.Errorf("no span %q among %v", way, slices.Sorted(maps.Keys(tree)))
		}
		for key, value := range want {
			if got[key] != value {
				t.Errorf("%s: %s = %q, want %q", way, key, got[key], value)
			}
		}
	}
	if got := tree[top+"task step_run run_tofu"]; got["args"] != "apply -input -auto-approve -var -no-color" || got["binary"] == "" || got["dir"] == "" {
		t.Errorf("the span of the binary = %v", got)
	}
}

func checkCounts(t *testing.T, metrics []*metric.Metric) {
	got := map[string]int64{}
	for _, m := range metrics {
		if h := m.GetHistogram(); h != nil {
			got[m.Name] = int64(h.DataPoints[0].Count)
		} else {
			got[m.Name] = m.GetSum().DataPoints[0].GetAsInt()
		}
	}
	for name, want := range map[string]int64{
		"runner_pool_task_duration": 3, "runner_pool_task_success_count": 1, "runner_pool_task_errors_count": 2,
		"step_init_duration": 2, "run_apply_errors_count": 1,
	} {
		if got[name] != want {
			t.Errorf("%s = %d, want %d, of %v", name, got[name], want, got)
		}
	}
	if got["errors_count"] < 5 {
		t.Errorf("errors_count = %d", got["errors_count"])
	}
}

// TestTelemetryJaeger sends the spans to Jaeger, where its all-in-one is on
// PATH, and reads them back.
func TestTelemetryJaeger(t *testing.T) {
	t.Parallel()
	jaeger, err := exec.LookPath("all-in-one")
	if err != nil {
		t.Skip("Jaeger's all-in-one is not on PATH")
	}
	names := []string{
		"collector.otlp.grpc.host-port", "collector.otlp.http.host-port", "query.http-server.host-port", "query.grpc-server.host-port",
		"collector.http-server.host-port", "collector.grpc-server.host-port", "admin.http.host-port", "http-server.host-port",
		"processor.jaeger-compact.server-host-port", "processor.jaeger-binary.server-host-port", "processor.zipkin-compact.server-host-port",
	}
	args := []string{"--collector.otlp.enabled=true"}
	at := map[string]string{}
	for _, name := range names {
		at[name] = freeAddress(t)
		args = append(args, "--"+name+"="+at[name])
	}
	cmd := exec.Command(jaeger, args...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	for _, c := range []struct{ exporter, address string }{
		{"otlpHttp", at["collector.otlp.http.host-port"]}, {"otlpGrpc", at["collector.otlp.grpc.host-port"]},
	} {
		waitFor(t, c.address)
		recordedRun(t, "TG_TELEMETRY_TRACE_EXPORTER="+c.exporter, "OTEL_EXPORTER_OTLP_ENDPOINT=http://"+c.address, "OTEL_SERVICE_NAME="+c.exporter)
		names := tracedNames(t, "http://"+at["query.http-server.host-port"]+"/api/traces?service="+c.exporter)
		for _, want := range []string{"run apply", "runner_pool_task", "step_run", "run_tofu"} {
			if !slices.Contains(names, want) {
				t.Errorf("%s: Jaeger has no span %q, only %q", c.exporter, want, names)
			}
		}
	}
}

func freeAddress(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func waitFor(t *testing.T, address string) {
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if c, err := net.Dial("tcp", address); err == nil {
			_ = c.Close()
			return
		}
	}
	t.Fatalf("Jaeger does not listen on %s", address)
}

// tracedNames waits for a trace and lists the names of its spans.
func tracedNames(t *testing.T, url string) []string {
	var names []string
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end) && len(names) == 0; time.Sleep(200 * time.Millisecond) {
		resp, err := http.Get(url)
		if err != nil {
			continue
		}
		var found struct {
			Data []struct {
				Spans []struct{ OperationName string }
			}
		}
		err = json.NewDecoder(resp.Body).Decode(&found)
		_ = resp.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		for _, trace := range found.Data {
			for _, s := range trace.Spans {
				names = append(names, s.OperationName)
			}
		}
	}
	return names
}
