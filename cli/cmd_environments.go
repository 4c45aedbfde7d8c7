package cli

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/live"
	"github.com/terrace-iac/terrace/ui"
)

// runEnvironments prints what the environments are and why.
func runEnvironments(ctx context.Context, inv *invocation) (int, error) {
	s, err := newSession(inv, nil, config.MockPolicy{Never: true}) // see runFind
	if err != nil {
		return 1, err
	}
	defer s.close()
	ctx, stop := s.watch(ctx)
	defer stop()
	r, err := s.liveRepository(ctx)
	if err != nil {
		return s.exitCode(err), err
	}
	if inv.Values.Bool("json") {
		return 0, writeJSON(s.console.Stdout(), r.environmentsJSON())
	}
	return 0, s.writeEnvironments(s.console.Stdout(), r)
}

func (s *session) writeEnvironments(w io.Writer, r *liveRepository) error {
	if len(r.File.Environments) == 0 {
		fmt.Fprintf(w, "No environments: there is no %s in %s, and no folder called dev, stage or prod.\n", live.FileName, r.Root)
	} else {
		if err := ui.WriteTable(w, []string{"Environment", "Path", "Units", "After", "Branches", "Approvals", "Checks", "From"}, r.environmentRows(), s.console.StdoutStyle()); err != nil {
			return err
		}
	}
	if len(r.Layout.Outside) == 0 {
		return nil
	}
	if _, err := io.WriteString(w, "\nIn no environment:\n"); err != nil {
		return err
	}
	var rows [][]ui.Label
	for _, o := range r.Layout.Outside {
		rows = append(rows, []ui.Label{{Text: o.Path}, {Text: strconv.Itoa(len(o.Units))}})
	}
	return ui.WriteTable(w, []string{"Folder", "Units"}, rows, s.console.StdoutStyle())
}

func (r *liveRepository) environmentRows() [][]ui.Label {
	var rows [][]ui.Label
	for _, e := range r.File.Environments {
		approvals := "-"
		if e.Approvals > 0 {
			approvals = strconv.Itoa(e.Approvals)
		}
		row := []string{
			e.Name, strings.Join(e.Paths, ", "), strconv.Itoa(len(r.Layout.In(e.Name))), orDash(e.After), orDash(e.Branches),
			approvals, orDash(checkNames(r.File.ChecksOf(e.Name))), r.origin(e),
		}
		labels := make([]ui.Label, len(row))
		for i, text := range row {
			labels[i] = ui.Label{Text: text}
		}
		rows = append(rows, labels)
	}
	return rows
}

// origin says why something is an environment.
func (r *liveRepository) origin(e *live.Environment) string {
	if r.File.Guessed {
		return "the folder's name"
	}
	return fmt.Sprintf("%s:%d", live.FileName, e.Range.Line)
}

func checkNames(checks []*live.Check) []string {
	var names []string
	for _, c := range checks {
		names = append(names, c.Name)
	}
	return names
}

func orDash(list []string) string {
	if len(list) == 0 {
		return "-"
	}
	return strings.Join(list, ", ")
}

// environmentsJSON is the format of `environments --json`.
type environmentsJSON struct {
	Root         string            `json:"root"`
	File         string            `json:"file,omitempty"` // "" where folder names decide
	Environments []environmentJSON `json:"environments"`
	Outside      []outsideJSON     `json:"outside"`
}

type environmentJSON struct {
	Name      string     `json:"name"`
	Paths     []string   `json:"paths"`
	After     []string   `json:"after"`
	Branches  []string   `json:"branches"`
	Approvals int        `json:"approvals"`
	Checks    []string   `json:"checks"`
	Line      int        `json:"line,omitempty"`
	Units     []slotJSON `json:"units"`
}

type slotJSON struct {
	Path string `json:"path"`
	Slot string `json:"slot"`
}

type outsideJSON struct {
	Path  string   `json:"path"`
	Units []string `json:"units"`
}

func (r *liveRepository) environmentsJSON() environmentsJSON {
	out := environmentsJSON{Root: r.Root, Environments: []environmentJSON{}, Outside: []outsideJSON{}}
	if !r.File.Guessed {
		out.File = r.File.Path
	}
	for _, e := range r.File.Environments {
		one := environmentJSON{
			Name: e.Name, Paths: e.Paths, After: notNil(e.After), Branches: notNil(e.Branches), Approvals: e.Approvals,
			Checks: notNil(checkNames(r.File.ChecksOf(e.Name))), Line: e.Range.Line, Units: []slotJSON{},
		}
		for _, p := range r.Layout.In(e.Name) {
			one.Units = append(one.Units, slotJSON{p.Path, p.Slot})
		}
		out.Environments = append(out.Environments, one)
	}
	for _, o := range r.Layout.Outside {
		out.Outside = append(out.Outside, outsideJSON(o))
	}
	return out
}

// notNil is a list that JSON shows as a list.
func notNil(list []string) []string { return append([]string{}, slices.Clone(list)...) }

func writeJSON(w io.Writer, value any) error {
	text, err := indented(value)
	if err != nil {
		return err
	}
	_, err = w.Write(text)
	return err
}
