package catalog

import (
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/terrace-iac/terrace/source"
)

// Options of a Finder.
type Options struct {
	Store  *source.Store
	Dir    string   // where relative addresses start
	Env    []string // of the programs that fetch; nil is this process's own
	Ignore Ignore   // in addition to what repositories ignore themselves
	Log    *slog.Logger
}

// Finder looks for components in repositories.
type Finder struct {
	o   Options
	log *slog.Logger
}

// NewFinder makes one.
func NewFinder(o Options) *Finder {
	log := o.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Finder{o, log}
}

// NoRepositoryError says that a local folder is no git repository.
type NoRepositoryError struct{ Dir string }

func (e *NoRepositoryError) Error() string {
	return fmt.Sprintf("%s is not a git repository: a catalog lists whole repositories; run git init there, or name the folder that holds .git", e.Dir)
}

// Find hands over the components of a repository, in the order of their paths,
// until told to stop. A local folder is looked at in place.
func (f *Finder) Find(ctx context.Context, raw string, found func(*Component) bool) error {
	whole, _ := source.SplitSubdir(raw)
	a, err := source.Parse(whole, f.o.Dir)
	if err != nil {
		return err
	}
	dir, err := f.open(ctx, a)
	if err != nil {
		return err
	}
	ignore, err := f.o.Ignore.ofRepository(dir)
	if err != nil {
		return err
	}
	r := &repository{raw: whole, dir: dir, address: a, ignore: ignore, found: found}
	if r.version = a.Query().Get("ref"); r.version == "" {
		if r.version, err = f.o.Store.Newest(ctx, a, f.o.Env); err != nil {
			f.log.Warn("The versions of " + a.String() + " are not known: " + err.Error())
		}
	}
	return r.walk(ctx, "")
}

// open gives the folder of a repository, fetching it if need be.
func (f *Finder) open(ctx context.Context, a source.Address) (string, error) {
	dir, local := a.LocalPath()
	if !local {
		t, err := f.o.Store.Tree(ctx, a, f.o.Env)
		if err != nil {
			return "", err
		}
		return t.Dir, nil
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return "", fmt.Errorf("catalog: there is no folder %s", dir)
	}
	if _, err := os.Stat(filepath.Join(dir, ".git")); err != nil {
		return "", &NoRepositoryError{Dir: dir}
	}
	return dir, nil
}

// repository is one that is being looked through.
type repository struct {
	raw, dir, version string
	address           source.Address
	ignore            Ignore
	found             func(*Component) bool
}

// errStop ends a walk that nobody wants the rest of.
var errStop = fs.SkipAll

// walk looks at a folder and those below it. Below all kinds but modules there
// is nothing that is offered by itself.
func (r *repository) walk(ctx context.Context, dir string) error {
	err := r.visit(ctx, dir)
	if err == errStop {
		return nil
	}
	return err
}

func (r *repository) visit(ctx context.Context, dir string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if dir != "" && r.ignore.Matches(dir) {
		return nil
	}
	here := filepath.Join(r.dir, filepath.FromSlash(dir))
	kind := KindOf(here)
	if kind != None && !r.found(r.component(kind, dir, here)) {
		return errStop
	}
	if kind != None && kind != Module {
		return nil
	}
	entries, err := os.ReadDir(here)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !e.IsDir() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		if err := r.visit(ctx, path.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

func (r *repository) component(kind Kind, dir, here string) *Component {
	readme := ReadReadme(here)
	title := readme.Name
	if title == "" {
		title = filepath.Base(here)
	}
	if title = strings.TrimSpace(title); dir == "" && readme.Name == "" {
		title = nameOf(r.raw)
	}
	return &Component{
		Kind: kind, Title: title, Description: readme.Description, Tags: readme.Tags, Dir: dir, Doc: readme.Text,
		Source: r.raw, Version: r.version, URL: pageURL(r.address, r.version, dir), address: r.address, local: here,
	}
}

// nameOf is the last part of a repository's address.
func nameOf(raw string) string {
	whole, _, _ := strings.Cut(filepath.ToSlash(raw), "?")
	return strings.TrimSuffix(path.Base(whole), ".git")
}
