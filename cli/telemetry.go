package cli

import (
	"cmp"
	"context"
	"path/filepath"
	"slices"
	"strings"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/configstack"
	"github.com/terrace-iac/terrace/run"
	"github.com/terrace-iac/terrace/telemetry"
)

// newTelemetrySettings reads OTEL_* and TRACEPARENT by their names, and the
// TELEMETRY_* variables with our prefixes, as if they stood for flags.
func newTelemetrySettings(env environment) (telemetry.Settings, []warning, error) {
	var warnings []warning
	s, err := telemetry.Read(func(name string) string {
		if !strings.HasPrefix(name, "TELEMETRY_") {
			text, _ := env.get(name)
			return text
		}
		found, _ := env.lookup(nil, &flagDef{Name: kebab(name)})
		warnings = append(warnings, found.Warnings...)
		return found.Text
	}, progName, programVersion())
	if err != nil {
		return s, nil, &usageError{err.Error()}
	}
	for _, text := range s.Warnings {
		warnings = append(warnings, warning{Text: text})
	}
	return s, warnings, nil
}

// telemetryNames lists the variables, as if they were flags, whose old ones
// differed in the prefix only.
func telemetryNames() []string {
	var out []string
	for _, s := range []string{"trace", "metric", "logs"} {
		name := "telemetry-" + s + "-exporter"
		out = append(out, name, name+"-insecure-endpoint")
	}
	return append(out, "telemetry-trace-exporter-http-endpoint")
}

// traced runs a command as the outermost span, where anything is recorded. What
// could not be sent changes nothing about how the command ends.
func (p *program) traced(ctx context.Context, inv *invocation, work func(context.Context) (int, error)) (int, error) {
	rec, err := telemetry.New(inv.Global.Telemetry, progName, programVersion(), inv.Stderr)
	if err != nil {
		return 1, err
	}
	if rec == nil {
		return work(ctx)
	}
	inv.Recorder = rec
	ctx, span := rec.Start(ctx, runName(inv), telemetry.Attr{Key: "working_dir", Value: inv.Global.WorkingDir})
	code, err := work(ctx)
	if err != nil {
		code = cmp.Or(code, 1)
	}
	span.Set(telemetry.Attr{Key: "exit_code", Value: code})
	span.End(err)
	if lost := rec.Close(); lost != nil {
		for text := range strings.Lines(lost.Error()) {
			inv.Notify.Warn("Telemetry: " + strings.TrimSuffix(text, "\n"))
		}
	}
	return code, err
}

// runName is the command and that of the binary; a shortcut is called by what
// it is short for.
func runName(inv *invocation) string {
	words := []string{inv.Command.Path()}
	if inv.Command.Words.tofu() {
		words = []string{"run", knownWord(inv.TF)}
	}
	return strings.TrimSpace(strings.Join(words, " "))
}

// stepTracer tells the runner where its steps go, or gives nil where nothing
// is recorded.
func (s *session) stepTracer() func(context.Context, *config.Unit, string) (context.Context, func(error)) {
	rec := s.inv.Recorder
	if rec == nil {
		return nil
	}
	return func(ctx context.Context, u *config.Unit, step string) (context.Context, func(error)) {
		name := step
		if !strings.Contains(name, "hook_") {
			name = "step_" + strings.ReplaceAll(step, " ", "_")
		}
		ctx, span := rec.Start(ctx, name, telemetry.Attr{Key: "unit_path", Value: s.name(u)})
		return ctx, span.End
	}
}

// unitWork is what runs a command in a unit.
type unitWork func(context.Context, *config.Unit) (run.Outcome, error)

// tracedUnit makes the work on a unit a span of the name.
func (s *session) tracedUnit(name, command string, work unitWork) unitWork {
	rec := s.inv.Recorder
	if rec == nil {
		return work
	}
	return func(ctx context.Context, u *config.Unit) (run.Outcome, error) {
		ctx, span := rec.Start(ctx, name, s.unitAttrs(u, command)...)
		o, err := work(ctx, u)
		state := configstack.Succeeded
		if err != nil {
			state = configstack.Failed
		}
		span.Set(telemetry.Attr{Key: "outcome", Value: state.String()}, telemetry.Attr{Key: "exit_code", Value: o.ExitCode},
			telemetry.Attr{Key: "attempts", Value: o.Attempts})
		span.End(err)
		return o, err
	}
}

func (s *session) unitAttrs(u *config.Unit, command string) []telemetry.Attr {
	return []telemetry.Attr{
		{Key: "unit_name", Value: filepath.Base(u.Dir())},
		{Key: "unit_path", Value: s.name(u)},
		{Key: "terraform_command", Value: command},
	}
}

// Names of spans that Terragrunt's users know.
const (
	spanQueue = "runner_pool_controller"
	spanTask  = "runner_pool_task"
	spanUnit  = "unit_run"
)

// drive runs the queue, as a span where anything is recorded. A unit that was
// not reached has a span without length, so that none is missing.
func (q *queueRun) drive(ctx context.Context, policy configstack.Policy) []configstack.Result[run.Outcome] {
	rec := q.inv.Recorder
	if rec == nil {
		return configstack.Run(ctx, q.graph, policy, q.work)
	}
	command := knownWord(q.argv)
	ctx, span := rec.Start(ctx, spanQueue, telemetry.Attr{Key: "total_tasks", Value: len(q.graph.Order())},
		telemetry.Attr{Key: "concurrency", Value: policy.Parallelism}, telemetry.Attr{Key: "terraform_command", Value: command})
	results := configstack.Run(ctx, q.graph, policy, q.tracedUnit(spanTask, command, q.work))
	count := map[configstack.State]int{}
	for _, r := range results {
		if count[r.State]++; r.State != configstack.Skipped {
			continue
		}
		_, task := rec.Start(ctx, spanTask, append(q.unitAttrs(r.Unit, command), telemetry.Attr{Key: "outcome", Value: "early_exit"})...)
		task.StartAt(r.Start)
		task.EndAt(r.End, r.Err)
	}
	span.Set(telemetry.Attr{Key: "tasks_succeeded", Value: count[configstack.Succeeded]},
		telemetry.Attr{Key: "tasks_failed", Value: count[configstack.Failed]},
		telemetry.Attr{Key: "tasks_early_exit", Value: count[configstack.Skipped]})
	span.End(q.queueError(results))
	return results
}

// wrapped says whether a program is the binary that we wrap, whose arguments
// we understand.
func (s *session) wrapped(program string) bool {
	return slices.Contains([]string{"tofu", "terraform", plainName(s.opts.Unit.TFPath)}, program)
}

// plainName is a program's name without folder and Windows' extension.
func plainName(path string) string {
	if path == "" {
		return ""
	}
	return strings.TrimSuffix(filepath.Base(path), ".exe")
}
