package configstack

import "slices"

// eval follows the edges from the targets. Targets are looked for in scope;
// where the scope is not open, what is reached is cut back to it by the query.
func (g *graph) eval(e *evaluation, in scope) (members, error) {
	targets, err := g.target.eval(e, in)
	if err != nil {
		return nil, err
	}
	if !in.open { // a git range answers with all it has found
		targets = targets.where(func(m *Member) bool { return in.members[m.Dir] != nil })
	}
	out := members{}
	if g.after != nil {
		out = out.union(e.follow(targets, *g.after, false))
	}
	if g.before != nil {
		out = out.union(e.follow(targets, *g.before, true))
	}
	if g.without {
		return out.where(func(m *Member) bool { return targets[m.Dir] == nil }), nil
	}
	return targets.union(out), nil
}

// follow returns what is reached from the targets by at least one step, to
// dependents or to dependencies, level by level, so that each is met by its
// shortest way. Targets may be among it.
func (e *evaluation) follow(targets members, r reach, toDependents bool) members {
	next := e.dependencies
	if toDependents {
		next = e.dependents
	}
	boundary := e.filter.absolute(r.boundary)
	if boundary == "" {
		boundary = e.filter.Boundary
	}
	out := members{}
	row := targets
	for steps := 1; len(row) > 0 && (r.depth == 0 || steps <= r.depth); steps++ {
		met := members{}
		for _, m := range row {
			for _, dir := range next(m) {
				if boundary != "" && !within(dir, boundary) {
					continue
				}
				n := e.member(dir)
				if n == nil || targets[dir] != nil || out[dir] != nil && met[dir] == nil {
					continue
				}
				met[dir], out[dir] = n, n
				e.cameFrom(dir, Step{m.Dir, toDependents})
			}
		}
		row = met
	}
	return out
}

// cameFrom notes a step that chooses what it leads to.
func (e *evaluation) cameFrom(dir string, s Step) {
	if e.negated == 0 && !slices.Contains(e.steps[dir], s) {
		e.steps[dir] = append(e.steps[dir], s)
	}
}

// dependencies are the directories that a member waits for.
func (e *evaluation) dependencies(m *Member) []string {
	if m.Unit == nil {
		return nil
	}
	for _, dir := range m.Unit.deps {
		if err := e.stack.elsewhere[dir]; err != nil {
			e.problem(dir, err)
		}
	}
	return m.Unit.deps
}

// dependents are the directories that wait for a member.
func (e *evaluation) dependents(m *Member) []string {
	if e.backward == nil {
		e.backward = map[string][]string{}
		for _, list := range [][]*Unit{e.stack.Units, e.stack.External} {
			for _, u := range list {
				for _, dep := range u.deps {
					e.backward[dep] = append(e.backward[dep], u.dir)
				}
			}
		}
	}
	return e.backward[m.Dir]
}
