package providercache

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/terrace-iac/terrace/source"
)

// archiveName is a version of a provider for a platform.
type archiveName struct{ host, namespace, name, version, platform string }

func (n archiveName) String() string {
	return fmt.Sprintf("%s/%s/%s %s", n.host, n.namespace, n.name, n.version)
}

// archive is the packed form of one, as a registry names it.
type archive struct {
	archiveName
	file string   // its name in the list of checksums
	sum  string   // SHA-256 in hexadecimal
	at   *url.URL // where to get it
	sums *url.URL // where to get the list of checksums
}

// archives keeps packed providers by their checksums. Nothing in it is
// changed: a file is written under another name and renamed when it was
// checked.
type archives struct {
	dir    string
	client *http.Client
	log    *slog.Logger

	// sound holds the paths of archives that were compared with their
	// checksums, for the life of the process or until one is gone. One
	// goroutine gets an archive; a lock file does the same for processes.
	sound flights[string]
}

const (
	ownFolder     = ".terrace"      // in the cache folder; no host has such a name
	archiveLimit  = 4 << 30         // bytes, packed
	archiveTries  = 5               // of a download
	archiveBreak  = 2 * time.Second // between two of them
	archiveExpiry = 30 * 24 * time.Hour
)

var errNoSum = errors.New("the registry gives no SHA-256 for it")

// path is where an archive lies.
func (a *archives) path(ar archive) string {
	name := strings.Join([]string{ar.namespace, ar.name, ar.version, ar.platform, ar.sum}, "_") + ".zip"
	return filepath.Join(a.dir, ownFolder, "archives", safeName(ar.host), safeName(name))
}

// safeName keeps what a request named within one folder.
func safeName(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(`/\:*?"<>|`, r) || r < ' ' {
			return '_'
		}
		return r
	}, s)
}

// get gives the path of an archive, downloading it if need be. list gets the
// list of checksums.
func (a *archives) get(ctx context.Context, ar archive, list func(*url.URL) (*reply, error)) (string, error) {
	if _, err := hex.DecodeString(ar.sum); err != nil || len(ar.sum) != sha256.Size*2 {
		return "", fmt.Errorf("%s: %w", ar, errNoSum)
	}
	path := a.path(ar)
	if _, err := os.Stat(path); err != nil {
		a.sound.forget(path) // removed since it was checked
	}
	return a.sound.do(path, func() (string, error) {
		release, _, err := source.Lock(ctx, filepath.Join(a.dir, ownFolder, "locks", ar.sum[:8]+".lock"), a.log)
		if err != nil {
			return "", err
		}
		defer release()
		if err := a.ensure(ctx, ar, path, list); err != nil {
			return "", fmt.Errorf("%s: %w", ar, err)
		}
		return path, nil
	})
}

// ensure makes sure that an archive is at its path.
func (a *archives) ensure(ctx context.Context, ar archive, path string, list func(*url.URL) (*reply, error)) error {
	if sum, err := sumOf(path); err == nil && sum == ar.sum {
		now := time.Now()
		_ = os.Chtimes(path, now, now) // of the last use
		a.log.Debug("found a provider in the cache", "provider", ar.String())
		return nil
	} else if err == nil {
		a.log.Warn("A provider in the cache is damaged and is downloaded again: " + path)
	}
	if err := listed(ar, list); err != nil {
		return err
	}
	a.log.Info("Downloading provider " + ar.String())
	return a.download(ctx, ar, path)
}

// listed checks that the list of checksums, which is what is signed, says the
// same of the archive as the registry.
func listed(ar archive, list func(*url.URL) (*reply, error)) error {
	answer, err := list(ar.sums)
	if err != nil {
		return fmt.Errorf("list of checksums: %w", err)
	}
	if answer.status != http.StatusOK {
		return fmt.Errorf("list of checksums: status %d", answer.status)
	}
	for line := range strings.Lines(string(answer.body)) {
		fields := strings.Fields(line)
		if len(fields) == 2 && strings.TrimPrefix(fields[1], "*") == ar.file {
			if strings.EqualFold(fields[0], ar.sum) {
				return nil
			}
			return fmt.Errorf("%s has one checksum in the signed list and another in what the registry says", ar.file)
		}
	}
	return fmt.Errorf("%s is not in the list of checksums", ar.file)
}

// download tries until an archive is at its path.
func (a *archives) download(ctx context.Context, ar archive, path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	for try := 1; ; try++ {
		again, err := a.downloadOnce(ctx, ar, path)
		if err == nil || !again || try == archiveTries || ctx.Err() != nil {
			return err
		}
		a.log.Warn(fmt.Sprintf("Downloading provider %s failed: %v. Attempt %d of %d", ar, err, try, archiveTries))
		pause(ctx, archiveBreak)
	}
}

func (a *archives) downloadOnce(ctx context.Context, ar archive, path string) (again bool, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, ar.at.String(), nil)
	if err != nil {
		return false, err
	}
	res, err := a.client.Do(req)
	if err != nil {
		return true, bare(err, ar.at)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return passes(res.StatusCode), fmt.Errorf("%s answers %s", ar.at.Host, res.Status)
	}
	body := source.Steady(res.Body, source.StallLimit)
	defer body.Close()
	temp, err := os.CreateTemp(filepath.Dir(path), ".part-")
	if err != nil {
		return false, err
	}
	defer os.Remove(temp.Name()) // it is not there any more when all went well
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(temp, h), io.LimitReader(body, archiveLimit+1))
	if e := temp.Sync(); err == nil {
		err = e
	}
	if e := temp.Close(); err == nil {
		err = e
	}
	switch {
	case err != nil:
		return true, err
	case n > archiveLimit:
		return false, fmt.Errorf("it is larger than %d bytes", int64(archiveLimit))
	case hex.EncodeToString(h.Sum(nil)) != ar.sum:
		return true, fmt.Errorf("what %s sends does not have the checksum %s", ar.at.Host, ar.sum)
	}
	if err := boundedArchive(temp.Name()); err != nil {
		return false, err
	}
	return false, os.Rename(temp.Name(), path)
}

// tidy removes archives that nobody has used for long, and what killed
// processes left.
func (a *archives) tidy(now time.Time) {
	for pattern, age := range map[string]time.Duration{"*.zip": archiveExpiry, ".part-*": 24 * time.Hour} {
		found, _ := filepath.Glob(filepath.Join(a.dir, ownFolder, "archives", "*", pattern))
		for _, path := range found {
			if info, err := os.Stat(path); err == nil && now.Sub(info.ModTime()) > age {
				_ = os.Remove(path)
			}
		}
	}
}

func sumOf(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}
