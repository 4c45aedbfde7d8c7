package live

import (
	"fmt"
	"slices"
	"strings"
)

// Policy is what one terrace.hcl says about the units of a command.
type Policy struct {
	File *File
	// Branch is where the file was read: the tip of a branch. It is "" for that
	// of the checkout, which can only be stricter.
	Branch string
	Units  []string // paths from the file's folder, with slashes
}

// Facts is what a guard knows about the checkout.
type Facts struct {
	Command        string // as people type it
	Commit, Branch string // what is checked out; Branch is "" for a detached HEAD
	NoGit          bool   // there is no repository, so nothing of the rest is known
	Tips           map[string]Tip
	Unknown        map[string]error // branches without a tip, and why
	Ahead, Behind  int              // of the checkout, to the tip of its branch
	Changed        []string         // tracked files that differ from HEAD, from the top of the repository
	Untracked      []string         // files that a unit reads and git does not know, likewise
	Wrote          []string         // files that this run has written, which are no changes of anybody's
	// Approved says that a bundle with all its approvals is applied.
	Approved bool
}

// Refusal says why a command may not change an environment.
type Refusal struct {
	Environment string
	Command     string
	Units       []string
	Rule        string // as written: branches = ["main"]
	At          Range
	Why, Do     string
	// Overridable refusals give way to a reason that is put on record.
	Overridable bool
}

func (r *Refusal) Error() string {
	text := fmt.Sprintf("%s is refused in %s: %s", r.Command, r.Environment, r.Why)
	text += fmt.Sprintf("\nThe rule: %s (%s:%d)", r.Rule, r.At.File, r.At.Line)
	text += "\nWhat to do: " + r.Do
	if r.Overridable {
		text += "\nIn an emergency --override-guard \"reason\" lets it through, and puts it on record"
	}
	return text
}

// Guard decides whether a command that changes something may do so in the
// units of a policy; nil means yes. Of several reasons against it the one that
// cannot be overridden comes first.
func Guard(p Policy, f Facts) (*Refusal, error) {
	byEnvironment := map[string][]string{}
	for _, u := range p.Units {
		place, err := p.File.Place(u)
		if err != nil {
			return nil, err
		}
		byEnvironment[place.Environment] = append(byEnvironment[place.Environment], u)
	}
	var first *Refusal
	for _, e := range p.File.Environments {
		units := byEnvironment[e.Name]
		if len(units) == 0 || !p.decides(e) {
			continue
		}
		r := e.refusal(f)
		if r == nil || first != nil && (r.Overridable || !first.Overridable) {
			continue
		}
		r.Environment, r.Command, r.Units = e.Name, f.Command, units
		first = r
	}
	return first, nil
}

// decides says whether the policy is the one to ask about an environment: the
// tip of its first branch is, and the checkout may add to it.
func (p Policy) decides(e *Environment) bool {
	return p.Branch == "" || len(e.Branches) == 0 || e.Branches[0] == p.Branch
}

func (e *Environment) refusal(f Facts) *Refusal {
	if e.Approvals > 0 && !f.Approved {
		return &Refusal{
			Rule: fmt.Sprintf("approvals = %d", e.Approvals), At: e.ApprovalsAt,
			Why: "only a reviewed bundle may change it",
			Do:  "plan with `terrace bundle create DIR`, have it signed with `terrace bundle approve DIR`, then `terrace bundle apply DIR`",
		}
	}
	if len(e.Branches) == 0 {
		return nil
	}
	why, do := e.offBranch(f)
	if why == "" {
		why, do = f.unclean()
	}
	if why == "" {
		return nil
	}
	return &Refusal{Rule: "branches = [" + quotedList(e.Branches) + "]", At: e.BranchesAt, Why: why, Do: do, Overridable: true}
}

// offBranch says why what is checked out is not what a listed branch is at its
// remote, or "".
func (e *Environment) offBranch(f Facts) (why, do string) {
	switch {
	case f.NoGit:
		return "there is no git repository that could tell which branch this is", "run it in a clone of the repository"
	case f.Branch == "":
		return e.detached(f)
	case !slices.Contains(e.Branches, f.Branch):
		return fmt.Sprintf("the branch %s is checked out", f.Branch), fmt.Sprintf("have the change merged, then `git switch %s && git pull`", e.Branches[0])
	}
	tip, known := f.Tips[f.Branch]
	switch {
	case !known:
		return f.why(f.Branch), "fetch the branch, or pass --fetch"
	case tip.Commit == f.Commit:
		return "", ""
	}
	where := fmt.Sprintf("the checkout is at %s, and %s at %s", short(f.Commit), tip.Short(), short(tip.Commit))
	switch {
	case f.Ahead > 0 && f.Behind > 0:
		return where + fmt.Sprintf(": %s and %s apart", commits(f.Ahead, "ahead"), commits(f.Behind, "behind")), "bring your commits to the branch by a review, then `git pull`"
	case f.Ahead > 0:
		return where + ": " + commits(f.Ahead, "ahead"), "push what you have committed, after a review, or go back to it: `git switch --detach " + tip.Short() + "`"
	}
	return where + ": " + commits(f.Behind, "behind"), "`git pull`"
}

func (e *Environment) detached(f Facts) (why, do string) {
	var tips []string
	for _, b := range e.Branches {
		tip, known := f.Tips[b]
		if known && tip.Commit == f.Commit {
			return "", ""
		}
		if known {
			tips = append(tips, tip.Short()+" is at "+short(tip.Commit))
		} else {
			tips = append(tips, f.why(b))
		}
	}
	return fmt.Sprintf("HEAD is detached at %s, which is the tip of no branch that is listed: %s", short(f.Commit), strings.Join(tips, ", ")),
		"check out the newest commit of " + strings.Join(e.Branches, " or ") + "; --fetch asks the remote which that is"
}

func (f Facts) why(branch string) string {
	if err := f.Unknown[branch]; err != nil {
		return err.Error()
	}
	return "the branch " + branch + " is not known here"
}

// unclean says what is in the work tree besides the commit, or "".
func (f Facts) unclean() (why, do string) {
	own := func(path string) bool { return slices.Contains(f.Wrote, path) }
	if changed := slices.DeleteFunc(slices.Clone(f.Changed), own); len(changed) > 0 {
		return "the work tree has changes that are not committed: " + some(changed), "commit them and have them merged, or put them aside with `git stash`"
	}
	if untracked := slices.DeleteFunc(slices.Clone(f.Untracked), own); len(untracked) > 0 {
		return "a unit reads files that git does not know: " + some(untracked), "commit them and have them merged, or remove them"
	}
	return "", ""
}

func commits(n int, where string) string {
	if n == 1 {
		return "1 commit " + where
	}
	return fmt.Sprintf("%d commits %s", n, where)
}

// some names the first few of a list.
func some(list []string) string {
	const most = 5
	if len(list) <= most {
		return strings.Join(list, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(list[:most], ", "), len(list)-most)
}

func quotedList(list []string) string {
	quoted := make([]string, len(list))
	for i, s := range list {
		quoted[i] = fmt.Sprintf("%q", s)
	}
	return strings.Join(quoted, ", ")
}

func short(commit string) string { return commit[:min(len(commit), 8)] }
