package configstack

import (
	"path/filepath"
	"slices"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/source"
)

// byStacks finds the stacks whose file reads a changed file, with all that
// lies below them, and the components that are copied from a changed folder.
func (c *comparison) byStacks() error {
	if c.scene.Loader == nil {
		return nil
	}
	for _, comp := range c.head.stack.Components {
		if comp.Kind != KindStack {
			continue
		}
		file, err := c.scene.Loader.Stack(c.ctx, comp.File)
		if c.ctx.Err() != nil {
			return c.ctx.Err()
		}
		if err != nil {
			c.problem(c.here(c.head, comp.Dir), err)
			continue
		}
		for _, ch := range c.changes {
			if path := c.head.on(ch); path != comp.File {
				c.stackReads(comp, file, ch, path)
			}
		}
	}
	return nil
}

func (c *comparison) stackReads(comp Component, file *config.StackFile, ch change, path string) {
	if slices.Contains(file.Reads, path) {
		c.add(c.head, comp, ch, RoleRead, nil)
		c.below(comp.Dir, ch, RoleStack)
	}
	for _, part := range file.Components {
		if copiedFrom(part, comp.Dir, path) {
			c.below(part.Dir, ch, RoleModule)
		}
	}
}

// copiedFrom says that a path lies in the local folder that a component is
// copied from.
func copiedFrom(part config.StackComponent, dir, path string) bool {
	a, err := source.Parse(part.Source, dir)
	if err != nil {
		return false // generating reports it
	}
	local, ok := a.LocalPath()
	return ok && within(path, filepath.Join(local, filepath.FromSlash(a.Subdir())))
}

// below adds the components below a folder, and for a copy the one in it.
func (c *comparison) below(dir string, ch change, role Role) {
	for _, comp := range c.head.stack.Components {
		if within(comp.Dir, dir) && (comp.Dir != dir || role == RoleModule) {
			c.add(c.head, comp, ch, role, nil)
		}
	}
}
