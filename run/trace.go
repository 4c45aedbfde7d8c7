package run

import "context"

// traced is a list of steps of which Options.Trace is told.
func (j *job) traced(list []step) []step {
	if j.opts.Trace == nil {
		return list
	}
	out := make([]step, len(list))
	for i, s := range list {
		out[i] = step{s.name, func(ctx context.Context, j *job) error {
			ctx, end := j.trace(ctx, s.name)
			err := s.do(ctx, j)
			end(err)
			return err
		}}
	}
	return out
}

// trace begins a step; the function ends it.
func (j *job) trace(ctx context.Context, step string) (context.Context, func(error)) {
	if j.opts.Trace == nil {
		return ctx, func(error) {}
	}
	return j.opts.Trace(ctx, j.unit, step)
}

// step is what a hook is called as a step of its own.
func (h hookRun) step() string {
	if h.kind == "error_hook" {
		return "error_hook_" + h.name
	}
	return "hook_" + h.name
}
