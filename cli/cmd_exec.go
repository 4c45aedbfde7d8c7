package cli

import (
	"context"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/run"
	"github.com/terrace-iac/terrace/shell"
	"github.com/terrace-iac/terrace/ui"
)

// runExec runs any program in the context of the unit here. What the program
// prints is passed on as it is.
func runExec(ctx context.Context, inv *invocation) (int, error) {
	argv := append(shell.Argv{"exec"}, inv.TF...)
	s, err := newSession(inv, argv, config.MockPolicy{})
	if err != nil {
		return 1, err
	}
	defer s.close()
	u, err := s.unit(ctx)
	if err != nil {
		return 1, err
	}
	ctx, stop := s.watch(ctx)
	defer stop()
	// What the program does is not known: it counts as a change.
	if err := s.guard(ctx, change{Command: "exec", Units: []*config.Unit{u}}); err != nil {
		return s.exitCode(err), err
	}
	quiet := ui.LogLines(s.log.With(ui.AttrUnit, u.Dir()), ui.LevelDebug)
	streams := run.Streams{Stdin: inv.Stdin, Stdout: inv.Stdout, Stderr: inv.Stderr, Quiet: quiet, Shared: s.console.StdinTerminal()}
	program := run.Program{Argv: inv.TF, InWorkDir: inv.Values.Bool("in-download-dir")}
	outcome, err := s.tracedUnit(spanUnit, "", func(ctx context.Context, u *config.Unit) (run.Outcome, error) {
		return s.runner.RunProgram(ctx, u, program, streams)
	})(ctx, u)
	closeAll(quiet)
	if err != nil {
		return s.exitCode(err), err
	}
	return outcome.ExitCode, nil
}
