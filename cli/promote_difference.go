package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/terrace-iac/terrace/live"
	"github.com/terrace-iac/terrace/promote"
	"github.com/terrace-iac/terrace/run"
	"github.com/terrace-iac/terrace/source"
)

// difference shows what changes between the versions of each module. A variable
// that is required now and that a unit does not set is an error.
func (h *hop) difference(ctx context.Context) error {
	if h.want.Only == onlyEdit {
		return nil
	}
	var errs []error
	for _, group := range byModule(h.moves) {
		d, dir, err := h.compared(ctx, group[0])
		var unknown *rangeError
		if errors.As(err, &unknown) {
			h.say("difference", "%s: %v", group[0].After.Module, err)
			continue
		}
		if err != nil {
			errs = append(errs, err)
			continue
		}
		h.tellDifference(ctx, group, d)
		for _, m := range group {
			errs = append(errs, h.unset(ctx, m, d.NewlyRequired, dir))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	if h.want.Only == onlyDifference {
		return errDone
	}
	return nil
}

// byModule gathers the units that go from one version of a module to the same
// other one.
func byModule(moves []move) [][]move {
	var out [][]move
	for _, m := range moves {
		same := func(group []move) bool {
			a := group[0]
			return a.Before.Module == m.Before.Module && a.Before.Version == m.Before.Version && a.After.Version == m.After.Version
		}
		if i := slices.IndexFunc(out, same); i >= 0 {
			out[i] = append(out[i], m)
		} else {
			out = append(out, []move{m})
		}
	}
	return out
}

// rangeError says that a version is a range, so that it is not known what it
// stands for.
type rangeError struct{ Version string }

func (e *rangeError) Error() string {
	return fmt.Sprintf("not compared: %q is a range of versions, which init resolves", e.Version)
}

// compared fetches both versions. dir is the folder of the new one.
func (h *hop) compared(ctx context.Context, m move) (promote.Difference, string, error) {
	before, _, err := h.module(ctx, m, m.Before)
	if err != nil {
		return promote.Difference{}, "", err
	}
	after, dir, err := h.module(ctx, m, m.After)
	if err != nil {
		return promote.Difference{}, "", err
	}
	return promote.Compare(before, after), dir, nil
}

func (h *hop) module(ctx context.Context, m move, p live.Pin) (*promote.Module, string, error) {
	if p.Kind == live.PinRange {
		return nil, "", &rangeError{p.Version}
	}
	raw := source.Remap(p.Source, h.opts.Source.Map)
	if p.Attribute {
		raw += "?version=" + p.Version
	}
	a, err := source.Parse(raw, m.Dir)
	if err != nil {
		return nil, "", err
	}
	tree, err := h.store.Tree(ctx, a, h.inv.Env)
	if err != nil {
		return nil, "", fmt.Errorf("%s: the module cannot be fetched: %w", m.Slot, err)
	}
	read, err := promote.ReadModule(tree.Dir)
	return read, tree.Dir, err
}

func (h *hop) tellDifference(ctx context.Context, group []move, d promote.Difference) {
	m := group[0]
	h.say("difference", "%s %s -> %s", m.After.Module, m.Before.Version, m.After.Version)
	if d.Empty() {
		h.also("the same variables, outputs and providers")
	}
	for _, l := range []struct {
		mark, what string
		names      []string
	}{
		{"!", "variable, now required", d.NewlyRequired}, {"+", "variable", d.AddedVariables}, {"~", "variable, no longer required", d.NoLongerRequired},
		{"-", "variable", d.RemovedVariables}, {"+", "output", d.AddedOutputs}, {"-", "output", d.RemovedOutputs},
		{"+", "provider", d.AddedProviders}, {"-", "provider", d.RemovedProviders},
	} {
		for _, name := range l.names {
			h.also("%s %s %s", l.mark, name, "("+l.what+")")
		}
	}
	for _, c := range d.ChangedProviders {
		h.also("~ %s (provider, %q -> %q)", c.Name, c.Before, c.After)
	}
	h.tellCommits(ctx, m)
}

// tellCommits lists the commits between the versions. Not to know them is no
// reason to stop.
func (h *hop) tellCommits(ctx context.Context, m move) {
	a, err := source.Parse(source.Remap(m.After.Source, h.opts.Source.Map), m.Dir)
	if err != nil || a.Kind() != "git" {
		return
	}
	list, err := h.store.History(ctx, a, m.Before.Version, m.After.Version, h.inv.Env)
	if err != nil {
		h.also("the commits between them are not known: %v", err)
		return
	}
	for _, c := range list {
		h.also("%s %s", c.Commit[:min(8, len(c.Commit))], c.Subject)
	}
}

// unset finds variables that a unit must set now and does not.
func (h *hop) unset(ctx context.Context, m move, required []string, dir string) error {
	if len(required) == 0 {
		return nil
	}
	u, err := h.snapshot.Loader().Unit(ctx, m.Dir)
	if err != nil {
		return err
	}
	cfg, err := u.Config(ctx)
	if err != nil {
		return err
	}
	if cfg.InputsOpen {
		return nil // made of outputs as a whole: the plan tells
	}
	given := run.NamesGiven(cfg, m.Dir, dir)
	var missing []string
	for _, name := range required {
		if _, set := newEnvironment(h.inv.Env).get("TF_VAR_" + name); !set && !given[name] {
			missing = append(missing, name)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	return fmt.Errorf("%s: %s of %s requires variables that the unit does not set: %s. Add them to its inputs, commit that, and promote again",
		h.shownPath(filepath.Join(m.Dir, "terragrunt.hcl")), m.After.Version, m.After.Module, strings.Join(missing, ", "))
}
