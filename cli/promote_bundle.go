package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/terrace-iac/terrace/bundle"
	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/configstack"
	"github.com/terrace-iac/terrace/live"
	"github.com/terrace-iac/terrace/review"
	"github.com/terrace-iac/terrace/ui"
)

// bundlesDir holds the bundles of promotions, below the root of the live
// repository. Git ignores it by a file of its own.
const bundlesDir = ".terrace/bundles"

// planBundle plans what was edited, and what depends on it in the same
// environment, and prints the review. A bundle that is there already is gone
// on with.
func (h *hop) planBundle(ctx context.Context) error {
	h.bundle = filepath.Join(h.root, filepath.FromSlash(bundlesDir), h.id+"-"+h.to.Name)
	if err := h.reopened(); err == nil {
		return h.planOnly()
	} else if !errors.Is(err, os.ErrNotExist) {
		return err
	}
	dirs := h.affected()
	if err := h.generateFor(ctx, h.places(dirs)); err != nil {
		return err
	}
	graph, err := h.graphOf(ctx, dirs)
	if err != nil {
		return err
	}
	e, err := h.bundleEngine(ctx)
	if err != nil {
		return err
	}
	o := bundle.CreateOptions{Dir: h.bundle}
	if o.Environment, err = bundle.EnvironmentOf(ctx, e, dirs); err != nil {
		return err
	}
	creator, done, err := h.bundleIdentity(ctx, false)
	if err != nil {
		return err
	}
	defer done()
	o.Creator = creator
	if err := h.ignored(); err != nil {
		return err
	}
	b, err := bundle.Create(ctx, e, graph, o)
	if err != nil {
		return err
	}
	h.say("plan", "%s in %s", counted(len(dirs), "unit"), h.shownPath(h.bundle))
	if err := h.page(b); err != nil {
		return err
	}
	return h.planOnly()
}

func (h *hop) planOnly() error {
	if h.want.Only == onlyPlan {
		return errDone
	}
	return nil
}

// reopened takes up a bundle of an earlier call.
func (h *hop) reopened() error {
	if _, err := os.Stat(h.bundle); err != nil {
		return err
	}
	b, err := bundle.Open(h.bundle, nil)
	if err != nil {
		return fmt.Errorf("%w. Remove %s to have everything planned again", err, h.shownPath(h.bundle))
	}
	dir := h.shownPath(h.bundle)
	h.say("plan", "the bundle in %s is there already (%s bundle show %s)", dir, progName, dir)
	h.digest = b.Base.Digest
	if h.to.Approvals == 0 && !h.want.AutoApprove && h.console.StdinTerminal() {
		return h.page(b) // what will be asked about
	}
	return nil
}

// page prints what waits to be approved.
func (h *hop) page(b *bundle.Bundle) error {
	h.digest = b.Base.Digest
	page, err := b.Newest().Review()
	if err != nil {
		return err
	}
	fmt.Fprintln(h.out())
	if err := page.WriteText(h.out()); err != nil {
		return err
	}
	fmt.Fprintln(h.out())
	return nil
}

// ignored makes git ignore the folder of bundles.
func (h *hop) ignored() error {
	dir := filepath.Dir(h.bundle)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	path := filepath.Join(dir, ".gitignore")
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	return os.WriteFile(path, []byte("*\n"), 0o644)
}

// affected are the folders of the edited units and of those in the same
// environment that depend on them. Dependents elsewhere are named.
func (h *hop) affected() []string {
	needed := map[string][]string{}
	for _, u := range h.snapshot.Units() {
		for _, dep := range u.Needs {
			needed[dep] = append(needed[dep], u.Dir)
		}
	}
	in := map[string]bool{}
	for _, p := range h.layout.In(h.to.Name) {
		in[h.dirOf(p)] = true
	}
	var dirs, elsewhere []string
	seen := map[string]bool{}
	next := make([]string, len(h.moves))
	for i, m := range h.moves {
		next[i] = m.Dir
	}
	for len(next) > 0 {
		dir := next[0]
		next = next[1:]
		if seen[dir] {
			continue
		}
		seen[dir] = true
		if !in[dir] {
			elsewhere = append(elsewhere, h.shownPath(dir))
			continue
		}
		dirs = append(dirs, dir)
		next = append(next, needed[dir]...)
	}
	slices.Sort(dirs)
	if len(elsewhere) > 0 {
		slices.Sort(elsewhere)
		h.say("plan", "not planned, since they depend on these units from outside %s: %s", h.to.Name, strings.Join(elsewhere, ", "))
	}
	return dirs
}

func (h *hop) places(dirs []string) (out []live.Place) {
	for _, p := range h.layout.In(h.to.Name) {
		if slices.Contains(dirs, h.dirOf(p)) {
			out = append(out, p)
		}
	}
	return out
}

