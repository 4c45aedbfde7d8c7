package config

import (
	"net/url"
	"strings"

	"github.com/hashicorp/go-version"
)

// checkModuleVersion finds mistakes in how a terraform block names the version
// of a registry's module: as an exact one in the address, or as a constraint
// beside it.
func checkModuleVersion(b *block) error {
	source, constraint := b.str("source"), b.str("version")
	if v, ok := b.attrs["source"]; ok && !v.IsNull() && !v.IsKnown() {
		return nil
	}
	inAddress, isRegistry := registryVersion(source)
	if inAddress != "" {
		if _, err := version.NewVersion(inAddress); err != nil {
			return b.errAt("source", "The version parameter of a registry's address accepts an exact version only, not %q. Write a constraint in the version attribute.", inAddress)
		}
	}
	switch {
	case constraint == "":
		return nil
	case !isRegistry && source == "":
		return b.errAt("version", "version needs a source: it chooses among the versions of a registry's module (tfr://).")
	case !isRegistry:
		return b.errAt("version", "version can be used with a registry's module (tfr://) only, and the source is another one. A git source takes its version from ?ref=.")
	case inAddress != "":
		return b.errAt("version", "The version is given twice: here and as ?version= in the source. Keep one of them.")
	}
	if _, err := version.NewConstraint(constraint); err != nil {
		return b.errAt("version", "malformed constraint %q: write versions with =, !=, >, >=, <, <= or ~>, separated by commas", constraint)
	}
	return nil
}

// registryVersion gives the version parameter of a registry's address.
func registryVersion(source string) (text string, ok bool) {
	rest, ok := strings.CutPrefix(source, "tfr://")
	if !ok {
		return "", false
	}
	_, query, _ := strings.Cut(rest, "?")
	for part := range strings.SplitSeq(query, "&") {
		if value, found := strings.CutPrefix(part, "version="); found {
			if plain, err := url.QueryUnescape(value); err == nil {
				value = plain
			}
			return value, true
		}
	}
	return "", true
}
