package config

import "path/filepath"

// The files that a stack lays beside what it generates.
const (
	autoincludeName      = "terragrunt.autoinclude.hcl"
	autoincludeStackName = "terragrunt.autoinclude.stack.hcl"
)

// bindAutoinclude finds the file that a stack has left beside the unit. It is
// merged over the unit's own, before the parents.
func (c *core) bindAutoinclude(ev *eval) error {
	switch base := filepath.Base(c.path); {
	case base == autoincludeName:
		return nil
	case c.read && base != FileName && base != JSONFileName:
		return nil // a file that a unit reads, which may lie beside a unit
	}
	path := filepath.Join(c.dir, autoincludeName)
	if !c.l.texts.isFile(path) {
		return nil
	}
	ev.read(path)
	f, err := c.l.parse(path, c.l.schema)
	if err != nil {
		return err
	}
	if len(f.locals.order) > 0 {
		return errorAt(f.locals.byName[f.locals.order[0]].rng, "Locals not allowed", "%s can have no locals: it sees those of the unit", autoincludeName)
	}
	c.auto = newFrame(c, f, nil)
	return nil
}

// own gives the unit's own files, strongest first.
func (c *core) own() []*frame {
	if c.auto == nil {
		return []*frame{c.main}
	}
	return []*frame{c.auto, c.main}
}

// localsFrame is the frame whose locals the expressions of this one see: a
// file that is taken into another one has none of its own.
func (fr *frame) localsFrame() *frame {
	if fr.whole != nil {
		fr = fr.whole
	}
	if fr.core.stack != nil || fr == fr.core.auto {
		return fr.core.main
	}
	return fr
}

// overridden says that the autoinclude file gives an input, so that the
// unit's own expression for it is never needed.
func (fr *frame) overridden(key string) bool {
	auto := fr.core.auto
	if auto == nil || fr != fr.core.main || auto.file.inputs == nil {
		return false
	}
	return auto.file.inputs.keys.byName[key] != nil
}
