package bundle

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/terrace-iac/terrace/config"
)

// StaleError says that a unit is not what it was when it was planned.
type StaleError struct {
	What  string   // such as "its files"
	Files []string // that differ
	Was   string
	Is    string
}

func (e *StaleError) Error() string {
	text := e.What + " changed since the bundle was made"
	if len(e.Files) > 0 {
		text += ": " + strings.Join(e.Files, ", ")
	}
	if e.Was+e.Is != "" {
		text += fmt.Sprintf(" (%s then, %s now)", e.Was, e.Is)
	}
	return text + ". Make a new bundle with terrace bundle create"
}

// verify looks at all units before any is changed.
func (a *application) verify(ctx context.Context) error {
	units := a.bundle.Base.Manifest.Units
	for _, u := range units {
		a.places[u.Path] = &place{current: a.current(u.Path)}
	}
	return a.each(ctx, units, a.verifyUnit)
}

// unitOf binds a unit with one of the loaders.
func (a *application) unitOf(ctx context.Context, l *config.Loader, path string) (*config.Unit, error) {
	return l.Unit(ctx, filepath.Join(a.Root, filepath.FromSlash(path)))
}

func (a *application) verifyUnit(ctx context.Context, u Unit) error {
	p := a.places[u.Path]
	unit, err := a.unitOf(ctx, a.Plans, u.Path)
	if err != nil {
		return err
	}
	entry, noted := a.journal.of(u.Path)
	if noted && entry.Event == Finished {
		now, err := a.mark(ctx, unit)
		if err == nil && now != entry.State {
			err = &StaleError{What: "after this bundle was applied to it, its state was", Was: stateText(entry.State), Is: stateText(now)}
		}
		return err
	}
	if p.found, err = a.surround(ctx, unit); err != nil {
		return err
	}
	defer unit.Forget() // it may have been evaluated with mocks, to find the state
	if err := a.sameFiles(p); err != nil {
		return err
	}
	if err := a.sameTools(p); err != nil {
		return err
	}
	if p.unit.WorkDir != p.found.prepared.WorkDir {
		p.moved = "the working folder is another one"
	}
	if noted {
		return nil // begun and not ended: its state can be any
	}
	now, err := a.mark(ctx, unit)
	if err == nil && now != p.unit.State {
		err = &StaleError{What: "its state was", Was: stateText(p.unit.State), Is: stateText(now)}
	}
	return err
}

func (a *application) sameFiles(p *place) error {
	if p.found.content == p.unit.Content {
		return nil
	}
	stale := &StaleError{What: "its files were"}
	if list, ok := p.unit.artefact("content.txt"); ok {
		before, err := p.sealed.get(list)
		if err != nil {
			return err
		}
		stale.Files = changedFiles(before, p.found.list)
	}
	return stale
}

// sameTools compares the binary and the providers. Where the working folder
// has no lock file, that of the bundle is put there, so that init chooses the
// same providers.
func (a *application) sameTools(p *place) error {
	was, is := p.unit.Binary, p.found.binary
	if was.Name != is.Name || series(was.Version) != series(is.Version) {
		return &StaleError{What: "the binary was", Was: was.Name + " " + was.Version, Is: is.Name + " " + is.Version}
	}
	if was.Version != is.Version {
		p.moved = "the binary's version is another one"
	}
	recorded, ok := p.unit.artefact("lock.hcl")
	if !ok {
		return nil
	}
	have, err := readLock(p.found.prepared.WorkDir)
	if err != nil {
		return err
	}
	if have == nil {
		text, err := p.sealed.get(recorded)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(p.found.prepared.WorkDir, lockFile), text, 0o644)
	}
	if now := selections(have); !maps.Equal(now, p.unit.Providers) {
		return &StaleError{What: "the providers were", Was: versionsText(p.unit.Providers), Is: versionsText(now)}
	}
	return nil
}

// series is a version without its patch.
func series(version string) string {
	parts := strings.SplitN(version, ".", 3)
	return strings.Join(parts[:min(2, len(parts))], ".")
}

func versionsText(m map[string]string) string {
	var list []string
	for _, name := range slices.Sorted(maps.Keys(m)) {
		list = append(list, name+" "+m[name])
	}
	return strings.Join(list, ", ")
}
