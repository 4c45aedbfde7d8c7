package cli

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/terrace-iac/terrace/shell"
	"github.com/terrace-iac/terrace/telemetry"
	"github.com/terrace-iac/terrace/ui"
)

func TestShownArgs(t *testing.T) {
	t.Parallel()
	p := &tracedProcesses{wrapped: func(program string) bool { return program == "tofu" }}
	for line, want := range map[string]string{
		"tofu plan -out=f -var secret=1 -var-file x -lock=false": "plan -out -var -var-file -lock",
		"tofu apply -auto-approve secret.plan":                   "apply -auto-approve",
		"tofu state rm aws_secret.x":                             "state rm",
		"tofu workspace select secret":                           "workspace select",
		"tofu -chdir=/secret plan":                               "-chdir",
		"tofu console -- -secret":                                "console",
		"tofu secret -x":                                         "",
		"tofu -var -secret":                                      "-var",
		"git -c http.extraHeader=secret clone --depth=1 -b secret --quiet https://secret x": "clone --depth --quiet",
		"git -C /secret status --porcelain":                                                 "status --porcelain",
		"git --exec-path=secret":                                                            "",
		"git":                                                                               "",
		"mysql -psecret --password=secret":                                                  "",
		"sh -c secret":                                                                      "",
	} {
		words := strings.Fields(line)
		if got := strings.Join(p.shownArgs(words[0], words[1:]), " "); got != want || strings.Contains(got, "secret") {
			t.Errorf("%s: %q is shown, want %q", line, got, want)
		}
	}
}

// fakeExecutor writes to the streams it is given and keeps the command.
type fakeExecutor struct {
	got shell.Cmd
	err error
}

func (f *fakeExecutor) Run(_ context.Context, c shell.Cmd) error {
	f.got = c
	if c.Stdout != nil {
		_, _ = c.Stdout.Write([]byte("four"))
	}
	_, _ = c.Stderr.Write([]byte("seven77"))
	return f.err
}

func TestTracedProcess(t *testing.T) {
	t.Parallel()
	var lines, out bytes.Buffer
	rec := consoleRecorder(t, &lines)
	ctx, span := rec.Start(t.Context(), "outer")
	inner := &fakeExecutor{err: &shell.ExitError{Path: "tofu", Code: 3}}
	p := &tracedProcesses{inner, rec, func(string) bool { return true }}
	env := append(make([]string, 0, 8), "A=1", "TRACEPARENT=old")
	err := p.Run(ctx, shell.Cmd{Path: "/opt/tofu.exe", Args: []string{"plan"}, Dir: "/d", Env: env, Stdout: &out})
	if !errors.Is(err, inner.err) {
		t.Errorf("Run = %v", err)
	}
	if env = env[:3]; env[2] != "" {
		t.Errorf("the caller's environment was written to: %q", env)
	}
	last := inner.got.Env[len(inner.got.Env)-1]
	if above := span.Traceparent(); inner.got.Env[0] != "A=1" || last[:len("TRACEPARENT=")+36] != "TRACEPARENT="+above[:36] || strings.HasSuffix(last, above[36:]) {
		t.Errorf("environment %q: not a span of its own in the trace of %s", inner.got.Env, above)
	}
	if out.String() != "four" {
		t.Errorf("stdout = %q", out.String())
	}
	for _, want := range []string{
		`"Name":"run_tofu"`, `{"Key":"binary","Value":{"Value":"/opt/tofu.exe"}}`, `{"Key":"dir","Value":{"Value":"/d"}}`, `{"Key":"args","Value":{"Value":"plan"}}`,
		`{"Key":"exit_code","Value":{"Value":3}}`, `{"Key":"stdout_bytes","Value":{"Value":4}}`, `{"Key":"stderr_bytes","Value":{"Value":7}}`, `"Code":"Error"`,
	} {
		if !strings.Contains(lines.String(), want) {
			t.Errorf("%s is missing in %s", want, lines.String())
		}
	}
}

func consoleRecorder(t *testing.T, w *bytes.Buffer) *telemetry.Recorder {
	t.Helper()
	s, err := telemetry.Read(func(name string) string {
		return map[string]string{"TELEMETRY_TRACE_EXPORTER": "console", "TELEMETRY_LOGS_EXPORTER": "console"}[name]
	}, "terrace", "1")
	if err != nil {
		t.Fatal(err)
	}
	rec, err := telemetry.New(s, "terrace", "1", w)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = rec.Close() })
	return rec
}