// graphOf orders units for a plan.
func (h *hop) graphOf(ctx context.Context, dirs []string) (*configstack.Graph, error) {
	h.session.loader = h.newLoader([]string{"plan"}, config.MockPolicy{}) // the one before has seen the files before the edit
	filter, err := h.newFilter(ctx, filterOptions{IncludeDirs: dirs, NoFile: true})
	if err != nil {
		return nil, err
	}
	c, err := h.filterFrom(ctx, h.root, filter, h.discoverOptions(), true)
	if err != nil {
		return nil, err
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	g, err := c.Chosen.Selection().Exclude(configstack.Rules{Command: "plan"}).Graph(ctx, configstack.Up)
	if err == nil && g.Len() == 0 {
		err = fmt.Errorf("every unit is left out of plans by its exclude block")
	}
	return g, err
}

// approve asks whoever sits at the terminal. Where signatures are asked for,
// the apply counts them.
func (h *hop) approve(ctx context.Context) error {
	units := h.paths()
	wait := func(why string) error {
		h.notify(ctx, live.Event{Kind: live.ReviewWaits, Environment: h.to.Name, Units: units, Commit: h.commit, Promotion: h.id, Bundle: h.bundle, OK: true, Text: h.subject()})
		dir := h.shownPath(h.bundle)
		return &waitError{fmt.Sprintf("%s: review %s (`%s bundle show %s`), then go on with `%s promote --continue %s --auto-approve`, or apply it with `%s bundle apply %s`",
			why, dir, progName, dir, progName, h.id, progName, dir)}
	}
	switch {
	case h.to.Approvals > 0:
		return nil
	case h.want.AutoApprove:
		h.say("approve", "not asked (--auto-approve)")
		return nil
	case !h.console.StdinTerminal():
		return wait("Waiting for an approval")
	}
	yes, err := ui.NewPrompter(h.console, false, h.log).Prompt(ctx, fmt.Sprintf("Apply this to %s?", h.to.Name))
	if err != nil {
		return err
	}
	if !yes {
		return wait("Not approved, and nothing was applied")
	}
	return nil
}

// apply applies what was reviewed, and nothing else.
func (h *hop) apply(ctx context.Context) error {
	e, err := h.bundleEngine(ctx)
	if err != nil {
		return err
	}
	b, err := bundle.Open(h.bundle, nil)
	if err != nil {
		return err
	}
	if err := h.guardBundle(ctx, "promote", b.Dirs(e.Root)); err != nil {
		return err
	}
	o := bundle.ApplyOptions{Dir: h.bundle}
	if o.Environment, err = bundle.EnvironmentOf(ctx, e, b.Dirs(e.Root)); err != nil {
		return err
	}
	o.Ask = h.round()
	creator, done, err := h.bundleIdentity(ctx, false)
	if err != nil {
		return err
	}
	defer done()
	o.Creator = creator
	applied, err := bundle.Apply(ctx, e, o)
	var waiting *bundle.WaitingError
	if errors.As(err, &waiting) {
		h.notify(ctx, live.Event{Kind: live.ReviewWaits, Environment: h.to.Name, Units: h.paths(), Commit: h.commit, Promotion: h.id, Bundle: h.bundle, OK: true, Text: h.subject()})
		return &waitError{fmt.Sprintf("%v\nAfterwards `%s promote --continue %s` goes on with all that follows", waiting, progName, h.id)}
	}
	h.notify(ctx, live.Event{Kind: live.ApplyEnded, Environment: h.to.Name, Units: h.paths(), Commit: h.commit, Promotion: h.id, Bundle: h.bundle, OK: err == nil, Text: h.subject()})
	if err != nil {
		return err
	}
	for _, v := range applied.Votes {
		h.also("approval %s", v)
	}
	h.applied = true
	h.say("apply", "%s of %s changed", counted(applied.Changed, "unit"), fmt.Sprint(len(b.Base.Manifest.Units)))
	return nil
}

// round is how a person is asked about what could not be planned before; nil
// where there is nobody. --auto-approve says yes to what takes nothing away: a
// delete or a replacement that nobody has seen always asks.
func (h *hop) round() func(context.Context, *review.Review) (bool, error) {
	terminal := h.console.StdinTerminal()
	if !terminal && !h.want.AutoApprove {
		return nil
	}
	return func(ctx context.Context, r *review.Review) (bool, error) {
		if total := r.Total(); h.want.AutoApprove && total.Delete+total.Replace+total.Forget == 0 {
			h.say("approve", "what could not be known before; not asked (--auto-approve)")
			return true, r.WriteText(h.out())
		}
		if !terminal {
			return false, nil
		}
		return h.askPage(ctx, r)
	}
}

// check makes sure that what was applied works, and records the promotion.
func (h *hop) check(ctx context.Context) error {
	places := make([]live.Place, len(h.moves))
	for i, m := range h.moves {
		places[i] = m.Place
	}
	var err error
	if h.checks, err = h.checked(ctx, h.to, places); err != nil {
		return err
	}
	if len(h.checks) > 0 {
		h.say("check", "passed: %s", strings.Join(h.checks, ", "))
	}
	h.record(ctx, nil)
	h.say("done", "%s", h.subject())
	return nil
}
