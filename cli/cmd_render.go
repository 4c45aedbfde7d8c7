package cli

import (
	"context"
	"errors"

	"github.com/terrace-iac/terrace/config"
)

// runRender prints or writes the evaluated configuration of a unit, or with
// --all of each unit in path order.
func runRender(ctx context.Context, inv *invocation) (int, error) {
	s, err := newSession(inv, []string{"render"}, config.MockPolicy{AllowNotFound: true})
	if err != nil {
		return 1, err
	}
	defer s.close()
	ctx, stop := s.watch(ctx)
	defer stop()
	o := newRenderOptions(inv.Values)
	if !s.opts.isQueue() {
		u, err := s.unit(ctx)
		if err != nil {
			return 1, err
		}
		return 0, s.render(ctx, u, o)
	}
	return 0, s.renderAll(ctx, o)
}

// renderAll renders the units that the filters choose. What is wrong with one
// is told when the others are done.
func (s *session) renderAll(ctx context.Context, o renderOptions) error {
	filter, err := s.newFilter(ctx, s.opts.Filter)
	if err != nil {
		return err
	}
	c, err := s.filterComponents(ctx, filter, s.discoverOptions(), true)
	if err != nil {
		return err
	}
	errs := []error{c.err()}
	for _, u := range c.Chosen.Selection().Kept {
		if u.Removed {
			continue // its files are not here any more
		}
		if err := s.render(ctx, u.Unit, o); err != nil {
			errs = append(errs, err)
			if s.opts.Queue.FailFast {
				break
			}
		}
	}
	return errors.Join(errs...)
}

func (s *session) render(ctx context.Context, u *config.Unit, o renderOptions) error {
	r, err := u.Render(ctx)
	if err != nil {
		return err
	}
	text, name := r.HCL(), "terragrunt.rendered.hcl"
	if o.JSON {
		name = "terragrunt.rendered.json"
		if text, err = r.JSON(o.WithMetadata); err != nil {
			return err
		}
	}
	if !o.Write {
		_, err = s.console.Stdout().Write(text)
		return err
	}
	if o.Out != "" {
		name = o.Out
	}
	return writeAtomic(absolute(u.Dir(), name), text, 0o644)
}
