package config

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

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
	// instance is set where a block makes several, and whole is then the frame
	// of the file, which the instances have in common.
	instance *instance
	whole    *frame
	cells    cellMap
	targets  cellMap // the files that expressions read
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
	r, err := fr.result(ev, d)
	if err != nil {
		return cty.NilVal, err
	}
	return r.value, nil
}

func (fr *frame) result(ev *eval, d *def) (*result, error) {
	inner := eval{ctx: ev.ctx, task: ev.task, phase: fr.phase(ev)}
	v, err := fr.core.l.force(&inner, fr.cell(d), step{fr.file.path, d.name}, func(ev *eval) (any, error) {
		return fr.shared(ev, d)
	})
	ev.add(inner.effects)
	if err != nil {
		return nil, fr.explain(fr.localCycle(d, err))
	}
	return v.(*result), nil
}

// localCycle says of each local in a cycle that it cannot be evaluated.
func (fr *frame) localCycle(d *def, err error) error {
	cycle, ok := err.(*CycleError)
	if !ok {
		return err
	}
	var diags hcl.Diagnostics
	for _, name := range unique(cycle.Chain) {
		short, isLocal := strings.CutPrefix(name, "local.")
		member := fr.file.locals.byName[short]
		if !isLocal || member == nil {
			continue
		}
		diags = append(diags, &hcl.Diagnostic{
			Severity: hcl.DiagError, Summary: "Could not evaluate all locals in block", Subject: member.rng.Ptr(),
			Detail: "The local reference '" + short + "' is not evaluated: " + cycle.Error() + ".",
		})
	}
	if len(diags) == 0 {
		diags = hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Evaluation cycle", Detail: "These need each other: " + joinArrow(cycle.Chain) + ".", Subject: d.rng.Ptr()}}
	}
	return &problem{diags: diags}
}

// shared evaluates an expression, unless what it reads has given a result
// before.
func (fr *frame) shared(ev *eval, d *def) (*result, error) {
	d.analyse()
	read, pure := fr.sources(ev, d)
	if pure {
		if r, ok := d.memo.find(read); ok {
			return r, nil
		}
	}
	v, err := fr.evaluate(ev, d)
	if err != nil {
		return nil, err
	}
	r := &result{v}
	if pure && ev.ctx.Err() == nil {
		r = d.memo.keep(read, r)
	}
	return r, nil
}

// evaluate computes an expression in the smallest context that will do.
func (fr *frame) evaluate(ev *eval, d *def) (cty.Value, error) {
	l := fr.core.l
	if l.opts.Evaluated != nil {
		l.opts.Evaluated(fr.file.path, d.name)
	}
	if err := d.readsInputs(); err != nil {
		return cty.NilVal, err
	}
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
		return cty.NilVal, fr.failure(ev, d, diags)
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
	for _, root := range d.refs.order {
		n, ok := fr.root(ev, d, root)
		if !ok && strings.HasPrefix(d.name, "local.") {
			return nil, fr.notForLocals(d, root)
		}
		if !ok {
			continue // hcl says that there is no such variable
		}
		v, err := resolve(ev, n, d.refs.kids[root])
		if err != nil {
			return nil, err
		}
		ctx.Variables[root] = v
	}
	return ctx, nil
}

func (fr *frame) notForLocals(d *def, root string) error {
	rng, hint := d.rng, ""
	for _, t := range d.expr.Variables() {
		if t.RootName() == root {
			rng, hint = t.SourceRange(), fr.rootHint(t)
			break
		}
	}
	if root == "dependency" && fr.core.stack == nil {
		hint = "Outputs of dependencies can be used in inputs."
	}
	return errorAt(rng, "Invalid reference in locals", "%s", strings.TrimSpace(fmt.Sprintf(
		"You can only reference to other local variables here, and to include, feature and values; there is no %q. %s", root, hint)))
}

// failure is what hcl says about an expression, improved. Where a file that
// the expression reads is to blame, its mistakes are given instead.
func (fr *frame) failure(ev *eval, d *def, diags hcl.Diagnostics) error {
	var ps problems
	var own hcl.Diagnostics
	for _, diag := range diags {
		var read *readFailure
		if cause := causeOf(hcl.Diagnostics{diag}); errors.As(cause, &read) && isProblem(read.err) {
			ps.add(reached(read.err, fr.reads(d, diag.Subject, read.path)))
			continue
		}
		own = append(own, diag)
	}
	if len(own) > 0 {
		ps.add(&problem{diags: fr.improve(ev, d, own), cause: causeOf(own), outside: ev.outside})
	}
	return ps.joined()
}

// reads describes the step from an expression to a file that it reads.
func (fr *frame) reads(d *def, at *hcl.Range, path string) string {
	if at == nil {
		at = &d.rng
	}
	return fmt.Sprintf("%s:%d: %s reads %s", fr.file.path, at.Start.Line, d.name, path)
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

// beside makes a path absolute against the unit's folder.
func (fr *frame) beside(path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	if fr.core.read {
		return filepath.Join(fr.core.dir, path)
	}
	return filepath.Join(fr.core.unitDir, path)
}
