package ui

import (
	"strings"
	"testing"
)

func TestDiagnostic(t *testing.T) {
	t.Parallel()
	d := Diagnostic{
		Summary: "Unsupported attribute",
		Detail:  "This object does not have an attribute named \"nmae\". " + strings.Repeat("It is a long story. ", 5) + "\n\n  kept   as it is\nThe end.",
		File:    "live/vpc/terragrunt.hcl", Line: 12, Column: 15, EndColumn: 19,
		Snippet: []SnippetLine{{9, ""}, {12, "\tname = local.nmae"}},
		Values:  []string{`local.env is "prod"`},
		Trace:   []string{"live/vpc", "root.hcl", "_env/vpc.hcl:12"},
		Hint:    `did you mean "name"?`,
	}
	var b strings.Builder
	if err := WriteDiagnostic(&b, d, false); err != nil {
		t.Fatal(err)
	}
	equal(t, b.String(), `╷
│ Error: Unsupported attribute
│
│   on live/vpc/terragrunt.hcl:12:15
│
│    9 │
│   12 │     name = local.nmae
│      │                  ^^^^
│      │ local.env is "prod"
│
│ This object does not have an attribute named "nmae". It is a long story. It is a long story. It is
│ a long story. It is a long story. It is a long story.
│
│   kept   as it is
│ The end.
│
│ from live/vpc -> root.hcl -> _env/vpc.hcl:12
│ hint: did you mean "name"?
╵
`)
	var colored strings.Builder
	WriteDiagnostic(&colored, d, true)
	equal(t, stripANSI(colored.String()), b.String())
	for line := range strings.Lines(b.String()) {
		if strings.HasSuffix(line, " \n") || visibleWidth(line) > diagnosticWidth {
			t.Errorf("bad line %q", line)
		}
	}
}

func TestDiagnosticParts(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		d    Diagnostic
		want string
	}{
		{"summary only", Diagnostic{Severity: SeverityWarning, Summary: "old flag"}, "╷\n│ Warning: old flag\n╵\n"},
		{"file only", Diagnostic{Summary: "gone", File: "a.hcl", Column: 3}, "╷\n│ Error: gone\n│\n│   on a.hcl\n╵\n"},
		{"no columns", Diagnostic{Summary: "x", File: "a.hcl", Line: 1, Snippet: []SnippetLine{{1, "a"}}},
			"╷\n│ Error: x\n│\n│   on a.hcl:1\n│\n│   1 │ a\n╵\n"},
		{"caret past the end", Diagnostic{Summary: "x", File: "a.hcl", Line: 1, Column: 9, Snippet: []SnippetLine{{1, "a ="}}},
			"╷\n│ Error: x\n│\n│   on a.hcl:1:9\n│\n│   1 │ a =\n│     │    ^\n╵\n"},
		{"long trace", Diagnostic{Summary: "x", Trace: []string{strings.Repeat("a", 60), strings.Repeat("b", 60)}},
			"╷\n│ Error: x\n│\n│ from " + strings.Repeat("a", 60) + "\n│  ->  " + strings.Repeat("b", 60) + "\n╵\n"},
		{"long hint", Diagnostic{Summary: "x", Hint: strings.Repeat("word ", 30)},
			"╷\n│ Error: x\n│\n│ hint: " + strings.TrimSpace(strings.Repeat("word ", 18)) + "\n│       " + strings.TrimSpace(strings.Repeat("word ", 12)) + "\n╵\n"},
	} {
		var b strings.Builder
		WriteDiagnostic(&b, tt.d, false)
		t.Run(tt.name, func(t *testing.T) { equal(t, b.String(), tt.want) })
	}
}

func TestMarkedLongLine(t *testing.T) {
	t.Parallel()
	text := strings.Repeat("a", 300) + "BAD" + strings.Repeat("z", 300)
	shown, start, length := marked(text, 301, 304)
	runes := []rune(shown)
	if len(runes) != snippetWidth || string(runes[start:start+length]) != "BAD" || runes[0] != '…' || runes[len(runes)-1] != '…' {
		t.Errorf("%q %d %d", shown, start, length)
	}
	shown, start, length = marked(text, 1, 500)
	if []rune(shown)[0] != 'a' || start != 0 || length != snippetWidth {
		t.Errorf("%q %d %d", shown, start, length)
	}
	shown, _, _ = marked(text, 0, 0)
	if visibleWidth(shown) != snippetWidth {
		t.Errorf("%q", shown)
	}
}
