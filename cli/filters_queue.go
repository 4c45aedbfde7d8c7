package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/configstack"
	"github.com/terrace-iac/terrace/shell"
	"github.com/terrace-iac/terrace/ui"
)

// choose finds the units that a queue is about, as the filters have it: below
// the working folder, or for --graph the unit here and everything that depends
// on it. A unit that could not be read stops the queue: what it would have
// been part of is not known.
func (q *queueRun) choose(ctx context.Context, argv shell.Argv) (_ *configstack.Selection, err error) {
	ctx, span := q.inv.Recorder.Start(ctx, "discovery")
	defer func() { span.End(err) }()
	filter, err := q.newFilter(ctx, q.opts.Filter)
	if err != nil {
		return nil, err
	}
	if err := refuseGitFilter(filter, q.inv.TF, argv); err != nil {
		return nil, err
	}
	if q.opts.Queue.Graph {
		return q.chooseGraph(ctx, filter)
	}
	c, err := q.filterComponents(ctx, filter, q.discoverOptions(), true)
	if err != nil {
		return nil, err
	}
	return c.Chosen.Selection(), c.err()
}

// err is every unit whose part in a queue is not known.
func (c *choice) err() error {
	errs := []error{c.Stack.Err()}
	for _, p := range c.Chosen.Problems {
		errs = append(errs, p)
	}
	return errors.Join(errs...)
}

// chooseGraph is choose for --graph.
func (q *queueRun) chooseGraph(ctx context.Context, filter *configstack.Filter) (*configstack.Selection, error) {
	root := q.opts.Queue.GraphRoot
	if root == "" {
		root = repositoryTop(q.inv.Global.WorkingDir)
	}
	c, err := q.filterFrom(ctx, root, filter, q.discoverOptions(), true)
	if err != nil {
		return nil, err
	}
	start := c.Stack.Unit(q.inv.Global.WorkingDir)
	if start == nil {
		return nil, errors.Join(c.err(), &config.MissingFileError{Path: filepath.Join(q.inv.Global.WorkingDir, config.FileName)})
	}
	all, err := c.Stack.Graph(ctx, configstack.Up)
	if err != nil {
		return nil, err
	}
	wanted := map[*configstack.Unit]bool{start: true}
	for _, u := range all.AllDependents(start) {
		wanted[u] = true
	}
	return c.Stack.Select(func(u *configstack.Unit) bool { return wanted[u] && c.Chosen.Has(u.Dir()) }), c.err()
}

// refuseGitFilter fails for commands that make no sense for what was changed
// or removed.
func refuseGitFilter(filter *configstack.Filter, typed []string, argv shell.Argv) error {
	if !filter.Needs().Git || argv.Word() == "plan" || argv.Word() == "apply" {
		return nil
	}
	return &usageError{fmt.Sprintf("Git-based filtering is not supported with the command '%s': it works with plan and apply, and with commands that list", shell.Argv(typed).Word())}
}

// direction is that of the whole queue, except that what was removed goes
// before what it depended on.
func (q *queueRun) direction(argv shell.Argv) func(*configstack.Unit) configstack.Direction {
	whole := direction(argv)
	return func(u *configstack.Unit) configstack.Direction {
		if u.Removed {
			return configstack.Down
		}
		return whole
	}
}

// pastUnits returns the units that lie in a copy of another commit.
func pastUnits(chosen *configstack.Selection) map[*config.Unit]*configstack.Unit {
	past := map[*config.Unit]*configstack.Unit{}
	for _, u := range chosen.Kept {
		if u.Ref != "" {
			past[u.Unit] = u
		}
	}
	return past
}

// warnPast tells about such units: those that are left alone, since they were
// removed, and those whose state may not be where it is looked for.
func (q *queueRun) warnPast(ctx context.Context) {
	for _, e := range q.selection.Excluded {
		if e.Reason == configstack.RemovedUnit {
			q.log.Warn("The unit was removed. It is left alone; pass --filter-allow-destroy to destroy what it manages", ui.AttrUnit, e.Unit.Dir())
		}
	}
	for _, u := range q.selection.Kept {
		if u.Ref == "" {
			continue
		}
		if state, err := u.RemoteState(ctx); err == nil && state == nil {
			q.log.Warn("The unit runs in a copy of "+u.Ref+" and has no remote_state block. A state file kept beside the unit is not found there; a remote backend is recommended", ui.AttrUnit, u.Dir())
		}
	}
}

// removedForm makes the command line destroy what the unit manages. A saved
// plan knows already what it is for.
func removedForm(argv shell.Argv) shell.Argv {
	if _, saved := planFile(argv); saved || argv.On("destroy") {
		return argv
	}
	return argv.Insert("-destroy")
}
