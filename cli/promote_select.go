package cli

import (
	"context"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/live"
	"github.com/terrace-iac/terrace/promote"
)

// choose decides which units get which versions, and finds the literals.
func (h *hop) choose(ctx context.Context) error {
	places, err := h.selected()
	if err != nil {
		return err
	}
	var wants []promote.Want
	var left []string
	var errs []error
	for _, p := range places {
		w, why, err := h.wanted(p)
		switch {
		case err != nil:
			errs = append(errs, err)
		case why != "" && len(h.want.Words) > 0 && why != alreadyThere:
			errs = append(errs, fmt.Errorf("%s: %s", h.shownPath(h.dirOf(p)), why))
		case why != "":
			left = append(left, fmt.Sprintf("%s: %s", p.Slot, why))
		default:
			wants = append(wants, w)
			h.moves = append(h.moves, move{Place: p, Dir: w.Dir, Before: h.snapshot.Unit(w.Dir).Pin})
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	h.tellLeft(left)
	if len(wants) == 0 {
		h.say("edit", "nothing to do: no unit of %s would change", h.to.Name)
		return errNothing
	}
	if err := h.clean(ctx); err != nil {
		return err
	}
	if h.plan, err = h.snapshot.Plan(ctx, wants, h.want.AllowShared); err != nil {
		return h.shownRefusals(err)
	}
	for i := range h.moves {
		h.moves[i].After = h.plan.After[h.moves[i].Dir]
	}
	h.tellEdits()
	return nil
}

// shownRefusals writes paths as people see them.
func (h *hop) shownRefusals(err error) error {
	var list interface{ Unwrap() []error }
	errs := []error{err}
	if errors.As(err, &list) {
		errs = list.Unwrap()
	}
	for i, e := range errs {
		var refused *promote.RefusedError
		if errors.As(e, &refused) {
			var mistakes *config.Error
			if errors.As(refused.Err, &mistakes) {
				continue // shown with its source
			}
			errs[i] = errors.New(refused.Text(h.shownPath))
		}
	}
	return errors.Join(append(errs, &usageError{"nothing was edited"})...)
}

const alreadyThere = "has that version already"

// wanted says what a unit is to become. why is the reason for leaving it as it
// is.
func (h *hop) wanted(p live.Place) (w promote.Want, why string, err error) {
	u := h.snapshot.Unit(h.dirOf(p))
	w = promote.Want{Dir: u.Dir, Version: h.want.Version}
	if u.Err != nil {
		return w, "", fmt.Errorf("%s: it cannot be evaluated: %w", h.shownPath(u.Dir), u.Err)
	}
	if h.from != nil {
		at, ok := h.layout.At(h.from.Name, p.Slot)
		if !ok {
			return w, "is not in " + h.from.Name, nil
		}
		before := h.snapshot.Unit(h.dirOf(at))
		switch {
		case before.Err != nil:
			return w, "", fmt.Errorf("%s: it cannot be evaluated: %w", h.shownPath(before.Dir), before.Err)
		case before.Pin.Version == "":
			return w, fmt.Sprintf("%s in %s", unpinned(before.Pin), h.from.Name), nil
		case u.Pin.Version != "" && before.Pin.Module != u.Pin.Module:
			return w, fmt.Sprintf("is another module in %s: %s, here %s", h.from.Name, before.Pin.Module, u.Pin.Module), nil
		}
		w.Version = before.Pin.Version
		if before.Entry.Version != "" && before.Entry.Version != u.Entry.Version {
			w.Entry = before.Entry.Version
		}
	} else if u.Entry.Version != "" && u.Entry.Version == u.Pin.Version {
		w.Entry = h.want.Version
	}
	switch {
	case u.Pin.Version == "":
		return w, unpinned(u.Pin), nil
	case u.Pin.Version == w.Version:
		return w, alreadyThere, nil
	}
	return w, "", h.newer(u, w.Version)
}

func unpinned(p live.Pin) string {
	switch {
	case p.Source == "":
		return "has no module"
	case p.Kind == live.PinLocal:
		return "uses a folder as its module"
	}
	return "has no version in its module source"
}

// newer refuses a version that is older, or nobody knows.
func (h *hop) newer(u *promote.Unit, version string) error {
	switch have := u.Pin.Compare(u.Pin.At(version)); {
	case h.want.AllowDowngrade, have == live.Same, have == live.Behind:
		return nil
	case have == live.Ahead:
		return fmt.Errorf("%s: %s is older than %s, which it has: --allow-downgrade accepts that", h.shownPath(u.Dir), version, u.Pin.Version)
	}
	return fmt.Errorf("%s: %s and %s, which it has, cannot be compared: --allow-downgrade accepts that", h.shownPath(u.Dir), version, u.Pin.Version)
}

func (h *hop) tellLeft(left []string) {
	for _, text := range left {
		h.also("left: %s", text)
	}
}

// clean refuses to edit on top of what is not committed.
func (h *hop) clean(ctx context.Context) error {
	changed, err := h.repo.Status(ctx)
	if err != nil {
		return err
	}
	dirty := map[string]string{}
	for _, f := range changed {
		dirty[f.Path] = "is changed and not committed"
		if f.Untracked {
			dirty[f.Path] = "is not tracked"
		}
	}
	var found []string
	for _, m := range h.moves {
		for _, file := range h.snapshot.Files(h.snapshot.Unit(m.Dir)) {
			rel, ok := h.repo.Rel(file)
			if why := dirty[rel]; ok && why != "" {
				found = append(found, fmt.Sprintf("%s: %s, and %s reads it", h.shownPath(file), why, h.shownPath(m.Dir)))
				delete(dirty, rel)
			}
		}
	}
	if len(found) == 0 {
		return nil
	}
	return &usageError{strings.Join(found, "\n") + "\nCommit, or set aside with `git stash`, what the units read: a promotion is a commit of its own"}
}

// selected are the units of the environment that the words mean.
func (h *hop) selected() ([]live.Place, error) {
	all := h.layout.In(h.to.Name)
	if len(all) == 0 {
		return nil, &usageError{fmt.Sprintf("there are no units in %s (%s)", h.to.Name, h.where(h.to.Range))}
	}
	if h.want.Version != "" {
		return h.ofModule(all)
	}
	return h.byWords(all)
}

func (h *hop) byWords(all []live.Place) ([]live.Place, error) {
	if len(h.want.Words) == 0 {
		return all, nil
	}
	chosen := map[string]bool{}
	for _, word := range h.want.Words {
		found := slices.DeleteFunc(slices.Clone(all), func(p live.Place) bool { return !h.means(word, p) })
		if len(found) == 0 {
			return nil, h.unknown(word, all)
		}
		for _, p := range found {
			chosen[p.Path] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(p live.Place) bool { return !chosen[p.Path] }), nil
}

func (h *hop) unknown(word string, all []live.Place) error {
	slots := make([]string, len(all))
	for i, p := range all {
		slots[i] = p.Slot
	}
	return &usageError{fmt.Sprintf("%s: no unit of %s has this slot or path; its slots are %s", word, h.to.Name, strings.Join(slots, ", "))}
}

// means says whether a word names a unit: by its slot, by a folder of the
// target or of the source environment, or by a pattern of slots.
func (h *hop) means(word string, p live.Place) bool {
	word = strings.TrimSuffix(filepath.ToSlash(word), "/")
	plain := strings.ReplaceAll(p.Slot, config.StackDirName+"/", "")
	for _, slot := range []string{p.Slot, plain} {
		if slot == word || strings.HasPrefix(slot, word+"/") || matchSlot(strings.Split(word, "/"), strings.Split(slot, "/")) {
			return true
		}
	}
	dirs := []string{h.dirOf(p)}
	if h.from != nil {
		if at, ok := h.layout.At(h.from.Name, p.Slot); ok {
			dirs = append(dirs, h.dirOf(at))
		}
	}
	for _, base := range []string{h.inv.Cwd, h.inv.Global.WorkingDir, h.root} {
		at := absolute(base, filepath.FromSlash(word))
		if real, err := filepath.EvalSymlinks(at); err == nil {
			at = real
		}
		for _, dir := range dirs {
			if rel, err := filepath.Rel(at, dir); err == nil && filepath.IsLocal(rel) && at != h.root {
				return true
			}
		}
	}
	return false
}

// matchSlot matches a slot against a pattern; two stars stand for any number
// of folders.
func matchSlot(pattern, parts []string) bool {
	if len(pattern) == 0 {
		return len(parts) == 0
	}
	if pattern[0] == "**" {
		for i := range len(parts) + 1 {
			if matchSlot(pattern[1:], parts[i:]) {
				return true
			}
		}
		return false
	}
	if len(parts) == 0 {
		return false
	}
	ok, err := path.Match(pattern[0], parts[0])
	return err == nil && ok && matchSlot(pattern[1:], parts[1:])
}

// ofModule leaves the units of one module repository.
func (h *hop) ofModule(all []live.Place) ([]live.Place, error) {
	all, err := h.byWords(all)
	if err != nil {
		return nil, err
	}
	pinned := slices.DeleteFunc(slices.Clone(all), func(p live.Place) bool {
		u := h.snapshot.Unit(h.dirOf(p))
		return u.Err == nil && u.Pin.Version == ""
	})
	if h.want.Module != "" {
		chosen := slices.DeleteFunc(pinned, func(p live.Place) bool { return !ofModule(h.snapshot.Unit(h.dirOf(p)).Pin, h.want.Module) })
		if len(chosen) == 0 {
			return nil, &usageError{fmt.Sprintf("--module %s: none of the units of %s uses it", h.want.Module, h.to.Name)}
		}
		return chosen, nil
	}
	var repositories []string
	for _, p := range pinned {
		if r := h.snapshot.Unit(h.dirOf(p)).Pin.Repository(); r != "" && !slices.Contains(repositories, r) {
			repositories = append(repositories, r)
		}
	}
	if len(repositories) > 1 {
		slices.Sort(repositories)
		return nil, &usageError{"--version is about one module repository, and the units use several: say which one with --module, " + strings.Join(repositories, " or ")}
	}
	return pinned, nil
}

// ofModule says whether a module is meant: by an address, in any of its forms,
// of the module or of its repository.
func ofModule(p live.Pin, name string) bool {
	names := []string{name, strings.TrimSuffix(name, ".git")}
	if want, err := live.ParsePin(name, "", string(filepath.Separator)); err == nil {
		names = append(names, want.Module)
	}
	return slices.Contains(names, p.Module) || slices.Contains(names, p.Repository())
}
