package cli

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/terrace-iac/terrace/configstack"
	"github.com/terrace-iac/terrace/live"
)

// The trailers of an edit's commit, by which a promotion is found again.
const (
	trailerID      = "Terrace-Promotion"
	trailerFrom    = "Terrace-From"
	trailerTo      = "Terrace-To"
	trailerThrough = "Terrace-Through"
	trailerSlot    = "Terrace-Slot"
)

// record writes down how a promotion went, as a note on its commit. It is
// never a gate: that it cannot be written fails nothing.
func (h *hop) record(ctx context.Context, failure error) {
	if h.commit == "" {
		return
	}
	ctx = context.WithoutCancel(ctx)
	now := time.Now().UTC().Truncate(time.Second)
	r := live.Promotion{Record: live.PromotionRecord, ID: h.id, Time: now, To: h.to.Name, Bundle: h.digest, SkipVerify: h.want.SkipVerify, Applied: h.applied, FinishedTime: &now}
	r.By, _ = h.repo.Who(ctx) // nobody's name is no reason to lose the rest
	if h.from != nil {
		r.From = h.from.Name
	}
	for _, m := range h.moves {
		r.Units = append(r.Units, live.PromotedUnit{Slot: m.Slot, Path: m.Path, Old: m.Before.Version, New: m.After.Version})
	}
	for _, name := range h.checks {
		r.Checks = append(r.Checks, live.PromotedCheck{Name: name, OK: true})
	}
	var failed *failedCheck
	if errors.As(failure, &failed) {
		r.Checks = append(r.Checks, live.PromotedCheck{Name: failed.check.Name})
	}
	if failure != nil {
		r.Failure = failure.Error()
	}
	if err := h.repo.AddNote(ctx, h.commit, r); err != nil {
		h.log.Warn("The promotion could not be recorded: " + err.Error())
		return
	}
	if h.want.Push {
		if err := h.repo.SyncNotes(ctx); err != nil {
			h.log.Warn("The record could not be pushed: " + err.Error())
		}
	}
}

// resumed finds the promotion of --continue in the history of what is checked
// out.
func (p *promotion) resumed(ctx context.Context) (*hop, error) {
	commit, message, err := p.find(ctx, "HEAD")
	if err != nil {
		return nil, err
	}
	if commit == "" {
		return nil, p.notHere(ctx)
	}
	h := &hop{promotion: p, commit: commit}
	slots := map[string]string{}
	for line := range strings.Lines(message) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ": ")
		switch key {
		case trailerTo:
			h.to, err = p.environment("--continue", value)
		case trailerFrom:
			h.from, err = p.environment("--continue", value)
		case trailerThrough:
			if p.want.Through == "" {
				p.want.Through = value
			}
		case trailerSlot:
			left, version, _ := cutLast(value, " -> ")
			slot, old, _ := cutLast(left, " ")
			slots[slot] = old + "\n" + version
		}
		if err != nil {
			return nil, err
		}
	}
	if h.to == nil || len(slots) == 0 {
		return nil, &usageError{fmt.Sprintf("--continue %s: the message of %s does not say which units are meant: were its last lines removed?", p.id, short(commit))}
	}
	return h, h.takeUp(ctx, slots)
}

func cutLast(text, sep string) (before, after string, ok bool) {
	i := strings.LastIndex(text, sep)
	if i < 0 {
		return text, "", false
	}
	return text[:i], text[i+len(sep):], true
}

// takeUp finds the units of a promotion, and makes sure that they still are
// what it made of them.
func (h *hop) takeUp(ctx context.Context, slots map[string]string) error {
	if err := h.evaluate(ctx); err != nil {
		return err
	}
	for slot, versions := range slots {
		old, version, _ := strings.Cut(versions, "\n")
		at, ok := h.layout.At(h.to.Name, slot)
		if !ok {
			return &usageError{fmt.Sprintf("--continue %s: %s is not in %s any more", h.id, slot, h.to.Name)}
		}
		u := h.snapshot.Unit(h.dirOf(at))
		switch {
		case u.Err != nil:
			return u.Err
		case u.Pin.Version != version:
			return &usageError{fmt.Sprintf("--continue %s: %s is at %s now, not at %s as the promotion left it", h.id, h.shownPath(u.Dir), u.Pin.Version, version)}
		}
		m := move{Place: at, Dir: u.Dir, Before: u.Pin, After: u.Pin}
		m.Before.Version = old
		h.moves = append(h.moves, m)
	}
	return nil
}

// find gives the newest commit of a history that has the promotion's trailer.
func (p *promotion) find(ctx context.Context, from string) (commit, message string, err error) {
	line := trailerID + ": " + p.id
	out, err := p.git(ctx, configstack.GitCommand{Dir: p.repo.Root(), Args: []string{"log", "--topo-order", "--no-show-signature", "--fixed-strings", "--grep=" + line, "--format=%H%x1f%B%x1e", "--max-count=20", from}})
	if err != nil {
		return "", "", err
	}
	for entry := range strings.SplitSeq(out, "\x1e") {
		id, body, ok := strings.Cut(strings.TrimSpace(entry), "\x1f")
		if ok && strings.Contains("\n"+body+"\n", "\n"+line+"\n") {
			return id, body, nil
		}
	}
	return "", "", nil
}

// notHere explains why a promotion cannot be taken up.
func (p *promotion) notHere(ctx context.Context) error {
	commit, _, err := p.find(ctx, "--all")
	if err != nil {
		return err
	}
	if commit == "" {
		return &usageError{fmt.Sprintf("--continue %s: no commit here has the line %q; fetch, or look the id up with `git log --grep=%s`", p.id, trailerID+": "+p.id, trailerID)}
	}
	return &usageError{fmt.Sprintf("--continue %s: its edit, %s, is not part of what is checked out: merge it first, and check the result out", p.id, short(commit))}
}
