package config

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
)

// Loader reads configuration for one run of the program. It parses each file
// once and evaluates each expression at most once per frame and phase, however
// many units ask and from however many goroutines.
type Loader struct {
	host      Host
	opts      Options
	schema    *blockSpec // of units and their parents
	stacks    *blockSpec // of stack files
	injected  *blockSpec // of what one stack adds to a nested one
	functions map[string]funcSpec
	texts     texts
	waits     waits

	files    sync.Map // fileKey -> *parsed; for the life of the Loader, or until Forget
	bodies   sync.Map // *blockSpec -> *hcl.BodySchema; for the life of the Loader, never stale
	cores    sync.Map // coreKey -> *coreEntry; for the life of the Loader, or until Forget
	commands sync.Map // cache key of run_cmd -> *cell; for the life of the Loader
	secrets  sync.Map // path of an encrypted file -> *cell
	envs     sync.Map // directory -> *cell, the environment of a unit
	roles    sync.Map // coreKey of a unit -> *cell, the AWS role that it asks for; for the life of the Loader
	warned   sync.Map // warnings given
}

// NewLoader makes a Loader that asks host for everything outside of files.
func NewLoader(host Host, opts Options) *Loader {
	l := &Loader{host: host, opts: opts, schema: rootSpec(), stacks: stackSpec(), injected: injectedSpec(), texts: newTexts(opts.Overlay)}
	l.functions = functionTable(opts.DeepMerge)
	return l
}

// coreKey tells points of view apart: a file read as a unit, and the same file
// read by an expression of another one.
type coreKey struct {
	path   string
	origin string // the configuration that the reading started from
	read   bool
	base   bool   // seen with the credentials that the role is assumed with
	dir    string // the unit's folder where it is not that of the file
}

type coreEntry struct{ bind cell }

// Unit binds the unit configured by a file or by the one in a directory. Only
// the paths of its includes are evaluated.
func (l *Loader) Unit(ctx context.Context, path string) (*Unit, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	file, err := l.texts.unitFile(abs)
	if err != nil {
		return nil, err
	}
	return l.unitAt(ctx, coreKey{path: file, origin: file})
}

// UnitIn binds a unit whose configuration lies in another folder than the unit:
// functions of place speak of the file's folder, everything else of dir.
func (l *Loader) UnitIn(ctx context.Context, path, dir string) (*Unit, error) {
	file, err := l.texts.unitFile(path)
	if err != nil {
		return nil, err
	}
	if filepath.Dir(file) == dir {
		dir = ""
	}
	return l.unitAt(ctx, coreKey{path: file, origin: file, dir: dir})
}

func (l *Loader) unitAt(ctx context.Context, key coreKey) (*Unit, error) {
	file := key.path
	ev := &eval{ctx: ctx, task: &task{}, phase: early}
	c, err := l.bind(ev, key)
	if err != nil {
		var ps problems
		ps.add(err)
		if isCancelled(err) {
			return nil, err
		}
		return nil, ps.err(l, file)
	}
	return &Unit{core: c}, nil
}

// bind gives the point of view for a key, making it the first time.
func (l *Loader) bind(ev *eval, key coreKey) (*core, error) {
	entry, ok := l.cores.Load(key)
	if !ok {
		entry, _ = l.cores.LoadOrStore(key, &coreEntry{})
	}
	e := entry.(*coreEntry)
	v, err := l.force(ev, &e.bind, step{key.path, "include"}, func(ev *eval) (any, error) {
		return l.newCore(ev, key)
	})
	if err != nil {
		return nil, err
	}
	return v.(*core), nil
}

func (l *Loader) newCore(ev *eval, key coreKey) (*core, error) {
	spec, isStack := l.specFor(key.path)
	f, err := l.parse(key.path, spec)
	if err != nil {
		if notExist(err) {
			return nil, &MissingFileError{Path: key.path}
		}
		return nil, err
	}
	c := &core{l: l, path: key.path, dir: filepath.Dir(key.path), origin: key.origin, read: key.read, base: key.base, from: key.dir}
	c.unitDir = c.dir
	if key.dir != "" && !key.read {
		c.unitDir = key.dir
	}
	c.main = newFrame(c, f, nil)
	ev.read(key.path)
	if isStack {
		return c, c.bindStack(ev)
	}
	if err := c.bindAutoinclude(ev); err != nil {
		return nil, err
	}
	if err := c.bindIncludes(ev); err != nil {
		return nil, err
	}
	return c, nil
}

// Forget drops what is known of the files in some folders and below, because
// they were rewritten. Units and stacks that are bound already keep what they
// know.
func (l *Loader) Forget(dirs ...string) {
	gone := func(path string) bool {
		for _, dir := range dirs {
			if path == dir || strings.HasPrefix(path, dir+string(filepath.Separator)) {
				return true
			}
		}
		return false
	}
	l.files.Range(func(key, _ any) bool {
		if gone(key.(fileKey).path) {
			l.files.Delete(key)
		}
		return true
	})
	l.cores.Range(func(key, _ any) bool {
		if gone(key.(coreKey).path) {
			l.cores.Delete(key)
		}
		return true
	})
}

// deprecated is an error where the strict control of that name is on. Else it
// logs the warning, once.
func (l *Loader) deprecated(control, message string) error {
	if l.opts.Strict != nil && l.opts.Strict(control) {
		return fmt.Errorf("%s (strict control %s)", message, control)
	}
	l.warnOnce(control+" "+message, message)
	return nil
}

// warnOnce logs a warning the first time that its key is given.
func (l *Loader) warnOnce(key, message string) {
	if _, again := l.warned.LoadOrStore(key, true); !again && l.opts.Log != nil {
		l.opts.Log.Warn(message)
	}
}
