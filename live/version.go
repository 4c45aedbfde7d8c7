package live

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"

	"github.com/hashicorp/go-version"
	"github.com/terrace-iac/terrace/source"
)

// PinKind says how a source chooses a version.
type PinKind string

// The kinds of pins.
const (
	PinRef   PinKind = "ref"      // a git ref: a tag, a branch or a commit
	PinExact PinKind = "version"  // one version of a registry's module
	PinRange PinKind = "range"    // any version of a registry's module that meets a constraint
	PinNone  PinKind = "unpinned" // whatever is there
	PinLocal PinKind = "local"    // files of this machine, or no source at all
)

// Pin is a module and the version of it that a source is pinned to.
type Pin struct {
	Kind PinKind
	// Module tells modules apart: host, path and folder, without how it is
	// fetched, without a version, without secrets.
	Module  string
	Version string // as written: "v0.0.6", "~> 4.0"; "" for PinNone and PinLocal
	Range   string // what a constraint means: ">= 4.0, < 5.0"
	Source  string // as evaluated; "" for none
	// Attribute says that the version stands beside the source, in the attribute
	// version, and not in it.
	Attribute bool
	// Address is that of the source, to ask for releases; the zero value for a
	// local one.
	Address source.Address
}

// ParsePin reads the source of a unit, as evaluated, and the constraint beside
// it. Relative paths start from the unit's folder.
func ParsePin(raw, constraint, unit string) (Pin, error) {
	if raw == "" {
		return Pin{Kind: PinLocal}, nil
	}
	a, err := source.Parse(raw, unit)
	if err != nil {
		return Pin{Kind: PinNone, Module: raw, Source: raw}, err
	}
	if _, local := a.LocalPath(); local {
		return Pin{Kind: PinLocal, Module: raw, Source: raw}, nil
	}
	p := Pin{Kind: PinNone, Module: moduleName(a), Address: a, Source: raw}
	q := a.Query()
	switch {
	case a.Kind() == "tfr" && q.Get("version") != "":
		p.Kind, p.Version = PinExact, q.Get("version")
	case a.Kind() == "tfr" && constraint != "":
		p.Attribute = true
		p = p.At(constraint)
	case q.Get("ref") != "":
		p.Kind, p.Version = PinRef, q.Get("ref")
	}
	return p, nil
}

// At is the pin with another version in its place.
func (p Pin) At(version string) Pin {
	p.Version, p.Range = version, ""
	if !p.Attribute {
		return p
	}
	p.Kind = PinRange
	if exact := strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(version), "=")); isVersion(exact) {
		p.Kind, p.Version = PinExact, exact
	} else {
		p.Range = meaning(version)
	}
	return p
}

// Repository is the module's repository, without the folder in it.
func (p Pin) Repository() string {
	repository, _ := source.SplitSubdir(p.Module)
	return repository
}

func isVersion(text string) bool {
	_, err := version.NewVersion(text)
	return err == nil
}

// moduleName is what is left of an address when all is taken away that says
// how to fetch it: git@github.com:a/b and https://github.com/a/b.git are one.
func moduleName(a source.Address) string {
	u := a.URL()
	host, path := strings.ToLower(u.Hostname()), strings.TrimSuffix(strings.Trim(u.Path, "/"), ".git")
	if host == "" && u.Scheme == "file" {
		path = "/" + path
	} else if host != "" {
		path = host + "/" + path
	}
	if port := u.Port(); port != "" && !usualPort(u) {
		path = strings.Replace(path, host, host+":"+port, 1)
	}
	if sub := a.Subdir(); sub != "" {
		path += "//" + sub
	}
	return path
}

func usualPort(u *url.URL) bool {
	return u.Scheme == "https" && u.Port() == "443" || u.Scheme == "http" && u.Port() == "80" || u.Scheme == "ssh" && u.Port() == "22"
}

