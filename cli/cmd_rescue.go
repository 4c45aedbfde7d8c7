package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/run"
	"github.com/terrace-iac/terrace/ui"
)

// runRescue pushes the states below the working folder that no backend has.
func runRescue(ctx context.Context, inv *invocation) (int, error) {
	s, err := newSession(inv, []string{"state", "push"}, config.MockPolicy{})
	if err != nil {
		return 1, err
	}
	defer s.close()
	ctx, stop := s.watch(ctx)
	defer stop()
	found, err := s.runner.Unsaved(inv.Global.WorkingDir)
	if err != nil {
		return 1, err
	}
	if len(found) == 0 {
		s.log.Info("No unsaved states below " + inv.Global.WorkingDir)
		return 0, nil
	}
	if inv.Values.Bool("list") {
		for _, state := range found {
			fmt.Fprintf(s.console.Stdout(), "%s\t%s\t%s\n", s.relative(state.Unit), state, s.shownPath(state.Path))
		}
		return 0, nil
	}
	var errs []error
	for _, state := range found {
		if err := s.rescue(ctx, state); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", s.shownPath(state.Path), err))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return s.exitCode(err), err
	}
	return 0, nil
}

func (s *session) rescue(ctx context.Context, state run.UnsavedState) error {
	path := state.Unit
	if name := s.opts.Unit.Config; name != "" {
		path = filepath.Join(state.Unit, filepath.Base(name))
	}
	u, err := s.loader.Unit(ctx, path)
	if err != nil {
		return err
	}
	if err := s.guard(ctx, change{Command: "rescue", Units: []*config.Unit{u}}); err != nil {
		return err
	}
	lines := ui.LogLines(s.log.With(ui.AttrUnit, u.Dir()), ui.LevelStderr)
	defer closeAll(lines)
	if err := s.runner.Rescue(ctx, u, state, run.Streams{Stderr: lines}); err != nil {
		return err
	}
	s.log.Info(fmt.Sprintf("%s: the backend has the state now (%s); its files are removed", s.relative(u.Dir()), state))
	return nil
}
