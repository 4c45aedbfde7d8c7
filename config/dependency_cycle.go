package config

import (
	"path/filepath"
	"strings"
)

// checkCycle walks the dependency blocks below a unit and fails when the walk
// comes back to a unit that it is still in.
func (c *core) checkCycle(ev *eval) error {
	return c.visit(ev, nil)
}

func (c *core) visit(ev *eval, trail []hop) error {
	for i, h := range trail {
		if h.from == c {
			return cycleOf(trail[i:], trail[0])
		}
	}
	if c.acyclic.Load() {
		return nil
	}
	list, _ := c.view().dependencyBlocks(ev) // a mistake is told where the outputs are asked for
	for _, d := range list {
		for _, target := range c.next(ev, d) {
			if err := target.visit(ev, append(trail[:len(trail):len(trail)], hop{c, d})); err != nil {
				return err
			}
		}
	}
	c.acyclic.Store(true)
	return nil
}

// hop is one dependency on the way of the walk.
type hop struct {
	from *core
	over labelled
}

// next gives the units that an enabled dependency leads to: several where it
// names a stack. Where that cannot be told, fetching the outputs says why.
func (c *core) next(ev *eval, d labelled) []*core {
	if on, err := d.bool(ev, "enabled", true); err != nil || !on {
		return nil
	}
	path, err := c.view().configPath(ev, d)
	if err != nil || path == "" {
		return nil
	}
	if file, ok := c.l.stackOf(path); ok {
		return c.l.unitsIn(ev, file)
	}
	file, err := c.l.texts.unitFile(path)
	if err != nil {
		return nil
	}
	target, err := c.l.bind(ev, coreKey{path: file, origin: file})
	if err != nil {
		return nil
	}
	return []*core{target}
}

// cycleOf names a cycle at the dependency that leads to it from the unit.
func cycleOf(cycle []hop, first hop) error {
	paths := make([]string, 0, len(cycle)+1)
	for _, h := range cycle {
		paths = append(paths, h.from.path)
	}
	paths = append(paths, cycle[0].from.path)
	return first.over.errAt("config_path", "Dependency cycle",
		"Found a dependency cycle between modules: %s. Remove one of these dependencies.", joinArrow(relative(paths)))
}

// relative shows paths in a message from the folder that they share.
func relative(paths []string) []string {
	if len(paths) == 0 {
		return nil
	}
	base := filepath.Dir(filepath.Dir(paths[0]))
	for _, p := range paths {
		for !strings.HasPrefix(p, base+string(filepath.Separator)) && base != filepath.Dir(base) {
			base = filepath.Dir(base)
		}
	}
	out := make([]string, len(paths))
	for i, p := range paths {
		out[i], _ = filepath.Rel(base, filepath.Dir(p))
	}
	return out
}
