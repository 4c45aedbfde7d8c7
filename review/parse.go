package review

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Parse reads what one plan would do from the JSON form of the binary. It need
// not be redacted before: no sensitive value gets into the model.
func Parse(path string, plan []byte) (Unit, error) {
	doc, err := decode(plan)
	if err != nil {
		return Unit{}, fmt.Errorf("%s: %w", path, err)
	}
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	redactDoc(doc, key, NewSecrets())
	u := Unit{Path: path, Changes: []Change{}, Outputs: []Output{}}
	for _, item := range list(doc["resource_changes"]) {
		if c := parseChange(object(item)); c.Action != None {
			u.Changes = append(u.Changes, c)
			u.Counts.count(c)
		}
	}
	sortChanges(u.Changes)
	changes := object(doc["output_changes"])
	for _, name := range slices.Sorted(maps.Keys(changes)) {
		c := object(changes[name])
		if action := actionOf(c); action != None {
			u.Outputs = append(u.Outputs, Output{Name: name, Action: action, Attrs: diff(c)})
		}
	}
	u.Counts.Outputs = len(u.Outputs)
	return u, nil
}

func (c *Counts) count(ch Change) {
	switch ch.Action {
	case Create:
		c.Create++
	case Update:
		c.Update++
	case Replace:
		c.Replace++
	case Delete:
		c.Delete++
	case Forget:
		c.Forget++
	case Read:
		c.Read++
	}
	if ch.Import != "" {
		c.Import++
	}
	if ch.MoveFrom != "" {
		c.Move++
	}
}

func parseChange(item map[string]any) Change {
	change := object(item["change"])
	c := Change{Address: text(item["address"]), MoveFrom: text(item["previous_address"]), Reason: text(item["action_reason"]), Action: actionOf(change)}
	if d := text(item["deposed"]); d != "" {
		c.Address += " (deposed " + d + ")"
	}
	if importing, ok := change["importing"].(map[string]any); ok {
		c.Import = cmp.Or(text(importing["id"]), "known after apply")
	}
	switch {
	case c.Action == None && c.Import != "":
		c.Action = Import
	case c.Action == None && c.MoveFrom != "":
		c.Action = Move
	}
	for _, p := range list(change["replace_paths"]) {
		c.Forces = append(c.Forces, pathOf(list(p)))
	}
	slices.Sort(c.Forces)
	if c.Action != None {
		c.Attrs = diff(change)
	}
	for i, a := range c.Attrs {
		c.Attrs[i].Forces = slices.ContainsFunc(c.Forces, func(f string) bool {
			return a.Path == f || strings.HasPrefix(a.Path, f+".") || strings.HasPrefix(a.Path, f+"[")
		})
	}
	return c
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

func actionOf(change map[string]any) Action {
	var words []string
	for _, w := range list(change["actions"]) {
		words = append(words, text(w))
	}
	switch strings.Join(words, " ") {
	case "delete create", "create delete":
		return Replace
	case "forget":
		return Forget
	case "create forget", "forget create":
		return Replace
	case "delete":
		return Delete
	case "update":
		return Update
	case "create":
		return Create
	case "read":
		return Read
	case "no-op", "":
		return None
	}
	return Update // something newer than we are: shown, and never taken for nothing
}

// leaf is a part of a value that has no parts.
type leaf struct {
	text            string
	unknown, hidden bool
}

// diff lists the leaves in which the two sides of a change differ.
func diff(change map[string]any) []Attribute {
	before, after := map[string]leaf{}, map[string]leaf{}
	flatten(before, "", change["before"])
	flatten(after, "", change["after"])
	flattenUnknown(after, "", change["after_unknown"])
	paths := map[string]bool{}
	for p := range before {
		paths[p] = true
	}
	for p := range after {
		paths[p] = true
	}
	var out []Attribute
	for _, p := range slices.Sorted(maps.Keys(paths)) {
		b, a := before[p], after[p]
		if a == b {
			continue
		}
		out = append(out, Attribute{Path: p, Before: b.text, After: a.text, Unknown: a.unknown, Sensitive: a.hidden || b.hidden})
	}
	return out
}

func flatten(out map[string]leaf, path string, v any) {
	switch v := v.(type) {
	case nil:
		return
	case map[string]any:
		for key, inner := range v {
			flatten(out, join(path, key), inner)
		}
		if len(v) > 0 {
			return
		}
	case []any:
		for i, inner := range v {
			flatten(out, fmt.Sprintf("%s[%d]", path, i), inner)
		}
		if len(v) > 0 {
			return
		}
	case string:
		if isHidden(v) {
			out[path] = leaf{text: v, hidden: true}
			return
		}
	}
	out[path] = leaf{text: compact(v)}
}

// flattenUnknown adds the leaves that are not known before the apply. What is
// below such a place is not known either.
func flattenUnknown(out map[string]leaf, path string, mask any) {
	switch m := mask.(type) {
	case bool:
		if m {
			out[path] = leaf{unknown: true}
		}
	case map[string]any:
		if holdsTrue(m) && out[path].text == "{}" {
			delete(out, path) // it is not empty: what is in it is not known
		}
		for key, inner := range m {
			flattenUnknown(out, join(path, key), inner)
		}
	case []any:
		if holdsTrue(m) && out[path].text == "[]" {
			delete(out, path)
		}
		for i, inner := range m {
			flattenUnknown(out, fmt.Sprintf("%s[%d]", path, i), inner)
		}
	}
}

func holdsTrue(mask any) bool {
	switch m := mask.(type) {
	case bool:
		return m
	case map[string]any:
		for _, inner := range m {
			if holdsTrue(inner) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(m, holdsTrue)
	}
	return false
}

func compact(v any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return "?"
	}
	return strings.TrimSpace(b.String())
}

func join(path, key string) string {
	if !plainKey(key) {
		return path + "[" + compact(key) + "]"
	}
	if path == "" {
		return key
	}
	return path + "." + key
}

func plainKey(key string) bool {
	return key != "" && strings.IndexFunc(key, func(r rune) bool {
		return !(r == '_' || r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z')
	}) < 0
}

func pathOf(steps []any) string {
	path := ""
	for _, s := range steps {
		switch s := s.(type) {
		case string:
			path = join(path, s)
		case json.Number:
			path += "[" + s.String() + "]"
		}
	}
	return path
}
