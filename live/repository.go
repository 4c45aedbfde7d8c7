package live

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"
)

// Place is where a unit stands among the environments. Paths are from the root
// of the live repository, with slashes.
type Place struct {
	Path        string // of the unit's folder
	Environment string // "" for a unit that belongs to none
	Folder      string // of the environment, of those that it has the one above the unit
	// Slot is the unit's path within its environment: the same slot in two
	// environments is the same component. Where an environment has several
	// folders, what tells them apart is the first part of it.
	Slot string
}

// Outside is a folder with units that belong to no environment.
type Outside struct {
	Path  string
	Units []string
}

// Layout says where every unit of a repository stands.
type Layout struct {
	File    *File
	Places  []Place   // by path
	Outside []Outside // by path
}

// OverlapError says that a unit lies in two environments.
type OverlapError struct {
	Unit         string
	Environments []*Environment
}

func (e *OverlapError) Error() string {
	var list []string
	for _, env := range e.Environments {
		text := env.Name + " (" + strings.Join(env.Paths, ", ")
		if env.Range.Line > 0 {
			text += fmt.Sprintf("; %s:%d", env.Range.File, env.Range.Line)
		}
		list = append(list, text+")")
	}
	return fmt.Sprintf("%s: the unit is in several environments: %s. Write the path of one of them so that it leaves the unit out", e.Unit, strings.Join(list, " and "))
}

// Place finds the environment of a unit by its folder, from the root with
// slashes. The error is an *OverlapError.
func (f *File) Place(unit string) (Place, error) {
	unit = path.Clean(unit)
	found := Place{Path: unit}
	var in []*Environment
	for _, e := range f.Environments {
		if folder, slot, ok := e.holds(unit); ok {
			in = append(in, e)
			found.Environment, found.Folder, found.Slot = e.Name, folder, slot
		}
	}
	if len(in) > 1 {
		return Place{Path: unit}, &OverlapError{unit, in}
	}
	return found, nil
}

// Assign places all units of a repository.
func (f *File) Assign(units []string) (*Layout, error) {
	l := &Layout{File: f}
	var errs []error
	units = slices.Clone(units)
	slices.Sort(units)
	for _, u := range slices.Compact(units) {
		p, err := f.Place(u)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		l.Places = append(l.Places, p)
	}
	l.Outside = l.outside()
	return l, errors.Join(errs...)
}

// In lists the units of an environment.
func (l *Layout) In(environment string) []Place {
	return slices.DeleteFunc(slices.Clone(l.Places), func(p Place) bool { return p.Environment != environment })
}

// At finds the unit in a slot of an environment.
func (l *Layout) At(environment, slot string) (Place, bool) {
	for _, p := range l.Places {
		if p.Environment == environment && p.Slot == slot {
			return p, true
		}
	}
	return Place{}, false
}

// Of finds a unit by its folder.
func (l *Layout) Of(unit string) (Place, bool) {
	i, ok := slices.BinarySearchFunc(l.Places, unit, func(p Place, u string) int { return strings.Compare(p.Path, u) })
	if !ok {
		return Place{}, false
	}
	return l.Places[i], true
}

// outside gathers the units of no environment below the topmost folders that
// hold nothing of one.
func (l *Layout) outside() []Outside {
	folders := l.folders()
	var list []Outside
	for _, p := range l.Places {
		if p.Environment != "" {
			continue
		}
		top := topOutside(p.Path, folders)
		if i := slices.IndexFunc(list, func(o Outside) bool { return o.Path == top }); i >= 0 {
			list[i].Units = append(list[i].Units, p.Path)
			continue
		}
		list = append(list, Outside{top, []string{p.Path}})
	}
	slices.SortFunc(list, func(a, b Outside) int { return strings.Compare(a.Path, b.Path) })
	return list
}

// folders are those of environments: found ones, and those that are written
// down as they are.
func (l *Layout) folders() []string {
	var list []string
	for _, p := range l.Places {
		if p.Environment != "" && !slices.Contains(list, p.Folder) {
			list = append(list, p.Folder)
		}
	}
	for _, e := range l.File.Environments {
		for _, pattern := range e.Paths {
			if !isPattern(pattern) && !slices.Contains(list, pattern) {
				list = append(list, pattern)
			}
		}
	}
	return list
}

func topOutside(unit string, folders []string) string {
	parts := strings.Split(unit, "/")
	for n := 1; n < len(parts); n++ {
		dir := strings.Join(parts[:n], "/")
		above := func(folder string) bool { return strings.HasPrefix(folder, dir+"/") }
		if !slices.ContainsFunc(folders, above) {
			return dir
		}
	}
	return unit
}
