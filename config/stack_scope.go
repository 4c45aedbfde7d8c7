package config

import (
	"fmt"
	"strings"

	"github.com/zclconf/go-cty/cty"
)

// stackRoot gives what a variable's first word stands for in a stack file.
func (fr *frame) stackRoot(d *def, name string) (node, bool) {
	switch name {
	case "local":
		return fr.core.main.locals(), true
	case "values":
		return fr.core.valuesNode()
	case "unit", "stack":
		if !d.mayReferToMembers() {
			return node{}, false
		}
		return fr.core.membersNode(name), true
	case "each", "count":
		return fr.instance.node(name)
	}
	return node{}, false
}

// mayReferToMembers is false for what has to be known before members are:
// where they are generated, and what is evaluated before them.
func (d *def) mayReferToMembers() bool {
	for _, prefix := range []string{"local.", "include.", "expansion."} {
		if strings.HasPrefix(d.name, prefix) {
			return false
		}
	}
	for _, suffix := range []string{".path", ".no_dot_terragrunt_stack", ".enabled"} {
		if strings.HasSuffix(d.name, suffix) && (strings.HasPrefix(d.name, "unit.") || strings.HasPrefix(d.name, "stack.")) {
			return false
		}
	}
	return true
}

// membersNode is the word unit or stack: the members by name, each with the
// folder in which it is generated. Of a block that makes several, the folders
// are found by their keys.
func (c *core) membersNode(kind string) node {
	return node{
		kid: func(ev *eval, name string) (node, bool, error) {
			m := c.stack.member(kind, name)
			if m == nil {
				return node{}, false, nil
			}
			list, err := m.instances(ev)
			if err != nil {
				return node{}, false, err
			}
			if m.expansion() == nil {
				return list[0].pathNode(m), true, nil
			}
			kids := map[string]node{}
			for _, fr := range list {
				kids[fr.instance.label] = fr.pathNode(m)
			}
			return fixed(kids), true, nil
		},
		names: func(*eval) ([]string, error) {
			var names []string
			for _, m := range c.stack.members {
				if m.block.spec.name == kind {
					names = append(names, m.block.label)
				}
			}
			return names, nil
		},
	}
}

func (fr *frame) pathNode(m *member) node {
	return fixed(map[string]node{"path": leaf(func(ev *eval) (cty.Value, error) {
		one, on, err := fr.member(ev, m)
		if err != nil {
			return cty.NilVal, err
		}
		if !on {
			return cty.NilVal, fmt.Errorf("%s %q is not enabled, so that it has no path", m.block.spec.name, m.block.label)
		}
		return cty.StringVal(one.Dir), nil
	})})
}

// stackHint explains a first word that means nothing at its place in a stack
// file.
func (fr *frame) stackHint(name string) string {
	switch name {
	case "unit", "stack":
		return fmt.Sprintf("Where a %s lies cannot be used here: it is not known yet.", name)
	case "each":
		return "each belongs to a block with expansion { for_each = ... }."
	case "count":
		return "count belongs to a block with expansion { count = ... }."
	case "values":
		return "There is no " + valuesFileName + " beside the stack file."
	case "dependency":
		return "Outputs are not known when a stack is generated: use them in an autoinclude block."
	}
	if best := nearest(name, []string{"local", "values", "unit", "stack"}); best != "" {
		return fmt.Sprintf("Did you mean %q?", best)
	}
	return ""
}

func (m *member) expansion() *blockDef { return m.nested("expansion") }

// instances gives a frame for each that the block makes: the file's own, or
// one for each element of the expansion.
func (m *member) instances(ev *eval) ([]*frame, error) {
	if m.expansion() == nil {
		return []*frame{m.frame}, nil
	}
	c := m.frame.core
	v, err := c.l.force(ev, c.sections.get("expand "+m.id()), step{m.frame.file.path, m.id()}, func(ev *eval) (any, error) {
		each, err := expansion{m.frame, m.expansion(), m.block}.instances(ev)
		if err != nil {
			return nil, err
		}
		frames := make([]*frame, len(each))
		for i, one := range each {
			frames[i] = m.frame.as(one)
		}
		return frames, nil
	})
	if err != nil {
		return nil, err
	}
	return v.([]*frame), nil
}
