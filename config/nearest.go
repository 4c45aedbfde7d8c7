package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/agext/levenshtein"
	"github.com/hashicorp/hcl/v2"
)

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

// Nearest gives the candidate that is a slip or two away from a name, or "".
func Nearest(name string, candidates []string) string { return nearest(name, candidates) }

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

// orNearest adds to a sentence what may have been meant by a word in it.
func orNearest(name string, candidates ...string) string {
	if best := nearest(name, candidates); best != "" {
		return fmt.Sprintf(" Did you mean %q?", best)
	}
	return ""
}

// orNearPath is orNearest for a path of which nothing exists.
func orNearPath(path string) string {
	best := nearEntry(filepath.Dir(path), filepath.Base(path))
	if best == "" {
		return ""
	}
	return " Did you mean " + filepath.Join(filepath.Dir(path), best) + "?"
}

// nearEntry gives what in a folder has almost that name, or "".
func nearEntry(dir, name string) string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return ""
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	if best := nearest(name, names); best != name {
		return best
	}
	return ""
}
