package ui

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Summary is what a run came to.
type Summary struct {
	// Elapsed is the time from the first start to the last end.
	Elapsed time.Duration
	Groups  []Group
	// PerItem lists the items of each group instead of counting them.
	PerItem bool
	// Notes are lines below the groups.
	Notes []string
}

// Group holds the items that ended alike, such as "Succeeded".
type Group struct {
	Label string
	Color Color
	Items []Timed
}

// Timed is one item of a summary. Elapsed is zero for one that never started.
type Timed struct {
	Name    string
	Elapsed time.Duration
	Detail  string // shown on a line of its own
}

const (
	summaryIndent = "   "
	summaryName   = 20 // columns for a name; longer ones widen the block
	summaryDots   = 3
)

// WriteSummary writes the block that ends a run, between two empty lines. Groups
// without items are left out.
func WriteSummary(w io.Writer, s Summary, st Style) error {
	total, labels, names := 0, 0, summaryName
	for _, g := range s.Groups {
		total += len(g.Items)
		if len(g.Items) > 0 {
			labels = max(labels, visibleWidth(g.Label))
		}
		for _, item := range g.Items {
			if s.PerItem {
				names = max(names, visibleWidth(item.Name))
			}
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s  %s  %s\n", st.Paint(BoldYellow, "❯❯ Run Summary"), count(total, "unit"), FormatDuration(s.Elapsed))
	b.WriteString(summaryIndent + strings.Repeat("─", names+summaryDots+len(summaryIndent)+2) + "\n")
	for _, g := range s.Groups {
		switch {
		case len(g.Items) == 0:
		case s.PerItem:
			fmt.Fprintf(&b, "%s%s (%d)\n", summaryIndent, st.Paint(g.Color, g.Label), len(g.Items))
			writeItems(&b, g.Items, names)
		default:
			fmt.Fprintf(&b, "%s%s  %d\n", summaryIndent, pad(st.Paint(g.Color, g.Label), labels), len(g.Items))
		}
	}
	for _, note := range s.Notes {
		b.WriteString(summaryIndent + note + "\n")
	}
	b.WriteByte('\n')
	_, err := io.WriteString(w, b.String())
	return err
}

// writeItems lists items, the one that took longest first.
func writeItems(b *strings.Builder, items []Timed, names int) {
	items = slices.Clone(items)
	slices.SortStableFunc(items, func(x, y Timed) int {
		return cmp.Or(cmp.Compare(y.Elapsed, x.Elapsed), cmp.Compare(x.Name, y.Name))
	})
	for _, item := range items {
		b.WriteString(summaryIndent + summaryIndent + item.Name)
		if item.Elapsed > 0 {
			dots := names - visibleWidth(item.Name) + summaryDots
			b.WriteString(" " + strings.Repeat(".", dots) + " " + FormatDuration(item.Elapsed))
		}
		b.WriteByte('\n')
		if item.Detail != "" {
			b.WriteString(strings.Repeat(summaryIndent, 3) + item.Detail + "\n")
		}
	}
}

// FormatDuration shows a duration in one whole unit, truncated: ns, µs, ms, s
// below a minute, else m.
func FormatDuration(d time.Duration) string {
	unit, name := time.Minute, "m"
	switch {
	case d < time.Microsecond:
		unit, name = time.Nanosecond, "ns"
	case d < time.Millisecond:
		unit, name = time.Microsecond, "µs"
	case d < time.Second:
		unit, name = time.Millisecond, "ms"
	case d < time.Minute:
		unit, name = time.Second, "s"
	}
	return strconv.FormatInt(int64(d/unit), 10) + name
}

// count is a number and its noun, in the plural unless it is one.
func count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return strconv.Itoa(n) + " " + noun
}
