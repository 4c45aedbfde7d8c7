package cli

import (
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/terrace-iac/terrace/shell"
	"github.com/terrace-iac/terrace/telemetry"
)

// processes starts processes; where anything is recorded, each as a span.
func (s *session) processes() shell.Executor {
	process := shell.NewProcess(s.relay)
	if s.inv.Recorder == nil {
		return process
	}
	return &tracedProcesses{process, s.inv.Recorder, s.wrapped}
}

// tracedProcesses makes every process a span and tells it, by TRACEPARENT,
// what its own spans belong to.
type tracedProcesses struct {
	shell.Executor
	rec     *telemetry.Recorder
	wrapped func(program string) bool
}

// Run starts the process and waits for its end.
func (t *tracedProcesses) Run(ctx context.Context, c shell.Cmd) error {
	program := plainName(c.Path)
	ctx, span := t.rec.Start(ctx, "run_"+program, telemetry.Attr{Key: "binary", Value: c.Path}, telemetry.Attr{Key: "dir", Value: c.Dir})
	if args := t.shownArgs(program, c.Args); len(args) > 0 {
		span.Set(telemetry.Attr{Key: "args", Value: strings.Join(args, " ")})
	}
	if above := span.Traceparent(); above != "" {
		env := c.Env
		if env == nil {
			env = os.Environ()
		}
		c.Env = append(slices.Clip(slices.Clone(env)), "TRACEPARENT="+above)
	}
	count := countStreams(&c)
	err := t.Executor.Run(ctx, c)
	span.Set(count()...)
	var exit *shell.ExitError
	if errors.As(err, &exit) {
		span.Set(telemetry.Attr{Key: "exit_code", Value: exit.Code})
	} else if err == nil {
		span.Set(telemetry.Attr{Key: "exit_code", Value: 0})
	}
	span.End(err)
	return err
}

// shownArgs are the words of the command and the names of flags, never what
// may be a value and with it a secret. Of programs that we do not know, where
// a flag and its value may be one word, nothing is shown.
func (t *tracedProcesses) shownArgs(program string, args []string) []string {
	switch {
	case t.wrapped(program):
		return tofuArgs(args)
	case program == "git":
		return gitArgs(args)
	}
	return nil
}

// tofuArgs shows nothing where the first word is no command: it may be anything.
func tofuArgs(args shell.Argv) []string {
	head := args.Head()
	if head > 0 && knownWord(args) == "" {
		return nil
	}
	out := slices.Clone(args[:head])
	for i := head; i < len(args) && args[i] != "--"; i++ {
		if !shell.IsFlag(args[i]) {
			continue
		}
		name, _, hasText := shell.FlagName(args[i])
		if shell.TakesText(name) && !hasText {
			i++
		}
		out = append(out, "-"+name)
	}
	return out
}

// knownWord is the command that a command line of the binary starts with, or
// "" when it is none that we know of.
func knownWord(args shell.Argv) string {
	c, _ := findTofu(args.Word())
	return c.Name
}

// gitArgs shows the command and its long flags.
func gitArgs(args []string) []string {
	for len(args) > 1 && (args[0] == "-c" || args[0] == "-C") {
		args = args[2:]
	}
	if len(args) == 0 || strings.HasPrefix(args[0], "-") {
		return nil
	}
	out := []string{args[0]}
	for _, a := range args[1:] {
		if name, _, _ := strings.Cut(a, "="); strings.HasPrefix(name, "--") && len(name) > 2 {
			out = append(out, name)
		}
	}
	return out
}

// countStreams counts what a process writes. A file is handed over as it is,
// for the process to see whether it is a terminal, and is not counted; where
// both streams are one, so is the count.
func countStreams(c *shell.Cmd) func() []telemetry.Attr {
	if c.Stdout != nil && c.Stdout == c.Stderr {
		both := &counter{to: c.Stdout}
		c.Stdout, c.Stderr = both, both
		return func() []telemetry.Attr { return []telemetry.Attr{both.attr("stdout_bytes")} }
	}
	errs := &counter{to: c.Stderr}
	c.Stderr = errs
	if _, isFile := c.Stdout.(*os.File); isFile {
		return func() []telemetry.Attr { return []telemetry.Attr{errs.attr("stderr_bytes")} }
	}
	out := &counter{to: c.Stdout}
	c.Stdout = out
	return func() []telemetry.Attr {
		return []telemetry.Attr{out.attr("stdout_bytes"), errs.attr("stderr_bytes")}
	}
}

// counter counts bytes on their way; to may be nil. A process that holds its
// output open may write still when it counts as ended.
type counter struct {
	to io.Writer
	n  atomic.Int64
}

func (c *counter) Write(p []byte) (int, error) {
	c.n.Add(int64(len(p)))
	if c.to == nil {
		return len(p), nil
	}
	return c.to.Write(p)
}

func (c *counter) attr(key string) telemetry.Attr {
	return telemetry.Attr{Key: key, Value: int(c.n.Load())}
}
