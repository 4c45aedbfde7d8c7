package source

import "strings"

// Names that have a meaning in the cache. None is ever copied into it.
const (
	versionFile    = ".terragrunt-source-version"
	sourceManifest = ".terragrunt-source-manifest"
	moduleManifest = ".terragrunt-module-manifest"
	initRequired   = ".terragrunt-init-required"
	cacheFolder    = ".terragrunt-cache"
	lockFileName   = ".terraform.lock.hcl"
	tflintConfig   = ".tflint.hcl"
)

// verdict on a folder.
type verdict int

const (
	leave   verdict = iota // neither it nor anything in it
	deliver                // it, and what in it is not left out
	transit                // only for the sake of something in it
)

// filter decides what of a folder is copied. A nil filter copies all but the
// names that are ours.
type filter struct {
	include, exclude []glob
}

func newFilter(include, exclude []string) (*filter, error) {
	in, err := compileGlobs(append([]string{tflintConfig}, include...))
	if err != nil {
		return nil, err
	}
	out, err := compileGlobs(exclude)
	if err != nil {
		return nil, err
	}
	return &filter{include: in, exclude: out}, nil
}

// file reports whether the file at the path is copied.
func (f *filter) file(p []string) bool {
	switch {
	case isOurs(p[len(p)-1]):
		return false
	case f == nil:
		return true
	case anyCovers(f.exclude, p):
		return false
	}
	return !hidden(p) || anyCovers(f.include, p)
}

// dir says whether to enter the folder at the path.
func (f *filter) dir(p []string) verdict {
	switch {
	case isOurs(p[len(p)-1]):
		return leave
	case f == nil:
		return deliver
	case anyCovers(f.exclude, p):
		return leave
	case !hidden(p) || anyCovers(f.include, p):
		return deliver
	case anyReaches(f.include, p):
		return transit
	}
	return leave
}

func isOurs(name string) bool {
	switch name {
	case versionFile, sourceManifest, moduleManifest, initRequired, cacheFolder:
		return true
	}
	return false
}

// hidden is the default exclusion: a component that starts with a dot.
func hidden(p []string) bool {
	for _, name := range p {
		if strings.HasPrefix(name, ".") && name != lockFileName {
			return true
		}
	}
	return false
}
