package config

import (
	"path/filepath"
	"sync"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// frame is a file seen from a point of view: the unit on whose behalf it is
// read, and the include that led to it. Each expression of the file is
// evaluated at most once per frame and phase; those that are the same for all
// callers, once for the file.
type frame struct {
	core    *core
	file    *file
	include *include // nil for the unit's own file
	cells   cellMap
	nodes   sync.Map // memo of sections: string -> *cell
}

// include is one parent of a unit, bound.
type include struct {
	Include
	frame *frame
	rng   hcl.Range
}

func newFrame(c *core, f *file, in *include) *frame {
	return &frame{core: c, file: f, include: in}
}

// phase of an evaluation inside the frame: a file read by another one has no
// queue to wait for, its dependencies' outputs are fetched at once.
func (fr *frame) phase(ev *eval) phase {
	if fr.core.read {
		return late
	}
	return ev.phase
}

func (fr *frame) cell(d *def) *cell {
	if d.sensitive {
		return fr.cells.get(d)
	}
	return fr.file.shared.get(d)
}

// value gives the value of one of the file's expressions.
func (fr *frame) value(ev *eval, d *def) (cty.Value, error) {
	inner := *ev
	inner.effects = effects{}
	inner.phase = fr.phase(ev)
	v, err := fr.core.l.force(&inner, fr.cell(d), step{fr.file.path, d.name}, func(ev *eval) (any, error) {
		return fr.evaluate(ev, d)
	})
	ev.add(inner.effects)
	if err != nil {
		return cty.NilVal, fr.explain(d, err)
	}
	return v.(cty.Value), nil
}

// evaluate computes an expression in the smallest context that will do.
func (fr *frame) evaluate(ev *eval, d *def) (cty.Value, error) {
	l := fr.core.l
	if l.opts.Evaluated != nil {
		l.opts.Evaluated(fr.file.path, d.name)
	}
	d.analyse()
	if d.constant() {
		v, diags := d.expr.Value(nil)
		return v, diagErr(diags)
	}
	if read, ok := soleRead(d); ok {
		v, ok, err := fr.target(ev, d, read.path)
		if err != nil {
			return cty.NilVal, err
		}
		if ok {
			if value, ok, err := fr.readPart(ev, d, v, read.steps); ok || err != nil {
				return value, err
			}
		}
	}
	ctx, err := fr.context(ev, d)
	if err != nil {
		return cty.NilVal, err
	}
	v, diags := d.expr.Value(ctx)
	if diags.HasErrors() {
		if err := ev.ctx.Err(); err != nil {
			return cty.NilVal, err
		}
		return cty.NilVal, &problem{diags: fr.improve(diags), cause: causeOf(diags)}
	}
	return v, nil
}

// context holds the functions that an expression calls and the variables that
// it refers to, and nothing else.
func (fr *frame) context(ev *eval, d *def) (*hcl.EvalContext, error) {
	ctx := &hcl.EvalContext{Functions: fr.functionsFor(ev, d)}
	if len(d.refs.kids) == 0 {
		return ctx, nil
	}
	ctx.Variables = make(map[string]cty.Value, len(d.refs.kids))
	for root, refs := range d.refs.kids {
		n, ok := fr.root(ev, d, root)
		if !ok {
			continue // hcl says that there is no such variable
		}
		v, err := resolve(ev, n, refs)
		if err != nil {
			return nil, err
		}
		ctx.Variables[root] = v
	}
	return ctx, nil
}

// dir is where relative paths of place functions start: the unit's folder,
// also inside included files.
func (fr *frame) dir() string { return fr.core.dir }

func (fr *frame) abs(path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(fr.dir(), path)
}
