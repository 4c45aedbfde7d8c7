package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"

	"github.com/terrace-iac/terrace/configstack"
	"github.com/terrace-iac/terrace/live"
	"github.com/terrace-iac/terrace/run"
	"github.com/terrace-iac/terrace/shell"
)

// verify makes sure that the source environment is what its versions say: a
// plan of every unit has no changes, and its checks hold.
func (h *hop) verify(ctx context.Context) error {
	switch {
	case h.from == nil, h.want.Only != "" && h.want.Only != onlyVerify:
		return nil
	case h.want.SkipVerify:
		h.say("verify", "skipped: whether %s is as its configuration says is not known", h.from.Name)
		return nil
	case h.want.DryRun:
		h.say("verify", "not done in a dry run; --only verify does it alone")
		return nil
	}
	places := h.layout.In(h.from.Name)
	if err := h.generateFor(ctx, places); err != nil {
		return err
	}
	if err := h.planned(ctx, places); err != nil {
		return err
	}
	passed, err := h.checked(ctx, h.from, places)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("%s: no changes in %s", h.from.Name, counted(len(places), "unit"))
	if len(passed) > 0 {
		text += "; checks passed: " + strings.Join(passed, ", ")
	}
	h.say("verify", "%s", text)
	h.verified = true
	return nil
}

// generateFor generates the stacks where units of stacks are needed.
func (h *hop) generateFor(ctx context.Context, places []live.Place) error {
	needed := slices.ContainsFunc(places, func(p live.Place) bool {
		u := h.snapshot.Unit(h.dirOf(p))
		return u != nil && u.Stack != ""
	})
	if !needed {
		return nil
	}
	o := configstack.GenerateOptions{Discover: h.discoverOptions(), SourceMap: h.opts.Source.Map, Env: h.inv.Env, NoCatalog: h.opts.Source.NoCAS, Log: h.log}
	_, err := configstack.Generate(ctx, h.loader, h.store, h.root, o)
	return err
}

// planned plans units side by side; nothing is written, so that their order
// does not matter.
func (h *hop) planned(ctx context.Context, places []live.Place) error {
	errs := make([]error, len(places))
	slots := make(chan struct{}, h.parallel())
	var running sync.WaitGroup
	for i, p := range places {
		slots <- struct{}{}
		running.Go(func() {
			defer func() { <-slots }()
			errs[i] = h.noChanges(ctx, p)
		})
	}
	running.Wait()
	if err := errors.Join(errs...); err != nil {
		return errors.Join(err, fmt.Errorf("%s is not what its configuration says: apply it first, or go on with --skip-verify", h.from.Name))
	}
	return nil
}

func (s *session) parallel() int {
	if n := s.opts.Queue.Parallelism; n > 0 {
		return n
	}
	return shell.Capacity()
}

// noChanges plans one unit. A unit that its configuration takes out of plans
// has none.
func (h *hop) noChanges(ctx context.Context, p live.Place) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	u, err := h.loader.Unit(ctx, h.dirOf(p))
	if err != nil {
		return err
	}
	outline, err := u.Outline(ctx)
	if err != nil {
		return err
	}
	if e := outline.Exclude; e != nil && e.If && (slices.Contains(e.Actions, "plan") || slices.Contains(e.Actions, "all")) {
		return nil
	}
	var out bytes.Buffer
	argv := shell.Argv{"plan", "-detailed-exitcode", "-input=false", "-lock=false", "-no-color"}
	outcome, err := h.runner.Run(ctx, u, run.Command{Name: "plan", Args: argv}, run.Streams{Stdout: &out, Stderr: io.Discard})
	switch {
	case err != nil:
		return &configstack.UnitError{Unit: u.Dir(), Err: err}
	case outcome.ExitCode == 2:
		return fmt.Errorf("%s: a plan has changes: %s", h.shownPath(u.Dir()), planSummary(out.String()))
	}
	return nil
}

// planSummary is the line of a plan that counts.
func planSummary(text string) string {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "Plan:") || strings.HasPrefix(line, "Changes to Outputs") {
			return strings.TrimSuffix(line, ".")
		}
	}
	return "see `terrace plan` there"
}

// checked runs the checks of an environment, and gives the names of those that
// hold. The first one that does not is an error.
func (p *promotion) checked(ctx context.Context, env *live.Environment, places []live.Place) (passed []string, err error) {
	commands := live.Commands{Exec: p.processes(), Env: p.inv.Env, Root: p.root}
	for _, c := range p.file.ChecksOf(env.Name) {
		r, err := commands.Check(ctx, c, live.CheckTarget{Environment: env.Name, Units: places}, shell.Streams{})
		if err != nil {
			return passed, err
		}
		if r.Err != nil {
			p.notify(ctx, live.Event{Kind: live.CheckFailed, Environment: env.Name, Units: unitPaths(places), Promotion: p.id, Check: c.Name, Text: fmt.Sprintf("The check %s of %s has failed", c.Name, env.Name)})
			return passed, &failedCheck{c, r, p.where(c.Range)}
		}
		passed = append(passed, c.Name)
	}
	return passed, nil
}

func unitPaths(places []live.Place) []string {
	out := make([]string, len(places))
	for i, p := range places {
		out[i] = p.Path
	}
	return out
}

// notify tells those who asked to be told. That they cannot be told fails
// nothing.
func (p *promotion) notify(ctx context.Context, e live.Event) {
	commands := live.Commands{Exec: p.processes(), Env: p.inv.Env, Root: p.root}
	if err := commands.Notify(ctx, p.file, e); err != nil {
		p.log.Warn(err.Error())
	}
}

// failedCheck says that a check does not hold. It hides the status of the
// check's command, which is not that of this program.
type failedCheck struct {
	check  *live.Check
	result live.CheckResult
	where  string
}

func (e *failedCheck) Error() string {
	text := fmt.Sprintf("the check %q of %s has failed (%s): %v", e.check.Name, e.result.Environment, e.where, e.result.Err)
	if e.result.Tail != "" {
		text += "\n" + lastLines(e.result.Tail, 20)
	}
	return text
}
