package bundle

import "context"

// appliedRef points at the commit of an environment's newest bundle that was
// applied as a whole.
func appliedRef(environment string) string { return "refs/terrace/applied/" + environment }

// noteApplied points at the commit that the environment is at now, for the
// next bundle to know since when commits count.
func (a *application) noteApplied(ctx context.Context) error {
	m := a.bundle.Base.Manifest
	if a.Repo == nil || m.Environment == "" || m.Commit == "" {
		return nil
	}
	known, err := a.Repo.Resolve(ctx, m.Commit)
	if err != nil || known == "" {
		return err
	}
	_, err = a.git(ctx, "update-ref", appliedRef(m.Environment), m.Commit)
	return err
}

// PushApplied tells the remote which commit the environment is at, where that
// is known here. The newest apply counts, whichever commit the one before was
// of.
func (e *Engine) PushApplied(ctx context.Context, environment string) error {
	ref := appliedRef(environment)
	commit, err := e.Repo.Resolve(ctx, ref)
	if err != nil || commit == "" {
		return err
	}
	return e.Repo.Push(ctx, "+"+ref+":"+ref)
}

// PullApplied learns from the remote which commit the environment is at. What
// the remote does not know stays as it is here.
func (e *Engine) PullApplied(ctx context.Context, environment string) error {
	if e.Repo == nil || environment == "" {
		return nil
	}
	ref := appliedRef(environment)
	remote, err := e.Repo.Remote(ctx, "")
	if err != nil || remote == "" {
		return err
	}
	there, err := e.git(ctx, "ls-remote", "--quiet", "--", remote, ref)
	if err != nil || there == "" {
		return err
	}
	_, err = e.git(ctx, "fetch", "--quiet", "--no-tags", "--", remote, "+"+ref+":"+ref)
	return err
}
