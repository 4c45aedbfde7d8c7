package promote

import (
	"net/url"
	"strings"

	"github.com/hashicorp/go-version"

	"github.com/terrace-iac/terrace/source"
)

// Pin is what a unit's module source says: which module, and which version.
type Pin struct {
	Source  string // as evaluated
	Module  string // the address without the version, for comparing and showing
	Version string // as written: a tag, a branch, a commit, a constraint; "" for none
	Local   bool   // a folder of this machine, which has no versions
	// Constraint says that the version stands in the attribute version.
	Constraint bool
	dir        string // from which a relative source starts
}

// ReadPin reads a source as it was evaluated in a folder, with the constraint
// of a registry's module that stands beside it, if any.
func ReadPin(raw, constraint, dir string) Pin {
	p := Pin{Source: raw, dir: dir}
	if raw == "" {
		return p
	}
	a, err := source.Parse(raw, dir)
	if err != nil {
		p.Module = raw
		return p
	}
	if local, ok := a.LocalPath(); ok {
		p.Local, p.Module = true, local
		return p
	}
	p.Module = moduleName(a)
	query := a.Query()
	switch {
	case constraint != "":
		p.Version, p.Constraint = constraint, true
	case a.Kind() == "tfr":
		p.Version = query.Get("version")
	default:
		p.Version = query.Get("ref")
	}
	return p
}

// moduleName is the address without ref, version and what else only says how
// it is fetched.
func moduleName(a source.Address) string {
	u := a.URL()
	u.User, u.RawQuery = userName(u), ""
	text := a.Kind() + "::" + strings.TrimSuffix(u.String(), ".git")
	if a.Subdir() != "" {
		text += "//" + a.Subdir()
	}
	return text
}

func userName(u *url.URL) *url.Userinfo {
	if u.User == nil || u.Scheme == "http" || u.Scheme == "https" {
		return nil
	}
	return url.User(u.User.Username())
}

// Repository is the module's repository without the folder in it.
func (p Pin) Repository() string {
	root, sub := source.SplitSubdir(strings.Replace(p.Module, "::", "::x", 1))
	if sub == "" {
		return p.Module
	}
	return strings.Replace(root, "::x", "::", 1)
}

// Order compares two versions: -1 where a is older, 0 where they are the
// same, 1 where a is newer. ok is false where they cannot be compared: one is
// no tag with a semantic version, or the prefixes of the tags differ.
func Order(a, b string) (n int, ok bool) {
	if a == b {
		return 0, true
	}
	prefixA, numberA := splitVersion(a)
	prefixB, numberB := splitVersion(b)
	va, errA := version.NewSemver(numberA)
	vb, errB := version.NewSemver(numberB)
	if errA != nil || errB != nil || prefixA != prefixB {
		return 0, false
	}
	return va.Compare(vb), true
}

// splitVersion parts modules/vpc-v1.2.3 into the text in front of the number
// and the number.
func splitVersion(tag string) (prefix, number string) {
	for i := range len(tag) {
		if tag[i] < '0' || tag[i] > '9' || i > 0 && (tag[i-1] >= '0' && tag[i-1] <= '9' || tag[i-1] == '.') {
			continue
		}
		if strings.Count(tag[i:], ".") >= 1 && semantic(tag[i:]) {
			return tag[:i], tag[i:]
		}
	}
	return tag, ""
}

// semantic says whether a text is MAJOR.MINOR.PATCH with what may follow it.
func semantic(text string) bool {
	core, _, _ := strings.Cut(text, "+")
	core, _, _ = strings.Cut(core, "-")
	if parts := strings.Split(core, "."); len(parts) < 2 || len(parts) > 3 {
		return false
	}
	_, err := version.NewSemver(text)
	return err == nil
}
