package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/google/shlex"

	"github.com/terrace-iac/terrace/configstack"
	"github.com/terrace-iac/terrace/shell"
)

// wanted is what a command that shows units asks of discovery. Less is faster:
// the zero value opens no file.
type wanted struct {
	Outlines bool       // what the units declare
	Edges    bool       // and how they depend on each other; implies Outlines
	External bool       // dependencies outside the working folder too; implies Outlines
	NoHidden bool       // no folder whose name starts with a dot
	As       shell.Argv // the command whose queue is shown; empty for none
}

// found is what there is to show.
type found struct {
	Items []item             // by path
	Graph *configstack.Graph // of the units that were read, excluded ones left out; nil unless edges were asked for
}

// item is a component in a listing.
type item struct {
	configstack.Component
	Unit     *configstack.Unit // nil for a stack, and for a unit that was not read or cannot be
	Excluded bool              // a queue of the command would leave it out
}

// selectUnits finds the components below the working folder and leaves out
// what was not asked for. Mistakes in units are shown, and such a unit is
// listed by its path alone: a listing must not fail for what it can do
// without. The error is for what makes a listing wrong, such as a folder that
// is missing or cannot be read.
func (s *session) selectUnits(ctx context.Context, w wanted) (*found, error) {
	options := s.opts.Filter
	options.External = options.External || w.External
	filter, err := s.newFilter(ctx, options)
	if err != nil {
		return nil, err
	}
	o := s.discoverOptions()
	o.NoHidden = w.NoHidden
	c, err := s.filterComponents(ctx, filter, o, w.Outlines || w.Edges || w.External)
	if err != nil {
		return nil, err
	}
	s.tell(c.err())
	f := &found{Items: itemsOf(c.Chosen.Members)}
	if !w.Edges {
		return f, nil
	}
	return f, s.connect(ctx, f, c.Chosen.Selection(), w.As)
}

// itemsOf pairs the components with what was read of them.
func itemsOf(members []*configstack.Member) []item {
	items := make([]item, len(members))
	for i, m := range members {
		items[i] = item{Component: m.Component, Unit: m.Unit}
	}
	return items
}

// connect adds the graph, as a queue of the command would see it. A cycle is
// shown as a mistake; its members stay.
func (s *session) connect(ctx context.Context, f *found, selection *configstack.Selection, as shell.Argv) error {
	if len(as) > 0 {
		selection = selection.Exclude(configstack.Rules{Command: as.Word(), Destroy: isDown(as), AllowRemoved: true})
	}
	var err error
	f.Graph, err = selection.Graph(ctx, direction(as))
	var cycle *configstack.CycleError
	if errors.As(err, &cycle) {
		s.tell(err)
		err = nil
	}
	excluded := make(map[string]bool, len(selection.Excluded))
	for _, e := range selection.Excluded {
		excluded[e.Unit.Dir()] = true
	}
	for i := range f.Items {
		f.Items[i].Excluded = excluded[f.Items[i].Dir]
	}
	return err
}

// tell shows a mistake that does not end the command.
func (s *session) tell(err error) {
	if err != nil {
		showError(s.inv, err)
	}
}

func direction(argv shell.Argv) configstack.Direction {
	if isDown(argv) {
		return configstack.Down
	}
	return configstack.Up
}

// queued returns the items that are not excluded.
func (f *found) queued() []item {
	return slices.DeleteFunc(slices.Clone(f.Items), func(i item) bool { return i.Excluded })
}

// sortByQueue puts items in the order of a queue: level by level, and by path
// within a level. What is in no queue, such as a stack, waits for nothing.
func (f *found) sortByQueue(items []item) {
	level := map[string]int{}
	for n, units := range f.Graph.Levels() {
		for _, u := range units {
			level[u.Dir()] = n
		}
	}
	slices.SortStableFunc(items, func(a, b item) int { return cmp.Compare(level[a.Dir], level[b.Dir]) })
}

// shownPath is how a listing names a file or folder: its path from the
// working folder, with slashes on every system.
func (s *session) shownPath(path string) string {
	rel, err := filepath.Rel(s.inv.Global.WorkingDir, path)
	if err != nil {
		return filepath.ToSlash(path) // another drive
	}
	return filepath.ToSlash(rel)
}

// shownPaths is shownPath for a list, sorted.
func (s *session) shownPaths(paths []string) []string {
	out := make([]string, len(paths))
	for i, p := range paths {
		out[i] = s.shownPath(p)
	}
	slices.Sort(out)
	return out
}

// commandLine reads the command of --queue-construct-as, which may have
// arguments: "plan -destroy".
func commandLine(text string) (shell.Argv, error) {
	words, err := shlex.Split(text)
	if err != nil {
		return nil, &usageError{fmt.Sprintf("invalid value %q for flag -queue-construct-as: %s", text, err)}
	}
	return destroyForm(words), nil
}
