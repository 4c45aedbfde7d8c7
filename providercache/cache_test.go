package providercache

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/terrace-iac/terrace/run"
)

func writeFile(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestKeptSettings(t *testing.T) {
	t.Parallel()
	src := `# mine
plugin_cache_dir   = "/x"
disable_checkpoint = true
credentials "a.example" { token = "one" }
credentials "B.example" {
  token = "two"
}
host "b.example" {
  services = { "providers.v1" = "https://x/" }
}
provider_installation {
  network_mirror {
    url = "https://m/"
  }
}
`
	got, err := keptSettings([]byte(src), "rc", []string{"b.example"})
	if err != nil {
		t.Fatal(err)
	}
	want := `disable_checkpoint = true
credentials "a.example" { token = "one" }
provider_installation {
  network_mirror {
    url = "https://m/"
  }
}
`
	if got != want {
		t.Errorf("kept\n%s\nwant\n%s", got, want)
	}
	for name, text := range map[string]string{"rc.json": "{}", "rc": "host \""} {
		if _, err := keptSettings([]byte(text), name, nil); err == nil {
			t.Errorf("%s: %s is accepted", name, text)
		}
	}
}

func TestPluginCacheDir(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	writeFile(t, filepath.Join(dir, "with"), `plugin_cache_dir = "/mine"`)
	writeFile(t, filepath.Join(dir, "without"), "disable_checkpoint = true\n")
	for name, want := range map[string]string{"with": "/mine", "without": "", "none": ""} {
		if got := PluginCacheDir([]string{"TF_CLI_CONFIG_FILE=" + filepath.Join(dir, name)}); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

func TestBoundedArchive(t *testing.T) {
	t.Parallel()
	link := fs.ModeSymlink | 0o777
	for name, c := range map[string]struct {
		entry string
		mode  fs.FileMode
		files int
		want  string
	}{
		"good":     {"terraform-provider-x_v1", 0o755, 1, ""},
		"climbs":   {"../x", 0o644, 1, "leads out"},
		"absolute": {"/etc/x", 0o644, 1, "leads out"},
		"link":     {"x", link, 1, "neither file nor folder"},
		"many":     {"x%d", 0o644, unpackedFiles + 1, "the limit is"},
	} {
		path := filepath.Join(t.TempDir(), "a.zip")
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		z := zip.NewWriter(f)
		for i := range c.files {
			h := &zip.FileHeader{Name: c.entry}
			if strings.Contains(c.entry, "%d") {
				h.Name = fmt.Sprintf(c.entry, i)
			}
			h.SetMode(c.mode)
			if _, err := z.CreateHeader(h); err != nil {
				t.Fatal(err)
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		err = boundedArchive(path)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
}

// packageOf makes an unpacked provider and a lock file that names it.
func packageOf(t *testing.T, unit, text string) (at string) {
	t.Helper()
	at = filepath.Join(unit, ".terraform", "providers", "h", "ns", "p", "1.0.0", runtime.GOOS+"_"+runtime.GOARCH)
	writeFile(t, filepath.Join(at, "terraform-provider-p"), text)
	writeFile(t, filepath.Join(unit, ".terraform.lock.hcl"), fmt.Sprintf("provider \"h/ns/p\" {\n  version = \"1.0.0\"\n  hashes = [%q]\n}\n", hashFolder(at)))
	return at
}

func TestAdoptAndLink(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("links need a privilege there")
	}
	dir := t.TempDir()
	c := New(Options{Dir: filepath.Join(dir, "cache")})
	place := func(name string) run.InitPlace {
		return run.InitPlace{Dir: filepath.Join(dir, name), DataDir: filepath.Join(dir, name, ".terraform")}
	}
	linked := func(path string) bool {
		info, err := os.Lstat(path)
		return err == nil && info.Mode()&os.ModeSymlink != 0
	}
	first := packageOf(t, filepath.Join(dir, "a"), "same")
	same := packageOf(t, filepath.Join(dir, "b"), "same")
	other := packageOf(t, filepath.Join(dir, "c"), "other")
	for _, unit := range []string{"a", "b", "c"} {
		c.After(t.Context(), place(unit))
	}
	if !linked(first) || !linked(same) {
		t.Error("equal packages are not shared")
	}
	if linked(other) {
		t.Error("a package with another hash was replaced")
	}
	if err := os.Remove(same); err != nil {
		t.Fatal(err)
	}
	if got := c.packages.link(place("b").Dir, place("b").DataDir); got["h/ns/p"] != "1.0.0" || !linked(same) {
		t.Errorf("a package that the lock file names is not linked: %v", got)
	}
	damaged := New(Options{Dir: filepath.Join(dir, "cache")})
	writeFile(t, filepath.Join(same, "terraform-provider-p"), "changed")
	if err := os.Remove(same); err != nil {
		t.Fatal(err)
	}
	if got := damaged.packages.link(place("b").Dir, place("b").DataDir); len(got) != 0 || linked(same) {
		t.Errorf("a package that was changed is linked: %v", got)
	}
}

// The server asks for its token, serves the hosts it stands for only, and hands
// on the module service of a host with the user's token.
func TestServer(t *testing.T) {
	t.Parallel()
	var tokens []string
	origin := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tokens = append(tokens, r.Header.Get("Authorization"))
		switch r.URL.Path {
		case "/.well-known/terraform.json":
			fmt.Fprint(w, `{"modules.v1":"/mods/","providers.v1":"/provs/"}`)
		case "/mods/a/b/c/1.0.0/download":
			w.Header().Set("X-Terraform-Get", "./x.zip")
			w.WriteHeader(http.StatusNoContent)
		case "/provs/a/b/versions":
			fmt.Fprint(w, `{"versions":[]}`)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(origin.Close)
	host := strings.TrimPrefix(origin.URL, "https://")
	rc := filepath.Join(t.TempDir(), "rc")
	writeFile(t, rc, fmt.Sprintf("credentials %q {\n  token = \"users\"\n}\n", host))
	c := New(Options{Dir: t.TempDir(), HTTP: origin.Client(), Registries: []string{host}, Token: "ours"})
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	env, err := c.Before(t.Context(), run.InitPlace{Dir: t.TempDir(), DataDir: t.TempDir(), Env: []string{"TF_CLI_CONFIG_FILE=" + rc, "TF_PLUGIN_CACHE_DIR=/x", "KEPT=1"}})
	if err != nil || len(env) != 2 || !slices.Contains(env, "KEPT=1") {
		t.Fatal(env, err)
	}
	get := func(path, token string) *http.Response {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.server.base+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+token)
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = res.Body.Close() })
		return res
	}
	for path, want := range map[string]int{
		"/v1/providers/r/" + host + "/a/b/versions":      200,
		"/v1/providers/r/" + host + "/a/none/versions":   404,
		"/v1/providers/r/elsewhere.example/a/b/versions": 404,
		"/downloads/guess/0/x":                           404,
		"/other":                                         404,
	} {
		if res := get(path, "ours"); res.StatusCode != want {
			t.Errorf("%s: %d, want %d", path, res.StatusCode, want)
		}
	}
	if res := get("/v1/providers/r/"+host+"/a/b/versions", "users"); res.StatusCode != 401 {
		t.Errorf("with another token: %d", res.StatusCode)
	}
	res := get("/v1/modules/"+host+"/a/b/c/1.0.0/download", "ours")
	if got := res.Header.Get("X-Terraform-Get"); got != origin.URL+"/mods/a/b/c/1.0.0/x.zip" {
		t.Errorf("a module is at %q", got)
	}
	for _, token := range tokens {
		if token != "" && token != "Bearer users" {
			t.Errorf("the registry was shown %q", token)
		}
	}
}

// A registry's answer keeps what is not an address.
func TestReaddressed(t *testing.T) {
	t.Parallel()
	s := &server{base: "http://here", secret: "s", files: map[string]file{}}
	body := `{"filename":"p.zip","shasum":"AB","download_url":"https://cdn/p.zip","shasums_url":"/sums","shasums_signature_url":"/sig","signing_keys":{"k":1},"new":[1]}`
	from := mustURL(t, "https://r.example/v1/x")
	out, err := s.readdressed(&reply{body: []byte(body), from: from}, archiveName{})
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]json.RawMessage
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	if string(got["signing_keys"]) != `{"k":1}` || string(got["new"]) != "[1]" {
		t.Errorf("changed: %s", out)
	}
	for _, name := range []string{"download_url", "shasums_url", "shasums_signature_url"} {
		if !strings.HasPrefix(string(got[name]), `"http://here/downloads/s/`) {
			t.Errorf("%s is %s", name, got[name])
		}
	}
	var archives int
	for _, f := range s.files {
		if f.archive != nil {
			archives++
			if f.archive.sums.String() != "https://r.example/sums" || f.archive.sum != "ab" {
				t.Errorf("the archive is %+v", f.archive)
			}
		}
	}
	if archives != 1 || len(s.files) != 3 {
		t.Errorf("%d archives among %d files", archives, len(s.files))
	}
}

func mustURL(t *testing.T, text string) *url.URL {
	t.Helper()
	u, err := url.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return u
}
