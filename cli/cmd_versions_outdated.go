package cli

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/terrace-iac/terrace/live"
	"github.com/terrace-iac/terrace/source"
)

// askAtOnce bounds the repositories and registries that are asked at the same
// time.
const askAtOnce = 8

// askReleases asks each repository and registry once for its releases, and
// notes the newest in the cells. What cannot be asked is in the error.
func (s *session) askReleases(ctx context.Context, v *live.Versions) error {
	asked := map[string]*releaseAnswer{}
	for _, c := range v.Cells() {
		if where, ok := releasesOf(c); ok && asked[where] == nil {
			asked[where] = &releaseAnswer{address: c.Module.Address}
		}
	}
	var wg sync.WaitGroup
	slots := make(chan struct{}, askAtOnce)
	usual := s.usualRegistry()
	for _, a := range asked {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			a.list, a.err = s.store.Releases(ctx, a.address, usual, s.inv.Env)
		})
	}
	wg.Wait()
	for _, c := range v.Cells() {
		if where, ok := releasesOf(c); ok {
			asked[where].note(c)
		}
	}
	var errs []error
	for _, where := range slices.Sorted(maps.Keys(asked)) {
		if a := asked[where]; a.err != nil {
			errs = append(errs, fmt.Errorf("the releases of %s cannot be told: %w", a.address, a.err))
		}
	}
	return errors.Join(errs...)
}

// releaseAnswer is what one repository or registry has said.
type releaseAnswer struct {
	address source.Address
	list    []string
	err     error
}

// note tells a cell what is newest.
func (a *releaseAnswer) note(c *live.Cell) {
	if newest, ok := c.Module.Newest(a.list); ok {
		c.Newest, c.Outdated = newest, c.Module.Outdated(newest)
	}
	c.Resolved = c.Module.Resolve(a.list)
}

// releasesOf says where the releases of a cell's module are: the repository,
// whichever folder and version of it is used.
func releasesOf(c *live.Cell) (where string, ok bool) {
	if c.Note != "" || c.Module.Kind == live.PinLocal {
		return "", false
	}
	u := c.Module.Address.URL()
	u.RawQuery = ""
	return c.Module.Address.Kind() + "::" + u.String(), true
}

// usualRegistry is the registry of modules that name none, as the wrapped
// binary has it.
func (s *session) usualRegistry() string {
	if host, ok := newEnvironment(s.inv.Env).get("TG_TF_DEFAULT_REGISTRY_HOST"); ok && host != "" {
		return host
	}
	if name := filepath.Base(s.binaryName()); strings.Contains(strings.ToLower(name), "terraform") {
		return "registry.terraform.io"
	}
	return source.DefaultRegistry
}
