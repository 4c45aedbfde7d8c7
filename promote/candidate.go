package promote

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/terrace-iac/terrace/config"
)

// Place is a stretch of a file, for people to find it.
type Place struct {
	File string // absolute
	Line int    // 1-based
	Text string // the line as it is written
}

// Edit is one literal and what it is to be.
type Edit struct {
	Place
	Start, End int // in bytes; what is replaced
	Old, New   string
	Units      []string // folders of the requested units that it serves, sorted
	Shared     []string // of units that were not asked for and change too, sorted
}

// editKey tells edits apart.
type editKey struct {
	file       string
	start, end int
	text       string
}

func (e *Edit) key() editKey { return editKey{e.File, e.Start, e.End, e.New} }

// sources are the origins of a unit's version, down to files on disk.
type sources struct {
	literals []config.Literal
	entry    []config.Literal // of the catalog entry's version
	attrs    []config.Literal // the expressions of the source itself
	computed []config.Literal
	remote   bool // some of it stands in a catalog elsewhere
}

// origins finds where a unit's version comes from.
func (s *Snapshot) origins(ctx context.Context, u *Unit) (*sources, error) {
	bound, err := s.loader.Unit(ctx, u.Dir)
	if err != nil {
		return nil, err
	}
	out := &sources{}
	names := []string{"source"}
	if u.Pin.Attribute {
		names = []string{"version"}
	}
	for _, name := range names {
		o, err := bound.Origins(ctx, config.Setting{Block: "terraform", Attr: name})
		if err != nil {
			return nil, err
		}
		out.attrs = append(out.attrs, o.Attrs...)
		out.computed = append(out.computed, o.Computed...)
		for _, l := range o.Literals {
			list, err := s.onDisk(ctx, out, l)
			if err != nil {
				return nil, err
			}
			out.literals = append(out.literals, list...)
		}
	}
	if u.Stack != "" {
		if out.entry, err = s.inStack(ctx, &sources{}, u.owner, u.member, "source"); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// onDisk leads from a literal in what a stack generates back to the files that
// it is generated from.
func (s *Snapshot) onDisk(ctx context.Context, out *sources, l config.Literal) ([]config.Literal, error) {
	if _, made := s.texts[l.File]; !made {
		return []config.Literal{l}, nil
	}
	for _, p := range s.previews {
		if p.err != nil {
			continue
		}
		if from, ok := p.Copies[l.File]; ok {
			l.File = from
			return []config.Literal{l}, nil
		}
		dir := filepath.Dir(l.File)
		if owner := p.Owners[dir]; owner != "" && len(l.Value) > 0 && filepath.Base(l.File) == config.ValuesName {
			return s.inStack(ctx, out, owner, dir, "values", l.Value...)
		}
	}
	out.remote = true
	return nil, nil
}

// inStack gives what an attribute of a stack file's block is made of.
func (s *Snapshot) inStack(ctx context.Context, out *sources, file, dir, attr string, path ...string) ([]config.Literal, error) {
	o, err := s.loader.StackOrigins(ctx, file, dir, attr, path...)
	if err != nil {
		return nil, err
	}
	out.computed = append(out.computed, o.Computed...)
	var list []config.Literal
	for _, l := range o.Literals {
		more, err := s.onDisk(ctx, out, l)
		if err != nil {
			return nil, err
		}
		list = append(list, more...)
	}
	return list, nil
}

// candidates are the edits of single literals that could give a unit its
// wanted version.
func (s *Snapshot) candidates(ctx context.Context, u *Unit, w Want) ([]*Edit, *sources, error) {
	o, err := s.origins(ctx, u)
	if err != nil {
		return nil, nil, err
	}
	var out []*Edit
	seen := map[editKey]bool{}
	add := func(list []config.Literal, old, new string) {
		for _, l := range list {
			for _, e := range occurrences(l, old, new) {
				if !seen[e.key()] {
					seen[e.key()] = true
					out = append(out, e)
				}
			}
		}
	}
	add(o.literals, u.Pin.Version, w.Version)
	if w.Entry != "" {
		add(o.entry, u.Entry.Version, w.Entry)
	}
	for _, e := range out {
		if err := e.fill(); err != nil {
			return nil, nil, err
		}
	}
	return out, o, nil
}

// occurrences finds a version in a literal: whole, or without what the old and
// the new one have in front of their numbers.
func occurrences(l config.Literal, old, new string) []*Edit {
	if old == "" {
		return nil
	}
	list := occurrencesOf(l, old, new)
	prefixOld, shortOld := splitNumber(old)
	prefixNew, shortNew := splitNumber(new)
	if prefixOld != "" && prefixOld == prefixNew && shortOld != "" && shortNew != "" {
		list = append(list, occurrencesOf(l, shortOld, shortNew)...)
	}
	return list
}

func occurrencesOf(l config.Literal, old, new string) []*Edit {
	var out []*Edit
	for at := 0; at < len(l.Text); {
		i := strings.Index(l.Text[at:], old)
		if i < 0 {
			break
		}
		start := at + i
		end := start + len(old)
		if !(start > 0 && wordByte(l.Text[start-1])) && !(end < len(l.Text) && wordByte(l.Text[end])) {
			out = append(out, &Edit{Place: Place{File: l.File, Line: l.Line}, Start: l.Span.Start + start, End: l.Span.Start + end, Old: old, New: new})
		}
		at = end
	}
	return out
}

// wordByte says that a byte beside a version makes it part of a longer one.
func wordByte(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b == '.' || b == '-' || b == '_' || b == '+'
}

// fill reads the line that the edit is on.
func (e *Edit) fill() error {
	text, err := os.ReadFile(e.File)
	if err != nil {
		return err
	}
	if e.End > len(text) || string(text[e.Start:e.End]) != e.Old {
		return &MovedError{e.File, e.Old}
	}
	e.Place = placeAt(e.File, text, e.Start)
	return nil
}

func placeAt(file string, text []byte, at int) Place {
	start := bytes.LastIndexByte(text[:at], '\n') + 1
	line := text[start:]
	if i := bytes.IndexByte(line, '\n'); i >= 0 {
		line = line[:i]
	}
	return Place{File: file, Line: config.LineAt(text, at), Text: strings.TrimSpace(string(line))}
}

// applied gives the files with the edits, by path.
func applied(edits []*Edit) (map[string][]byte, error) {
	byFile := map[string][]*Edit{}
	for _, e := range edits {
		byFile[e.File] = append(byFile[e.File], e)
	}
	out := map[string][]byte{}
	for file, list := range byFile {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		slices.SortFunc(list, func(a, b *Edit) int { return a.Start - b.Start })
		var edited []byte
		at := 0
		for _, e := range list {
			if e.Start < at || e.End > len(text) || string(text[e.Start:e.End]) != e.Old {
				return nil, &MovedError{e.File, e.Old}
			}
			edited = append(append(edited, text[at:e.Start]...), e.New...)
			at = e.End
		}
		out[file] = append(edited, text[at:]...)
	}
	return out, nil
}
