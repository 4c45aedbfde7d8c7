package config

import (
	"bytes"
	"path/filepath"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hcled"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// Span is a part of a file, in bytes from its start; End is behind it.
type Span struct{ Start, End int }

func spanOf(r hcl.Range) Span { return Span{r.Start.Byte, r.End.Byte} }

// Snippet is the part of a file that a diagnostic is about.
type Snippet struct {
	Context   string // header of the block that it stands in, "" for none
	Code      string // whole lines, without the end of the last one
	StartLine int    // number of the first one, 1-based
	Highlight Span   // what is wrong, within Code
}

// Snippet cuts the lines that a diagnostic points at out of its file. ok is
// false when there is no place to point at.
func (d Diagnostic) Snippet() (s Snippet, ok bool) {
	if d.File == "" || d.Line == 0 || d.Source == nil {
		return Snippet{}, false
	}
	size := len(d.Source)
	from, to := min(d.Around.Start, size), min(max(d.Around.End, d.Around.Start), size)
	start := bytes.LastIndexByte(d.Source[:from], '\n') + 1
	if to > start && d.Source[to-1] == '\n' {
		to-- // a range that ends with its line does not reach into the next one
	}
	end := size
	if i := bytes.IndexByte(d.Source[to:], '\n'); i >= 0 {
		end = to + i
	}
	code := bytes.TrimSuffix(d.Source[start:max(start, end)], []byte("\r"))
	s = Snippet{
		Context: d.context(), Code: string(code),
		StartLine: bytes.Count(d.Source[:start], []byte("\n")) + 1,
		Highlight: Span{d.Bytes.Start - start, max(d.Bytes.End, d.Bytes.Start+1) - start},
	}
	s.Highlight.Start = min(max(s.Highlight.Start, 0), len(code))
	s.Highlight.End = min(max(s.Highlight.End, s.Highlight.Start), len(code))
	return s, true
}

// context is the header of the block around the diagnostic. A file in another
// syntax than HCL's own has none.
func (d Diagnostic) context() string {
	if strings.EqualFold(filepath.Ext(d.File), ".json") {
		return ""
	}
	file, _ := hclsyntax.ParseConfig(d.Source, d.File, hcl.InitialPos)
	if file == nil {
		return ""
	}
	return hcled.ContextString(file, d.Bytes.Start-1) // what starts a block does not stand in it
}
