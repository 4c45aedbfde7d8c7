package configstack

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/source"
)

// planned is a component on its way to disk.
type planned struct {
	config.StackComponent
	owner string   // folder of the stack file
	line  *lineage // of the stack file

	id    string // of the source
	shown string // the source, to people
	// source and revision are what the manifest says; revision is "" where it
	// is not known.
	source, revision string
	files            []plannedFile
}

// plannedFile is one file of a component. The text is that of another file, or
// it is given.
type plannedFile struct {
	name string // slash separated, from the component's folder
	from string
	data []byte
	mode fs.FileMode
	own  bool   // made by the stack, not copied
	kept string // its SHA-256, if it is known to be on disk already
}

func (p *planned) has(path string) bool {
	return slices.ContainsFunc(p.files, func(f plannedFile) bool {
		return filepath.Join(p.Dir, filepath.FromSlash(f.name)) == path
	})
}

func (p *planned) failed(err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	return &ComponentError{p.StackMember.String(), p.owner, err}
}

// bring finds the files of a component's source and adds those that the stack
// writes.
func (g *generation) bring(ctx context.Context, p *planned) error {
	a, err := g.address(p)
	if err != nil {
		return p.failed(err)
	}
	p.id, p.shown = a.Root()+"//"+a.Subdir(), a.String()
	if local, ok := a.LocalPath(); ok {
		p.id = g.identity(filepath.Join(local, filepath.FromSlash(a.Subdir())))
	}
	if err := p.checkCycle(); err != nil {
		return p.failed(err)
	}
	p.source = sourceKey(a)
	if g.unchanged(ctx, p, a) {
		return g.checkResult(p, a)
	}
	tree, err := g.store.List(ctx, a, g.Env)
	if err != nil {
		return p.failed(err)
	}
	if err := g.list(p, a, tree); err != nil {
		return p.failed(err)
	}
	p.revision = g.store.Fetched(a)
	return g.checkResult(p, a)
}

func (g *generation) address(p *planned) (source.Address, error) {
	if p.FromCatalog && g.NoCatalog {
		return source.Address{}, errors.New("update_source_with_cas cannot be used with --no-cas")
	}
	raw := source.Remap(p.Source, g.SourceMap)
	if strings.HasPrefix(raw, "cas::") {
		return source.Address{}, fmt.Errorf("the source %s names an entry of another tool's store: generate the stack that it lies in again", raw)
	}
	return source.Parse(raw, p.owner)
}

// list gathers the files: what the stack writes replaces what the source has.
func (g *generation) list(p *planned, a source.Address, tree *source.Tree) error {
	own := p.own()
	for _, f := range tree.Files {
		base := f.Name[strings.LastIndexByte(f.Name, '/')+1:]
		if _, replaced := own[f.Name]; replaced || base == manifestFile || base == removedFile {
			continue
		}
		file := plannedFile{name: f.Name, from: f.Path, mode: f.Mode | 0o600}
		if base == UnitFile || base == StackFile {
			data, err := g.rebase(f, a)
			if err != nil {
				return err
			}
			file.data = data
		}
		p.files = append(p.files, file)
	}
	p.addOwn()
	return nil
}

// own are the texts that the stack makes for a component, by file name.
func (p *planned) own() map[string][]byte {
	own := map[string][]byte{}
	if p.Values != nil {
		own[config.ValuesName] = p.Values
	}
	if p.Autoinclude != nil {
		own[p.AutoincludeName()] = p.Autoinclude
	}
	return own
}

func (p *planned) addOwn() {
	for name, data := range p.own() {
		p.files = append(p.files, plannedFile{name: name, data: data, mode: 0o644, own: true})
	}
	slices.SortFunc(p.files, func(a, b plannedFile) int { return strings.Compare(a.name, b.name) })
}

// checkResult makes sure that the source is what the block says it is.
func (g *generation) checkResult(p *planned, a source.Address) error {
	if p.NoValidation || p.Beside {
		return nil
	}
	want := []string{UnitFile, UnitFileJSON}
	if p.IsStack {
		want = []string{StackFile}
	}
	for _, name := range want {
		if p.has(filepath.Join(p.Dir, name)) {
			return nil
		}
	}
	err := p.failed(fmt.Errorf("there is no %s in %s", want[0], a))
	if g.NoValidate {
		g.Log.Warn(err.Error())
		return nil
	}
	return err
}

// text gives the content of a file.
func (f plannedFile) text() ([]byte, error) {
	if f.data != nil {
		return f.data, nil
	}
	return readWhole(f.from)
}

// same says that the file is on disk already.
func (f plannedFile) same(path string, info fs.FileInfo) (bool, error) {
	if !info.Mode().IsRegular() || !sameMode(info.Mode().Perm(), f.mode) {
		return false, nil
	}
	if f.data != nil && int64(len(f.data)) != info.Size() {
		return false, nil
	}
	want, err := f.text()
	if err != nil || int64(len(want)) != info.Size() {
		return false, err
	}
	have, err := readWhole(path)
	return err == nil && bytes.Equal(want, have), nil
}
