package cli

import "strings"

// The types in this file are what `hcl validate --json` prints. Names and
// order of the fields are part of the format, which the wrapped binary's own
// `validate -json` has too.

type findingJSON struct {
	Range    *rangeJSON   `json:"range,omitempty"` // absent where there is no place to point at
	Snippet  *snippetJSON `json:"snippet,omitempty"`
	Summary  string       `json:"summary"`
	Detail   string       `json:"detail"`
	Severity string       `json:"severity"`
}

type rangeJSON struct {
	Filename string       `json:"filename"`
	Start    positionJSON `json:"start"`
	End      positionJSON `json:"end"`
}

type positionJSON struct {
	Line   int `json:"line"`
	Column int `json:"column"`
	Byte   int `json:"byte"`
}

type snippetJSON struct {
	Context   string      `json:"context"`
	Code      string      `json:"code"`
	Values    []valueJSON `json:"values"`
	StartLine int         `json:"start_line"`
	Start     int         `json:"highlight_start_offset"` // bytes from the start of Code
	End       int         `json:"highlight_end_offset"`
}

// valueJSON is what a variable of the expression holds: "local.x", "is 1".
type valueJSON struct {
	Traversal string `json:"traversal"`
	Statement string `json:"statement"`
}

func findingsJSON(list []finding) []findingJSON {
	out := make([]findingJSON, len(list))
	for i, f := range list {
		out[i] = findingJSON{Range: f.rangeJSON(), Snippet: f.snippetJSON(), Summary: f.Summary, Detail: f.Detail, Severity: "error"}
		if f.Warning {
			out[i].Severity = "warning"
		}
	}
	return out
}

func (f finding) rangeJSON() *rangeJSON {
	if f.File == "" {
		return nil
	}
	return &rangeJSON{
		Filename: f.File,
		Start:    positionJSON{f.Line, f.Column, f.Bytes.Start},
		End:      positionJSON{f.EndLine, f.EndColumn, f.Bytes.End},
	}
}

func (f finding) snippetJSON() *snippetJSON {
	s, ok := f.Diagnostic.Snippet()
	if !ok {
		return nil
	}
	out := &snippetJSON{Context: s.Context, Code: s.Code, Values: []valueJSON{}, StartLine: s.StartLine, Start: s.Highlight.Start, End: s.Highlight.End}
	for _, v := range f.Values {
		name, rest, _ := strings.Cut(v, " is ")
		out.Values = append(out.Values, valueJSON{name, "is " + rest})
	}
	return out
}
