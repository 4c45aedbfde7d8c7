package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/live"
	"github.com/terrace-iac/terrace/shell"
	"github.com/terrace-iac/terrace/ui"
)

// checkError says that a check does not hold. It hides the command's status,
// which would be taken for that of the wrapped binary.
type checkError struct {
	result live.CheckResult
	at     live.Range
}

func (e *checkError) Error() string {
	text := fmt.Sprintf("check %q of %s failed: %v (%s:%d)", e.result.Check, e.result.Environment, e.result.Err, e.at.File, e.at.Line)
	if e.result.Attempts > 1 {
		text += fmt.Sprintf(", %d times", e.result.Attempts)
	}
	return text
}

// runCheck runs the checks of the environments named, or of all.
func runCheck(ctx context.Context, inv *invocation) (int, error) {
	s, err := newSession(inv, nil, config.MockPolicy{Never: true})
	if err != nil {
		return 1, err
	}
	defer s.close()
	ctx, stop := s.watch(ctx)
	defer stop()
	r, err := s.liveRepository(ctx)
	if err != nil {
		return s.exitCode(err), err
	}
	names, err := r.environmentsNamed(inv.Args)
	if err != nil {
		return 1, err
	}
	done := 0
	var errs []error
	for _, name := range names {
		n, err := s.runChecks(ctx, r, live.CheckTarget{Environment: name, Units: r.Layout.In(name)})
		done += n
		errs = append(errs, err)
		if ctx.Err() != nil {
			break
		}
	}
	if err := errors.Join(errs...); err != nil {
		return s.exitCode(err), err
	}
	if done == 0 {
		s.log.Info("There are no checks for " + orDash(names))
	}
	return 0, nil
}

// environmentsNamed are those of the command line, or all.
func (r *liveRepository) environmentsNamed(args []string) ([]string, error) {
	for _, name := range args {
		if r.File.Environment(name) == nil {
			hint := "there are: " + orDash(r.File.Names())
			if best := config.Nearest(name, r.File.Names()); best != "" {
				hint = fmt.Sprintf("did you mean %q?", best)
			}
			return nil, &usageError{fmt.Sprintf("there is no environment %q: %s", name, hint)}
		}
	}
	if len(args) > 0 {
		return unique(args), nil
	}
	return r.File.Names(), nil
}

// runChecks runs every check of an environment and tells how it went, also to
// the notify commands where one fails. n counts those that were run.
func (s *session) runChecks(ctx context.Context, r *liveRepository, on live.CheckTarget) (n int, err error) {
	if len(on.Units) == 0 {
		return 0, nil
	}
	var errs []error
	for _, c := range r.File.ChecksOf(on.Environment) {
		n++
		log := s.log.With(ui.AttrUnit, on.Environment+"/"+c.Name)
		out, both := ui.LogLines(log, ui.LevelStdout), ui.LogLines(log, ui.LevelStderr)
		result, err := s.liveCommands(r).Check(ctx, c, on, shell.Streams{Stdout: out, Stderr: both})
		closeAll(out, both)
		switch {
		case err != nil:
			return n, errors.Join(append(errs, err)...)
		case result.Err != nil:
			failed := &checkError{result, c.Range}
			errs = append(errs, failed)
			s.notify(ctx, r, live.Event{Kind: live.CheckFailed, Environment: on.Environment, Check: c.Name, Text: failed.Error()})
		default:
			s.log.Info(fmt.Sprintf("The check %q of %s holds (%s)", c.Name, on.Environment, ui.FormatDuration(result.Duration)))
		}
	}
	return n, errors.Join(errs...)
}

func (s *session) liveCommands(r *liveRepository) live.Commands {
	return live.Commands{Exec: s.processes(), Env: s.inv.Env, Root: r.Root}
}

// notify tells the notify commands of an event. One that fails is reported and
// changes nothing.
func (s *session) notify(ctx context.Context, r *liveRepository, e live.Event) {
	if err := s.liveCommands(r).Notify(ctx, r.File, e); err != nil {
		for line := range strings.Lines(err.Error()) {
			s.log.Warn(strings.TrimSuffix(line, "\n"))
		}
	}
}
