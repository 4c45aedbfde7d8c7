package configstack

import (
	"context"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/source"
)

// Previewer tells what stack files would generate, without writing anything.
// It may be asked from several goroutines at once.
type Previewer struct {
	// Loader makes a Loader that sees texts, by absolute path, before what is
	// on disk.
	Loader    func(texts map[string][]byte) *config.Loader
	Store     *source.Store
	SourceMap map[string]string
	Env       []string // of the programs that fetch
	NoCatalog bool     // see [GenerateOptions.NoCatalog]

	trees sync.Map // address of a source -> *treeEntry; for the life of the Previewer, which no source outlives
}

type treeEntry struct {
	once sync.Once
	tree *source.Tree
	err  error
}

// Preview is what one stack file generates, nested stacks included.
type Preview struct {
	File  string            // the stack file, on disk
	Texts map[string][]byte // by absolute path: what can be read as configuration
	// Copies are the texts that are those of a file on this machine, byte for
	// byte: by path, the file.
	Copies map[string]string
	Units  []PreviewUnit // sorted by folder
	// Owners are the stack files that declare units and stacks, by the folder
	// in which these are generated.
	Owners map[string]string
	// Reads are the files on disk that all this depends on, absolute, sorted.
	Reads []string
}

// PreviewUnit is a unit that a stack file generates.
type PreviewUnit struct {
	Dir    string // absolute
	Member string // folder of the unit or stack block that brings it, mostly the same
	Owner  string // the stack file that declares it, which may be generated too
	Source string // of the catalog's entry, as evaluated
}

// largestText is how large a file is that a configuration is expected to read.
const largestText = 1 << 20

// Stack evaluates a stack file on disk, and those that it brings. edits are
// texts that stand in for files on disk.
func (p *Previewer) Stack(ctx context.Context, file string, edits map[string][]byte) (*Preview, error) {
	w := &previewing{
		Previewer: p, edits: edits, reads: map[string]bool{},
		gen: &generation{GenerateOptions: GenerateOptions{SourceMap: p.SourceMap, NoCatalog: p.NoCatalog}, stacks: map[string]*lineage{}, root: filepath.Dir(file)},
		out: &Preview{File: file, Texts: map[string][]byte{}, Copies: map[string]string{}, Owners: map[string]string{}},
	}
	level := []string{file}
	for range maxLevels {
		next, err := w.level(ctx, level)
		if err != nil {
			return nil, err
		}
		if level = next; len(level) == 0 {
			break
		}
	}
	for path := range w.reads {
		if _, made := w.out.Texts[path]; !made {
			w.out.Reads = append(w.out.Reads, path)
		}
	}
	slices.Sort(w.out.Reads)
	slices.SortFunc(w.out.Units, func(a, b PreviewUnit) int { return strings.Compare(a.Dir, b.Dir) })
	return w.out, nil
}

// previewing is one call of Stack.
type previewing struct {
	*Previewer
	edits map[string][]byte
	gen   *generation // for what it knows of addresses
	reads map[string]bool
	out   *Preview
}

// level evaluates stack files and gives those that they bring.
func (w *previewing) level(ctx context.Context, files []string) (next []string, err error) {
	texts := maps.Clone(w.out.Texts)
	maps.Copy(texts, w.edits)
	l := w.Loader(texts)
	for _, file := range files {
		stack, err := l.Stack(ctx, file)
		if err != nil {
			return nil, err
		}
		for _, r := range stack.Reads {
			w.reads[r] = true
		}
		for _, c := range stack.Components {
			more, err := w.component(ctx, &planned{StackComponent: c, owner: stack.Dir, line: w.gen.lineage(stack.Dir)})
			if err != nil {
				return nil, err
			}
			next = append(next, more...)
		}
	}
	return next, nil
}

// component adds the files of one unit or stack, and gives the stack files
// among them.
func (w *previewing) component(ctx context.Context, p *planned) (stacks []string, err error) {
	a, err := w.gen.address(p)
	if err != nil {
		return nil, p.failed(err)
	}
	p.id, p.shown = a.Root()+"//"+a.Subdir(), a.String()
	if local, ok := a.LocalPath(); ok {
		p.id = w.gen.identity(filepath.Join(local, filepath.FromSlash(a.Subdir())))
	}
	if err := p.checkCycle(); err != nil {
		return nil, p.failed(err)
	}
	tree, err := w.tree(ctx, a)
	if err != nil {
		return nil, p.failed(err)
	}
	if err := w.copies(p, a, tree); err != nil {
		return nil, p.failed(err)
	}
	w.out.Owners[p.Dir] = filepath.Join(p.owner, StackFile)
	for name, text := range p.own() {
		path := filepath.Join(p.Dir, name)
		w.out.Texts[path] = text
		delete(w.out.Copies, path)
	}
	for _, f := range tree.Files {
		path := filepath.Join(p.Dir, filepath.FromSlash(f.Name))
		switch filepath.Base(path) {
		case StackFile:
			w.gen.stacks[filepath.Dir(path)] = p.descend(filepath.Dir(path))
			stacks = append(stacks, path)
		case UnitFile, UnitFileJSON:
			w.out.Units = append(w.out.Units, PreviewUnit{Dir: filepath.Dir(path), Member: p.Dir, Owner: filepath.Join(p.owner, StackFile), Source: p.Source})
		}
	}
	return stacks, nil
}

// copies adds what is copied from the source.
func (w *previewing) copies(p *planned, a source.Address, tree *source.Tree) error {
	for _, f := range tree.Files {
		base := f.Name[strings.LastIndexByte(f.Name, '/')+1:]
		if base == manifestFile || base == removedFile || strings.HasSuffix(base, ".tf") {
			continue
		}
		text, edited := w.edits[f.Path]
		if !edited {
			var err error
			if text, err = readWhole(f.Path); err != nil {
				return err
			}
		}
		if len(text) > largestText {
			continue
		}
		path := filepath.Join(p.Dir, filepath.FromSlash(f.Name))
		changed := false
		if base == UnitFile || base == StackFile {
			var err error
			if text, changed, err = w.gen.rebased(text, f, a); err != nil {
				return err
			}
		}
		w.out.Texts[path] = text
		if !tree.Fetched {
			w.reads[f.Path] = true
			if !changed {
				w.out.Copies[path] = f.Path
			}
		}
	}
	return nil
}

func (w *previewing) tree(ctx context.Context, a source.Address) (*source.Tree, error) {
	entry, _ := w.trees.LoadOrStore(a.Root()+"//"+a.Subdir(), &treeEntry{})
	e := entry.(*treeEntry)
	e.once.Do(func() { e.tree, e.err = w.Store.List(ctx, a, w.Env) })
	return e.tree, e.err
}
