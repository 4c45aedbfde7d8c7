package source

import (
	"net/url"
	"path/filepath"
	"strings"
)

// Address is a module address in its canonical form: which getter brings it,
// the URL of the whole (the root), and the folder within that is wanted.
// The zero value is not an address; Parse makes one.
type Address struct {
	forced string   // getter named before "::", or found by a shorthand; "" when the URL's scheme decides
	url    *url.URL // root with query, without sub-path; never changed
	sub    string   // slash separated, clean, "" for the root
	local  string   // absolute path when the root is a folder here
}

// Root is the canonical URL of the whole source with its query and without
// the sub-path: "file:///abs/mods", "git::file:///srv/repo?ref=v1". It may
// hold credentials and is an identity, not a text to show.
func (a Address) Root() string {
	if a.url == nil {
		return ""
	}
	return a.prefix() + a.url.String()
}

// Subdir is the part after `//`, slash separated, "" when there is none. It
// never leaves the root.
func (a Address) Subdir() string { return a.sub }

// LocalPath gives the folder of a source that needs no fetching.
func (a Address) LocalPath() (string, bool) { return a.local, a.local != "" }

// Kind names the getter that is responsible: "file", "git", "https", "s3".
func (a Address) Kind() string {
	switch {
	case a.url == nil:
		return ""
	case a.forced != "":
		return a.forced
	}
	return a.url.Scheme
}

// Query gives the parameters of the address: ref, depth, archive.
func (a Address) Query() url.Values {
	if a.url == nil {
		return url.Values{}
	}
	return a.url.Query()
}

// URL is a copy of the root's URL without the getter's name.
func (a Address) URL() *url.URL {
	if a.url == nil {
		return &url.URL{}
	}
	u := *a.url
	return &u
}

// String shows the address to people: sub-path included, secrets masked.
func (a Address) String() string {
	if a.url == nil {
		return ""
	}
	u := masked(a.url)
	text := a.prefix() + u.String()
	if a.sub == "" {
		return text
	}
	root, query, asked := strings.Cut(text, "?")
	if asked {
		query = "?" + query
	}
	return root + "//" + a.sub + query
}

// plain is the root without its query, from which the cache takes its name.
func (a Address) plain() string {
	u := a.URL()
	u.RawQuery, u.ForceQuery = "", false
	return a.prefix() + u.String()
}

// repository is the root without query for messages.
func (a Address) repository() string {
	u := masked(a.url)
	u.RawQuery, u.ForceQuery = "", false
	return a.prefix() + u.String()
}

func (a Address) prefix() string {
	if a.forced == "" {
		return ""
	}
	return a.forced + "::"
}

// fileURL is file:///abs/path for a path of this system.
func fileURL(path string) *url.URL {
	slashed := filepath.ToSlash(path)
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed
	}
	return &url.URL{Scheme: "file", Path: slashed}
}

// WithoutQuery is the address without its parameters: the newest of everything.
func (a Address) WithoutQuery() Address {
	if a.url == nil {
		return a
	}
	a.url = a.URL()
	a.url.RawQuery, a.url.ForceQuery = "", false
	return a
}
