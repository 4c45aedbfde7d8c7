package source

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestMercurial(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("hg"); err != nil {
		t.Skip("needs hg: apt-get install mercurial")
	}
	b := newBench(t)
	repo := b.path("repo")
	hg := func(args ...string) string {
		t.Helper()
		cmd := exec.Command("hg", args...)
		cmd.Dir, cmd.Env = repo, append(os.Environ(), "HGPLAIN=1", "HGUSER=a")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("hg %v: %v\n%s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	write(t, filepath.Join(repo, "net", "main.tf"), "# one\n")
	hg("init")
	hg("commit", "--addremove", "--message=one")
	first := hg("log", "--rev=.", "--template={node}")
	hg("tag", "v1")
	write(t, filepath.Join(repo, "net", "main.tf"), "# two\n")
	hg("commit", "--message=two")

	root := "hg::" + fileURL(repo).String() + "//net"
	for query, want := range map[string]string{
		"": "# two\n", "?rev=v1": "# one\n", "?rev=" + first: "# one\n", "?rev=" + first[:8]: "# one\n", "?rev=default": "# two\n",
	} {
		r := b.request(root + query)
		if err := b.store.Fetch(t.Context(), r); err != nil {
			t.Errorf("%q: %v", query, err)
			continue
		}
		if got := read(t, filepath.Join(r.Layout().WorkDir, "main.tf")); got != want {
			t.Errorf("%q: %q, want %q", query, got, want)
		}
		if exists(filepath.Join(r.Layout().Root, ".hg")) {
			t.Errorf("%q: the repository's history is in the cache", query)
		}
		p, err := hgGetter{}.probe(t.Context(), Job{Address: r.Address}, "")
		key, keyErr := hgGetter{}.getKeyed(t.Context(), Job{Address: r.Address, Dest: filepath.Join(t.TempDir(), "x")})
		if err != nil || keyErr != nil || p.key == "" || p.key != key {
			t.Errorf("%q: asked %q, %v; brought %q, %v", query, p.key, err, key, keyErr)
		}
		if query == "?rev=v1" && p.key != "hg-"+first {
			t.Errorf("the tag is %s, want %s", p.key, first)
		}
	}
	touched := b.path("touched")
	for _, rev := range []string{"none", "--config=alias.update=!touch " + touched} {
		r := b.request(root + "?rev=" + strings.ReplaceAll(rev, " ", "%20"))
		if err := b.store.Fetch(t.Context(), r); err == nil {
			t.Errorf("%s was found", rev)
		}
	}
	if exists(touched) {
		t.Error("a revision was taken for an option")
	}
}
