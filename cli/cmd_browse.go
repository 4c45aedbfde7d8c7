package cli

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	slashpath "path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/configstack"
	"github.com/terrace-iac/terrace/ui/tui"
)

// runBrowse shows the tree on the whole screen.
func runBrowse(ctx context.Context, inv *invocation) (int, error) {
	s, err := newSession(inv, nil, config.MockPolicy{Never: true}) // see runFind
	if err != nil {
		return 1, err
	}
	defer s.close()
	if !s.console.StdinTerminal() || !s.console.StdoutTerminal() {
		return 1, errors.New("browse needs a terminal for input and output: `" + progName + " list` and `" + progName + " find --json` show the same elsewhere")
	}
	ctx, stop := s.watch(ctx)
	defer stop()
	filter, err := s.newFilter(ctx, s.opts.Filter)
	if err != nil {
		return 1, err
	}
	c, err := s.filterComponents(ctx, filter, s.discoverOptions(), true)
	if err != nil {
		return s.exitCode(err), err
	}
	b := &browser{session: s, dirs: map[string]string{}}
	release := s.console.Hold()
	err = s.screen().Tree(ctx, s.inv.Global.WorkingDir, b.components(c), b)
	release()
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return s.screenEnd(err)
}

// browser answers what the screen asks.
type browser struct {
	*session
	dirs map[string]string // by shown path; complete before the screen is
}

func (b *browser) components(c *choice) []tui.Component {
	problems := map[string]string{}
	for _, p := range slices.Concat(c.Stack.Problems, c.Chosen.Problems) {
		problems[p.Unit] = p.Error()
	}
	list := make([]tui.Component, 0, len(c.Chosen.Members))
	needs, neededBy := map[string][]string{}, map[string][]string{}
	for _, m := range c.Chosen.Members {
		if m.Unit == nil {
			continue
		}
		path := b.shownPath(m.Dir)
		needs[path] = b.shownPaths(m.Unit.Dependencies())
		for _, d := range needs[path] {
			neededBy[d] = append(neededBy[d], path)
		}
	}
	for _, m := range c.Chosen.Members {
		if m.Removed {
			continue
		}
		path := b.shownPath(m.Dir)
		b.dirs[path] = m.Dir
		one := tui.Component{Path: path, Kind: m.Kind.String(), Needs: needs[path], NeededBy: neededBy[path], Problem: problems[m.Dir]}
		if m.Unit != nil && m.Unit.Outline != nil {
			one.Source = m.Unit.Outline.Source
		}
		list = append(list, one)
	}
	return list
}

// Configuration evaluates a unit without reading any outputs.
func (b *browser) Configuration(ctx context.Context, path string) (string, error) {
	u, err := b.loader.Unit(ctx, filepath.Join(b.dirs[path], filepath.Base(b.opts.Unit.Config)))
	if err != nil {
		return "", err
	}
	r, err := u.Render(ctx)
	if err != nil {
		return "", err
	}
	return string(r.HCL()), nil
}

// Results reads how the units ended in the runs that are on record.
func (b *browser) Results() map[string]tui.Result {
	results := map[string]tui.Result{}
	files, _ := filepath.Glob(filepath.Join(recordDir(), "*.json")) // the pattern is well formed
	for _, file := range files {
		var run lastRun
		text, err := os.ReadFile(file)
		if err != nil || json.Unmarshal(text, &run) != nil || run.Version != recordVersion {
			continue
		}
		for unit, state := range run.Units {
			path := b.shownPath(filepath.Join(run.WorkingDir, filepath.FromSlash(unit)))
			if known := results[path]; run.Started.After(known.At) && state != configstack.Waiting.String() {
				results[path] = tui.Result{Command: run.Command, State: strings.ToLower(state), At: run.Started}
			}
		}
	}
	return results
}

// Plan runs this program again: the queue has the terminal to itself then. It
// works in the folder that the units have in common, so that a mistake in a
// unit somewhere else does not stop it.
func (b *browser) Plan(paths []string) *exec.Cmd {
	dir := commonFolder(paths)
	argv := []string{"run", "--all", "--working-dir", filepath.Join(b.inv.Global.WorkingDir, filepath.FromSlash(dir))}
	for _, p := range paths {
		below := strings.TrimPrefix(strings.TrimPrefix(p, dir), "/")
		argv = append(argv, "--filter", "{./"+below+"}")
	}
	if b.opts.Unit.TFPath != "" {
		argv = append(argv, "--tf-path", b.opts.Unit.TFPath)
	}
	executable, err := os.Executable()
	if err != nil {
		executable = progName
	}
	cmd := exec.Command(executable, append(argv, "plan")...)
	cmd.Env = b.inv.Env
	return cmd
}

// commonFolder is the deepest folder around all of the paths, or the path if
// there is only one.
func commonFolder(paths []string) string {
	dir := paths[0]
	for _, p := range paths[1:] {
		for dir != "." && p != dir && !strings.HasPrefix(p, dir+"/") {
			dir = slashpath.Dir(dir)
		}
	}
	if dir == "." {
		return ""
	}
	return dir
}

func browseCommand() *command {
	return &command{
		Name: "browse", Group: groupDiscovery,
		Summary: "Look through units and stacks on the whole screen",
		Description: "Shows the units and stacks below the working folder, with their evaluated configuration, what they " +
			"need and what needs them, and how they ended last. Typing after / filters; d and D list dependencies and " +
			"dependents; space marks units, and p plans those that are marked. The foot of the screen names the keys.",
		Examples: []example{
			{"Look through everything below this folder", "terrace browse"},
			{"Look through what has changed", "terrace browse --filter-affected"},
		},
		Flags: slices.Concat(filterFlags(), backendFlags(), []*flagDef{featureFlag()}),
	}
}
