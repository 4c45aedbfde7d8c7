package catalog

import (
	"net/url"
	"path/filepath"
	"strings"

	"github.com/terrace-iac/terrace/source"
)

// splitQuery parts an address at the question mark.
func splitQuery(raw string) (address, query string) {
	address, query, _ = strings.Cut(raw, "?")
	return address, query
}

// withSubdir names a folder in a repository whose address is given as typed.
func withSubdir(raw, dir string) string {
	if dir == "" {
		return raw
	}
	address, query := splitQuery(raw)
	address = strings.TrimRight(address, "/") + "//" + dir
	if query != "" {
		return address + "?" + query
	}
	return address
}

// withParameter sets one parameter of an address and leaves the rest as it was
// typed: a value is not escaped where readers of addresses do not need it.
func withParameter(raw, name, value string) string {
	address, query := splitQuery(raw)
	var kept []string
	for _, pair := range strings.Split(query, "&") {
		if key, _, _ := strings.Cut(pair, "="); pair != "" && key != name {
			kept = append(kept, pair)
		}
	}
	escaped := strings.NewReplacer("%2F", "/", "%40", "@", "%3A", ":").Replace(url.QueryEscape(value))
	return address + "?" + strings.Join(append(kept, name+"="+escaped), "&")
}

// isPath says whether an address is the path of a folder, as typed.
func isPath(raw string, a source.Address) bool {
	_, local := a.LocalPath()
	return local && !strings.Contains(raw, "::") && !strings.Contains(raw, "://")
}

// rebase gives what a path that was typed in one folder is called in another.
// What is absolute stays so.
func rebase(raw, from, to string) string {
	address, query := splitQuery(raw)
	root, sub := source.SplitSubdir(address)
	if filepath.IsAbs(root) {
		return raw
	}
	rel, err := filepath.Rel(to, filepath.Join(from, root))
	if err != nil { // on another drive
		rel = filepath.Join(from, root)
	}
	rel = filepath.ToSlash(rel)
	if !filepath.IsAbs(rel) && rel != "." && rel != ".." && !strings.HasPrefix(rel, "../") {
		rel = "./" + rel
	}
	if sub != "" {
		rel += "//" + sub
	}
	if query != "" {
		rel += "?" + query
	}
	return rel
}

// overSSH rewrites the address of a repository that is reached by https to the
// one by which ssh reaches it. Other addresses stay as they are.
func overSSH(raw string, a source.Address, user string) string {
	u := a.URL()
	if a.Kind() != "git" || u.Scheme != "https" && u.Scheme != "http" {
		return raw
	}
	if user == "" {
		user = "git"
	}
	_, query := splitQuery(raw)
	u.Scheme, u.User, u.RawQuery = "ssh", url.User(user), ""
	if u.Port() == "443" || u.Port() == "80" {
		u.Host = u.Hostname()
	}
	text := "git::" + u.String()
	if a.Subdir() != "" {
		text += "//" + a.Subdir()
	}
	if query != "" {
		text += "?" + query
	}
	return text
}
