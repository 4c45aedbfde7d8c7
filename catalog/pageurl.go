package catalog

import (
	"net/url"
	"path"
	"strings"

	"github.com/terrace-iac/terrace/source"
)

// pageURL is where the site of a repository shows a folder of it, for the
// sites that are known; "" for others.
func pageURL(a source.Address, ref, dir string) string {
	if a.Kind() != "git" {
		return ""
	}
	u := a.URL()
	host := strings.ToLower(u.Hostname())
	repo := strings.TrimSuffix(strings.Trim(u.Path, "/"), ".git")
	if ref == "" {
		ref = "HEAD"
	}
	page := func(parts ...string) string {
		return (&url.URL{Scheme: "https", Host: host, Path: path.Join(append([]string{"/", repo}, parts...)...)}).String()
	}
	switch {
	case host == "github.com" || strings.HasPrefix(host, "github."):
		return page("tree", ref, dir)
	case host == "gitlab.com" || strings.HasPrefix(host, "gitlab."):
		return page("-", "tree", ref, dir)
	case host == "bitbucket.org":
		return page("src", ref, dir)
	}
	return ""
}
