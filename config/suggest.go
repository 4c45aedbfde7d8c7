package config

import (
	"fmt"
	"strings"

	"github.com/agext/levenshtein"
	"github.com/hashicorp/hcl/v2"
)

// suggest names what may have been meant by an attribute that is not there.
func (fr *frame) suggest(d *hcl.Diagnostic) string {
	for _, t := range d.Expression.Variables() {
		parts := traversalNames(t)
		if len(parts) < 2 || d.Subject == nil || !covers(t.SourceRange(), *d.Subject) {
			continue
		}
		if names := fr.siblings(parts); len(names) > 0 {
			if best := nearest(parts[len(parts)-1], names); best != "" {
				return fmt.Sprintf("Did you mean %q?", best)
			}
			return fmt.Sprintf("There are: %s.", strings.Join(names, ", "))
		}
	}
	return ""
}

func covers(outer, inner hcl.Range) bool {
	return outer.Filename == inner.Filename && outer.Start.Byte <= inner.Start.Byte && inner.End.Byte <= outer.End.Byte
}

func traversalNames(t hcl.Traversal) []string {
	names := []string{t.RootName()}
	for _, s := range t[1:] {
		name, ok := staticStep(s)
		if !ok {
			break
		}
		names = append(names, name)
	}
	return names
}

// siblings lists what could have stood in place of the second word.
func (fr *frame) siblings(parts []string) []string {
	switch parts[0] {
	case "local":
		if _, ok := fr.file.locals.byName[parts[1]]; !ok {
			return fr.file.locals.order
		}
	case "include":
		var labels []string
		for _, in := range fr.core.includes {
			if in.Label == parts[1] {
				return nil
			}
			labels = append(labels, in.Label)
		}
		return labels
	}
	return nil
}

// nearest gives the candidate that is a slip or two away from a name, or "".
func nearest(name string, candidates []string) string {
	best, bestCost := "", 2+len(name)/3
	for _, c := range candidates {
		cost := levenshtein.Distance(strings.ToLower(name), strings.ToLower(c), nil)
		if cost < bestCost && cost < len(name) {
			best, bestCost = c, cost
		}
	}
	return best
}
