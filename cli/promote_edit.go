package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/terrace-iac/terrace/live"
	"github.com/terrace-iac/terrace/promote"
)

// errNothing says that an environment has all that it is to have.
var errNothing = errors.New("nothing to promote")

// tellEdits shows what is edited, and where.
func (h *hop) tellEdits() {
	h.say("edit", "%s, %s", counted(len(h.moves), "unit"), counted(len(h.plan.Edits), "literal"))
	for _, m := range h.moves {
		h.also("%s", m)
	}
	for _, e := range h.plan.Edits {
		h.also("%s:%d: %s", h.shownPath(e.File), e.Line, e.Text)
		for _, dir := range e.Shared {
			h.also("  also changes %s (--allow-shared)", h.shownPath(dir))
		}
	}
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// edit writes the edits and commits them.
func (h *hop) edit(ctx context.Context) error {
	if h.want.DryRun {
		h.say("edit", "nothing was written: this is a dry run")
		return errDone
	}
	if h.want.Only != "" && h.want.Only != onlyEdit {
		return errDone
	}
	before, err := textsOf(h.plan)
	if err != nil {
		return err
	}
	if err := promote.Write(h.plan.Texts); err != nil {
		return err
	}
	if h.want.EditOnly {
		h.say("edit", "written and not committed (--edit-only)")
		return errDone
	}
	if h.aside() {
		return h.putAside(ctx, before)
	}
	h.commit, err = h.repo.Commit(ctx, h.request())
	if err != nil {
		return errors.Join(fmt.Errorf("the edit could not be committed and was taken back: %w", err), promote.Write(before))
	}
	h.say("commit", "%s", short(h.commit))
	if err := h.push(ctx); err != nil {
		return err
	}
	return nil
}

// textsOf reads the files that are edited, to be put back.
func textsOf(p *promote.Plan) (map[string][]byte, error) {
	out := map[string][]byte{}
	for file := range p.Texts {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		out[file] = text
	}
	return out, nil
}

// aside says whether the edit goes on a branch of its own. In a chain that is
// so for the environments that need it.
func (h *hop) aside() bool {
	return h.want.PR && (h.want.Through == "" || len(h.to.Branches) > 0)
}

// putAside commits to a branch, and leaves the work tree as it was.
func (h *hop) putAside(ctx context.Context, before map[string][]byte) error {
	head, current, err := h.repo.Head(ctx)
	if err == nil {
		h.branch = h.branchName()
		h.commit, err = h.repo.CommitOn(ctx, h.branch, head, h.request())
	}
	if err := errors.Join(err, promote.Write(before)); err != nil {
		return err
	}
	h.say("commit", "%s on %s", short(h.commit), h.branch)
	if err := h.push(ctx); err != nil {
		return err
	}
	h.record(ctx, nil)
	what := "push " + h.branch + ", open a pull request"
	if h.want.Push {
		what = "open a pull request for " + h.branch
	}
	if current != "" {
		what += " into " + current
	}
	h.notify(ctx, live.Event{Kind: live.ReviewWaits, Environment: h.to.Name, Units: h.paths(), Commit: h.commit, Promotion: h.id, OK: true, Text: h.subject()})
	return &waitError{fmt.Sprintf("Waiting for a review: %s, and when it is merged go on with `%s promote --continue %s`", what, progName, h.id)}
}

// push sends the commit, if that was asked for.
func (h *hop) push(ctx context.Context) error {
	if !h.want.Push {
		return nil
	}
	ref := h.branch
	if ref == "" {
		_, current, err := h.repo.Head(ctx)
		if err != nil {
			return err
		}
		if current == "" {
			return &usageError{"--push: HEAD is detached, so that there is no branch to push. Check one out, or use --pr"}
		}
		ref = current
	}
	if err := h.repo.Push(ctx, "refs/heads/"+ref+":refs/heads/"+ref); err != nil {
		return fmt.Errorf("the commit is here and could not be pushed: %w", err)
	}
	h.say("push", "%s", ref)
	return nil
}

// request is the commit of the edit.
func (h *hop) request() live.CommitRequest {
	r := live.CommitRequest{Message: h.subject(), Trailers: []live.Trailer{{Key: trailerID, Value: h.id}, {Key: trailerTo, Value: h.to.Name}}}
	if h.from != nil {
		r.Trailers = append(r.Trailers, live.Trailer{Key: trailerFrom, Value: h.from.Name})
	}
	if h.want.Through != "" {
		r.Trailers = append(r.Trailers, live.Trailer{Key: trailerThrough, Value: h.want.Through})
	}
	for _, m := range h.moves {
		r.Trailers = append(r.Trailers, live.Trailer{Key: trailerSlot, Value: m.String()})
	}
	for file := range h.plan.Texts {
		if rel, ok := h.repo.Rel(file); ok {
			r.Files = append(r.Files, rel)
		}
	}
	slices.Sort(r.Files)
	return r
}

// subject is the first line of the commit.
func (h *hop) subject() string {
	if len(h.moves) == 1 {
		return h.to.Name + ": " + h.moves[0].String()
	}
	text := fmt.Sprintf("%s: %s", h.to.Name, counted(len(h.moves), "unit"))
	if v := h.version(); v != "" {
		text += " to " + v
	}
	if h.from != nil {
		text += " as in " + h.from.Name
	}
	return text
}

// version is the one that all units get, "" where they differ.
func (h *hop) version() string {
	v := h.moves[0].After.Version
	for _, m := range h.moves {
		if m.After.Version != v {
			return ""
		}
	}
	return v
}

// branchName is promote/<what>-<version>-<environment>.
func (h *hop) branchName() string {
	what := path.Base(h.moves[0].Slot)
	if len(h.moves) > 1 {
		what = counted(len(h.moves), "unit")
	}
	version := h.version()
	if version == "" {
		version = h.id
	}
	odd := regexp.MustCompile(`[^A-Za-z0-9._-]+`)
	clean := func(text string) string { return strings.Trim(odd.ReplaceAllString(text, "-"), ".-") }
	return "promote/" + clean(what+"-"+version+"-"+h.to.Name)
}

func (h *hop) paths() []string {
	out := make([]string, len(h.moves))
	for i, m := range h.moves {
		out[i] = m.Path
	}
	return out
}
