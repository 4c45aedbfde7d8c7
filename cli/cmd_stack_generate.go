package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/configstack"
	"github.com/terrace-iac/terrace/ui"
)

// runStackGenerate writes what the stack files below the working folder
// declare.
func runStackGenerate(ctx context.Context, inv *invocation) (int, error) {
	s, err := newSession(inv, nil, config.MockPolicy{})
	if err != nil {
		return 1, err
	}
	defer s.close()
	if s.opts.Queue.NoStackGenerate {
		return 0, nil
	}
	ctx, stop := s.watch(ctx)
	defer stop()
	done, err := s.generateStacks(ctx)
	if err != nil {
		return s.exitCode(err), err
	}
	if done.Stacks == 0 {
		s.log.Warn("No stack files found below " + inv.Global.WorkingDir + ": there is nothing to generate")
	} else if done.Components == 0 {
		s.log.Info("The stack files declare no units and stacks that are enabled")
	}
	return 0, nil
}

// runStackRun generates and runs a command on all units, as run --all does.
func runStackRun(ctx context.Context, inv *invocation) (int, error) {
	if len(inv.TF) == 0 {
		return 1, &usageError{fmt.Sprintf("Missing stack run command argument (Example: %s stack run plan)", progName)}
	}
	return runQueue(ctx, inv)
}

// generateFirst generates stacks before a queue is made of the units.
func (q *queueRun) generateFirst(ctx context.Context) error {
	if q.opts.Queue.NoStackGenerate || q.opts.Queue.Graph {
		return nil
	}
	_, err := q.generateStacks(ctx)
	return err
}

// generateStacks generates, as far as the filters let it, and deals with what
// is declared no longer.
func (s *session) generateStacks(ctx context.Context) (*configstack.Generated, error) {
	filter, err := s.newFilter(ctx, s.opts.Filter)
	if err != nil {
		return nil, err
	}
	o := configstack.GenerateOptions{
		Discover: s.discoverOptions(), Filter: filter.Stacks(), SourceMap: s.opts.Source.Map, Env: s.inv.Env,
		NoValidate: s.inv.Values.Bool("no-stack-validate"), NoCatalog: s.opts.Source.NoCAS, Update: s.opts.Source.Update,
		LockDir: lockDir(), Log: s.log,
	}
	o.Scene = configstack.Scene{Repository: s.repository, Loader: s.loader, Options: o.Discover}
	if err := s.tipStackTarget(ctx, filter, o.Discover); err != nil {
		return nil, err
	}
	done, err := configstack.Generate(ctx, s.loader, s.store, s.inv.Global.WorkingDir, o)
	if err != nil {
		return nil, err
	}
	if len(done.LeftOut) > 0 && s.inv.Global.Tips.Wanted(tipNotGenerated) {
		s.log.Info(tipLine(tipNotGenerated, fmt.Sprintf("the filter leaves nested stacks out: %s. To generate them too, choose them with a query of their own, such as --filter './%s | type=stack'.",
			strings.Join(s.shownPaths(done.LeftOut), ", "), s.shownPath(done.LeftOut[0]))))
	}
	return done, s.settleOrphans(ctx, done.Orphans)
}

// tipStackTarget tells how a stack is chosen, where a filter names one but
// chooses what to run.
func (s *session) tipStackTarget(ctx context.Context, filter *configstack.Filter, o configstack.DiscoverOptions) error {
	if filter.Empty() || !s.inv.Global.Tips.Wanted(tipStackTarget) {
		return nil
	}
	components, err := configstack.Walk(ctx, s.inv.Global.WorkingDir, o)
	if err != nil {
		return err
	}
	for _, dir := range filter.StackTargets(components) {
		path := s.shownPath(dir)
		s.log.Info(tipLine(tipStackTarget, fmt.Sprintf("%s is a stack. To choose the stack itself write --filter './%s | type=stack'; for its units write --filter './%s/**'.", path, path, path)))
		break
	}
	return nil
}

// settleOrphans removes what the stack files declare no longer, but never what
// may still manage something: that is named, and left out of runs.
func (s *session) settleOrphans(ctx context.Context, orphans []*configstack.Orphan) error {
	var kept []string
	var errs []error
	for _, o := range orphans { // those inside others come first
		stays, err := s.settleOrphan(ctx, o, kept)
		errs = append(errs, err)
		if stays {
			kept = append(kept, o.Dir)
		}
	}
	return errors.Join(errs...)
}

func (s *session) settleOrphan(ctx context.Context, o *configstack.Orphan, kept []string) (stays bool, err error) {
	for _, dir := range kept {
		if strings.HasPrefix(dir, o.Dir+string(separator)) {
			return true, o.Mark() // a unit in it needs it to be destroyed
		}
	}
	if o.Unit() {
		reason, err := s.stillManages(ctx, o)
		if err != nil {
			return true, err
		}
		if reason != "" {
			s.warnOrphan(o, reason)
			return true, o.Mark()
		}
	}
	left, err := o.Remove()
	switch {
	case err != nil:
		return true, err
	case len(left) > 0:
		s.log.Warn(fmt.Sprintf("%s is declared no longer. What was generated is removed, but there are files of other origin in it: %s", s.shownPath(o.Dir), strings.Join(s.shownPaths(left), ", ")))
	default:
		s.log.Info("Removed " + s.shownPath(o.Dir) + ": the stack declares it no longer")
	}
	return false, nil
}

// stillManages says why a removed unit must not go, or "".
func (s *session) stillManages(ctx context.Context, o *configstack.Orphan) (string, error) {
	u, err := s.loader.Unit(ctx, o.Dir)
	if err == nil {
		var holds string
		if holds, err = s.runner.Holds(ctx, u); err == nil {
			return holds, nil
		}
	}
	if ctx.Err() != nil {
		return "", ctx.Err()
	}
	s.log.Debug("the state of a removed unit cannot be read", ui.AttrUnit, o.Dir, "error", err)
	return "its state cannot be read: " + firstLineOf(err.Error()), nil
}

func firstLineOf(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

func (s *session) warnOrphan(o *configstack.Orphan, reason string) {
	s.log.Warn(fmt.Sprintf("The unit %s is declared no longer by %s, but %s. It is left where it is, and runs of many units pass it by. `%s destroy --working-dir %s` destroys what it manages; the next generation then removes it",
		o.Name, s.shownPath(stackFileIn(o.Stack)), reason, progName, s.shownPath(o.Dir)))
}
