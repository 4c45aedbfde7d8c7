package live

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/terrace-iac/terrace/config"
)

const defaultCheckTimeout = 10 * time.Minute

// Parse reads a terrace.hcl. The filename is for messages. The error is a
// *config.Error with everything that is wrong.
func Parse(src []byte, filename string) (*File, error) {
	p := &parser{src: src, file: &File{Path: filename}, seen: map[string]hcl.Range{}}
	parsed, diags := hclsyntax.ParseConfig(src, filename, hcl.InitialPos)
	p.diags = diags
	if !diags.HasErrors() {
		p.body(parsed.Body.(*hclsyntax.Body))
	}
	if len(p.diags) == 0 {
		p.order()
	}
	if len(p.diags) > 0 {
		return nil, p.err()
	}
	return p.file, nil
}

// parser is a file being read.
type parser struct {
	src   []byte
	file  *File
	seen  map[string]hcl.Range // blocks, by kind and label
	names []nameUse
	diags hcl.Diagnostics
}

// nameUse is a place where an environment is named.
type nameUse struct {
	name string
	at   hcl.Range
}

// err gives what is wrong in the form in which configuration mistakes are shown.
func (p *parser) err() error {
	e := &config.Error{Path: p.file.Path}
	for _, d := range p.diags {
		out := config.Diagnostic{Summary: d.Summary, Detail: strings.TrimSuffix(d.Detail, "."), Source: p.src}
		if r := d.Subject; r != nil {
			out.File, out.Line, out.Column, out.EndLine, out.EndColumn = r.Filename, r.Start.Line, r.Start.Column, r.End.Line, r.End.Column
			out.Bytes = config.Span{Start: r.Start.Byte, End: r.End.Byte}
			out.Around = out.Bytes
		}
		e.Diagnostics = append(e.Diagnostics, out)
	}
	slices.SortStableFunc(e.Diagnostics, func(a, b config.Diagnostic) int { return a.Line - b.Line })
	return e
}

func (p *parser) fail(at hcl.Range, summary, format string, args ...any) {
	p.diags = append(p.diags, &hcl.Diagnostic{Severity: hcl.DiagError, Summary: summary, Detail: fmt.Sprintf(format, args...), Subject: &at})
}

func (p *parser) body(b *hclsyntax.Body) {
	blocks := map[string]func(*section){"environment": p.environment, "check": p.check, "notify": p.notify}
	for _, a := range b.Attributes {
		p.fail(a.NameRange, "Unknown argument", "%s holds blocks only: %s.%s", FileName, listOf(blocks), didYouMean(a.Name, slices.Collect(maps.Keys(blocks))))
	}
	for _, block := range b.Blocks {
		read := blocks[block.Type]
		if read == nil {
			p.fail(block.TypeRange, "Unknown block", "there is no block %q in a %s, there are: %s.%s", block.Type, FileName, listOf(blocks), didYouMean(block.Type, slices.Collect(maps.Keys(blocks))))
			continue
		}
		if s := p.labelled(block); s != nil {
			read(s)
		}
	}
	known := p.file.Names()
	for _, use := range p.names {
		if !slices.Contains(known, use.name) {
			p.fail(use.at, "Unknown environment", "there is no environment %q.%s", use.name, didYouMean(use.name, known))
		}
	}
}

// labelled checks a block's one label, which must be new.
func (p *parser) labelled(b *hclsyntax.Block) *section {
	if len(b.Labels) != 1 {
		p.fail(b.TypeRange, "Missing name", "write %s \"name\" { ... }", b.Type)
		return nil
	}
	name, at := b.Labels[0], b.LabelRanges[0]
	if !validName(name) {
		p.fail(at, "Invalid name", "%q: a name is made of letters, digits, dots, dashes and underscores, and begins with a letter or digit", name)
		return nil
	}
	key := b.Type + " " + name
	if first, ok := p.seen[key]; ok {
		p.fail(at, "Duplicate "+b.Type, "%q is declared on line %d already", name, first.Start.Line)
		return nil
	}
	p.seen[key] = at
	return &section{parser: p, block: b, name: name, known: map[string]bool{}}
}

func validName(name string) bool {
	for i, c := range name {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letter && (i == 0 || !strings.ContainsRune("._-", c)) {
			return false
		}
	}
	return name != ""
}

func (p *parser) environment(s *section) {
	e := &Environment{Name: s.name, Range: rangeOf(s.block.DefRange())}
	e.Paths = s.texts("path", needed, orOne)
	e.After = s.texts("after")
	e.Branches = s.texts("branches", notEmpty)
	e.Approvals = s.whole("approvals", 0, 0)
	e.BranchesAt, e.ApprovalsAt = s.place("branches"), s.place("approvals")
	s.close()
	p.uses(s, "after", e.After)
	for i, raw := range e.Paths {
		clean := path.Clean(raw)
		if why := badPath(raw); why != "" {
			p.fail(s.at("path"), "Invalid path", "%q %s", raw, why)
		}
		e.Paths[i] = clean
	}
	p.file.Environments = append(p.file.Environments, e)
}

// badPath says what is wrong with the folder of an environment, or "".
func badPath(raw string) string {
	switch clean := path.Clean(raw); {
	case strings.Contains(raw, `\`):
		return "has a backslash: write paths with slashes, on Windows too"
	case path.IsAbs(raw) || len(raw) > 1 && raw[1] == ':':
		return "is absolute: write it from the folder of " + FileName
	case clean == ".." || strings.HasPrefix(clean, "../"):
		return "leads out of the folder of " + FileName
	case clean == ".":
		return "is the whole repository: an environment is a folder in it"
	}
	if _, err := path.Match(raw, ""); err != nil {
		return "is no pattern: a bracket is not closed"
	}
	return ""
}

func (p *parser) check(s *section) {
	c := &Check{Name: s.name, Range: rangeOf(s.block.DefRange()), Attempts: 1}
	c.Environments = s.texts("environments", notEmpty)
	c.Command = s.texts("command", needed, notEmpty)
	c.Timeout = s.duration("timeout", defaultCheckTimeout, time.Millisecond)
	if r := s.inner("retry"); r != nil {
		c.Attempts = r.whole("attempts", 3, 1)
		c.Delay = r.duration("delay", 0, 0)
		r.close()
	}
	s.close()
	p.uses(s, "environments", c.Environments)
	p.file.Checks = append(p.file.Checks, c)
}

func (p *parser) notify(s *section) {
	n := &Notify{Name: s.name, Range: rangeOf(s.block.DefRange())}
	n.Command = s.texts("command", needed, notEmpty)
	s.close()
	p.file.Notifies = append(p.file.Notifies, n)
}

func (p *parser) uses(s *section, attr string, names []string) {
	for i, name := range names {
		p.names = append(p.names, nameUse{name, s.element(attr, i)})
	}
}

func rangeOf(r hcl.Range) Range { return Range{r.Filename, r.Start.Line} }

func listOf[T any](m map[string]T) string {
	return strings.Join(slices.Sorted(maps.Keys(m)), ", ")
}

func didYouMean(name string, candidates []string) string {
	slices.Sort(candidates)
	if best := config.Nearest(name, candidates); best != "" {
		return fmt.Sprintf(" Did you mean %q?", best)
	}
	if len(candidates) > 0 {
		return " There are: " + strings.Join(candidates, ", ")
	}
	return ""
}
