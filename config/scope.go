package config

import (
	"sort"
	"strings"

	"github.com/zclconf/go-cty/cty"
)

// node is a place in what an expression can refer to. Either it has children,
// each of which can be asked for alone, or it is a leaf.
type node struct {
	kid   func(ev *eval, name string) (node, bool, error) // nil for a leaf
	names func(ev *eval) ([]string, error)
	whole func(ev *eval) (cty.Value, error)
	// result is whole with the identity of what an expression gave; nil where
	// the value is made of something else.
	result func(ev *eval) (*result, error)
}

func leaf(whole func(ev *eval) (cty.Value, error)) node { return node{whole: whole} }

func known(v cty.Value) node {
	return leaf(func(*eval) (cty.Value, error) { return v, nil })
}

// resolve builds the value of a node with as little below it as refs need. A
// child that is not there is left out: hcl then says so, with the place.
func resolve(ev *eval, n node, refs *refTree) (cty.Value, error) {
	if refs.whole || n.kid == nil {
		return n.all(ev)
	}
	attrs := make(map[string]cty.Value, len(refs.kids))
	for _, name := range refs.order {
		child, ok, err := n.kid(ev, name)
		if err != nil {
			return cty.NilVal, err
		}
		if !ok {
			continue
		}
		if attrs[name], err = resolve(ev, child, refs.kids[name]); err != nil {
			return cty.NilVal, err
		}
	}
	return cty.ObjectVal(attrs), nil
}

// all gives the complete value of a node.
func (n node) all(ev *eval) (cty.Value, error) {
	if n.whole != nil {
		return n.whole(ev)
	}
	names, err := n.names(ev)
	if err != nil {
		return cty.NilVal, err
	}
	attrs := make(map[string]cty.Value, len(names))
	for _, name := range names {
		child, ok, err := n.kid(ev, name)
		if err != nil {
			return cty.NilVal, err
		}
		if !ok {
			continue
		}
		if attrs[name], err = child.all(ev); err != nil {
			return cty.NilVal, err
		}
	}
	return cty.ObjectVal(attrs), nil
}

func sortedStrings(list []string) []string {
	sort.Strings(list)
	return list
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// fixed is a node whose children are known beforehand.
func fixed(kids map[string]node) node {
	return node{
		kid: func(_ *eval, name string) (node, bool, error) {
			n, ok := kids[name]
			return n, ok, nil
		},
		names: func(*eval) ([]string, error) { return sortedKeys(kids), nil },
	}
}

// root gives what a variable's first word stands for in an expression.
func (fr *frame) root(ev *eval, d *def, name string) (node, bool) {
	if fr.core.stack != nil {
		return fr.stackRoot(d, name)
	}
	if d.comesFirst() && name != "values" {
		return node{}, false
	}
	switch name {
	case "local":
		return fr.localsFrame().locals(), true
	case "include":
		return fr.core.includeNode()
	case "feature":
		return fr.core.featureNode(fr), true
	case "values":
		return fr.core.valuesNode()
	case "each", "count":
		return fr.instance.node(name)
	case "dependency":
		if strings.HasPrefix(d.name, "local.") || d.isDependencyBlock() {
			return node{}, false
		}
		return fr.core.dependencyNode(fr), true
	}
	return node{}, false
}

func (d *def) isDependencyBlock() bool { return strings.HasPrefix(d.name, "dependency.") }

// comesFirst says that the expression is evaluated while the unit is bound,
// when its parents and flags are not known.
func (d *def) comesFirst() bool {
	return strings.HasPrefix(d.name, "feature.") || strings.HasPrefix(d.name, "include.")
}

// cellNode is one of the file's expressions as others see it.
func (fr *frame) cellNode(d *def) node {
	return node{
		whole:  func(ev *eval) (cty.Value, error) { return fr.value(ev, d) },
		result: func(ev *eval) (*result, error) { return fr.result(ev, d) },
	}
}

// locals are the named expressions of the frame's file. One that only reads
// another file is looked into without reading all of it.
func (fr *frame) locals() node {
	return node{
		kid: func(ev *eval, name string) (node, bool, error) {
			d, ok := fr.file.locals.byName[name]
			if !ok {
				return node{}, false, nil
			}
			if n, ok, err := fr.lazyRead(ev, d); ok || err != nil {
				return n, ok, err
			}
			return fr.cellNode(d), true, nil
		},
		names: func(*eval) ([]string, error) { return fr.file.locals.order, nil },
	}
}
