package source

import (
	"context"
	"errors"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"time"

	getter "github.com/hashicorp/go-getter/v2"
)

// Job is one download: the whole root of an address into a folder. Dest does
// not exist yet; what is in it after an error is removed by the caller.
type Job struct {
	Address Address
	Dest    string
	Env     []string // nil is this process's own
	// Revision is told which state of the source was fetched, by getters that
	// know; see Store.Revision. It may be nil.
	Revision func(revision string)

	Version  string // constraint on the version of a registry's module, "" for any
	Registry string // host of registry addresses that name none, "" for DefaultRegistry
	Depth    int    // of history, instead of what the address says; below zero is all
}

// Getter brings the files of one kind of address. It must stop when the
// context ends.
type Getter interface {
	Get(ctx context.Context, j Job) error
}

// builtinGetters are by Address.Kind.
func builtinGetters(log *slog.Logger, o Options) map[string]Getter {
	git := &gitGetter{log: log}
	web := &libraryGetter{git: git}
	getters := map[string]Getter{
		"git": git, "http": web, "https": web, "hg": hgGetter{}, "smb": web,
	}
	client := o.HTTP
	if client == nil {
		client = &http.Client{Timeout: registryTimeout}
	}
	objects := newObjectClient()
	getters["s3"] = &bucketGetter{at: s3At(objects, o.AWS)}
	getters["gcs"] = &bucketGetter{at: gcsAt(objects, o.Google)}
	getters["oci"] = &ociGetter{client: objects, log: log}
	getters["tfr"] = &registryGetter{client: client, log: log, getters: getters}
	return getters
}

// registryTimeout is for one question to a registry: its answers are short.
const registryTimeout = 30 * time.Second

// download finds the getter for an address and lets it fill dest.
func (s *Store) download(ctx context.Context, r Request, dest string) error {
	_, err := s.downloadKeyed(ctx, r, dest)
	return err
}

func (s *Store) job(r Request, dest string) Job {
	j := Job{
		Address: r.Address, Dest: dest, Env: r.Env, Version: r.Version, Registry: r.Registry,
		Revision: func(rev string) { s.revisions.fetched.Store(r.Address.Root(), rev) },
	}
	if s.content != nil {
		j.Depth = s.depth
	}
	return j
}

// downloadKeyed also gives the key of what was brought, where the getter can
// tell. A failure that passes by itself is tried again.
func (s *Store) downloadKeyed(ctx context.Context, r Request, dest string) (key string, err error) {
	kind := r.Address.Kind()
	g, ok := s.getters[kind]
	if !ok {
		known := append(slices.Collect(maps.Keys(s.getters)), "file")
		slices.Sort(known)
		return "", &UnsupportedError{Scheme: kind, Supported: known}
	}
	s.log.Debug("fetching a source", "url", r.Address.String())
	err = s.retry(ctx, r, func() error {
		if err := os.RemoveAll(dest); err != nil {
			return err
		}
		var err error
		if k, ok := g.(keyed); ok {
			key, err = k.getKeyed(ctx, s.job(r, dest))
		} else {
			err = g.Get(ctx, s.job(r, dest))
		}
		return err
	})
	if err != nil {
		return "", err
	}
	return key, dropMetadata(dest)
}

// dropMetadata removes the folder in which hg keeps its history. Only the
// files of a module belong in a working folder.
func dropMetadata(dir string) error { return os.RemoveAll(filepath.Join(dir, ".hg")) }

// libraryGetter leaves a download to go-getter. The getters there keep state
// between calls, so that each job has its own.
type libraryGetter struct{ git *gitGetter }

// Limits of an archive: a module is far smaller, and one that was made to fill
// a disk is stopped before it does. They count what is unpacked.
const (
	archiveFiles    = 100_000
	archiveBytes    = 4 << 30
	archiveDownload = 4 << 30 // of the packed file
)

// redirectLimit is how often X-Terraform-Get may lead elsewhere.
const redirectLimit = 10

func (l *libraryGetter) Get(ctx context.Context, j Job) error {
	client := &getter.Client{
		Decompressors: getter.LimitedDecompressors(archiveFiles, archiveBytes),
		Getters: []getter.Getter{
			&redirectToGit{git: l.git, env: j.Env},
			&getter.HttpGetter{
				Netrc:              true,
				XTerraformGetLimit: redirectLimit,
				HeadFirstTimeout:   10 * time.Second,
				MaxBytes:           archiveDownload,
			},
			&getter.SmbClientGetter{},
			&getter.SmbMountGetter{},
		},
	}
	_, err := client.Get(ctx, &getter.Request{Src: j.Address.Root(), Dst: j.Dest, GetMode: getter.ModeDir})
	return err
}

// redirectToGit lets an X-Terraform-Get header name a git repository, but
// not one of this machine: a server has no business with local files.
type redirectToGit struct {
	git *gitGetter
	env []string
}

var errOneFile = errors.New("a git source is a folder, not one file")

func (g *redirectToGit) Detect(req *getter.Request) (bool, error) {
	u, err := url.Parse(req.Src)
	if err != nil || u.Host == "" || u.Scheme == "file" {
		return false, nil
	}
	return req.Forced == "git" || req.Forced == "" && (u.Scheme == "ssh" || u.Scheme == "git"), nil
}

func (g *redirectToGit) Mode(context.Context, *url.URL) (getter.Mode, error) {
	return getter.ModeDir, nil
}

func (g *redirectToGit) Get(ctx context.Context, req *getter.Request) error {
	a := Address{forced: "git", url: req.URL()}
	return scrubResult(g.git.Get(ctx, Job{Address: a, Dest: req.Dst, Env: g.env}), a)
}

func (g *redirectToGit) GetFile(context.Context, *getter.Request) error { return errOneFile }

func scrubResult(err error, a Address) error {
	if err == nil {
		return nil
	}
	return scrubError(err, secrets(a))
}
