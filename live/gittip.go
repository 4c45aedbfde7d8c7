package live

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Tip is where a branch ends as far as is known here.
type Tip struct {
	Ref    string // "refs/remotes/origin/main"
	Commit string
	Local  bool // the repository has no remote: it is the branch itself
}

// Short is the reference as people write it.
func (t Tip) Short() string {
	return strings.TrimPrefix(strings.TrimPrefix(t.Ref, "refs/remotes/"), "refs/heads/")
}

// NoTipError says that a branch is not known here.
type NoTipError struct {
	Branch string
	Remote string // "" where the repository has none
}

func (e *NoTipError) Error() string {
	if e.Remote == "" {
		return fmt.Sprintf("there is no branch %s in this repository", e.Branch)
	}
	return fmt.Sprintf("the branch %s of %s is not known here: pass --fetch, or run `git fetch %s %s`", e.Branch, e.Remote, e.Remote, e.Branch)
}

var errManyRemotes = errors.New("the repository has several remotes and none is called origin")

// Remote names the remote that a branch belongs to: the one that it was set up
// to follow, else origin, else the only one. It is "" where there is none.
func (g *Git) Remote(ctx context.Context, branch string) (string, error) {
	out, err := g.call(ctx, "remote")
	if err != nil {
		return "", err
	}
	all := strings.Fields(out)
	if branch != "" {
		set, err := g.line(ctx, "config", "--get", "branch."+branch+".remote")
		if err != nil {
			return "", err
		}
		if slices.Contains(all, set) {
			return set, nil
		}
	}
	switch {
	case slices.Contains(all, "origin"):
		return "origin", nil
	case len(all) == 1:
		return all[0], nil
	case len(all) == 0:
		return "", nil
	}
	return "", fmt.Errorf("%w: choose one with `git branch --set-upstream-to`: %s", errManyRemotes, strings.Join(all, ", "))
}

// RemoteTip gives the tip of a branch at its remote as of the last fetch, and
// in a repository without a remote the branch itself. The error is a
// *NoTipError for a branch that is not known here. What a branch was set up to
// follow decides on the remote only: a local main that follows another branch
// is still held against the remote's main.
func (g *Git) RemoteTip(ctx context.Context, branch string) (Tip, error) {
	remote, err := g.Remote(ctx, branch)
	if err != nil {
		return Tip{}, err
	}
	tip := Tip{Ref: trackingRef(remote, branch)}
	if remote == "" {
		tip = Tip{Ref: "refs/heads/" + branch, Local: true}
	}
	if tip.Commit, err = g.Resolve(ctx, tip.Ref); err != nil {
		return Tip{}, err
	}
	if tip.Commit == "" {
		return Tip{}, &NoTipError{branch, remote}
	}
	return tip, nil
}

func trackingRef(remote, branch string) string { return "refs/remotes/" + remote + "/" + branch }

// Fetch brings the tips of branches up to date. In a repository without a
// remote there is nothing to do.
func (g *Git) Fetch(ctx context.Context, branches ...string) error {
	byRemote := map[string][]string{}
	var order []string
	for _, b := range branches {
		remote, err := g.Remote(ctx, b)
		if err != nil {
			return err
		}
		if remote == "" {
			continue
		}
		if byRemote[remote] == nil {
			order = append(order, remote)
		}
		byRemote[remote] = append(byRemote[remote], "+refs/heads/"+b+":"+trackingRef(remote, b))
	}
	for _, remote := range order {
		if _, err := g.call(ctx, append([]string{"fetch", "--quiet", "--no-tags", "--", remote}, byRemote[remote]...)...); err != nil {
			return err
		}
	}
	return nil
}

// DefaultBranch is the branch that the remote calls its own, as far as that is
// known here; "" where it is not.
func (g *Git) DefaultBranch(ctx context.Context) (string, error) {
	remote, err := g.Remote(ctx, "")
	if errors.Is(err, errManyRemotes) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	if remote != "" {
		ref, err := g.line(ctx, "symbolic-ref", "--quiet", "refs/remotes/"+remote+"/HEAD")
		if name, ok := strings.CutPrefix(ref, "refs/remotes/"+remote+"/"); ok || err != nil {
			return name, err
		}
	}
	for _, name := range []string{"main", "master"} {
		ref := "refs/heads/" + name
		if remote != "" {
			ref = trackingRef(remote, name)
		}
		if commit, err := g.Resolve(ctx, ref); commit != "" || err != nil {
			return name, err
		}
	}
	return "", nil
}
