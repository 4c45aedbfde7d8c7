package source

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	getter "github.com/hashicorp/go-getter/v2"
)

// bucket is object storage, opened for one address.
type bucket interface {
	// head gives what changes when the object does, "" for no such object.
	head(ctx context.Context, key string) (validator string, err error)
	open(ctx context.Context, key string) (io.ReadCloser, error)
	// list gives the objects whose keys start with a prefix.
	list(ctx context.Context, prefix string) ([]object, error)
}

// object is one in a bucket.
type object struct {
	key       string
	size      int64
	validator string
}

// bucketGetter brings an archive from object storage, or all objects below a
// prefix.
type bucketGetter struct {
	// at opens the storage of an address and gives the key in it.
	at func(ctx context.Context, j Job) (bucket, string, error)
}

const (
	bucketAnswer = 16 << 20 // bytes of a list
	bucketPages  = 200      // of a list
)

func (g *bucketGetter) Get(ctx context.Context, j Job) error {
	b, key, err := g.at(ctx, j.withEnv())
	if err != nil {
		return err
	}
	if kind := archiveKind(j.Address.Query(), key); kind != "" {
		body, err := b.open(ctx, key)
		if err != nil {
			return err
		}
		return unpack(ctx, Steady(body, StallLimit), j, packing{kind: kind, download: archiveDownload, files: archiveFiles, bytes: archiveBytes})
	}
	if j.Address.Query().Get("checksum") != "" {
		return fmt.Errorf("%s is a folder: a checksum is for an archive", key)
	}
	objects, err := below(ctx, b, key)
	if err != nil {
		return err
	}
	return copyObjects(ctx, b, objects, key, j.Dest)
}

// below lists what a folder holds. An address without it is a mistake.
func below(ctx context.Context, b bucket, key string) ([]object, error) {
	prefix := strings.TrimSuffix(key, "/")
	if prefix != "" {
		prefix += "/"
	}
	objects, err := b.list(ctx, prefix)
	if err != nil {
		return nil, err
	}
	objects = slices.DeleteFunc(objects, func(o object) bool { return strings.HasSuffix(o.key, "/") }) // that stand for folders
	if len(objects) == 0 {
		return nil, fmt.Errorf("there is no object below %q, and an object of that name would have to be an archive", key)
	}
	return objects, nil
}

func copyObjects(ctx context.Context, b bucket, objects []object, key, dest string) error {
	var total int64
	for _, o := range objects {
		rel := filepath.FromSlash(strings.Trim(strings.TrimPrefix(o.key, strings.TrimSuffix(key, "/")), "/"))
		total += o.size
		switch {
		case !filepath.IsLocal(rel):
			return fmt.Errorf("the key %q leads out of the folder", o.key)
		case len(objects) > archiveFiles || total > archiveBytes:
			return fmt.Errorf("more than %d objects or %d bytes", archiveFiles, int64(archiveBytes))
		}
		if err := copyObject(ctx, b, o, filepath.Join(dest, rel)); err != nil {
			return err
		}
	}
	return nil
}

func copyObject(ctx context.Context, b bucket, o object, path string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	body, err := b.open(ctx, o.key)
	if err != nil {
		return err
	}
	body = Steady(body, StallLimit)
	defer body.Close()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	n, err := io.Copy(f, io.LimitReader(body, o.size+1))
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil && n != o.size {
		return fmt.Errorf("%s: %w: it should have %d bytes", o.key, io.ErrUnexpectedEOF, o.size)
	}
	return err
}

// probe asks for what changes with the contents: of an archive, or of all that
// a folder lists.
func (g *bucketGetter) probe(ctx context.Context, j Job, _ string) (probe, error) {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	b, key, err := g.at(ctx, j.withEnv())
	if err != nil {
		return probe{}, err
	}
	u := j.Address.URL()
	q := u.Query()
	for name := range q {
		if isSecretParam(name) {
			q.Del(name) // who asks is not part of what is there
		}
	}
	u.User, u.RawQuery = nil, q.Encode()
	if archiveKind(j.Address.Query(), key) != "" {
		v, err := b.head(ctx, key)
		if err != nil || v == "" {
			return probe{}, err
		}
		return probe{key: "object-" + digest(j.Address.Kind()+" "+u.String()+"\n"+v)}, nil
	}
	objects, err := below(ctx, b, key)
	if err != nil {
		return probe{}, err
	}
	var all strings.Builder
	for _, o := range objects {
		fmt.Fprintf(&all, "%q %d %q\n", o.key, o.size, o.validator)
	}
	return probe{key: "object-" + digest(j.Address.Kind()+" "+u.String()+"\n"+all.String())}, nil
}

// withEnv names the environment of this process where a job names none.
func (j Job) withEnv() Job {
	if j.Env == nil {
		j.Env = os.Environ()
	}
	return j
}

// archiveKind is how a file is packed, by the archive parameter or its name;
// "" where it is not.
func archiveKind(q url.Values, name string) string {
	if kind := q.Get("archive"); kind != "" {
		if kind == "false" || kind == "0" {
			return ""
		}
		return kind
	}
	for _, kind := range []string{"tar.gz", "tgz", "tar.bz2", "tbz2", "tar.xz", "txz", "tar.zst", "tzst", "tar", "zip"} {
		if strings.HasSuffix(name, "."+kind) {
			return kind
		}
	}
	return ""
}

// packing says how an archive is packed and how large it may be.
type packing struct {
	kind     string
	download int64 // bytes of the archive
	files    int
	bytes    int64 // of all files
}

// unpack writes an archive to a file beside the destination and unpacks it,
// with the checks that archives from the web go through. It closes the body.
func unpack(ctx context.Context, body io.ReadCloser, j Job, p packing) error {
	defer body.Close()
	f, err := os.CreateTemp(filepath.Dir(j.Dest), "archive-*."+filepath.Base(p.kind))
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	n, err := io.Copy(f, io.LimitReader(body, p.download+1))
	if e := f.Close(); err == nil {
		err = e
	}
	switch {
	case err != nil:
		return err
	case n > p.download:
		return fmt.Errorf("the archive is larger than %d bytes", p.download)
	}
	from := fileURL(f.Name())
	q := url.Values{"archive": {p.kind}}
	if sum := j.Address.Query().Get("checksum"); sum != "" {
		q.Set("checksum", sum)
	}
	from.RawQuery = q.Encode()
	client := &getter.Client{
		Decompressors: getter.LimitedDecompressors(p.files, p.bytes),
		Getters:       []getter.Getter{&getter.FileGetter{}},
	}
	_, err = client.Get(ctx, &getter.Request{Src: from.String(), Dst: j.Dest, GetMode: getter.ModeDir})
	return err
}

// refused is the error for an answer that is not the object. What may pass by
// itself is told in the words that Transient knows.
func refused(res *http.Response, what string) error {
	switch res.StatusCode {
	case http.StatusNotFound:
		return fmt.Errorf("%s: it is not there (404)", what)
	case http.StatusUnauthorized, http.StatusForbidden:
		return fmt.Errorf("%s: access is refused (%d)", what, res.StatusCode)
	}
	return fmt.Errorf("%s: response code: %d", what, res.StatusCode)
}
