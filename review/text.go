package review

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// WriteText writes the review for a terminal or a log.
func (r *Review) WriteText(w io.Writer) error {
	var b strings.Builder
	changed, same := r.groups()
	fmt.Fprintf(&b, "%s: %s\n", r.Title, r.Total())
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "  %s\n", n)
	}
	for _, g := range changed {
		fmt.Fprintf(&b, "\n%s: %s\n", g.title(), g.first().Counts)
		for _, line := range g.remarks() {
			fmt.Fprintf(&b, "  (%s)\n", line)
		}
		for _, line := range g.first().lines(true) {
			fmt.Fprintf(&b, "  %s\n", line)
		}
	}
	if line := sameLine(same); line != "" {
		fmt.Fprintf(&b, "\n%s\n", line)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// document is the JSON form.
type document struct {
	Format string `json:"format"`
	Review
	Total Counts `json:"total"`
}

// Format names the JSON form; a change that readers would trip over changes it.
const Format = "terrace-review/1"

// WriteJSON writes the model for programs.
func (r *Review) WriteJSON(w io.Writer) error {
	d := document{Format: Format, Review: *r, Total: r.Total()}
	d.Units = make([]Unit, 0, len(r.Units))
	for _, u := range r.Units {
		d.Units = append(d.Units, u.shown())
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(d)
}

// ReadJSON reads what WriteJSON wrote.
func ReadJSON(b []byte) (*Review, error) {
	var d document
	if err := json.Unmarshal(b, &d); err != nil {
		return nil, fmt.Errorf("review: %w", err)
	}
	if d.Format != Format {
		return nil, fmt.Errorf("review: its format is %q, this program reads %q", d.Format, Format)
	}
	return &d.Review, nil
}
