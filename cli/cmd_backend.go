package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/configstack"
	"github.com/terrace-iac/terrace/remote"
	"github.com/terrace-iac/terrace/run"
	"github.com/terrace-iac/terrace/shell"
)

// runBackendBootstrap makes the backend of the unit here or, with --all, those
// of all units.
func runBackendBootstrap(ctx context.Context, inv *invocation) (int, error) {
	return overBackends(ctx, inv, func(ctx context.Context, s *session, u *config.Unit) ([]remote.Change, error) {
		return s.runner.MakeBackend(ctx, u)
	})
}

// runBackendDelete deletes states.
func runBackendDelete(ctx context.Context, inv *invocation) (int, error) {
	if inv.Values.Bool("bucket") {
		return 1, &usageError{"--bucket is not supported: a bucket may hold states of others. Delete it with the tools of your cloud"}
	}
	force := inv.Values.Bool("force")
	return overBackends(ctx, inv, func(ctx context.Context, s *session, u *config.Unit) ([]remote.Change, error) {
		return s.runner.DeleteState(ctx, u, force)
	})
}

type backendWork func(context.Context, *session, *config.Unit) ([]remote.Change, error)

// overBackends does one thing in the unit here, or in each unit in the order
// of their paths.
func overBackends(ctx context.Context, inv *invocation, work backendWork) (int, error) {
	if len(inv.Args) > 0 {
		return 1, &usageError{fmt.Sprintf("%s takes no words: %q", inv.Command.Path(), inv.Args[0])}
	}
	s, ctx, stop, err := backendSession(ctx, inv)
	if err != nil {
		return 1, err
	}
	defer stop()
	if !s.opts.isQueue() {
		u, err := s.unit(ctx)
		if err == nil {
			err = s.guardBackend(ctx, u)
		}
		if err == nil {
			err = s.backendWork(ctx, u, work)
		}
		return s.backendCode(err)
	}
	f, err := s.selectUnits(ctx, wanted{Outlines: true})
	if err != nil {
		return s.exitCode(err), err
	}
	if err := s.guardBackend(ctx, readUnits(f.Items)...); err != nil {
		return s.backendCode(err)
	}
	var errs []error
	for _, i := range f.Items {
		if i.Kind != configstack.KindUnit {
			continue
		}
		if err := s.backendOf(ctx, i, work); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", s.relative(i.Dir), err))
		}
		if ctx.Err() != nil || s.opts.Queue.FailFast && len(errs) > 0 {
			break
		}
	}
	return s.backendCode(errors.Join(append(errs, ctx.Err())...))
}

// guardBackend asks the guards before any backend is touched.
func (s *session) guardBackend(ctx context.Context, units ...*config.Unit) error {
	return s.guard(ctx, change{Command: s.inv.Command.Path(), Units: units})
}

// readUnits are the units among the items, without those that cannot be read.
func readUnits(items []item) (units []*config.Unit) {
	for _, i := range items {
		if i.Kind == configstack.KindUnit && i.Unit != nil {
			units = append(units, i.Unit.Unit)
		}
	}
	return units
}

// backendSession opens a session whose commands may make backends.
func backendSession(ctx context.Context, inv *invocation) (*session, context.Context, func(), error) {
	s, err := newSession(inv, shell.Argv{"init"}, config.MockPolicy{})
	if err != nil {
		return nil, ctx, nil, err
	}
	ctx, stop := s.watch(ctx)
	return s, ctx, func() { stop(); s.close() }, nil
}

func (s *session) backendCode(err error) (int, error) {
	if err != nil {
		return s.exitCode(err), err
	}
	return 0, nil
}

// backendOf reads a unit again that could not be read, for its error.
func (s *session) backendOf(ctx context.Context, i item, work backendWork) error {
	if i.Unit != nil {
		return s.backendWork(ctx, i.Unit.Unit, work)
	}
	u, err := s.loader.Unit(ctx, i.Dir)
	if err == nil {
		err = s.guardBackend(ctx, u)
	}
	if err != nil {
		return err
	}
	return s.backendWork(ctx, u, work)
}

// backendWork tells what was done. That a backend is not managed, and a no to
// a question, are no errors.
func (s *session) backendWork(ctx context.Context, u *config.Unit, work backendWork) error {
	done, err := work(ctx, s, u)
	for _, change := range done {
		s.log.Info(s.relative(u.Dir()) + ": " + change.String())
	}
	var unmanaged *run.NotManagedError
	switch {
	case errors.As(err, &unmanaged):
		s.log.Warn(s.relative(u.Dir()) + ": " + err.Error())
		return nil
	case errors.Is(err, remote.ErrRefused):
		s.log.Info(s.relative(u.Dir()) + ": nothing more was changed")
		return nil
	case err == nil && len(done) == 0:
		s.log.Info(s.relative(u.Dir()) + ": there is nothing to do")
	}
	return err
}

// runBackendMigrate moves a state from one unit to another.
func runBackendMigrate(ctx context.Context, inv *invocation) (int, error) {
	if len(inv.Args) != 2 {
		return 1, &usageError{fmt.Sprintf("usage: %s backend migrate [options] <source unit> <destination unit>", progName)}
	}
	s, ctx, stop, err := backendSession(ctx, inv)
	if err != nil {
		return 1, err
	}
	defer stop()
	m := run.Migration{Force: inv.Values.Bool("force")}
	for n, to := range []**config.Unit{&m.From, &m.To} {
		if *to, err = s.unitAt(ctx, inv.Args[n]); err != nil {
			return s.exitCode(err), err
		}
	}
	if err := s.guardBackend(ctx, m.From, m.To); err != nil {
		return s.backendCode(err)
	}
	quiet := closableLines(s, m.From)
	defer closeAll(quiet)
	return s.backendCode(s.backendWork(ctx, m.From, func(ctx context.Context, s *session, _ *config.Unit) ([]remote.Change, error) {
		return s.runner.Migrate(ctx, m, run.Streams{Stdout: quiet, Stderr: quiet, Quiet: quiet})
	}))
}

// unitAt binds the unit in a folder that is named on the command line, or
// whose file is.
func (s *session) unitAt(ctx context.Context, path string) (*config.Unit, error) {
	path = absolute(s.inv.Global.WorkingDir, path)
	if info, err := os.Stat(path); err == nil && !info.IsDir() {
		path = filepath.Dir(path)
	}
	return s.loader.Unit(ctx, path)
}
