package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/configstack"
	"github.com/terrace-iac/terrace/shell"
	"github.com/terrace-iac/terrace/ui"
)

// confirmDestroy asks before a lone unit is destroyed on which others depend,
// where --destroy-dependencies-check was given.
func (s *session) confirmDestroy(ctx context.Context, u *config.Unit, argv shell.Argv) (bool, error) {
	if !s.opts.Tofu.DestroyDependencyCheck || argv.Word() != "destroy" {
		return true, nil
	}
	dependents, err := s.dependents(ctx, u)
	if err != nil || len(dependents) == 0 {
		return err == nil, err
	}
	fmt.Fprintf(s.console.Stderr(), "Detected dependent units:\n%s\n", strings.Join(dependents, "\n"))
	return ui.NewPrompter(s.console, s.inv.Global.NonInteractive, s.log).Prompt(ctx, "WARNING: Are you sure you want to continue?")
}

// dependents are the folders of the units in the repository that depend on a
// unit, directly or not. Mistakes in other units are no reason not to destroy
// this one, but they may hide a dependent.
func (s *session) dependents(ctx context.Context, u *config.Unit) ([]string, error) {
	stack, err := configstack.Discover(ctx, s.loader, repositoryTop(u.Dir()), s.discoverOptions())
	if err != nil {
		return nil, err
	}
	for _, p := range stack.Problems {
		s.log.Warn("A mistake in another unit may hide that it depends on this one", ui.AttrUnit, p.Unit, "error", p.Err.Error())
	}
	start := stack.Unit(u.Dir())
	if start == nil {
		return nil, nil
	}
	graph, err := stack.Graph(ctx, configstack.Up)
	var cycle *configstack.CycleError
	if err != nil && !errors.As(err, &cycle) {
		return nil, err
	}
	var dirs []string
	for _, d := range graph.AllDependents(start) {
		dirs = append(dirs, d.Dir())
	}
	return dirs, nil
}
