package run

import (
	"context"
	"errors"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/source"
)

// Prefetch has a unit's module downloaded before anything runs, so that a ref
// that does not exist stops a queue before its first unit. soft says that the
// failure may not be there when the unit's turn has come: a network that was
// down, or a folder that an earlier unit's hooks make.
func (r *Runner) Prefetch(ctx context.Context, u *config.Unit) (soft bool, err error) {
	o, err := u.Outline(ctx)
	if err != nil {
		return false, err
	}
	req, err := r.request(u.Dir(), o.DownloadDir, o.Source)
	if err == nil {
		if req.Env, err = r.environment(ctx, u.Dir()); err != nil {
			return false, err
		}
		err = r.store.Prefetch(ctx, req)
	}
	if err == nil || isCancelled(err) {
		return false, err
	}
	_, local := req.Address.LocalPath()
	return local || !neverThere(err), r.blameSource(u, err)
}

// neverThere says whether a source can be told not to exist, now or later.
func neverThere(err error) bool {
	var address *source.AddressError
	var ref *source.RefError
	var subdir *source.SubdirError
	var scheme *source.UnsupportedError
	return errors.As(err, &address) || errors.As(err, &ref) || errors.As(err, &subdir) || errors.As(err, &scheme)
}

// blameSource shows a failure at the source that is to blame, unless it was
// named on the command line. A hook's failure is the hook's own.
func (r *Runner) blameSource(u *config.Unit, err error) error {
	var hook *HookError
	if err == nil || isCancelled(err) || errors.As(err, &hook) || r.opts.Source.URL != "" {
		return err
	}
	return u.Blame(config.Setting{Block: "terraform", Attr: "source"}, "Cannot use this source", err)
}
