package cli

import (
	"context"
	"io"
	"strings"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/configstack"
	"github.com/terrace-iac/terrace/shell"
	"github.com/terrace-iac/terrace/ui"
)

// runList shows components to people.
func runList(ctx context.Context, inv *invocation) (int, error) {
	return list(ctx, inv, newListOptions(inv.Values, inv.Global))
}

// runGraph prints the dependency graph: a listing in one fixed form.
func runGraph(ctx context.Context, inv *invocation) (int, error) {
	return list(ctx, inv, newGraphOptions(inv.Values, inv.Global))
}

func list(ctx context.Context, inv *invocation, o listOptions) (int, error) {
	as, err := commandLine(o.As)
	if err != nil {
		return 1, err
	}
	s, err := newSession(inv, as, config.MockPolicy{Never: true}) // see runFind
	if err != nil {
		return 1, err
	}
	defer s.close()
	ctx, stop := s.watch(ctx)
	defer stop()
	f, err := s.selectUnits(ctx, o.wanted(as))
	if err != nil {
		return s.exitCode(err), err
	}
	return 0, s.writeList(s.console.Stdout(), f, o, as)
}

func (o listOptions) wanted(as shell.Argv) wanted {
	return wanted{Edges: o.DAG || o.Dependencies, External: o.External, NoHidden: o.NoHidden, As: as}
}

func (s *session) writeList(w io.Writer, f *found, o listOptions, as shell.Argv) error {
	items, style := f.queued(), s.console.StdoutStyle()
	switch {
	case o.Format == "dot":
		return s.writeDot(w, f)
	case o.Format == "tree" && o.DAG:
		return ui.WriteTree(w, s.queueTree(f, items, isDown(as)), style)
	case o.Format == "tree":
		return ui.WriteTree(w, ui.DirTree(s.labels(items)), style)
	case o.DAG:
		f.sortByQueue(items)
	}
	if o.Format == "long" {
		return s.writeTable(w, items, o.Dependencies)
	}
	return ui.WriteColumns(w, s.labels(items), s.console.Width(), style)
}

func (s *session) labels(items []item) []ui.Label {
	labels := make([]ui.Label, len(items))
	for n, i := range items {
		labels[n] = s.label(i)
	}
	return labels
}

// queueTree hangs each item under those that a queue runs before it. One that
// waits for nothing in the listing is a root, so every item is shown.
func (s *session) queueTree(f *found, items []item, down bool) *ui.Node {
	place := make(map[string]int, len(items))
	for n, i := range items {
		place[i.Dir] = n
	}
	parents := make([][]int, len(items))
	for n, i := range items {
		if i.Unit == nil {
			continue
		}
		for _, u := range before(f.Graph, i.Unit, down) {
			if p, ok := place[u.Dir()]; ok {
				parents[n] = append(parents[n], p)
			}
		}
	}
	return ui.GraphTree(s.labels(items), parents)
}

// before are the units that a unit waits for.
func before(g *configstack.Graph, u *configstack.Unit, down bool) []*configstack.Unit {
	if down {
		return g.Dependents(u)
	}
	return g.Dependencies(u)
}

func (s *session) writeTable(w io.Writer, items []item, dependencies bool) error {
	heading := []string{"Type", "Path"}
	if dependencies {
		heading = append(heading, "Dependencies")
	}
	rows := make([][]ui.Label, len(items))
	for n, i := range items {
		rows[n] = []ui.Label{{Text: i.Kind.String()}, s.label(i)}
		if dependencies && i.Unit != nil {
			rows[n] = append(rows[n], ui.Label{Text: strings.Join(s.shownPaths(i.Unit.Dependencies()), ", ")})
		}
	}
	return ui.WriteTable(w, heading, rows, s.console.StdoutStyle())
}

// writeDot writes a graph for Graphviz. What a queue would leave out is red.
// Edges are there where they were asked for.
func (s *session) writeDot(w io.Writer, f *found) error {
	var b strings.Builder
	b.WriteString("digraph {\n")
	for _, i := range f.Items {
		path, color := dotString(s.shownPath(i.Dir)), ""
		if i.Excluded {
			color = "[color=red]"
		}
		b.WriteString("\t" + path + " " + color + ";\n")
		if i.Unit == nil || f.Graph == nil {
			continue
		}
		for _, d := range s.shownPaths(i.Unit.Dependencies()) {
			b.WriteString("\t" + path + " -> " + dotString(d) + ";\n")
		}
	}
	b.WriteString("}\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// dotString is a string of the DOT language, in which only quotes have to be
// escaped.
func dotString(text string) string { return `"` + strings.ReplaceAll(text, `"`, `\"`) + `"` }
