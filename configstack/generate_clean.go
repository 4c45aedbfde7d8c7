package configstack

import (
	"cmp"
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// GeneratedTree is all that was generated below a folder.
type GeneratedTree struct {
	Folders []string  // .terragrunt-stack folders that lie in no other; sorted
	Orphans []*Orphan // all components in them, innermost first
	Beside  []*Orphan // components outside of such folders, innermost first
}

// FindGenerated looks for what stack files have brought at and below root.
func FindGenerated(ctx context.Context, root string, o DiscoverOptions) (*GeneratedTree, error) {
	o.NoHidden = false
	w, err := walk(ctx, root, o)
	if w == nil {
		return nil, err
	}
	var conflict *ConflictError
	if err != nil && !errors.As(err, &conflict) {
		return nil, err
	}
	t := &GeneratedTree{Folders: w.stackDirs}
	slices.Sort(t.Folders)
	t.Folders = slices.DeleteFunc(t.Folders, func(dir string) bool {
		return slices.ContainsFunc(t.Folders, func(o string) bool { return o != dir && within(dir, o) })
	})
	for dir, m := range readManifests(w.generated) {
		orphan := &Orphan{Name: m.name, Dir: dir, Stack: m.owner, IsStack: m.isStack, files: m.files, known: !m.foreign}
		inside := slices.ContainsFunc(t.Folders, func(folder string) bool { return within(dir, folder) })
		switch {
		case inside:
			t.Orphans = append(t.Orphans, orphan)
		case orphan.known:
			t.Beside = append(t.Beside, orphan)
		}
	}
	innermostFirst(t.Orphans)
	innermostFirst(t.Beside)
	return t, nil
}

func innermostFirst(list []*Orphan) {
	depth := func(o *Orphan) int { return strings.Count(o.Dir, string(filepath.Separator)) }
	slices.SortFunc(list, func(a, b *Orphan) int { return cmp.Or(depth(b)-depth(a), strings.Compare(a.Dir, b.Dir)) })
}

// RemoveExcept removes a folder with all in it but some folders.
func RemoveExcept(dir string, kept map[string]bool) error {
	if kept[dir] {
		return nil
	}
	holds := false
	for k := range kept {
		holds = holds || within(k, dir)
	}
	if !holds {
		return os.RemoveAll(dir)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	var errs []error
	for _, e := range entries {
		errs = append(errs, RemoveExcept(filepath.Join(dir, e.Name()), kept))
	}
	return errors.Join(errs...)
}
