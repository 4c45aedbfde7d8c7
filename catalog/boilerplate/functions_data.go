package boilerplate

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"sort"
	"strings"
	"text/template"
)

func dataFunctions() template.FuncMap {
	return template.FuncMap{
		"default": func(fallback any, given ...any) any {
			if len(given) == 0 || empty(given[0]) {
				return fallback
			}
			return given[0]
		},
		"empty": empty,
		"coalesce": func(list ...any) any {
			for _, x := range list {
				if !empty(x) {
					return x
				}
			}
			return nil
		},
		"ternary": func(yes, no any, is bool) any {
			if is {
				return yes
			}
			return no
		},
		"kindOf":    func(x any) string { return fmt.Sprint(reflect.ValueOf(x).Kind()) },
		"kindIs":    func(kind string, x any) bool { return fmt.Sprint(reflect.ValueOf(x).Kind()) == kind },
		"typeOf":    func(x any) string { return fmt.Sprintf("%T", x) },
		"deepEqual": reflect.DeepEqual,

		"list": func(list ...any) []any { return list }, "tuple": func(list ...any) []any { return list },
		"first": func(x any) any { return at(x, 0) }, "last": func(x any) any { return at(x, -1) },
		"rest":    func(x any) []any { l := items(x); return l[min(1, len(l)):] },
		"initial": func(x any) []any { l := items(x); return l[:max(len(l)-1, 0)] },
		"append":  func(x, one any) []any { return append(slices.Clone(items(x)), one) },
		"push":    func(x, one any) []any { return append(slices.Clone(items(x)), one) },
		"prepend": func(x, one any) []any { return append([]any{one}, items(x)...) },
		"concat":  concat,
		"reverse": func(x any) []any { l := slices.Clone(items(x)); slices.Reverse(l); return l },
		"uniq":    uniq,
		"without": func(x any, out ...any) []any {
			return slices.DeleteFunc(slices.Clone(items(x)), func(one any) bool { return has(one, out) })
		},
		"compact":   func(x any) []any { return slices.DeleteFunc(slices.Clone(items(x)), empty) },
		"has":       func(one any, x any) bool { return has(one, items(x)) },
		"sliceList": sliceList,
		"join":      func(sep string, x any) string { return strings.Join(texts(x), sep) },
		"sortAlpha": func(x any) []string { l := texts(x); sort.Strings(l); return l },
		"splitList": func(sep, s string) []string { return strings.Split(s, sep) },
		"split": func(sep, s string) map[string]any {
			out := map[string]any{}
			for i, part := range strings.Split(s, sep) {
				out[fmt.Sprintf("_%d", i)] = part
			}
			return out
		},
		"toStrings": texts,

		"dict":   dict,
		"get":    func(m map[string]any, key string) any { return m[key] },
		"set":    func(m map[string]any, key string, x any) map[string]any { m[key] = x; return m },
		"unset":  func(m map[string]any, key string) map[string]any { delete(m, key); return m },
		"hasKey": func(m map[string]any, key string) bool { _, ok := m[key]; return ok },
		"keys":   sortedKeys, "keysSorted": sortedKeys, "keysUnordered": sortedKeys,
		"values": func(m map[string]any) []any {
			var out []any
			for _, k := range slices.Sorted(maps.Keys(m)) {
				out = append(out, m[k])
			}
			return out
		},
		"pick":  func(m map[string]any, keys ...string) map[string]any { return some(m, keys, true) },
		"omit":  func(m map[string]any, keys ...string) map[string]any { return some(m, keys, false) },
		"merge": merge,
	}
}

// empty is what a condition takes for false.
func empty(x any) bool {
	truth, ok := template.IsTrue(x)
	return !ok || !truth
}

// items are the members of any kind of list.
func items(x any) []any {
	if l, ok := x.([]any); ok {
		return l
	}
	v := reflect.ValueOf(x)
	if x == nil || v.Kind() != reflect.Slice && v.Kind() != reflect.Array {
		return nil
	}
	out := make([]any, v.Len())
	for i := range out {
		out[i] = v.Index(i).Interface()
	}
	return out
}

func texts(x any) []string {
	list := items(x)
	if list == nil && x != nil && reflect.ValueOf(x).Kind() != reflect.Slice {
		return []string{toText(x)}
	}
	out := make([]string, len(list))
	for i, one := range list {
		out[i] = toText(one)
	}
	return out
}

func at(x any, i int) any {
	list := items(x)
	if i < 0 {
		i += len(list)
	}
	if i < 0 || i >= len(list) {
		return nil
	}
	return list[i]
}

func has(one any, list []any) bool {
	return slices.ContainsFunc(list, func(x any) bool { return reflect.DeepEqual(x, one) })
}

func concat(lists ...any) []any {
	var out []any
	for _, x := range lists {
		out = append(out, items(x)...)
	}
	return out
}

func uniq(x any) []any {
	var out []any
	for _, one := range items(x) {
		if !has(one, out) {
			out = append(out, one)
		}
	}
	return out
}

func sliceList(x any, bounds ...int) ([]any, error) {
	list := items(x)
	from, to := 0, len(list)
	if len(bounds) > 0 {
		from = bounds[0]
	}
	if len(bounds) > 1 {
		to = bounds[1]
	}
	if from < 0 || to > len(list) || from > to {
		return nil, fmt.Errorf("sliceList: %d to %d is out of range for a list of %d", from, to, len(list))
	}
	return list[from:to], nil
}

func dict(pairs ...any) map[string]any {
	out := map[string]any{}
	for i := 0; i < len(pairs); i += 2 {
		var x any = ""
		if i+1 < len(pairs) {
			x = pairs[i+1]
		}
		out[toText(pairs[i])] = x
	}
	return out
}

func sortedKeys(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }

func some(m map[string]any, keys []string, in bool) map[string]any {
	out := map[string]any{}
	for k, x := range m {
		if slices.Contains(keys, k) == in {
			out[k] = x
		}
	}
	return out
}

// merge adds to the first map what it does not have.
func merge(to map[string]any, more ...map[string]any) map[string]any {
	for _, m := range more {
		for k, x := range m {
			inner, both := to[k].(map[string]any)
			if add, ok := x.(map[string]any); ok && both {
				to[k] = merge(inner, add)
			} else if _, there := to[k]; !there {
				to[k] = x
			}
		}
	}
	return to
}
