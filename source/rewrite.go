package source

import "strings"

// Remap replaces the root of an address by its entry in a source map: the
// part before `//`, without query, must be equal to a key letter for letter.
// The query is dropped, since a mapped source is most often a local checkout.
// An address without an entry is returned unchanged.
func Remap(raw string, m map[string]string) string {
	if len(m) == 0 {
		return raw
	}
	forced, rest := splitForced(raw)
	root, sub := SplitSubdir(rest)
	root, _, _ = strings.Cut(root, "?")
	if forced != "" {
		root = forced + "::" + root
	}
	mapped, ok := m[root]
	if !ok {
		return raw
	}
	return join(mapped, sub)
}

// Override gives the address of a unit when one root is used in place of the
// configured ones of many units. Each keeps its own sub-path: what follows
// `//`, or else the last element of the path up to its first dot.
func Override(root, configured string) string {
	_, rest := splitForced(configured)
	base, sub := SplitSubdir(rest)
	if sub == "" {
		base, _, _ = strings.Cut(base, "?")
		base = strings.TrimRight(strings.ReplaceAll(base, `\`, "/"), "/")
		sub, _, _ = strings.Cut(base[strings.LastIndexByte(base, '/')+1:], ".")
	}
	return join(root, sub)
}

// join puts a sub-path behind a root that may have a query or a sub-path of
// its own.
func join(root, sub string) string {
	if sub == "" {
		return root
	}
	body, query, asked := strings.Cut(root, "?")
	if asked {
		query = "?" + query
	}
	sep := "//"
	if _, own := SplitSubdir(body); own != "" {
		sep = "/"
	}
	return strings.TrimRight(body, "/") + sep + strings.TrimLeft(sub, "/") + query
}
