package cli

import (
	"io"
	"strings"

	"github.com/terrace-iac/terrace/live"
)

// versionsJSON is the format of `versions --json`.
type versionsJSON struct {
	Environments []string          `json:"environments"` // in promotion order
	Components   []componentJSON   `json:"components"`
	Outside      []unitVersionJSON `json:"outside"`
}

type componentJSON struct {
	Slot  string                     `json:"slot"`
	Units map[string]unitVersionJSON `json:"units"` // by environment
}

type unitVersionJSON struct {
	Path     string   `json:"path"`
	Note     string   `json:"note,omitempty"` // why the rest is not known
	Pin      *pinJSON `json:"module,omitempty"`
	Catalog  *pinJSON `json:"catalog,omitempty"`
	Relation string   `json:"relation,omitempty"` // to the environment before
	Newest   string   `json:"newest,omitempty"`
	Resolved string   `json:"resolved,omitempty"`
	Outdated bool     `json:"outdated,omitempty"`
}

type pinJSON struct {
	Kind    string `json:"kind"`
	Module  string `json:"source,omitempty"`
	Version string `json:"version,omitempty"`
	Range   string `json:"range,omitempty"`
}

func newVersionsJSON(v *live.Versions) versionsJSON {
	out := versionsJSON{Environments: notNil(v.Environments), Components: []componentJSON{}, Outside: []unitVersionJSON{}}
	for _, row := range v.Rows {
		c := componentJSON{Slot: row.Slot, Units: map[string]unitVersionJSON{}}
		for name, cell := range row.Cells {
			c.Units[name] = newUnitVersionJSON(cell)
		}
		out.Components = append(out.Components, c)
	}
	for _, cell := range v.Outside {
		out.Outside = append(out.Outside, newUnitVersionJSON(cell))
	}
	return out
}

func newUnitVersionJSON(c *live.Cell) unitVersionJSON {
	out := unitVersionJSON{Path: c.Path, Note: c.Note, Relation: string(c.Relation), Newest: c.Newest, Resolved: c.Resolved, Outdated: c.Outdated}
	if c.Note == "" {
		out.Pin = newPinJSON(c.Module)
	}
	if c.Catalog != nil {
		out.Catalog = newPinJSON(*c.Catalog)
	}
	return out
}

func newPinJSON(p live.Pin) *pinJSON {
	return &pinJSON{string(p.Kind), p.Module, p.Version, p.Range}
}

// writeVersionsMarkdown writes the table as GitHub and GitLab show it.
func writeVersionsMarkdown(w io.Writer, v *live.Versions) error {
	var b strings.Builder
	b.WriteString("| Component |")
	for _, name := range v.Environments {
		b.WriteString(" " + markdownCell(name) + " |")
	}
	b.WriteString("\n|" + strings.Repeat(" --- |", len(v.Environments)+1) + "\n")
	for _, row := range v.Rows {
		b.WriteString("| " + markdownCell(row.Slot) + " |")
		for _, name := range v.Environments {
			b.WriteString(" " + markdownVersion(row.Cells[name]) + " |")
		}
		b.WriteByte('\n')
	}
	if len(v.Outside) > 0 {
		b.WriteString("\n| In no environment | Version |\n| --- | --- |\n")
		for _, c := range v.Outside {
			b.WriteString("| " + markdownCell(c.Path) + " | " + markdownVersion(c) + " |\n")
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func markdownVersion(c *live.Cell) string {
	text := markdownCell(versionText(c))
	if c != nil && c.Catalog != nil {
		text += "<br>" + markdownCell(catalogText(c))
	}
	return text
}

// markdownCell keeps a text from being read as anything but text.
func markdownCell(text string) string {
	return strings.NewReplacer("|", `\|`, "<", "&lt;", ">", "&gt;", "*", `\*`, "_", `\_`, "[", `\[`, "]", `\]`, "`", "\\`", "~", `\~`).Replace(text)
}
