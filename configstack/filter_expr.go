package configstack

// expr is a part of a query.
type expr interface {
	// eval returns the members it stands for, out of those in scope.
	eval(e *evaluation, in scope) (members, error)
	// need adds what eval has to know.
	need(n *Needs)
}

// The atoms.
type (
	everything struct{}
	nameIs     struct{ glob }
	pathIs     struct{ glob }
	typeIs     struct{ Kind }
	externalIs struct{ want bool }
	sourceIs   struct{ glob }
	readingIs  struct{ glob }
	not        struct{ inner expr }
)

// graph adds what the target depends on, or what depends on it.
type graph struct {
	target  expr
	before  *reach // how far to go to dependents; nil for not at all
	after   *reach // how far to go to dependencies; nil for not at all
	without bool   // the targets themselves are not meant
}

// reach limits how far a graph is followed.
type reach struct {
	depth    int    // steps from a target; 0 for any number
	boundary string // directory that is not left, as written; empty for none
}

// gitRange is what was changed between two references.
type gitRange struct {
	from, to string
	direct   bool // compare with from itself, and not with where the two parted
}

// walkExpr calls f for an expression and those in it.
func walkExpr(e expr, f func(expr)) {
	f(e)
	switch e := e.(type) {
	case not:
		walkExpr(e.inner, f)
	case *graph:
		walkExpr(e.target, f)
	}
}

func (everything) need(*Needs)  {}
func (nameIs) need(*Needs)      {}
func (pathIs) need(*Needs)      {}
func (typeIs) need(*Needs)      {}
func (externalIs) need(*Needs)  {}
func (sourceIs) need(n *Needs)  { n.Outlines = true }
func (readingIs) need(n *Needs) { n.Outlines = true }
func (gitRange) need(n *Needs)  { n.Git = true }
func (x not) need(n *Needs)     { x.inner.need(n) }
func (g *graph) need(n *Needs) {
	g.target.need(n)
	n.External = n.External || g.after != nil
	n.Dependents = n.Dependents || g.before != nil
}

func (everything) eval(_ *evaluation, in scope) (members, error) { return in.members, nil }

func (x nameIs) eval(_ *evaluation, in scope) (members, error) {
	return in.where(func(m *Member) bool { return x.is(baseName(m.Dir)) }), nil
}

func (x pathIs) eval(e *evaluation, in scope) (members, error) {
	return in.where(func(m *Member) bool { return e.isPath(x.glob, m.Dir) }), nil
}

func (x typeIs) eval(_ *evaluation, in scope) (members, error) {
	return in.where(func(m *Member) bool { return m.Kind == x.Kind }), nil
}

func (x externalIs) eval(_ *evaluation, in scope) (members, error) {
	return in.where(func(m *Member) bool { return m.External == x.want }), nil
}

func (x sourceIs) eval(_ *evaluation, in scope) (members, error) {
	return in.where(func(m *Member) bool {
		return m.Unit != nil && m.Unit.Outline.Source != "" && x.is(m.Unit.Outline.Source)
	}), nil
}

func (x readingIs) eval(e *evaluation, in scope) (members, error) {
	all, err := e.readings(in.units())
	if err != nil {
		return nil, err
	}
	return in.where(func(m *Member) bool {
		r := all[m.Unit]
		return r != nil && r.matches(func(file string) bool { return e.isPath(x.glob, file) })
	}), nil
}

// eval of a negation takes away from the scope. What it takes away may be
// reached from components that are not in scope.
func (x not) eval(e *evaluation, in scope) (members, error) {
	e.negated++
	gone, err := x.inner.eval(e, scope{e.world.union(in.members), true})
	e.negated--
	if err != nil {
		return nil, err
	}
	return in.where(func(m *Member) bool { return gone[m.Dir] == nil }), nil
}
