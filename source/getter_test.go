package source

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

func zipOf(t *testing.T, pairs ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for i := 0; i < len(pairs); i += 2 {
		w, err := z.Create(pairs[i])
		if err == nil {
			_, err = w.Write([]byte(pairs[i+1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestHTTP(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	archive := zipOf(t, "top/net/main.tf", "zip", "top/.x", "")
	var downloads atomic.Int32
	mux := http.NewServeMux()
	mux.HandleFunc("/m.zip", func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			downloads.Add(1)
		}
		_, _ = w.Write(archive)
	})
	mux.HandleFunc("/redirect", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Terraform-Get", "http://"+r.Host+"/m.zip//top")
	})
	mux.HandleFunc("/local", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Terraform-Get", b.gitURL(""))
	})
	server := httptest.NewServer(mux)
	defer server.Close()

	r := b.request(server.URL + "/m.zip//top/net")
	b.prepare(r)
	if got := read(t, filepath.Join(r.Layout().WorkDir, "main.tf")); got != "zip" {
		t.Errorf("got %q", got)
	}
	if b.prepare(r) || downloads.Load() != 1 {
		t.Errorf("%d downloads", downloads.Load())
	}
	r = b.request(server.URL + "/redirect//net")
	b.prepare(r)
	b.want(r.Layout().Root, ".x net/main.tf")

	b.newRepo()
	for path, want := range map[string]string{"/local": "no getter", "/absent.zip": "404"} {
		err := b.store.Fetch(t.Context(), b.request(strings.Replace(server.URL, "//", "//me:hunter2@", 1)+path+"?token=topsecret"))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", path, err)
		}
		if err != nil && (strings.Contains(err.Error(), "hunter2") || strings.Contains(err.Error(), "topsecret")) {
			t.Errorf("secret in %v", err)
		}
	}
}

type getterFunc func(ctx context.Context, j Job) error

func (f getterFunc) Get(ctx context.Context, j Job) error { return f(ctx, j) }

func TestOwnGetter(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.store = NewStore(Options{Getters: map[string]Getter{"tfr": getterFunc(func(_ context.Context, j Job) error {
		if j.Address.Query().Get("version") != "1.0.0" {
			return errors.New("wrong version")
		}
		return errors.Join(os.MkdirAll(j.Dest, 0o755), os.WriteFile(filepath.Join(j.Dest, "main.tf"), nil, 0o644))
	})}})
	r := b.request("tfr:///ns/name/aws?version=1.0.0")
	b.prepare(r)
	b.want(r.Layout().WorkDir, "main.tf")
	if err := b.store.Close(); err != nil {
		t.Error(err)
	}
}
