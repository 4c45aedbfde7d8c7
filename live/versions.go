package live

import (
	"slices"
	"strings"
)

// UnitVersions is what a unit is pinned to.
type UnitVersions struct {
	Path    string // from the root, with slashes
	Module  Pin
	Catalog *Pin   // of the stack file's entry that made the unit; nil for a unit that was written by hand
	Note    string // why Module is not known: "not generated", "unreadable"; else ""
}

// Cell is one component in one environment.
type Cell struct {
	UnitVersions
	// Relation is to the same component in the environment before, "" where
	// there is none.
	Relation Relation
	Newest   string // the newest release; "" where it was not asked for, or there is none
	Resolved string // for a range: the newest release that meets it, likewise
	Outdated bool   // Newest is newer than what the cell is pinned to
}

// Row is one component in all environments; an environment that does not have
// it is missing from Cells.
type Row struct {
	Slot  string
	Cells map[string]*Cell
}

// Versions says which version of each component is in which environment.
type Versions struct {
	Environments []string // in promotion order
	Rows         []Row    // by slot
	Outside      []*Cell  // units that belong to no environment, by path
}

// Versions lines units up by their slots. The units are those of the layout.
func (l *Layout) Versions(units []UnitVersions) *Versions {
	v := &Versions{Environments: l.File.Names()}
	bySlot := map[string]*Row{}
	for _, u := range units {
		place, ok := l.Of(u.Path)
		if !ok {
			continue
		}
		cell := &Cell{UnitVersions: u}
		if place.Environment == "" {
			v.Outside = append(v.Outside, cell)
			continue
		}
		row := bySlot[place.Slot]
		if row == nil {
			row = &Row{Slot: place.Slot, Cells: map[string]*Cell{}}
			bySlot[place.Slot] = row
		}
		row.Cells[place.Environment] = cell
	}
	for _, row := range bySlot {
		row.relate(l.File)
		v.Rows = append(v.Rows, *row)
	}
	slices.SortFunc(v.Rows, func(a, b Row) int { return strings.Compare(a.Slot, b.Slot) })
	slices.SortFunc(v.Outside, func(a, b *Cell) int { return strings.Compare(a.Path, b.Path) })
	return v
}

// Cells lists all cells, row by row.
func (v *Versions) Cells() []*Cell {
	var all []*Cell
	for _, row := range v.Rows {
		for _, name := range v.Environments {
			if c := row.Cells[name]; c != nil {
				all = append(all, c)
			}
		}
	}
	return append(all, v.Outside...)
}

// relate holds each cell against the one before it in promotion order.
func (r *Row) relate(f *File) {
	for _, e := range f.Environments {
		c := r.Cells[e.Name]
		if c == nil || c.Note != "" {
			continue
		}
		for _, before := range r.before(f, e) {
			if rel := c.Module.Compare(before.Module); c.Relation == "" || weight(rel) > weight(c.Relation) {
				c.Relation = rel
			}
		}
	}
}

// before finds the component in the environments right before one, or where
// one of those does not have it, in those before that.
func (r *Row) before(f *File, e *Environment) []*Cell {
	var found []*Cell
	for _, name := range e.After {
		if c := r.Cells[name]; c != nil && c.Note == "" {
			found = append(found, c)
		} else if above := f.Environment(name); above != nil {
			found = append(found, r.before(f, above)...)
		}
	}
	return found
}

// weight orders relations by how much they matter where there are several.
func weight(r Relation) int {
	return slices.Index([]Relation{Same, Ahead, NotComparable, Behind, Different}, r)
}
