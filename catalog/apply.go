package catalog

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"github.com/terrace-iac/terrace/catalog/boilerplate"
	"github.com/terrace-iac/terrace/config"
)

// ExistsError refuses to replace files of a folder that something is copied to.
type ExistsError struct {
	Dir   string
	Files []string // relative to the folder
}

func (e *ExistsError) Error() string {
	return fmt.Sprintf("%s already has %s: nothing was written. Choose another folder with --output-folder, or remove them", e.Dir, strings.Join(e.Files, ", "))
}

// Apply writes what was planned, all of it or nothing, and gives the files in
// the order of their making. A hook that fails afterwards is an error too.
func (s *Scaffolder) Apply(ctx context.Context, p *Plan) ([]string, error) {
	if p.Kind == Unit || p.Kind == Stack {
		return s.copyComponent(ctx, p)
	}
	if p.template == "" {
		if p.includesRoot() && !p.hasRoot() {
			s.log.Warn(fmt.Sprintf("There is no %s above %s: the unit can be run once there is one. Without it, give --no-include-root", p.request.RootFile, p.request.Output))
		}
		return s.write([]File{{Path: filepath.Join(p.request.Output, config.FileName), Text: p.unitText()}})
	}
	result, err := s.engine.Render(ctx, boilerplate.Job{Dir: p.template, URL: p.templated, Output: p.request.Output, Given: p.templateVars(), Seen: p.seen})
	if err != nil {
		return nil, err
	}
	files := make([]File, len(result.Files))
	for i, f := range result.Files {
		files[i] = File(f)
	}
	written, err := s.write(files)
	if err != nil {
		return nil, err
	}
	return written, s.engine.Finish(ctx, result)
}

func (p *Plan) unitText() []byte {
	required, optional := p.split()
	return unitText{p.sourceURL, p.includesRoot(), p.request.RootFile, required, optional}.text()
}

// split parts the variables into those that must be set and the others.
func (p *Plan) split() (required, optional []*Variable) {
	required, optional = []*Variable{}, []*Variable{}
	for _, v := range p.variables {
		if v.Required() {
			required = append(required, v)
		} else {
			optional = append(optional, v)
		}
	}
	return required, optional
}

func (p *Plan) includesRoot() bool {
	if x, ok := p.given[varIncludeRoot]; ok {
		return fmt.Sprint(x) == "true"
	}
	return !p.request.NoIncludeRoot
}

// hasRoot says whether the file that the unit includes is there.
func (p *Plan) hasRoot() bool {
	for dir := filepath.Dir(p.request.Output); ; dir = filepath.Dir(dir) {
		if exists(filepath.Join(dir, p.request.RootFile)) {
			return true
		}
		if filepath.Dir(dir) == dir {
			return false
		}
	}
}

// templateVars are the variables that every template is given.
func (p *Plan) templateVars() map[string]any {
	out := maps.Clone(p.given)
	out["sourceUrl"] = p.sourceURL
	out["requiredVariables"], out["optionalVariables"] = p.split()
	out[varIncludeRoot] = p.includesRoot()
	if _, ok := out[varRootFile]; !ok {
		out[varRootFile] = p.request.RootFile
	}
	return out
}

// write formats HCL and writes all files. Those that are replaced are named.
func (s *Scaffolder) write(files []File) ([]string, error) {
	var written []string
	for i := range files {
		f := &files[i]
		if strings.HasSuffix(f.Path, ".hcl") {
			text, err := config.Format(f.Text, f.Path)
			if err != nil {
				s.log.Warn("The template made a file with mistakes: " + err.Error())
			} else {
				f.Text = text
			}
		}
		if before, err := os.ReadFile(f.Path); err == nil && string(before) != string(f.Text) {
			s.log.Warn(f.Path + " is replaced")
		}
		written = append(written, f.Path)
	}
	return written, writeAll(files)
}

// copyComponent copies a unit or stack as it is, over nothing.
func (s *Scaffolder) copyComponent(ctx context.Context, p *Plan) ([]string, error) {
	files, err := p.filesToCopy(ctx)
	if err != nil {
		return nil, err
	}
	values := filepath.Join(p.request.Output, valuesFile)
	if stub := valuesText(p.values); stub != nil && !exists(filepath.Join(p.dir, valuesFile)) && !exists(values) {
		files = append(files, File{Path: values, Text: stub})
	}
	var there, written []string
	for _, f := range files {
		if _, err := os.Lstat(f.Path); !errors.Is(err, fs.ErrNotExist) {
			rel, _ := filepath.Rel(p.request.Output, f.Path)
			there = append(there, filepath.ToSlash(rel))
		}
		written = append(written, f.Path)
	}
	if len(there) > 0 {
		return nil, &ExistsError{p.request.Output, there}
	}
	return written, writeAll(files)
}

// filesToCopy reads the files of a unit or stack, without those that tools
// have put there.
func (p *Plan) filesToCopy(ctx context.Context) ([]File, error) {
	var out []File
	err := filepath.WalkDir(p.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		rel, err := filepath.Rel(p.dir, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			if leftOut(d.Name()) {
				return fs.SkipDir
			}
			return nil
		}
		if d.Type()&fs.ModeSymlink != 0 {
			if err := p.checkLink(path, rel); err != nil {
				return err
			}
		}
		f, err := fileAt(path, filepath.Join(p.request.Output, rel))
		if err != nil {
			return fmt.Errorf("%s: %w", rel, err)
		}
		out = append(out, f)
		return nil
	})
	return out, err
}

func leftOut(name string) bool {
	switch name {
	case ".terragrunt-cache", ".terragrunt-stack", ".terraform", ".git":
		return true
	}
	return false
}

// checkLink refuses links that leave the source: what they lead to belongs to
// this machine, or to nobody.
func (p *Plan) checkLink(path, rel string) error {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return fmt.Errorf("%s is a link that leads nowhere", rel)
	}
	root, err := filepath.EvalSymlinks(p.root)
	if err != nil {
		return err
	}
	if in, err := filepath.Rel(root, real); err != nil || !filepath.IsLocal(in) {
		return fmt.Errorf("%s is a link that leads out of the source: nothing was written", rel)
	}
	return nil
}

func fileAt(path, to string) (File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return File{}, err
	}
	if !info.Mode().IsRegular() {
		return File{}, errors.New("it is not a regular file")
	}
	text, err := os.ReadFile(path)
	return File{Path: to, Text: text, Mode: info.Mode().Perm()}, err
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
