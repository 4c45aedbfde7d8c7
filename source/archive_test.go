package source

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

func tgzOf(t *testing.T, headers ...*tar.Header) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for _, h := range headers {
		h.Mode = 0o644
		if h.Typeflag == tar.TypeReg {
			h.Size = 1
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if h.Typeflag == tar.TypeReg {
			if _, err := w.Write([]byte("x")); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestArchiveChecksum(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	archive := zipOf(t, "main.tf", "zip")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(archive) }))
	defer server.Close()
	sum := sha256.Sum256(archive)
	r := b.request(server.URL + "/m.zip?checksum=sha256:" + hex.EncodeToString(sum[:]))
	b.prepare(r)
	b.want(r.Layout().WorkDir, "main.tf")
	sum[0]++
	r = b.request(server.URL + "/m.zip?checksum=sha256:" + hex.EncodeToString(sum[:]))
	err := b.store.Fetch(t.Context(), r)
	if err == nil || !strings.Contains(err.Error(), "Checksums did not match") {
		t.Errorf("a wrong checksum: %v", err)
	}
}

// Nothing that an archive names is written outside its folder.
func TestArchiveStaysInside(t *testing.T) {
	t.Parallel()
	skipWindows(t)
	b := newBench(t)
	good := &tar.Header{Typeflag: tar.TypeReg, Name: "main.tf"}
	archives := map[string][]byte{
		"/up.tgz":   tgzOf(t, good, &tar.Header{Typeflag: tar.TypeReg, Name: "../../../out"}),
		"/abs.tgz":  tgzOf(t, good, &tar.Header{Typeflag: tar.TypeReg, Name: b.path("out")}),
		"/link.tgz": tgzOf(t, good, &tar.Header{Typeflag: tar.TypeSymlink, Name: "l", Linkname: b.dir}, &tar.Header{Typeflag: tar.TypeReg, Name: "l/out"}),
		"/hard.tgz": tgzOf(t, good, &tar.Header{Typeflag: tar.TypeLink, Name: "h", Linkname: "/etc/passwd"}),
		"/up.zip":   zipOf(t, "main.tf", "", "../../out", "x"),
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write(archives[r.URL.Path]) }))
	defer server.Close()
	for path := range archives {
		r := b.request(server.URL + path)
		err := b.store.Fetch(t.Context(), r)
		if refused := path != "/abs.tgz" && path != "/hard.tgz"; refused != (err != nil) {
			t.Errorf("%s: %v", path, err)
		}
		if exists(b.path("out")) {
			t.Errorf("%s: written outside", path)
		}
		if data, err := os.ReadFile(filepath.Join(r.Layout().Root, "h")); err == nil && bytes.Contains(data, []byte("root:")) {
			t.Errorf("%s: read outside", path)
		}
	}
}

// An archive is asked for by its validator, and fetched again when that has
// changed.
func TestArchiveInTheContentStore(t *testing.T) {
	t.Parallel()
	skipWindows(t)
	b := newBench(t)
	archive, etag := zipOf(t, "main.tf", "one"), `"1"`
	var gets atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", etag)
		if r.Method == http.MethodGet {
			gets.Add(1)
		}
		_, _ = w.Write(archive)
	}))
	defer server.Close()
	fetch := func(unit, want string) {
		t.Helper()
		b.store = NewStore(Options{TempDir: t.TempDir(), Content: NewContent(b.path("cas"), nil)})
		t.Cleanup(b.store.content.removing.Wait)
		r := b.request(server.URL + "/m.zip")
		r.UnitDir = b.path(unit)
		tree(t, r.UnitDir, "u.tf", "")
		b.prepare(r)
		if got := read(t, filepath.Join(r.Layout().WorkDir, "main.tf")); got != want {
			t.Errorf("%s: %s, want %s", unit, got, want)
		}
	}
	fetch("u1", "one")
	fetch("u2", "one")
	if gets.Load() != 1 {
		t.Errorf("%d downloads", gets.Load())
	}
	archive, etag = zipOf(t, "main.tf", "two"), `"2"`
	fetch("u3", "two")
}
