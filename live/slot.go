package live

import (
	"path"
	"slices"
	"strings"
)

// holds says whether a unit lies in the environment: below which of its
// folders, and in which slot. Of folders within one another the outer counts.
func (e *Environment) holds(unit string) (folder, slot string, ok bool) {
	parts := strings.Split(unit, "/")
	for n := 1; n <= len(parts); n++ {
		for _, p := range e.Paths {
			if !matchParts(strings.Split(p, "/"), parts[:n]) {
				continue
			}
			before, after := e.shared()
			own := parts[before : n-min(after, n-before)]
			slot := strings.Join(slices.Concat(own, parts[n:]), "/")
			if slot == "" {
				slot = "."
			}
			return strings.Join(parts[:n], "/"), slot, true
		}
	}
	return "", "", false
}

// shared counts the first and the last parts that all of the environment's
// folders have in common. They say which environment it is, so they are no
// part of a slot; a wildcard is, since it tells folders apart.
func (e *Environment) shared() (before, after int) {
	lists := make([][]string, len(e.Paths))
	shortest := -1
	for i, p := range e.Paths {
		lists[i] = strings.Split(p, "/")
		if shortest < 0 || len(lists[i]) < shortest {
			shortest = len(lists[i])
		}
	}
	same := func(at func(list []string) string) bool {
		first := at(lists[0])
		return !isPattern(first) && !slices.ContainsFunc(lists, func(l []string) bool { return at(l) != first })
	}
	for before < shortest && same(func(l []string) string { return l[before] }) {
		before++
	}
	for after < shortest-before && same(func(l []string) string { return l[len(l)-1-after] }) {
		after++
	}
	return before, after
}

func isPattern(text string) bool { return strings.ContainsAny(text, "*?[") }

// matchParts matches a path against a pattern, both cut at their slashes. Two
// stars stand for any number of folders.
func matchParts(pattern, parts []string) bool {
	for len(pattern) > 0 {
		if pattern[0] == "**" {
			for i := range len(parts) + 1 {
				if matchParts(pattern[1:], parts[i:]) {
					return true
				}
			}
			return false
		}
		if len(parts) == 0 {
			return false
		}
		if ok, err := path.Match(pattern[0], parts[0]); err != nil || !ok {
			return false
		}
		pattern, parts = pattern[1:], parts[1:]
	}
	return len(parts) == 0
}
