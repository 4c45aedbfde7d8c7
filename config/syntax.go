package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/json"
)

// The names of a unit's configuration file.
const (
	FileName     = "terragrunt.hcl"
	JSONFileName = "terragrunt.hcl.json"
)

// file is one configuration file after parsing: the cells that can be
// evaluated, sorted by where the schema says they belong. It never changes.
type file struct {
	path   string
	spec   *blockSpec // the language it is written in
	dir    string
	src    []byte
	json   bool
	locals defs
	attrs  map[string]*def // top-level attributes, inputs excepted
	inputs *inputsDef
	blocks []*blockDef
	err    error // what is wrong with its syntax or schema

	shared cellMap // cells whose value is the same for every caller
}

// blockDef is a block with its attributes unevaluated.
type blockDef struct {
	spec   *blockSpec
	label  string
	attrs  map[string]*def
	blocks []*blockDef
	whole  *def // the attribute form: name = { ... }
	rng    hcl.Range
}

// inputsDef is the inputs attribute: one cell for each key where the keys can
// be read without evaluating anything, else one for the whole.
type inputsDef struct {
	whole *def
	keys  defs
	rng   hcl.Range
}

// parsed remembers a file for the life of the Loader. Content does not change
// under a run: what hooks rewrite is read by the next run.
type parsed struct {
	once sync.Once
	file *file
}

// fileKey tells apart what a file is read as: any name can be included, by a
// unit or by a stack.
type fileKey struct {
	path string
	spec *blockSpec
}

// parse gives the file at an absolute path, parsing it the first time.
func (l *Loader) parse(path string, spec *blockSpec) (*file, error) {
	entry, _ := l.files.LoadOrStore(fileKey{path, spec}, &parsed{})
	p := entry.(*parsed)
	p.once.Do(func() { p.file = l.parseFile(path, spec) })
	return p.file, p.file.err
}

// parsedFile gives a file that was parsed already, or nil.
func (l *Loader) parsedFile(path string) *file {
	for _, spec := range []*blockSpec{l.schema, l.stacks, l.injected} {
		if entry, ok := l.files.Load(fileKey{path, spec}); ok && entry.(*parsed).file != nil {
			return entry.(*parsed).file
		}
	}
	return nil
}

func (l *Loader) sourceText(path string) []byte {
	if f := l.parsedFile(path); f != nil {
		return f.src
	}
	src, err := l.texts.read(path)
	if err != nil {
		return nil // a file that went away is shown without its text
	}
	return src
}

func (l *Loader) parseFile(path string, spec *blockSpec) *file {
	src, err := l.texts.read(path)
	if err != nil {
		return &file{path: path, spec: spec, err: err}
	}
	return l.parseText(path, src, spec)
}

func (l *Loader) parseText(path string, src []byte, spec *blockSpec) *file {
	f := &file{path: path, spec: spec, dir: filepath.Dir(path), attrs: map[string]*def{}}
	f.src, f.json = src, strings.EqualFold(filepath.Ext(path), ".json")
	body, diags := parseBody(src, path, f.json)
	if diags.HasErrors() {
		l.warnOnce("parse "+path, "Failed to parse HCL in file "+path)
		f.err = diagErr(diags)
		return f
	}
	f.err = diagErr(l.index(f, body))
	if f.err == nil {
		f.classify(l)
	}
	return f
}

func parseBody(src []byte, path string, isJSON bool) (hcl.Body, hcl.Diagnostics) {
	if !isJSON {
		if diags := append(tooDeep(src, path), hugeNumbers(src, path)...); diags.HasErrors() {
			return nil, diags
		}
		parsed, diags := hclsyntax.ParseConfig(src, path, hcl.InitialPos)
		if diags.HasErrors() {
			return nil, firstMistakes(diags)
		}
		return parsed.Body, diags
	}
	if len(strings.TrimSpace(string(src))) == 0 {
		src = []byte("{}")
	}
	if diags := checkJSON(src, path); diags.HasErrors() {
		return nil, diags
	}
	parsed, diags := json.Parse(src, path)
	if diags.HasErrors() {
		return nil, firstMistakes(diags)
	}
	return parsed.Body, diags
}

// MissingFileError says that a folder holds no configuration.
type MissingFileError struct{ Path string }

func (e *MissingFileError) Error() string {
	switch filepath.Base(e.Path) {
	case FileName, JSONFileName:
	default:
		return fmt.Sprintf("%s does not exist, and does not contain a %s file; Path: %q.%s", filepath.Base(e.Path), FileName, e.Path, orNearPath(e.Path))
	}
	return fmt.Sprintf("%s does not contain a %s file; Path: %q", filepath.Dir(e.Path), FileName, e.Path)
}

// AmbiguousFileError says that a folder holds two configurations.
type AmbiguousFileError struct{ HCL, JSON string }

func (e *AmbiguousFileError) Error() string {
	return fmt.Sprintf("both %s and %s exist: remove one of them, since it cannot be told which one is meant", e.HCL, e.JSON)
}

// UnitFile finds the configuration file that a path means: the file itself, or
// the one in the directory.
func UnitFile(path string) (string, error) { return texts{}.unitFile(path) }

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}

func notExist(err error) bool { return errors.Is(err, fs.ErrNotExist) }
