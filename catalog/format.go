package catalog

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// Writer writes components one after another in a form for programs or for
// reading. Close writes what comes after the last one.
type Writer interface {
	Write(c *Component) error
	Close() error
}

// NewJSONL writes one JSON object on each line.
func NewJSONL(w io.Writer) Writer { return jsonl{w} }

type jsonl struct{ w io.Writer }

// componentJSON is a component as JSON. The names and order of the fields are
// part of the format.
type componentJSON struct {
	Kind            Kind     `json:"kind"`
	Title           string   `json:"title"`
	Description     string   `json:"description,omitempty"`
	Tags            []string `json:"tags,omitempty"`
	Source          string   `json:"source"`
	ComponentSource string   `json:"component_source"`
	Dir             string   `json:"dir,omitempty"`
	Version         string   `json:"version,omitempty"`
	URL             string   `json:"url,omitempty"`
	Doc             string   `json:"doc,omitempty"`
}

func (j jsonl) Write(c *Component) error {
	var line bytes.Buffer
	e := json.NewEncoder(&line)
	e.SetEscapeHTML(false)
	err := e.Encode(componentJSON{c.Kind, c.Title, c.Description, c.Tags, c.Source, c.ComponentSource(), c.Dir, c.Version, c.URL, c.Doc})
	if err != nil {
		return err
	}
	_, err = j.w.Write(line.Bytes())
	return err
}

func (j jsonl) Close() error { return nil }

// NewMarkdown writes a page with a section for each component and an index at
// its end.
func NewMarkdown(w io.Writer) Writer { return &markdown{w: w} }

type markdown struct {
	w    io.Writer
	seen []*Component
}

func (m *markdown) Write(c *Component) error {
	var b strings.Builder
	if len(m.seen) == 0 {
		b.WriteString("# Catalog\n")
	}
	m.seen = append(m.seen, c)
	fmt.Fprintf(&b, "\n## %s\n\n", oneLine(c.Title))
	if c.Description != "" {
		fmt.Fprintf(&b, "%s\n\n", oneLine(c.Description))
	}
	b.WriteString("| Field | Value |\n| --- | --- |\n")
	for _, row := range [][2]string{
		{"Kind", string(c.Kind)}, {"Source", c.Source}, {"Component source", c.ComponentSource()}, {"Folder", c.Dir},
		{"Version", c.Version}, {"URL", c.URL}, {"Tags", strings.Join(c.Tags, ", ")},
	} {
		if row[1] != "" {
			fmt.Fprintf(&b, "| %s | %s |\n", row[0], cellText(row[1]))
		}
	}
	if c.Doc != "" {
		fence := fenceFor(c.Doc)
		fmt.Fprintf(&b, "\n%smarkdown\n%s\n%s\n", fence, c.Doc, fence)
	}
	_, err := io.WriteString(m.w, b.String())
	return err
}

func (m *markdown) Close() error {
	var b strings.Builder
	if len(m.seen) == 0 {
		b.WriteString("# Catalog\n")
	} else {
		b.WriteString("\n## Index\n\n| Title | Kind | Component source | Version |\n| --- | --- | --- | --- |\n")
	}
	for _, c := range m.seen {
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", cellText(c.Title), c.Kind, cellText(c.ComponentSource()), cellText(c.Version))
	}
	word := "components"
	if len(m.seen) == 1 {
		word = "component"
	}
	fmt.Fprintf(&b, "\n%d %s\n", len(m.seen), word)
	_, err := io.WriteString(m.w, b.String())
	return err
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

func cellText(text string) string { return strings.ReplaceAll(oneLine(text), "|", `\|`) }

// fenceFor is a fence that no line of the text closes.
func fenceFor(text string) string {
	longest, run := 2, 0
	for _, c := range text {
		if c != '`' {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return strings.Repeat("`", longest+1)
}
