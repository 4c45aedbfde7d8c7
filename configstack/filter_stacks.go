package configstack

// Stacks returns the part of the filter that says which stacks are generated:
// the queries that are limited to stacks, and those that only negate. It is
// nil where no query is limited to stacks, since then all are.
func (f *Filter) Stacks() *Filter {
	out := &Filter{Boundary: f.Boundary, base: f.base}
	limited := false
	for _, q := range f.queries {
		switch {
		case q.onStacks():
			limited = true
			out.queries = append(out.queries, q)
		case q.pure():
			out.queries = append(out.queries, q)
		}
	}
	if !limited {
		return nil
	}
	return out
}

// onStacks says that a query can choose nothing but stacks.
func (q *Query) onStacks() bool {
	for _, t := range q.terms {
		if is, ok := t.(typeIs); ok && is.Kind == KindStack {
			return true
		}
	}
	return false
}

// StackTargets lists the stacks among the components that a query names by
// their path, without being limited to stacks. Such a query was most likely
// meant to be.
func (f *Filter) StackTargets(stacks []Component) (dirs []string) {
	e := &evaluation{filter: f}
	for _, q := range f.queries {
		if q.onStacks() || len(q.terms) != 1 {
			continue
		}
		is, ok := q.terms[0].(pathIs)
		if !ok {
			continue
		}
		for _, c := range stacks {
			if c.Kind == KindStack && f.relative(c.Dir) == cleanSlashes(q.Text) && e.isPath(is.glob, c.Dir) {
				dirs = append(dirs, c.Dir)
			}
		}
	}
	return dirs
}
