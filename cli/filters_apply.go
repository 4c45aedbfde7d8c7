package cli

import (
	"context"

	"github.com/terrace-iac/terrace/configstack"
)

// choice is what a command works on: the stack, and what the filters leave.
type choice struct {
	Stack  *configstack.Stack
	Chosen *configstack.Filtered
}

// newFilter makes the filter of the command's flags and files.
func (s *session) newFilter(ctx context.Context, f filterOptions) (*configstack.Filter, error) {
	return s.inv.newFilter(f, func() (string, error) { return s.defaultBranch(ctx) })
}

// filterComponents discovers what the filter needs and evaluates it. With
// bind the units are read even where the filter could do without. Problems in
// units are in the result; what to do about them is up to the command.
func (s *session) filterComponents(ctx context.Context, filter *configstack.Filter, o configstack.DiscoverOptions, bind bool) (*choice, error) {
	return s.filterFrom(ctx, s.inv.Global.WorkingDir, filter, o, bind)
}

// filterFrom is filterComponents for what lies below another folder. Paths in
// queries still start from the working folder.
func (s *session) filterFrom(ctx context.Context, root string, filter *configstack.Filter, o configstack.DiscoverOptions, bind bool) (*choice, error) {
	needs := filter.Needs()
	plain := o
	o.FollowExternal = o.FollowExternal || needs.External
	if top := repositoryTop(root); needs.Dependents && top != root {
		o.Around = top
	}
	c := &choice{}
	var err error
	if bind || needs.Outlines {
		c.Stack, err = configstack.Discover(ctx, s.loader, root, o)
	} else {
		var components []configstack.Component
		components, err = configstack.Walk(ctx, root, o)
		c.Stack = configstack.Walked(root, components)
	}
	if err != nil {
		return nil, err
	}
	c.Chosen, err = filter.Apply(ctx, c.Stack, configstack.Scene{Repository: s.repository, Loader: s.loader, Options: plain, Bind: bind})
	return c, err
}

// shown is the folder that a path stands for to people: of a unit that was
// removed, the one where it was.
func (s *session) shown(path string) string { return s.repository.Here(path) }