// TestCountStreams: what a process gets must stay what it was, where it makes
// a difference to the process or to the order of its lines.
func TestCountStreams(t *testing.T) {
	t.Parallel()
	c := shell.Cmd{Stdout: os.Stdout}
	count := countStreams(&c)
	if c.Stdout != os.Stdout || len(count()) != 1 {
		t.Errorf("a file was replaced by %v", c.Stdout)
	}
	var both bytes.Buffer
	c = shell.Cmd{Stdout: &both, Stderr: &both}
	if count = countStreams(&c); c.Stdout != c.Stderr || len(count()) != 1 {
		t.Error("one writer for both streams became two")
	}
	c = shell.Cmd{}
	count = countStreams(&c)
	if n, err := c.Stdout.Write([]byte("four")); n != 4 || err != nil || count()[0].Value != 4 {
		t.Errorf("a stream that is dropped: %d, %v, %v", n, err, count())
	}
}

func TestTelemetryVariables(t *testing.T) {
	t.Parallel()
	const name = "TELEMETRY_TRACE_EXPORTER"
	for vars, want := range map[string]struct {
		off     bool
		warning string
		control string
	}{
		"":                                                  {off: true},
		"TG_" + name + "=console":                           {},
		"TERRACE_" + name + "=console":                      {},
		name + "=console":                                   {off: true},
		"OTEL_TRACES_EXPORTER=console":                      {},
		"TG_TELEMETRY_LOGS_EXPORTER=console":                {},
		"TG_TELEMETRY_METRIC_EXPORTER=otlpHttp":             {},
		"TERRAGRUNT_" + name + "=console":                   {warning: "Use `TG_" + name + "=console`", control: controlOldVars},
		"TERRAGRUNT_TELEMERTY_TRACE_EXPORTER=console":       {warning: "Use `TG_" + name + "=console`", control: controlOldVars},
		"TERRACE_" + name + "=none TG_" + name + "=console": {off: true, warning: "are both set and differ"},
		"TG_" + name + "=otlphttp":                          {off: true, warning: "unknown exporter"},
	} {
		s, warnings, err := newTelemetrySettings(newEnvironment(strings.Fields(vars)))
		if err != nil || s.Off() != want.off {
			t.Errorf("%s: off = %v, %v", vars, s.Off(), err)
		}
		if want.warning == "" && len(warnings) == 0 {
			continue
		}
		if len(warnings) != 1 || want.warning == "" || !strings.Contains(warnings[0].Text, want.warning) || warnings[0].Control != want.control {
			t.Errorf("%s: warnings = %+v, want %q", vars, warnings, want.warning)
		}
	}
	var bad *usageError
	if _, _, err := newTelemetrySettings(newEnvironment([]string{"TG_" + name + "=console", "TRACEPARENT=00-1"})); !errors.As(err, &bad) {
		t.Errorf("a malformed TRACEPARENT = %v", err)
	}
}

func TestRecordedLog(t *testing.T) {
	t.Parallel()
	var lines bytes.Buffer
	inv := &invocation{Recorder: consoleRecorder(t, &lines)}
	var shown bytes.Buffer
	log := inv.recorded(slog.New(slog.NewTextHandler(&shown, nil)))
	log = log.With(ui.AttrUnit, "vpc", ui.AttrTFArgs, []string{"-var=secret"})
	log.Warn("careful", "reason", "why")
	log.Debug("too fine")
	log.Log(t.Context(), ui.LevelStdout, "secret of a process")
	for _, want := range []string{`"Severity":13`, `"Text":"careful"`, `{"Key":"unit","Value":"vpc"}`, `{"Key":"reason","Value":"why"}`} {
		if !strings.Contains(lines.String(), want) {
			t.Errorf("%s is missing in %s", want, lines.String())
		}
	}
	if strings.Contains(lines.String(), "secret") || strings.Contains(lines.String(), "too fine") {
		t.Errorf("recorded: %s", lines.String())
	}
	if strings.Count(shown.String(), "\n") != 2 || !strings.Contains(shown.String(), "secret of a process") {
		t.Errorf("shown: %s", shown.String())
	}
	if got := []int{severity(ui.LevelTrace), severity(slog.LevelInfo), severity(slog.LevelError), severity(99)}; !slices.Equal(got, []int{1, 9, 17, 24}) {
		t.Errorf("severities = %v", got)
	}
}
