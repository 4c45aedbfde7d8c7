package source

import (
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
)

// Request names one unit's source and where it has to go. All folders are
// absolute.
type Request struct {
	Address     Address
	UnitDir     string   // its files are laid over the source's
	DownloadDir string   // the cache
	Include     []string // globs copied although hidden, relative to the folder being copied
	Exclude     []string // globs never copied; these win
	Mutable     bool     // fetched files can be edited in the cache
	Update      bool     // delete the cached copy first, once in a process
	Env         []string // of the programs that fetch; nil is this process's own
	Version     string   // constraint on the version of a registry's module, "" for any
	Registry    string   // host of registry addresses that name none, "" for DefaultRegistry
}

// Layout says where the files of the request go.
func (r Request) Layout() Layout { return NewLayout(r.DownloadDir, r.UnitDir, r.Address) }

// SourceIsUnit reports whether the source is the unit folder itself, as it
// is when none was configured.
func (r Request) SourceIsUnit() bool {
	local, ok := r.Address.LocalPath()
	if !ok || r.Address.sub != "" {
		return false
	}
	if local == filepath.Clean(r.UnitDir) {
		return true
	}
	a, errA := os.Stat(local)
	b, errB := os.Stat(r.UnitDir)
	return errA == nil && errB == nil && os.SameFile(a, b)
}

// scanner lists a folder of this machine by the request's rules.
func (r Request) scanner(dir string, log *slog.Logger) (*scanner, error) {
	f, err := newFilter(r.Include, r.Exclude)
	if err != nil {
		return nil, err
	}
	return &scanner{root: dir, filter: f, follow: true, skip: r.cacheFolders(), log: log}, nil
}

// cacheFolders are those that are never copied, since the copy lies in them:
// the download folder, and the unit's own part of it for the case that the
// download folder is the one being copied.
func (r Request) cacheFolders() []fs.FileInfo {
	var out []fs.FileInfo
	for _, dir := range []string{r.DownloadDir, filepath.Dir(r.Layout().Root)} {
		if info, err := os.Stat(dir); err == nil {
			out = append(out, info)
		}
	}
	return out
}
