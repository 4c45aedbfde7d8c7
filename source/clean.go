package source

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// Cleaned is a cache folder that Clean has looked at.
type Cleaned struct {
	Dir   string
	Bytes int64  // that removing it frees: files shared with the content store do not count
	State string // a state that the folder holds, and for which it was kept; "" when it was removed
}

// CleanOptions say what Clean removes.
type CleanOptions struct {
	DryRun bool
	// WithState names cache folders, or folders around them, of which the local
	// state may go too. A state that could not be saved is kept all the same.
	WithState []string
}

// Clean removes the cache folders below a folder, which are made anew by the
// next run. One that holds state which exists nowhere else is kept. Links are
// not followed.
func Clean(ctx context.Context, dir string, o CleanOptions) ([]Cleaned, error) {
	var out []Cleaned
	var errs []error
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			errs = append(errs, ignoreNotExist(err))
			return nil
		case !d.IsDir():
			return nil
		case d.Name() == ".git" || d.Name() == ".terraform":
			return fs.SkipDir
		case d.Name() != cacheFolder:
			return nil
		}
		one, err := clean(ctx, path, o)
		if err != nil {
			errs = append(errs, err)
		} else {
			out = append(out, one)
		}
		return fs.SkipDir
	})
	return out, errors.Join(append(errs, err)...)
}

func clean(ctx context.Context, dir string, o CleanOptions) (Cleaned, error) {
	one, err := survey(ctx, dir)
	if err != nil {
		return one, err
	}
	if filepath.Base(one.State) != erroredState && o.givesUp(dir) {
		one.State = ""
	}
	if one.State != "" || o.DryRun {
		return one, nil
	}
	return one, os.RemoveAll(dir)
}

func (o CleanOptions) givesUp(dir string) bool {
	return slices.ContainsFunc(o.WithState, func(named string) bool {
		rel, err := filepath.Rel(named, dir)
		return err == nil && filepath.IsLocal(rel)
	})
}

// survey counts what a cache folder holds and looks for state in it. Of
// several, one that could not be saved is told first.
func survey(ctx context.Context, dir string) (Cleaned, error) {
	one := Cleaned{Dir: dir}
	err := filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return errors.Join(err, ctx.Err())
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if info.Mode().IsRegular() && !sharedFile(info) {
			one.Bytes += info.Size()
		}
		return nil
	})
	if err != nil {
		return one, err
	}
	states, err := statesIn(ctx, dir)
	if len(states) > 0 {
		one.State = states[0]
	}
	return one, err
}
