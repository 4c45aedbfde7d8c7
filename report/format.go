package report

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Format is a kind of file.
type Format string

// The formats.
const (
	CSV   Format = "csv"
	JSON  Format = "json"
	JUnit Format = "junit"
)

// FormatError says that the format of a report cannot be told.
type FormatError struct {
	File   string
	Format string // what was asked for; "" when the file's extension was to decide
}

func (e *FormatError) Error() string {
	if e.Format != "" {
		return fmt.Sprintf("report %s: unknown format %q: csv, json and junit are known", e.File, e.Format)
	}
	return fmt.Sprintf("report %s: extension %q names no format: use .csv, .json or .xml, or give --report-format", e.File, filepath.Ext(e.File))
}

// FormatOf settles the format of a file: what was asked for, else what its
// extension says, else CSV for a name without one. The error is a
// *FormatError.
func FormatOf(file, asked string) (Format, error) {
	if asked != "" {
		f := Format(strings.ToLower(asked))
		if !slices.Contains([]Format{CSV, JSON, JUnit}, f) {
			return "", &FormatError{File: file, Format: asked}
		}
		return f, nil
	}
	switch strings.ToLower(filepath.Ext(file)) {
	case "", ".csv":
		return CSV, nil
	case ".json":
		return JSON, nil
	case ".xml":
		return JUnit, nil
	}
	return "", &FormatError{File: file}
}

// Write writes the rows, in the order in which they started.
func Write(w io.Writer, f Format, rows []Row) error {
	rows = sorted(rows)
	switch f {
	case CSV:
		return writeCSV(w, rows)
	case JSON:
		return writeJSON(w, rows)
	case JUnit:
		return writeJUnit(w, rows)
	}
	return &FormatError{Format: string(f)}
}

// columns are the keys of the report, in order.
func columns() []string {
	return []string{"Name", "Started", "Ended", "Result", "Reason", "Cause", "Ref", "Cmd", "Args"}
}

func writeCSV(w io.Writer, rows []Row) error {
	out := csv.NewWriter(w)
	_ = out.Write(columns()) // Error gives it
	for _, r := range rows {
		_ = out.Write([]string{
			r.Name, r.Started.Format(time.RFC3339), r.Ended.Format(time.RFC3339), string(r.Result), string(r.Reason),
			r.Cause, r.Ref, r.Cmd, strings.Join(r.Args, "|"),
		})
	}
	out.Flush()
	return out.Error()
}

// jsonRow is a row as it stands in JSON: RFC 3339 times with nanoseconds, what
// is empty left out.
type jsonRow struct {
	Name    string    `json:"Name"`
	Started time.Time `json:"Started"`
	Ended   time.Time `json:"Ended"`
	Result  Result    `json:"Result"`
	Reason  Reason    `json:"Reason,omitempty"`
	Cause   string    `json:"Cause,omitempty"`
	Ref     string    `json:"Ref,omitempty"`
	Cmd     string    `json:"Cmd,omitempty"`
	Args    []string  `json:"Args,omitempty"`
}

func writeJSON(w io.Writer, rows []Row) error {
	list := make([]jsonRow, len(rows))
	for i, r := range rows {
		list[i] = jsonRow(r)
	}
	return encode(w, list)
}

// encode writes indented JSON, with angle brackets as they are: causes often
// hold them, and nobody puts a report into HTML unescaped.
func encode(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(v)
}
