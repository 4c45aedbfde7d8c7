package config

import "sync"

// Expressions are evaluated one after another, and each asks for the outputs
// that it uses. So what a unit is known to use is asked for beforehand, all at
// once; the answers lie in the same cells.

// fetchAll asks for the outputs of all dependencies of the unit at once.
func (v view) fetchAll(ev *eval) {
	v.fetchAhead(ev, func(string) bool { return true })
}

// fetchForInputs asks at once for the outputs of the dependencies that inputs
// name, and for no others: one may read inputs of a unit that has more.
func (v view) fetchForInputs(ev *eval) {
	named := map[string]bool{}
	for _, fr := range v.frames {
		for _, d := range fr.file.inputs.defs() {
			d.analyse()
			refs := d.refs.kids["dependency"]
			if refs == nil {
				continue
			}
			if refs.whole {
				v.fetchAll(ev)
				return
			}
			for label := range refs.kids {
				named[label] = true
			}
		}
	}
	if len(named) > 1 {
		v.fetchAhead(ev, func(label string) bool { return named[label] })
	}
}

func (v view) fetchAhead(ev *eval, wanted func(label string) bool) {
	if v.core.main.phase(ev) == early {
		return // they are unknown, and nobody is asked
	}
	list, err := v.dependencyBlocks(ev)
	if err != nil || len(list) < 2 {
		return // a mistake is told where the dependencies are used
	}
	var wg sync.WaitGroup
	for _, d := range list {
		if !wanted(d.label) {
			continue
		}
		wg.Go(func() {
			t, done := v.core.l.startTask(ev.task)
			defer done()
			_, _, _ = v.outputs(&eval{ctx: ev.ctx, task: t, phase: ev.phase}, d) // a failure is told where it is used
		})
	}
	wg.Wait()
}

// defs lists the expressions that inputs are made of; nil has none.
func (in *inputsDef) defs() []*def {
	if in == nil {
		return nil
	}
	if in.whole != nil {
		return []*def{in.whole}
	}
	list := make([]*def, 0, len(in.keys.order))
	for _, name := range in.keys.order {
		list = append(list, in.keys.byName[name])
	}
	return list
}
