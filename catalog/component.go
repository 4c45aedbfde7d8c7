package catalog

import (
	"slices"

	"github.com/terrace-iac/terrace/source"
)

// Component is one thing that a repository offers.
type Component struct {
	Kind        Kind
	Title       string
	Description string
	Tags        []string
	Dir         string // in the repository, slash separated; "" for its top
	Doc         string // README without its front matter
	Source      string // of the repository, as the user gave it
	Version     string // newest release of the repository, "" for none
	URL         string // where its site shows it, "" where that is not known

	address source.Address // of the repository
	local   string         // folder of the component
}

// ComponentSource is the address by which the component is scaffolded and
// used: the repository's with the folder in it.
func (c *Component) ComponentSource() string { return withSubdir(c.Source, c.Dir) }

// Listed says whether the component belongs to the components of a kind: it is
// of that kind, or its tags name it.
func (c *Component) Listed(k Kind) bool {
	return c.Kind == k || slices.ContainsFunc(c.Tags, func(tag string) bool { return tag == string(k) || tag == string(k)+"s" })
}
