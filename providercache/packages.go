package providercache

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"github.com/terrace-iac/terrace/source"
)

// packages are unpacked providers, below a folder by HOST/NAMESPACE/NAME/
// VERSION/PLATFORM, which is also how the binary lays out its own caches. Each
// was unpacked and checked by the binary, in some unit.
type packages struct {
	dir string
	log *slog.Logger

	// sums holds the hashes of packages by path, for the life of the process or
	// until one is gone: packages are not changed. The binary compares them
	// again with the lock file each time it uses one.
	sums flights[string]
}

// link puts links to packages where the binary looks for what it installed
// before: those that the lock file names. It gives the versions of those that
// are there now, by address.
func (p *packages) link(dir, dataDir string) map[string]string {
	there := map[string]string{}
	platform := runtime.GOOS + "_" + runtime.GOARCH
	for _, l := range readLock(dir) {
		rel := filepath.Join(filepath.FromSlash(l.address), l.version, platform)
		at, from := filepath.Join(dataDir, "providers", rel), filepath.Join(p.dir, rel)
		if !l.allows(p.sum(from)) {
			continue
		}
		if to, err := os.Readlink(at); err != nil || to != from {
			if err := symlink(from, at); err != nil {
				p.log.Debug("cannot link a provider", "error", err)
				continue
			}
		}
		there[l.address] = l.version
	}
	return there
}

// adopt goes through the packages that the binary has unpacked in a working
// folder.
func (p *packages) adopt(ctx context.Context, dir, dataDir string) {
	top := filepath.Join(dataDir, "providers")
	for _, l := range readLock(dir) {
		found, _ := filepath.Glob(filepath.Join(escapeGlob(top), filepath.FromSlash(l.address), escapeGlob(l.version), "*"))
		for _, at := range found {
			info, err := os.Lstat(at)
			if err != nil || !info.IsDir() {
				continue // a link already
			}
			rel, err := filepath.Rel(top, at)
			if err == nil {
				err = p.adoptOne(ctx, l, at, filepath.Join(p.dir, rel))
			}
			if err != nil {
				p.log.Debug("a provider stays in the working folder", "path", at, "error", err)
			}
		}
	}
}

var errOther = errors.New("what the cache holds is not what the lock file names")

func (p *packages) adoptOne(ctx context.Context, l locked, at, to string) error {
	name := digest([]byte(to))[:8]
	release, _, err := source.Lock(ctx, filepath.Join(p.dir, ownFolder, "locks", name+".lock"), p.log)
	if err != nil {
		return err
	}
	defer release()
	if _, err := os.Stat(to); err != nil {
		if !l.allows(hashFolder(at)) {
			return errOther
		}
		return moveForLink(at, to)
	}
	if !l.allows(p.sum(to)) {
		if err := p.discard(to); err != nil {
			return err
		}
		return errOther
	}
	return swapForLink(at, to)
}

// discard takes a damaged package out of the way, unless it is so young that a
// binary with the same cache folder may be writing it.
func (p *packages) discard(path string) error {
	info, err := os.Stat(path)
	if err != nil || time.Since(info.ModTime()) < 10*time.Minute {
		return err
	}
	aside := filepath.Join(p.dir, ownFolder, "damaged-"+digest([]byte(path + time.Now().String()))[:12])
	p.log.Warn("A provider in the cache is damaged and is removed: " + path)
	if err := os.Rename(path, aside); err != nil {
		return err
	}
	p.sums.forget(path)
	return os.RemoveAll(aside)
}

// sum is the hash of a package in the cache, "" if there is none.
func (p *packages) sum(path string) string {
	if _, err := os.Stat(path); err != nil {
		p.sums.forget(path)
		return ""
	}
	sum, _ := p.sums.do(path, func() (string, error) {
		if sum := hashFolder(path); sum != "" {
			return sum, nil
		}
		return "", errOther
	})
	return sum
}

func escapeGlob(s string) string {
	var out []rune
	for _, r := range s {
		if slices.Contains([]rune(`*?[\`), r) && (r != '\\' || runtime.GOOS != "windows") {
			out = append(out, '\\')
		}
		out = append(out, r)
	}
	return string(out)
}