// pessimistic is the operator ~>, with the version behind it.
var pessimistic = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^~>\s*v?(\d+(?:\.\d+)*)$`) })

// meaning spells ~> out, which few know by heart; other constraints mean what
// they say. It is "" where there is nothing to add.
func meaning(constraint string) string {
	var parts []string
	spelled := false
	for part := range strings.SplitSeq(constraint, ",") {
		part = strings.TrimSpace(part)
		m := pessimistic().FindStringSubmatch(part)
		if m == nil {
			parts = append(parts, part)
			continue
		}
		spelled = true
		parts = append(parts, ">= "+m[1])
		numbers := strings.Split(m[1], ".")
		if len(numbers) == 1 {
			continue // ~> 4 has no upper end
		}
		upper := numbers[:len(numbers)-1]
		last, err := strconv.Atoi(upper[len(upper)-1])
		if err != nil {
			return ""
		}
		parts = append(parts, "< "+strings.Join(append(upper[:len(upper)-1:len(upper)-1], strconv.Itoa(last+1), "0"), "."))
	}
	if !spelled {
		return ""
	}
	return strings.Join(parts, ", ")
}

// release is a tag that is a final version: a prefix, and three numbers.
type release struct {
	prefix  string
	numbers [3]uint64
}

var releaseTag = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(|.*[^0-9.])(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:\+[0-9A-Za-z.-]+)?$`)
})

// parseRelease reads a tag. Pre-releases, branches and commits are none.
func parseRelease(tag string) (release, bool) {
	m := releaseTag().FindStringSubmatch(tag)
	if m == nil {
		return release{}, false
	}
	r := release{prefix: m[1]}
	for i := range r.numbers {
		n, err := strconv.ParseUint(m[i+2], 10, 64)
		if err != nil {
			return release{}, false
		}
		r.numbers[i] = n
	}
	return r, true
}

func (r release) compare(o release) int {
	for i, n := range r.numbers {
		switch {
		case n < o.numbers[i]:
			return -1
		case n > o.numbers[i]:
			return 1
		}
	}
	return 0
}

// Relation is how one pin stands to another.
type Relation string

// The relations of a pin to that of the environment before.
const (
	Same          Relation = "same"
	Behind        Relation = "behind"
	Ahead         Relation = "ahead"
	Different     Relation = "different" // another module
	NotComparable Relation = "not comparable"
)

// Compare says how a pin stands to another one. Versions are ordered as
// semantic versions where they are tags with the same prefix.
func (p Pin) Compare(o Pin) Relation {
	switch {
	case p.Kind == PinLocal && o.Kind == PinLocal:
		return Same // relative paths differ without meaning anything
	case p.Module != o.Module:
		return Different
	case p.Kind == o.Kind && p.Version == o.Version:
		return Same
	}
	a, aOK := p.release()
	b, bOK := o.release()
	if !aOK || !bOK || a.prefix != b.prefix {
		return NotComparable
	}
	switch a.compare(b) {
	case -1:
		return Behind
	case 1:
		return Ahead
	}
	return Same
}

// release is that of a pin to one version. A registry leaves the v out.
func (p Pin) release() (release, bool) {
	switch p.Kind {
	case PinRef:
		return parseRelease(p.Version)
	case PinExact:
		return parseRelease(strings.TrimPrefix(p.Version, "v"))
	}
	return release{}, false
}

// Newest picks the newest release that a pin could move to: of the same
// prefix, or where the pin gives none the highest of those with none or a v.
// ok is false where there is none.
func (p Pin) Newest(releases []string) (newest string, ok bool) {
	own, pinned := p.release()
	var best release
	for _, tag := range releases {
		r, final := parseRelease(tag)
		if !final || pinned && r.prefix != own.prefix || !pinned && r.prefix != "" && r.prefix != "v" {
			continue
		}
		if !ok || r.compare(best) > 0 {
			newest, best, ok = tag, r, true
		}
	}
	return newest, ok
}

// Outdated says whether a release is newer than the pin.
func (p Pin) Outdated(newest string) bool {
	own, pinned := p.release()
	r, ok := parseRelease(newest)
	return pinned && ok && r.prefix == own.prefix && own.compare(r) < 0
}

// Resolve picks the newest release that meets a range; "" for other pins, and
// where there is none.
func (p Pin) Resolve(releases []string) string {
	wanted, err := version.NewConstraint(p.Version)
	if p.Kind != PinRange || err != nil {
		return ""
	}
	var best *version.Version
	for _, text := range releases {
		v, err := version.NewVersion(text)
		if err == nil && wanted.Check(v) && (best == nil || v.GreaterThan(best)) {
			best = v
		}
	}
	if best == nil {
		return ""
	}
	return best.Original()
}

// String is the version as a table shows it.
func (p Pin) String() string {
	switch p.Kind {
	case PinLocal:
		return "<local>"
	case PinNone:
		return "(unpinned)"
	}
	return p.Version
}
