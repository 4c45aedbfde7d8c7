package source

import (
	"errors"
	"net/url"
	"regexp"
	"strings"
	"sync"
)

var errShortHost = errors.New("expected HOST/OWNER/REPOSITORY")

// short is what a shorthand stands for.
type short struct {
	getter string
	url    string // with query
	sub    string
	err    error
}

// address gives the canonical form. A getter that the user has named wins
// over the one that the shorthand implies.
func (s short) address(forced string) (Address, error) {
	if s.err != nil {
		return Address{}, s.err
	}
	u, err := url.Parse(s.url)
	if err != nil {
		return Address{}, err
	}
	if forced == "" {
		forced = s.getter
	}
	return Address{forced: forced, url: u, sub: s.sub}, nil
}

// shorthand recognises hosts that may be written without a scheme.
func shorthand(rest string) (short, bool) {
	body, query, asked := strings.Cut(rest, "?")
	if asked {
		query = "?" + query
	}
	host, tail, _ := strings.Cut(body, "/")
	switch {
	case host == "github.com", host == "gitlab.com", host == "bitbucket.org":
		return gitHost(host, tail, query), true
	case strings.HasSuffix(host, ".amazonaws.com"):
		return s3Host(host, tail, query)
	case host == "www.googleapis.com" && strings.HasPrefix(tail, "storage/"):
		return short{getter: "gcs", url: "https://" + body + query}, true
	}
	return short{}, false
}

// gitHost reads OWNER/REPOSITORY[/SUB...]. Where a part ends in .git the
// repository ends there, which lets GitLab's nested groups be written.
func gitHost(host, tail, query string) short {
	parts := strings.Split(strings.TrimSuffix(tail, "/"), "/")
	if len(parts) < 2 || parts[0] == "" || parts[1] == "" {
		return short{err: errShortHost}
	}
	end := 2
	for i := 1; i < len(parts); i++ {
		if strings.HasSuffix(parts[i], ".git") {
			end = i + 1
			break
		}
	}
	repo := strings.Join(parts[:end], "/")
	if !strings.HasSuffix(repo, ".git") {
		repo += ".git"
	}
	return short{getter: "git", url: "https://" + host + "/" + repo + query, sub: strings.Join(parts[end:], "/")}
}

// s3Host reads both styles of a bucket's host; the canonical one has the
// bucket in the path.
func s3Host(host, tail, query string) (short, bool) {
	name := strings.TrimSuffix(host, ".amazonaws.com")
	canonical := func(endpoint, path string) (short, bool) {
		return short{getter: "s3", url: "https://" + endpoint + ".amazonaws.com/" + path + query}, true
	}
	if name == "s3" || strings.HasPrefix(name, "s3-") || strings.HasPrefix(name, "s3.") {
		return canonical(name, tail)
	}
	for _, sep := range []string{".s3.", ".s3-"} {
		if i := strings.LastIndex(name, sep); i > 0 {
			return canonical(name[i+1:], name[:i]+"/"+tail)
		}
	}
	if bucket, ok := strings.CutSuffix(name, ".s3"); ok {
		return canonical("s3", bucket+"/"+tail)
	}
	return short{}, false
}

var scpPattern = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^([^@:/\\]+)@([^@:/\\]+):/?([^?]+)(\?.*)?$`)
})

// scpForm recognises user@host:path, the way ssh remotes are often written.
func scpForm(rest string) (short, bool) {
	m := scpPattern().FindStringSubmatch(rest)
	if m == nil {
		return short{}, false
	}
	u := url.URL{Scheme: "ssh", User: url.User(m[1]), Host: m[2], Path: "/" + m[3]}
	return short{getter: "git", url: u.String() + m[4]}, true
}

func cutHTTP(rest string) (string, bool) {
	if bare, ok := strings.CutPrefix(rest, "https://"); ok {
		return bare, true
	}
	return strings.CutPrefix(rest, "http://")
}

// isArchive reports whether a URL on a git host is one of its archives or
// release files: that is a plain download, not a repository.
func isArchive(bare string) bool {
	body, query, _ := strings.Cut(bare, "?")
	if strings.HasPrefix(query, "archive=") || strings.Contains(query, "&archive=") {
		return true
	}
	for _, ext := range []string{".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz", ".tar.zst", ".tzst"} {
		if strings.HasSuffix(body, ext) {
			return true
		}
	}
	return false
}
