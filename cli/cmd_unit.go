package cli

import (
	"context"
	"io"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/run"
	"github.com/terrace-iac/terrace/ui"

	"github.com/terrace-iac/terrace/shell"
)

// runTofu runs a command of the binary: in the unit here, or in a queue.
func runTofu(ctx context.Context, inv *invocation) (int, error) {
	opts, err := inv.RunOptions()
	if err != nil {
		return 1, err
	}
	if opts.isQueue() {
		return runQueue(ctx, inv)
	}
	if opts.Queue.Resume {
		return 1, &usageError{"--resume is about a run over many units: it needs --all, --graph or a filter"}
	}
	return runUnit(ctx, inv)
}

// runUnit runs the command in one unit, as if the user had called the binary
// in its working folder.
func runUnit(ctx context.Context, inv *invocation) (int, error) {
	argv := destroyForm(inv.TF)
	s, err := newSession(inv, argv, config.MockPolicy{})
	if err != nil {
		return 1, err
	}
	defer s.close()
	if s.runner.NeedsNoUnit(shell.Argv(argv).Word()) {
		return s.bare(ctx, argv)
	}
	rep, err := newReporter(s.opts.Report, inv.Global.WorkingDir)
	if err != nil {
		return 1, err
	}
	u, err := s.unit(ctx)
	if err != nil {
		return 1, err
	}
	if inv.Global.NoColor || s.console.StdoutTerminal() && !bool(s.console.StdoutStyle()) {
		argv = noColorForm(argv)
	}
	ctx, stop := s.watch(ctx)
	defer stop()
	if err := s.guardTofu(ctx, argv, u); err != nil {
		return s.exitCode(err), err
	}
	yes, err := s.confirmDestroy(ctx, u, argv)
	if err != nil {
		return s.exitCode(err), err
	}
	if !yes {
		return 0, nil
	}
	streams, done := s.unitStreams(u, argv)
	outcome, err := rep.reported(u.Dir(), shell.Argv(argv).Word(), func() (run.Outcome, error) {
		return s.tracedUnit(spanUnit, knownWord(argv), func(ctx context.Context, u *config.Unit) (run.Outcome, error) {
			return s.runUnit(ctx, u, argv, streams)
		})(ctx, u)
	})
	done()
	if err != nil {
		return s.exitCode(err), err
	}
	return outcome.ExitCode, nil
}

// runUnit runs a command line of the binary in a unit.
func (s *session) runUnit(ctx context.Context, u *config.Unit, argv shell.Argv, streams run.Streams) (run.Outcome, error) {
	env, err := s.profileEnv(u, argv.Word())
	if err != nil {
		return run.Outcome{}, err
	}
	return s.runner.Run(ctx, u, run.Command{Name: argv.Word(), Args: argv, Env: env}, streams)
}

// bare runs a command that has nothing to do with a unit.
func (s *session) bare(ctx context.Context, argv []string) (int, error) {
	err := s.runner.Bare(ctx, s.inv.Global.WorkingDir, argv, run.Streams{Stdin: s.inv.Stdin, Stdout: s.inv.Stdout, Stderr: s.inv.Stderr, Shared: s.console.StdinTerminal()})
	if err != nil {
		return s.exitCode(err), err
	}
	return 0, nil
}

// unitStreams gives a lone unit our own streams, so that it sees the terminal,
// unless the log's format is one for machines.
func (s *session) unitStreams(u *config.Unit, argv []string) (run.Streams, func()) {
	log := s.log.With(ui.AttrUnit, u.Dir(), ui.AttrTFPath, s.opts.Unit.TFPath, ui.AttrTFArgs, argv)
	quiet := ui.LogLines(log, ui.LevelDebug)
	streams := run.Streams{Stdin: s.inv.Stdin, Stdout: s.inv.Stdout, Stderr: s.inv.Stderr, Quiet: quiet, Shared: s.console.StdinTerminal()}
	if s.plainFormat(argv) || !s.machineFormat() {
		return streams, func() { _ = quiet.Close() }
	}
	out, errs := ui.LogLines(log, ui.LevelStdout), ui.LogLines(log, ui.LevelStderr)
	streams.Stdout, streams.Stderr = out, errs
	return streams, func() { closeAll(quiet, out, errs) }
}

// machineFormat says whether log lines are read by programs.
func (s *session) machineFormat() bool {
	o := s.inv.Global.Log
	return o.CustomFormat != "" || o.Format == "json" || o.Format == "key-value"
}

func closeAll(list ...io.Closer) {
	for _, c := range list {
		_ = c.Close() // what cannot be written to a terminal cannot be reported there
	}
}

// tofuHelp asks the binary for its own help.
func tofuHelp(ctx context.Context, inv *invocation) (int, error) {
	s, err := newSession(inv, inv.TF, config.MockPolicy{})
	if err != nil {
		return 1, err
	}
	defer s.close()
	text, err := s.runner.Help(ctx, inv.Global.WorkingDir, inv.TF)
	if err != nil {
		return s.exitCode(err), err
	}
	_, err = inv.Stdout.Write(trimTofuHelp(text))
	return 0, err
}
