package live

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
)

// Change is a command that is about to change units.
type Change struct {
	Command  string
	Units    []string // folders, absolute
	Wrote    []string // files that this run has written, absolute
	Approved bool     // a bundle with all its approvals is applied
	Fetch    bool     // ask the remote first
	// Reads lists the files that the units are made of, absolute. It is asked
	// only where a rule is about them.
	Reads func(context.Context) ([]string, error)
}

// Check asks the guards about a change. git is nil outside of a repository.
// What comes back are the refusals, one at most of each policy; none: it may
// go on.
func (c Change) Check(ctx context.Context, git *Git) ([]*Refusal, error) {
	if c.Fetch && git != nil {
		if err := c.fetch(ctx, git); err != nil {
			return nil, err
		}
	}
	all, facts, err := Policies(ctx, git, c.Units)
	if err != nil || !guarded(all) {
		return nil, err
	}
	facts.Command, facts.Approved = c.Command, c.Approved
	if git != nil {
		if err := c.learn(ctx, git, &facts); err != nil {
			return nil, err
		}
	}
	var refusals []*Refusal
	for _, p := range all {
		r, err := Guard(p, facts)
		if err != nil {
			return nil, err
		}
		if r != nil {
			refusals = append(refusals, r)
		}
	}
	slices.SortStableFunc(refusals, func(a, b *Refusal) int { return rank(a) - rank(b) })
	return refusals, nil
}

// rank puts first what cannot be overridden.
func rank(r *Refusal) int {
	if r.Overridable {
		return 1
	}
	return 0
}

// guarded says whether any rule is about any unit.
func guarded(all []Policy) bool {
	for _, p := range all {
		for _, e := range p.touched() {
			if len(e.Branches) > 0 || e.Approvals > 0 {
				return true
			}
		}
	}
	return false
}

// learn asks git what is checked out and what was changed.
func (c Change) learn(ctx context.Context, git *Git, f *Facts) error {
	var err error
	if f.Commit, f.Branch, err = git.Head(ctx); err != nil {
		return err
	}
	if tip, known := f.Tips[f.Branch]; known && tip.Commit != f.Commit {
		if f.Ahead, f.Behind, err = git.apart(ctx, tip.Commit, f.Commit); err != nil {
			return err
		}
	}
	status, err := git.Status(ctx)
	if err != nil {
		return err
	}
	for _, s := range status {
		if !s.Untracked {
			f.Changed = append(f.Changed, s.Path)
		}
	}
	for _, path := range c.Wrote {
		if rel, ok := git.Rel(path); ok {
			f.Wrote = append(f.Wrote, rel)
		}
	}
	f.Untracked, err = c.untracked(ctx, git)
	return err
}

// untracked lists the files of this repository that a unit reads and git does
// not know, ignored ones among them.
func (c Change) untracked(ctx context.Context, git *Git) ([]string, error) {
	if c.Reads == nil {
		return nil, nil
	}
	files, err := c.Reads(ctx)
	if err != nil {
		return nil, err
	}
	known, err := git.Tracked(ctx)
	if err != nil {
		return nil, err
	}
	var list []string
	for _, file := range files {
		if rel, ok := git.Rel(file); ok && !known[rel] && !slices.Contains(list, rel) {
			list = append(list, rel)
		}
	}
	slices.Sort(list)
	return list, nil
}

// apart counts the commits that only one of two has.
func (g *Git) apart(ctx context.Context, tip, head string) (ahead, behind int, err error) {
	out, err := g.call(ctx, "rev-list", "--left-right", "--count", tip+"..."+head)
	if err != nil {
		return 0, 0, err
	}
	left, right, _ := strings.Cut(strings.TrimSpace(out), "\t")
	behind, err = strconv.Atoi(left)
	if err != nil {
		return 0, 0, err
	}
	ahead, err = strconv.Atoi(right)
	return ahead, behind, err
}

// fetch brings every branch up to date that a rule may be about. A branch that
// the remote does not have is left to the rule to complain of.
func (c Change) fetch(ctx context.Context, git *Git) error {
	asked := map[string]bool{}
	name, err := git.learnDefaultBranch(ctx)
	if err != nil {
		return err
	}
	for next := []string{name}; len(next) > 0; {
		for _, b := range next {
			asked[b] = true
			if b == "" {
				continue
			}
			if err := git.Fetch(ctx, b); err != nil && !isMissingBranch(err) {
				return err
			}
		}
		all, _, err := Policies(ctx, git, c.Units)
		if err != nil {
			return err
		}
		next = nil
		for _, p := range all {
			for _, e := range p.touched() {
				for _, b := range e.Branches {
					if !asked[b] && !slices.Contains(next, b) {
						next = append(next, b)
					}
				}
			}
		}
	}
	return nil
}

// learnDefaultBranch asks the remote for its default branch and notes it where
// git does.
func (g *Git) learnDefaultBranch(ctx context.Context) (string, error) {
	remote, err := g.Remote(ctx, "")
	if errors.Is(err, errManyRemotes) {
		return "", nil
	}
	if err != nil || remote == "" {
		return "", err
	}
	out, err := g.call(ctx, "ls-remote", "--symref", "--", remote, "HEAD")
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(out) {
		if rest, ok := strings.CutPrefix(line, "ref: refs/heads/"); ok {
			name, _, _ := strings.Cut(rest, "\t")
			_, err := g.call(ctx, "symbolic-ref", trackingRef(remote, "HEAD"), trackingRef(remote, name))
			return name, err
		}
	}
	return "", nil
}

func isMissingBranch(err error) bool {
	var failed *GitError
	return errors.As(err, &failed) && strings.Contains(failed.Text, "couldn't find remote ref")
}
