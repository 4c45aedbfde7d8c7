package sops

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"go.yaml.in/yaml/v3"
)

// yamlForm is YAML, of one or more documents. Comments stay where they are.
type yamlForm struct{}

func (yamlForm) parse(data []byte) (tree, branch, error) {
	var t tree
	dec := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var doc yaml.Node
		err := dec.Decode(&doc)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, nil, fmt.Errorf("not YAML: %w", err)
		}
		r := &yamlReader{}
		b, err := r.mapping(&doc, nil, false)
		if err != nil {
			return nil, nil, err
		}
		t = append(t, b)
	}
	found, err := takeMetadata(t)
	return t, found, err
}

// maxNodes bounds what aliases may blow a small file up to.
const maxNodes = 1 << 20

type yamlReader struct{ nodes int }

func (r *yamlReader) count() error {
	if r.nodes++; r.nodes > maxNodes {
		return errors.New("the YAML is too large: its aliases repeat too much")
	}
	return nil
}

// commentItems are the lines of a comment as entries of a mapping.
func commentItems(text string, inline bool) branch {
	var out branch
	for _, line := range commentLines(text, inline) {
		out = append(out, item{key: line})
	}
	return out
}

func commentLines(text string, inline bool) []comment {
	var out []comment
	for line := range strings.SplitSeq(text, "\n") {
		if line != "" {
			out = append(out, comment{line[1:], inline})
		}
	}
	return out
}

// mapping appends what a node holds to b. done says that the comments around
// the node have been taken by whoever holds it.
func (r *yamlReader) mapping(n *yaml.Node, b branch, done bool) (branch, error) {
	if err := r.count(); err != nil {
		return nil, err
	}
	if !done {
		b = append(b, commentItems(n.HeadComment, false)...)
		b = append(b, commentItems(n.LineComment, false)...)
	}
	var err error
	switch {
	case n.Kind == yaml.DocumentNode:
		for _, inner := range n.Content {
			if b, err = r.mapping(inner, b, false); err != nil {
				return nil, err
			}
		}
	case n.Kind == yaml.AliasNode:
		b, err = r.mapping(n.Alias, b, false)
	case n.Kind == yaml.MappingNode:
		b, err = r.entries(n, b)
	case n.Kind != yaml.ScalarNode || n.ShortTag() != "!!null":
		return nil, errors.New("the YAML is not a mapping")
	}
	if err != nil {
		return nil, err
	}
	if !done {
		b = append(b, commentItems(n.FootComment, false)...)
	}
	return b, nil
}

func (r *yamlReader) entries(n *yaml.Node, b branch) (branch, error) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		b = append(b, commentItems(key.HeadComment, false)...)
		b = append(b, commentItems(key.LineComment, false)...)
		simple := value.Kind == yaml.ScalarNode || value.Kind == yaml.AliasNode
		if simple {
			b = append(b, commentItems(value.HeadComment, false)...)
			b = append(b, commentItems(value.LineComment, true)...)
		}
		var name any
		if err := key.Decode(&name); err != nil {
			return nil, err
		}
		v, err := r.value(value, simple)
		if err != nil {
			return nil, err
		}
		b = append(b, item{name, v})
		if simple {
			b = append(b, commentItems(value.FootComment, false)...)
		}
		b = append(b, commentItems(key.FootComment, false)...)
	}
	return b, nil
}

func (r *yamlReader) value(n *yaml.Node, done bool) (any, error) {
	if err := r.count(); err != nil {
		return nil, err
	}
	switch n.Kind {
	case yaml.MappingNode:
		b, err := r.mapping(n, branch{}, done)
		return b, err
	case yaml.SequenceNode:
		return r.sequence(n, done)
	case yaml.AliasNode:
		return r.value(n.Alias, false)
	}
	var v any
	err := n.Decode(&v)
	return v, err
}

func (r *yamlReader) sequence(n *yaml.Node, done bool) (any, error) {
	list := []any{}
	add := func(text string, inline bool) {
		for _, c := range commentLines(text, inline) {
			list = append(list, c)
		}
	}
	if !done {
		add(n.HeadComment, false)
		add(n.LineComment, false)
	}
	for _, inner := range n.Content {
		add(inner.HeadComment, false)
		add(inner.LineComment, true)
		v, err := r.value(inner, true)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
		add(inner.FootComment, false)
	}
	if !done {
		add(n.FootComment, false)
	}
	return list, nil
}

func (yamlForm) emit(t tree) ([]byte, error) {
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(4)
	for _, b := range t {
		top, err := yamlNode(b)
		if err != nil {
			return nil, err
		}
		if err := enc.Encode(&yaml.Node{Kind: yaml.DocumentNode, Content: []*yaml.Node{top}}); err != nil {
			return nil, err
		}
	}
	err := enc.Close()
	return out.Bytes(), err
}

func yamlNode(v any) (*yaml.Node, error) {
	switch v := v.(type) {
	case branch:
		n := &yaml.Node{Kind: yaml.MappingNode}
		w := &yamlWriter{node: n}
		for _, it := range v {
			if c, ok := it.key.(comment); ok {
				w.hold(c)
				continue
			}
			if err := w.entry(it.key, it.value); err != nil {
				return nil, err
			}
		}
		w.finish(2)
		return n, nil
	case []any:
		n := &yaml.Node{Kind: yaml.SequenceNode}
		w := &yamlWriter{node: n}
		for _, x := range v {
			if c, ok := x.(comment); ok {
				w.hold(c)
				continue
			}
			if err := w.element(x); err != nil {
				return nil, err
			}
		}
		w.finish(1)
		return n, nil
	}
	n := &yaml.Node{}
	err := n.Encode(v)
	return n, err
}

// yamlWriter fills a node and hands the comments in front of an entry to it.
type yamlWriter struct {
	node         *yaml.Node
	head, inline []string
	started      bool
}

func (w *yamlWriter) hold(c comment) {
	if c.inline {
		w.inline = append(w.inline, c.text)
	} else {
		w.head = append(w.head, c.text)
	}
}

// begin gives the comments above the first entry to the whole.
func (w *yamlWriter) begin() {
	if !w.started {
		w.started = true
		put(&w.node.HeadComment, &w.head)
	}
}

func (w *yamlWriter) entry(key, value any) error {
	w.begin()
	k, err := yamlNode(key)
	if err != nil {
		return err
	}
	put(&k.HeadComment, &w.head)
	v, err := yamlNode(value)
	if err != nil {
		return err
	}
	put(&v.LineComment, &w.inline)
	w.node.Content = append(w.node.Content, k, v)
	return nil
}

func (w *yamlWriter) element(value any) error {
	w.begin()
	v, err := yamlNode(value)
	if err != nil {
		return err
	}
	put(&v.HeadComment, &w.head)
	put(&v.LineComment, &w.inline)
	w.node.Content = append(w.node.Content, v)
	return nil
}

// finish puts the comments behind the last entry, which takes up size nodes.
func (w *yamlWriter) finish(size int) {
	rest := append(w.head, w.inline...)
	if len(w.node.Content) == 0 {
		put(&w.node.HeadComment, &rest)
		return
	}
	put(&w.node.Content[len(w.node.Content)-size].FootComment, &rest)
}

// put writes comments where some may stand already, and forgets them.
func put(to *string, lines *[]string) {
	if len(*lines) == 0 {
		return
	}
	text := "#" + strings.Join(*lines, "\n#")
	if *to != "" {
		text += "\n" + *to
	}
	*to, *lines = text, nil
}
