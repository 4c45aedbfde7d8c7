package source

import (
	"errors"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"
)

var (
	errLeavesRoot   = errors.New("the sub-path after // leaves the source")
	errFileHost     = errors.New("a file URL needs an absolute path: file:///path")
	errRelativeBase = errors.New("a relative path needs a folder to start from")
)

// Parse reads an address as users write it. A relative path starts from
// baseDir, and an empty address is baseDir itself. Nothing is looked up on a
// network, so that equal addresses are equal wherever they are read.
func Parse(raw, baseDir string) (Address, error) {
	a, err := parse(raw, baseDir)
	if err != nil {
		return Address{}, &AddressError{Address: maskRaw(raw), Err: bareURLError(err, raw)}
	}
	return a, nil
}

func parse(raw, baseDir string) (Address, error) {
	forced, rest := splitForced(strings.TrimSpace(raw))
	rest, sub := SplitSubdir(rest)
	found, err := resolve(forced, rest, baseDir)
	if err != nil {
		return Address{}, err
	}
	found.sub, err = cleanSubdir(path.Join(found.sub, filepath.ToSlash(sub)))
	return found, err
}

// resolve turns the root part of an address into a getter and a URL. A
// sub-path that a shorthand held (github.com/o/r/sub) is left in the result.
func resolve(forced, rest, baseDir string) (Address, error) {
	if forced == "file" {
		forced = ""
	}
	if strings.Contains(rest, "://") {
		return resolveURL(forced, rest)
	}
	if s, ok := shorthand(rest); ok {
		return s.address(forced)
	}
	if s, ok := scpForm(rest); ok {
		return s.address(forced)
	}
	local, query, err := localPath(rest, baseDir)
	if err != nil {
		return Address{}, err
	}
	u := fileURL(local)
	u.RawQuery = query
	if forced != "" {
		return Address{forced: forced, url: u}, nil
	}
	return Address{url: u, local: local}, nil
}

func resolveURL(forced, rest string) (Address, error) {
	if bare, ok := cutHTTP(rest); ok && forced == "" && !isArchive(bare) {
		if s, ok := shorthand(bare); ok {
			return s.address(forced)
		}
	}
	u, err := url.Parse(rest)
	if err != nil {
		return Address{}, err
	}
	switch {
	case forced == "" && u.Scheme == "file":
		return fileAddress(u)
	case forced == "" && (u.Scheme == "ssh" || u.Scheme == "git"):
		// Nothing but git speaks these; without the name there would be no getter.
		forced = "git"
	}
	if forced == "tfr" || forced == "" && u.Scheme == "tfr" {
		if err := checkRegistryAddress(u); err != nil {
			return Address{}, err
		}
	}
	if forced == "oci" || forced == "" && u.Scheme == "oci" {
		if _, err := checkOCIAddress(u); err != nil {
			return Address{}, err
		}
	}
	return Address{forced: forced, url: u}, nil
}

func fileAddress(u *url.URL) (Address, error) {
	p := u.Path
	switch {
	case runtime.GOOS == "windows" && strings.HasSuffix(u.Host, ":"):
		p = u.Host + p // file://C:/x
	case runtime.GOOS == "windows" && len(p) > 2 && p[2] == ':':
		p = p[1:] // file:///C:/x
	case runtime.GOOS == "windows" && u.Host != "" && u.Host != "localhost":
		p = "//" + u.Host + p
	case u.Host != "" && u.Host != "localhost", !strings.HasPrefix(p, "/"):
		return Address{}, errFileHost
	}
	local := filepath.Clean(filepath.FromSlash(p))
	canonical := fileURL(local)
	canonical.RawQuery = u.RawQuery
	return Address{url: canonical, local: local}, nil
}

// localPath makes a path absolute. Like a shell that has entered baseDir by
// its real name, `..` of a base that is a link leaves the link's target.
func localPath(rest, baseDir string) (abs, query string, err error) {
	p, query, _ := strings.Cut(rest, "?")
	p = filepath.FromSlash(p)
	if filepath.IsAbs(p) {
		return filepath.Clean(p), query, nil
	}
	if !filepath.IsAbs(baseDir) {
		return "", "", errRelativeBase
	}
	base := filepath.Clean(baseDir)
	if info, err := os.Lstat(base); err == nil && info.Mode()&os.ModeSymlink != 0 {
		if base, err = filepath.EvalSymlinks(base); err != nil {
			return "", "", err
		}
	}
	return filepath.Join(base, p), query, nil
}

// SplitSubdir parts an address at the `//` that is not the one of its
// scheme. The query stays with the root.
func SplitSubdir(address string) (root, sub string) {
	body, query, asked := strings.Cut(address, "?")
	if asked {
		query = "?" + query
	}
	start := 0
	if i := strings.Index(body, "://"); i >= 0 {
		start = i + len("://")
	}
	i := strings.Index(body[start:], "//")
	if i < 0 {
		return address, ""
	}
	return body[:start+i] + query, body[start+i+2:]
}

// splitForced parts git::https://host into "git" and the rest.
func splitForced(s string) (forced, rest string) {
	i := strings.Index(s, "::")
	if i <= 0 {
		return "", s
	}
	for _, c := range s[:i] {
		if !isWordChar(c) {
			return "", s
		}
	}
	return s[:i], s[i+2:]
}

func isWordChar(c rune) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// cleanSubdir normalises a sub-path and refuses one that climbs out: the
// folder that it names is written to.
func cleanSubdir(sub string) (string, error) {
	clean := path.Clean(strings.TrimLeft(sub, "/"))
	if clean == "." {
		return "", nil
	}
	if clean == ".." || strings.HasPrefix(clean, "../") {
		return "", errLeavesRoot
	}
	return clean, nil
}
