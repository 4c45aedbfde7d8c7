package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/terrace-iac/terrace/config"
)

// runFormat rewrites HCL files in canonical form, or says which need it.
func runFormat(ctx context.Context, inv *invocation) (int, error) {
	o, err := newFormatOptions(inv.Values, inv.Global)
	if err != nil {
		return 1, err
	}
	f := &formatter{inv: inv, opts: o}
	if o.Stdin {
		return f.stdin()
	}
	files := []string{o.File}
	if o.File == "" {
		if files, err = f.files(ctx); err != nil {
			return 1, err
		}
	}
	return f.all(ctx, files)
}

// formatter is one run of the command.
type formatter struct {
	inv  *invocation
	opts formatOptions
}

// formatted is what became of one file.
type formatted struct {
	diff    []byte
	changed bool
	err     error
}

// all formats the files side by side and tells about them in their order. A
// file with mistakes keeps no other from being formatted.
func (f *formatter) all(ctx context.Context, files []string) (int, error) {
	done := make([]formatted, len(files))
	slots := make(chan struct{}, f.parallelism())
	var wg sync.WaitGroup
	for i, file := range files {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			if done[i].err = ctx.Err(); done[i].err == nil {
				done[i] = f.file(file)
			}
		})
	}
	wg.Wait()
	var errs []error
	code := 0
	for i, d := range done {
		status, err := f.tell(files[i], d)
		code = max(code, status)
		errs = append(errs, d.err, err)
	}
	if err := errors.Join(errs...); err != nil {
		return 1, err
	}
	return code, nil
}

func (f *formatter) parallelism() int {
	if f.opts.Parallelism > 0 {
		return f.opts.Parallelism
	}
	return 2 * runtime.GOMAXPROCS(0) // half of them wait for the disk
}

// tell shows what was asked to be shown of a file that is not in form, and
// gives the status that it asks for.
func (f *formatter) tell(file string, d formatted) (int, error) {
	if !d.changed {
		return 0, nil
	}
	if _, err := f.inv.Stdout.Write(d.diff); err != nil || !f.opts.Check {
		return 0, err
	}
	f.inv.Notify.Error(fmt.Sprintf("File '%s' needs formatting", f.shown(file)))
	return 1, nil
}

// shown is a file's path as people see it.
func (f *formatter) shown(file string) string {
	rel, err := filepath.Rel(f.inv.Global.WorkingDir, file)
	if err != nil || f.inv.Global.Log.ShowAbsPaths {
		return file
	}
	return filepath.ToSlash(rel)
}

// file formats one file.
func (f *formatter) file(path string) formatted {
	src, err := os.ReadFile(path)
	if err != nil {
		return formatted{err: err}
	}
	text, err := config.Format(src, path)
	if err != nil || bytes.Equal(src, text) {
		return formatted{err: err}
	}
	out := formatted{changed: true}
	if f.opts.Diff {
		out.diff = unifiedDiff(path, src, text)
	}
	if !f.opts.Check {
		out.err = rewrite(path, text)
	}
	return out
}

// stdin formats a text between pipes.
func (f *formatter) stdin() (int, error) {
	src, err := io.ReadAll(f.inv.Stdin)
	if err != nil {
		return 1, fmt.Errorf("reading standard input: %w", err)
	}
	text, err := config.Format(src, "<stdin>")
	if err != nil {
		return 1, err
	}
	out := text
	if f.opts.Diff || f.opts.Check {
		out = nil
	}
	if f.opts.Diff {
		out = unifiedDiff("<stdin>", src, text)
	}
	if _, err := f.inv.Stdout.Write(out); err != nil {
		return 1, err
	}
	if f.opts.Check && !bytes.Equal(src, text) {
		f.inv.Notify.Error("File 'stdin' needs formatting")
		return 1, nil
	}
	return 0, nil
}

// unifiedDiff is the difference as `patch` reads it; nil for none.
func unifiedDiff(path string, old, text []byte) []byte {
	name := filepath.ToSlash(path)
	d := diff.Diff("old/"+name, old, "new/"+name, text)
	if _, rest, ok := bytes.Cut(d, []byte("\n")); ok {
		return rest // without the line that repeats the command
	}
	return d
}

// rewrite replaces a file's text as a whole and keeps its mode. A link stays
// one: what it leads to is replaced.
func rewrite(path string, text []byte) error {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	return writeAtomic(path, text, info.Mode().Perm())
}

// files finds what is to be formatted below the working folder, by path. The
// filter is read first: a mistake in it must not wait for a walk.
func (f *formatter) files(ctx context.Context) ([]string, error) {
	filter, err := f.inv.fileFilter(f.opts.Filter)
	if err != nil {
		return nil, err
	}
	found, err := f.walk(ctx)
	if err != nil || filter.Empty() {
		return found, err
	}
	return filter.MatchPaths(ctx, found)
}

func (f *formatter) walk(ctx context.Context) (found []string, err error) {
	root := f.inv.Global.WorkingDir
	err = filepath.WalkDir(root, func(path string, e os.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case ctx.Err() != nil:
			return ctx.Err()
		case e.IsDir() && path != root && f.skips(e.Name()):
			return filepath.SkipDir
		case !e.IsDir() && filepath.Ext(path) == ".hcl" && !slices.Contains(f.opts.ExcludeNames, e.Name()) && isRegular(path, e):
			found = append(found, path)
		}
		return nil
	})
	return found, err
}

// skips says whether a folder is left out: it holds copies, or was named.
func (f *formatter) skips(name string) bool {
	switch name {
	case ".terragrunt-cache", ".boilerplate", ".terragrunt-stack", ".terraform", ".git":
		return true
	}
	return slices.ContainsFunc(f.opts.ExcludeNames, func(n string) bool { return filepath.Clean(n) == name })
}

// isRegular says whether there is text behind a name. A link may lead to a
// folder, or nowhere.
func isRegular(path string, e os.DirEntry) bool {
	if e.Type()&os.ModeSymlink == 0 {
		return e.Type().IsRegular()
	}
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
