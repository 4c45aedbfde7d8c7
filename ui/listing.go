package ui

import (
	"io"
	"strings"
)

// Label is a path in a listing. Its last element takes the colour, what stands
// before it is dim.
type Label struct {
	Text  string
	Color Color
}

// Label paints a label.
func (s Style) Label(l Label) string {
	if !s || l.Color == Plain {
		return l.Text
	}
	dir := strings.LastIndexByte(l.Text, '/') + 1
	return s.Paint(Dim, l.Text[:dir]) + s.Paint(l.Color, l.Text[dir:])
}

const columnGap = 2

// WriteColumns writes labels in columns as wide as the longest label and a gap, as
// many in a line as fit into width. Without labels it writes an empty line.
func WriteColumns(w io.Writer, labels []Label, width int, st Style) error {
	cell := columnGap
	for _, l := range labels {
		cell = max(cell, visibleWidth(l.Text)+columnGap)
	}
	perLine := max(1, width/cell)
	var b strings.Builder
	for i, l := range labels {
		if i > 0 && i%perLine == 0 {
			b.WriteByte('\n')
		}
		b.WriteString(pad(st.Label(l), cell))
	}
	b.WriteByte('\n')
	_, err := io.WriteString(w, b.String())
	return err
}

// WriteTable writes rows under a heading. Each column is as wide as its longest
// cell and a gap; lines do not end in spaces. Rows may be shorter than the heading.
func WriteTable(w io.Writer, heading []string, rows [][]Label, st Style) error {
	widths := make([]int, len(heading))
	for i, h := range heading {
		widths[i] = visibleWidth(h) + columnGap
	}
	for _, row := range rows {
		for i, cell := range row[:min(len(row), len(widths))] {
			widths[i] = max(widths[i], visibleWidth(cell.Text)+columnGap)
		}
	}
	var b strings.Builder
	line := make([]string, 0, len(heading))
	for _, h := range heading {
		line = append(line, st.Paint(Bold, h))
	}
	writeRow(&b, line, widths)
	for _, row := range rows {
		line = line[:0]
		for _, cell := range row[:min(len(row), len(widths))] {
			line = append(line, st.Label(cell))
		}
		writeRow(&b, line, widths)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func writeRow(b *strings.Builder, cells []string, widths []int) {
	for len(cells) > 0 && cells[len(cells)-1] == "" {
		cells = cells[:len(cells)-1]
	}
	for i, cell := range cells {
		if i < len(cells)-1 {
			cell = pad(cell, widths[i])
		}
		b.WriteString(cell)
	}
	b.WriteByte('\n')
}
