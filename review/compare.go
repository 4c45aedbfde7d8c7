package review

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Comparison holds a plan against one that was reviewed. Both are redacted
// with the same key.
type Comparison struct {
	Reviewed, Now []byte
	Key           []byte
	// Mocked are the digests of the values that stood in for outputs when the
	// reviewed plan was made: a leaf that is exactly one of them may differ.
	Mocked map[string]bool
}

// Differences lists what the plan would do that was not reviewed, one line
// each; none means that it may be applied in the place of the other. What was
// not known at review may have become anything.
func (c Comparison) Differences() ([]string, error) {
	before, err := decode(c.Reviewed)
	if err != nil {
		return nil, fmt.Errorf("reviewed plan: %w", err)
	}
	now, err := decode(c.Now)
	if err != nil {
		return nil, err
	}
	var out []string
	was, is := resources(before), resources(now)
	for _, address := range union(was, is) {
		out = append(out, c.resource(address, was[address], is[address])...)
	}
	wasOut, isOut := object(before["output_changes"]), object(now["output_changes"])
	for _, name := range union(wasOut, isOut) {
		out = append(out, c.leaves("output "+name, object(wasOut[name]), object(isOut[name]), "after")...)
	}
	return out, nil
}

// resources are the changes of managed objects by address. What is read only
// changes nothing, and is planned or not depending on what is known.
func resources(doc map[string]any) map[string]any {
	out := map[string]any{}
	for _, item := range list(doc["resource_changes"]) {
		o := object(item)
		if text(o["mode"]) == "data" {
			continue
		}
		address := text(o["address"])
		if d := text(o["deposed"]); d != "" {
			address += " (deposed " + d + ")"
		}
		out[address] = o
	}
	return out
}

func union(a, b map[string]any) []string {
	all := maps.Clone(a)
	if all == nil {
		all = map[string]any{}
	}
	maps.Copy(all, b)
	return slices.Sorted(maps.Keys(all))
}

func (c Comparison) resource(address string, was, is any) []string {
	a, b := parseChange(object(was)), parseChange(object(is))
	if was == nil {
		a.Action = None
	}
	if is == nil {
		b.Action = None
	}
	var out []string
	differ := func(what string, x, y any) {
		if fmt.Sprint(x) != fmt.Sprint(y) {
			out = append(out, fmt.Sprintf("%s: %s was %v at review and is %v now", address, what, orNone(x), orNone(y)))
		}
	}
	differ("the action", a.Action, b.Action)
	if len(out) > 0 {
		return out
	}
	differ("what forces the replacement", strings.Join(a.Forces, ", "), strings.Join(b.Forces, ", "))
	differ("the import", a.Import, b.Import)
	differ("the address before", a.MoveFrom, b.MoveFrom)
	for _, side := range []string{"before", "after"} {
		out = append(out, c.leaves(address, object(object(was)["change"]), object(object(is)["change"]), side)...)
	}
	return out
}

func orNone(v any) any {
	if fmt.Sprint(v) == "" {
		return "none"
	}
	return v
}

// leaves compares one side of a change. Values are not shown: what is asked is
// shown in a review of its own.
func (c Comparison) leaves(subject string, was, is map[string]any, side string) []string {
	a, b := map[string]leaf{}, map[string]leaf{}
	flatten(a, "", was[side])
	flatten(b, "", is[side])
	if side == "after" {
		flattenUnknown(a, "", was["after_unknown"])
		flattenUnknown(b, "", is["after_unknown"])
	}
	all := map[string]bool{}
	for p := range a {
		all[p] = true
	}
	for p := range b {
		all[p] = true
	}
	var out []string
	for _, p := range slices.Sorted(maps.Keys(all)) {
		if x, y := a[p], b[p]; !c.equal(x, y) && !open(a, p) && !c.mocked(x) {
			out = append(out, fmt.Sprintf("%s: %s %s is not what was reviewed", subject, side, orNone(p)))
		}
	}
	return out
}

// equal holds also where only one of the plans knows that a value is secret.
func (c Comparison) equal(x, y leaf) bool {
	if x == y || x.hidden == y.hidden || x.unknown || y.unknown {
		return x == y
	}
	return c.digestOf(x) == c.digestOf(y)
}

func (c Comparison) digestOf(l leaf) string {
	if l.hidden {
		return strings.TrimPrefix(l.text, hidden)
	}
	v, err := decodeValue(l.text)
	if err != nil {
		return ""
	}
	return Digest(c.Key, v)
}

// open says that a path, or what it is part of, was not known.
func open(a map[string]leaf, path string) bool {
	for p, l := range a {
		if l.unknown && (p == path || p == "" || strings.HasPrefix(path, p+".") || strings.HasPrefix(path, p+"[")) {
			return true
		}
	}
	return false
}

func (c Comparison) mocked(l leaf) bool {
	if l.text == "" || len(c.Mocked) == 0 {
		return false
	}
	return c.Mocked[c.digestOf(l)]
}
