package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/configstack"
	"github.com/terrace-iac/terrace/remote"
	"github.com/terrace-iac/terrace/run"
	"github.com/terrace-iac/terrace/shell"
	"github.com/terrace-iac/terrace/ui"
)

// runLocks lists the locks on the states below the working folder, or releases
// one.
func runLocks(ctx context.Context, inv *invocation) (int, error) {
	s, err := newSession(inv, []string{"force-unlock"}, config.MockPolicy{})
	if err != nil {
		return 1, err
	}
	defer s.close()
	ctx, stop := s.watch(ctx)
	defer stop()
	switch args := inv.Args; {
	case len(args) == 0:
		err = s.listLocks(ctx)
	case len(args) == 3 && args[0] == "release":
		err = s.releaseLock(ctx, args[1], args[2])
	default:
		err = &usageError{"locks takes no words, or: release <unit> <lock ID>"}
	}
	if err != nil {
		return s.exitCode(err), err
	}
	return 0, nil
}

// listLocks prints a line for each lock. Units that cannot be asked are
// counted by the reason, on standard error.
func (s *session) listLocks(ctx context.Context) error {
	f, err := s.selectUnits(ctx, wanted{Outlines: true})
	if err != nil {
		return err
	}
	silent := map[string]int{}
	var errs []error
	for _, i := range f.Items {
		if i.Kind != configstack.KindUnit || i.Unit == nil {
			continue
		}
		lock, err := s.runner.Lock(ctx, i.Unit.Unit)
		switch {
		case errors.Is(err, remote.ErrCannotAsk):
			silent[err.Error()]++
		case err != nil:
			errs = append(errs, fmt.Errorf("%s: %w", s.relative(i.Dir), err))
		case lock != nil:
			fmt.Fprintf(s.console.Stdout(), "%s\t%s\t%s\t%s\t%s\n", s.relative(i.Dir), cmp.Or(lock.ID, "-"), cmp.Or(lock.Who, "-"),
				cmp.Or(strings.ToLower(strings.TrimPrefix(lock.Operation, "OperationType")), "-"), lockAge(lock))
		}
	}
	for why, n := range silent {
		s.log.Warn(fmt.Sprintf("%d not asked: %s", n, why))
	}
	return errors.Join(errs...)
}

func lockAge(lock *remote.Lock) string {
	if lock.Created.IsZero() {
		return "-"
	}
	return ui.FormatDuration(time.Since(lock.Created))
}

// releaseLock asks, since whoever holds the lock may still be at work.
func (s *session) releaseLock(ctx context.Context, path, id string) error {
	u, err := s.loader.Unit(ctx, absolute(s.inv.Global.WorkingDir, path))
	if err != nil {
		return err
	}
	if err := s.guard(ctx, change{Command: "locks release", Units: []*config.Unit{u}}); err != nil {
		return err
	}
	question := fmt.Sprintf("Release the lock %s on the state of %s? If its holder is still at work, two will write the state at once.", id, s.relative(u.Dir()))
	lock, err := s.runner.Lock(ctx, u)
	if err == nil && lock != nil && lock.ID == id {
		question = fmt.Sprintf("%s holds it since %s. ", lock.Who, lock.Created.Local().Format(time.DateTime)) + question
	} else if err != nil && !errors.Is(err, remote.ErrCannotAsk) {
		return err
	}
	yes, err := ui.NewPrompter(s.console, s.inv.Global.NonInteractive, s.log).Prompt(ctx, question)
	if err != nil || !yes {
		return err
	}
	streams, done := s.unitStreams(u, shell.Argv{"force-unlock"})
	defer done()
	streams.Stdin = nil
	return s.runner.ReleaseLock(ctx, u, id, run.Streams{Stdout: streams.Stdout, Stderr: streams.Stderr, Quiet: streams.Quiet})
}
