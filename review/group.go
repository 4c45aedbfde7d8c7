package review

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// group is units whose plans would do exactly the same.
type group struct {
	units  []Unit   // by path; they differ in path, wave and the like
	differ []string // paths of units that act on the same objects in the same way, but with other values
}

// first stands for all units of the group.
func (g group) first() Unit { return g.units[0] }

func (g group) paths() []string {
	paths := make([]string, len(g.units))
	for i, u := range g.units {
		paths[i] = u.Path
	}
	return paths
}

// groups gives the units that change something, the riskiest first, those that
// are alike together, and apart from them the units without changes.
func (r *Review) groups() (changed []group, same []Unit) {
	byDiff, byShape := map[string]int{}, map[string][]int{}
	var shapes []string
	for _, u := range sorted(r.Units) {
		if !u.Changed() && u.Status != "deferred" {
			same = append(same, u)
			continue
		}
		key := u.diffKey()
		if i, ok := byDiff[key]; ok {
			changed[i].units = append(changed[i].units, u)
			continue
		}
		byDiff[key] = len(changed)
		shape := u.shapeKey()
		if _, ok := byShape[shape]; !ok {
			shapes = append(shapes, shape)
		}
		byShape[shape] = append(byShape[shape], len(changed))
		changed = append(changed, group{units: []Unit{u}})
	}
	for _, shape := range shapes {
		tellDifferences(changed, byShape[shape])
	}
	return changed, same
}

// tellDifferences notes at the largest group of a shape who is not in it.
func tellDifferences(all []group, alike []int) {
	largest := alike[0]
	for _, i := range alike {
		if len(all[i].units) > len(all[largest].units) {
			largest = i
		}
	}
	if len(all[largest].units) < 2 {
		return
	}
	for _, i := range alike {
		if i != largest {
			all[largest].differ = append(all[largest].differ, all[i].paths()...)
		}
	}
}

func sorted(units []Unit) []Unit {
	out := slices.Clone(units)
	slices.SortStableFunc(out, func(a, b Unit) int {
		return cmp.Or(cmp.Compare(a.risk(), b.risk()), strings.Compare(a.Path, b.Path))
	})
	return out
}

// diffKey is equal for units with the same changes. The digests that stand for
// sensitive values are of one key within a parsed plan only, so what is
// sensitive is compared by its place.
func (u Unit) diffKey() string {
	b, err := json.Marshal([]any{u.Status == "deferred", u.shown().Changes, u.shown().Outputs})
	if err != nil {
		return u.Path
	}
	return string(b)
}

func (u Unit) shapeKey() string {
	var b strings.Builder
	for _, c := range u.Changes {
		fmt.Fprintf(&b, "%s %s\n", c.Action, c.Address)
	}
	for _, o := range u.Outputs {
		fmt.Fprintf(&b, "output %s %s\n", o.Action, o.Name)
	}
	return b.String()
}

// shown is the unit without the digests of sensitive values: what leaves this
// room must not even tell which of them are equal.
func (u Unit) shown() Unit {
	u.Changes, u.Outputs = slices.Clone(u.Changes), slices.Clone(u.Outputs)
	for i := range u.Changes {
		u.Changes[i].Attrs = shownAttrs(u.Changes[i].Attrs)
	}
	for i := range u.Outputs {
		u.Outputs[i].Attrs = shownAttrs(u.Outputs[i].Attrs)
	}
	return u
}

func shownAttrs(attrs []Attribute) []Attribute {
	attrs = slices.Clone(attrs)
	for i, a := range attrs {
		if strings.HasPrefix(a.Before, hidden) {
			attrs[i].Before = `"(sensitive)"`
		}
		if strings.HasPrefix(a.After, hidden) {
			attrs[i].After = `"(sensitive)"`
		}
	}
	return attrs
}
