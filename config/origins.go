package config

import (
	"bytes"
	"context"
	"path/filepath"
	"slices"

	"github.com/hashicorp/hcl/v2"
)

// Literal is a stretch of a file: a piece of text that an expression is made
// of, or an expression.
type Literal struct {
	File string // absolute
	Span Span
	Line int    // 1-based
	Text string // as it is written
	// Value is the way from the word values to the literal, where it stands in
	// the file of values that a stack has written: name, key, key.
	Value []string
}

// Origins are where the value of an attribute comes from.
type Origins struct {
	Attrs    []Literal // the expressions of the attribute itself, strongest first
	Literals []Literal // the text that these can reach, in the order found
	// Computed are expressions on the way whose value is no text that somebody
	// has written: conditionals and calls.
	Computed []Literal
}

// Origins finds the literals that the expression of an attribute can reach:
// by way of locals, included files, files read with read_terragrunt_config
// and values. Only names of files are evaluated. What the branches of a
// conditional reach is left out, since which of them counts depends on who
// evaluates it.
func (u *Unit) Origins(ctx context.Context, s Setting) (Origins, error) {
	ev, done := u.start(ctx, early)
	defer done()
	t := newTracer(ev)
	for _, fr := range u.core.view().frames {
		for _, d := range fr.settings(s) {
			t.out.Attrs = append(t.out.Attrs, literalOf(fr.file, d.expr.Range()))
			t.cell(fr, d, nil)
		}
	}
	if err := ctx.Err(); err != nil {
		return Origins{}, err
	}
	return t.out, nil
}

// StackOrigins is Origins for an attribute of the block in a stack file that
// makes the unit or stack in dir. A path leads to a part of the attribute.
func (l *Loader) StackOrigins(ctx context.Context, file, dir string, attr string, path ...string) (Origins, error) {
	v, err := l.stack(ctx, file, func(c *core, ev *eval) (any, error) {
		t := newTracer(ev)
		for _, m := range c.stack.members {
			list, err := m.instances(ev)
			if err != nil {
				return nil, err
			}
			for _, fr := range list {
				one, on, err := fr.member(ev, m)
				if err != nil || !on || one.Dir != dir {
					continue // whoever evaluates the stack reports mistakes
				}
				if d, ok := m.block.attrs[attr]; ok {
					t.out.Attrs = append(t.out.Attrs, literalOf(fr.file, d.expr.Range()))
					t.member = m
					t.cell(fr, d, path)
				}
			}
		}
		return t.out, nil
	})
	if err != nil {
		return Origins{}, err
	}
	return v.(Origins), nil
}

// settings are the expressions of one file for an attribute.
func (fr *frame) settings(s Setting) []*def {
	if s.Block == "" {
		if d, ok := fr.file.attrs[s.Attr]; ok {
			return []*def{d}
		}
		return nil
	}
	var out []*def
	for _, b := range fr.file.blocks {
		if b.spec.name != s.Block || s.Label != "" && b.label != s.Label {
			continue
		}
		if d, ok := b.attrs[s.Attr]; ok {
			out = append(out, d)
		}
	}
	return out
}

func literalOf(f *file, r hcl.Range) Literal {
	from, to := r.Start.Byte, r.End.Byte
	if from > len(f.src) || to > len(f.src) || from > to {
		return Literal{File: f.path, Line: r.Start.Line}
	}
	return Literal{File: f.path, Span: spanOf(r), Line: r.Start.Line, Text: string(f.src[from:to])}
}

// valueLiterals are those of an attribute in a file of values, or of a part of
// it. They are named by the way to them: the file is written by a stack.
func (l *Loader) valueLiterals(path string, steps []string) []Literal {
	src, err := l.texts.read(path)
	if err != nil || len(steps) == 0 {
		return nil
	}
	body, diags := parseBody(src, path, filepath.Ext(path) == ".json")
	if diags.HasErrors() {
		return nil
	}
	attrs, _ := body.JustAttributes()
	a, ok := attrs[steps[0]]
	if !ok {
		return nil
	}
	f := &file{path: path, src: src, json: filepath.Ext(path) == ".json"}
	t := newTracer(nil)
	t.expr(&frame{file: f}, a.Expr, steps[1:])
	for i := range t.out.Literals {
		t.out.Literals[i].Value = slices.Clone(steps)
	}
	return t.out.Literals
}

// LineAt is the number of the line, 1-based, that a place in a text is on.
func LineAt(text []byte, at int) int { return bytes.Count(text[:at], []byte("\n")) + 1 }
