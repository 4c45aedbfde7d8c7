package source

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// testRegistry is a module registry over TLS, and the place that it points at:
// archives over plain HTTP, as another host would have them.
type testRegistry struct {
	*bench
	host     string
	archives *httptest.Server
	token    string            // wanted of who asks; "" for none
	location map[string]string // by version; "" is that of all others
	jsonBody bool              // answer with JSON instead of a header
	broken   int               // how many requests fail first

	mu    sync.Mutex
	asked []string
}

func newRegistry(t *testing.T) *testRegistry {
	t.Helper()
	r := &testRegistry{bench: newBench(t), location: map[string]string{}}
	server := httptest.NewTLSServer(http.HandlerFunc(r.serve))
	r.archives = httptest.NewServer(http.HandlerFunc(r.archive))
	t.Cleanup(server.Close)
	t.Cleanup(r.archives.Close)
	at, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	r.host = at.Host
	r.location[""] = r.archives.URL + "/VERSION.tar.gz"
	r.store = NewStore(Options{TempDir: t.TempDir(), HTTP: server.Client()})
	t.Cleanup(func() {
		if err := r.store.Close(); err != nil {
			t.Error(err)
		}
	})
	return r
}

func (r *testRegistry) serve(w http.ResponseWriter, q *http.Request) {
	r.mu.Lock()
	r.asked = append(r.asked, q.URL.Path)
	broken := r.broken > 0
	r.broken--
	r.mu.Unlock()
	const base = "/v1/modules/acme/vpc/aws/"
	rest, of := strings.CutPrefix(q.URL.Path, base)
	number, download := strings.CutSuffix(rest, "/download")
	switch {
	case broken:
		w.WriteHeader(http.StatusBadGateway)
	case r.token != "" && q.Header.Get("Authorization") != "Bearer "+r.token && of:
		w.WriteHeader(http.StatusUnauthorized)
	case q.URL.Path == "/.well-known/terraform.json":
		_, _ = io.WriteString(w, `{"modules.v1": "/v1/modules/", "providers.v1": "/v1/providers/"}`)
	case of && rest == "versions":
		_, _ = io.WriteString(w, `{"modules": [{"versions": [{"version": "4.9.1"}, {"version": "4.10.0"}, {"version": "5.0.0"}, {"version": "6.0.0-rc1"}, {"version": "bad"}]}]}`)
	case of && download:
		r.point(w, number)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func (r *testRegistry) point(w http.ResponseWriter, number string) {
	location, ok := r.location[number]
	if !ok {
		location = strings.ReplaceAll(r.location[""], "VERSION", number)
	}
	if r.jsonBody {
		_, _ = fmt.Fprintf(w, `{"location": %q}`, location)
		return
	}
	w.Header().Set("X-Terraform-Get", location)
	w.WriteHeader(http.StatusNoContent)
}

// archive gives a module whose main.tf names the version that it is of.
func (r *testRegistry) archive(w http.ResponseWriter, q *http.Request) {
	if q.Header.Get("Authorization") != "" {
		r.Error("a token was passed on to another host")
	}
	number, _, _ := strings.Cut(strings.TrimPrefix(q.URL.Path, "/"), ".tar")
	var out bytes.Buffer
	zip := gzip.NewWriter(&out)
	pack := tar.NewWriter(zip)
	for name, text := range map[string]string{"main.tf": "# " + number, "sub/sub.tf": "", "pkg-abc/main.tf": "# packed " + number, "pkg-abc/sub/sub.tf": ""} {
		if err := pack.WriteHeader(&tar.Header{Name: name, Mode: 0o644, Size: int64(len(text)), Typeflag: tar.TypeReg}); err != nil {
			r.Error(err)
		}
		_, _ = io.WriteString(pack, text)
	}
	_, _ = pack.Close(), zip.Close()
	_, _ = w.Write(out.Bytes())
}

func (r *testRegistry) wantMain(q Request, want string) {
	r.Helper()
	r.prepare(q)
	if got := read(r.T, filepath.Join(q.Layout().WorkDir, "main.tf")); got != want {
		r.Errorf("%s %s: got %q, want %q", q.Address, q.Version, got, want)
	}
}

func TestRegistry(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		source, version string
		prepare         func(r *testRegistry, q *Request)
		want            string
	}{
		"an exact version":    {source: "?version=4.9.1", want: "# 4.9.1"},
		"with a v":            {source: "?version=v4.9.1", want: "# 4.9.1"},
		"the highest":         {want: "# 5.0.0"},
		"~> 4.0 is below 5.0": {version: "~> 4.0", want: "# 4.10.0"},
		"a range":             {version: ">= 4.0, != 4.10.0, < 5.0", want: "# 4.9.1"},
		"not final, if named": {version: "6.0.0-rc1", want: "# 6.0.0-rc1"},
		"JSON instead of a header": {version: "5.0.0", want: "# 5.0.0",
			prepare: func(r *testRegistry, _ *Request) { r.jsonBody = true }},
		"a folder of the archive": {version: "5.0.0", want: "# packed 5.0.0",
			prepare: func(r *testRegistry, _ *Request) {
				r.location[""] = r.archives.URL + "/VERSION.tar.gz//*-abc?archive=tar.gz"
			}},
		"after errors that pass": {version: "5.0.0", want: "# 5.0.0",
			prepare: func(r *testRegistry, _ *Request) { r.broken = 2 }},
		"the default host of the job": {source: "DEFAULT", version: "5.0.0", want: "# 5.0.0",
			prepare: func(r *testRegistry, q *Request) { q.Registry = r.host }},
		"a token of the variable": {version: "5.0.0", want: "# 5.0.0",
			prepare: func(r *testRegistry, q *Request) {
				r.token = "t1"
				q.Env = append(q.Env, "TG_TF_REGISTRY_TOKEN=other", tokenVariable(r.host)+"=t1")
			}},
		"a token for all": {version: "5.0.0", want: "# 5.0.0",
			prepare: func(r *testRegistry, q *Request) { r.token = "t2"; q.Env = append(q.Env, "TG_TF_REGISTRY_TOKEN=t2") }},
		"a token of the CLI configuration": {version: "5.0.0", want: "# 5.0.0",
			prepare: func(r *testRegistry, q *Request) {
				r.token = "t3"
				write(r.T, r.path("rc"), fmt.Sprintf("plugin_cache_dir = \"x\"\ncredentials %q {\n  token = \"t3\"\n}\n", r.host))
				q.Env = append(q.Env, "TG_TF_REGISTRY_TOKEN=other", "TF_CLI_CONFIG_FILE="+r.path("rc"))
			}},
		"a token of login": {version: "5.0.0", want: "# 5.0.0",
			prepare: func(r *testRegistry, q *Request) {
				r.token = "t4"
				write(r.T, filepath.Join(r.path("home"), settingsFolder(), "credentials.tfrc.json"), fmt.Sprintf(`{"credentials": {%q: {"token": "t4"}}}`, r.host))
				q.Env = append(q.Env, "HOME="+r.path("home"), "APPDATA="+r.path("home"))
			}},
		"services of the CLI configuration": {source: "NAMED", version: "5.0.0", want: "# 5.0.0",
			prepare: func(r *testRegistry, q *Request) {
				write(r.T, r.path("rc"), fmt.Sprintf("host \"tfr.example.test\" {\n  services = { \"modules.v1\" = \"https://%s/v1/modules\" }\n}\n", r.host))
				q.Env = append(q.Env, "TF_CLI_CONFIG_FILE="+r.path("rc"))
			}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRegistry(t)
			src := "tfr://" + r.host + "/acme/vpc/aws" + c.source
			switch c.source {
			case "DEFAULT":
				src = "tfr:///acme/vpc/aws"
			case "NAMED":
				src = "tfr://tfr.example.test/acme/vpc/aws"
			}
			q := r.request(src)
			q.Version = c.version
			if c.prepare != nil {
				c.prepare(r, &q)
			}
			r.wantMain(q, c.want)
			if strings.Contains(c.source, "version=") && slices.Contains(r.asked, "/v1/modules/acme/vpc/aws/versions") {
				t.Error("the list of versions was asked for")
			}
		})
	}
}

// A constraint is resolved when the module is fetched, and again when that is
// asked for or another one is written.
func TestRegistryIsAskedOnce(t *testing.T) {
	t.Parallel()
	r := newRegistry(t)
	q := r.request("tfr://" + r.host + "/acme/vpc/aws//sub")
	q.Version = "~> 4.0"
	if !r.prepare(q) || r.prepare(q) {
		t.Error("fetched twice, or not at all")
	}
	r.want(q.Layout().WorkDir, "sub.tf")
	other := q
	other.Version = "~> 5.0"
	if !r.prepare(other) || r.prepare(other) {
		t.Error("another constraint was not fetched once")
	}
	if got := read(t, filepath.Join(q.Layout().Root, "main.tf")); got != "# 5.0.0" {
		t.Errorf("got %q", got)
	}
	other.Update = true
	if !r.prepare(other) {
		t.Error("not fetched although asked to")
	}
}

func TestRegistryFailures(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		module, version string
		prepare         func(r *testRegistry, q *Request)
		want            string
	}{
		"no such module":  {module: "acme/nothing/aws", want: "versions of acme/nothing/aws: 404 not found"},
		"no such version": {version: "~> 7.0", want: `none meets "~> 7.0"; the newest are 6.0.0-rc1, 5.0.0, 4.10.0, 4.9.1`},
		"bad constraint":  {version: "about 4", want: `malformed constraint "about 4"`},
		"no token": {prepare: func(r *testRegistry, _ *Request) { r.token = "s3cret" },
			want: "401 Unauthorized: it wants a token: set TF_TOKEN_127_0_0_1"},
		"wrong token": {prepare: func(r *testRegistry, q *Request) {
			r.token = "s3cret"
			q.Env = append(q.Env, "TG_TF_REGISTRY_TOKEN=s3cret-not")
		}, want: "the token is not accepted"},
		"down": {prepare: func(r *testRegistry, _ *Request) { r.broken = 100 }, want: "discovery: 502 Bad Gateway"},
		"a local file": {prepare: func(r *testRegistry, _ *Request) { r.location[""] = "file:///etc" },
			want: "it names a file of this machine"},
		"a local repository": {prepare: func(r *testRegistry, _ *Request) { r.location[""] = "git::/etc" },
			want: "it names a file of this machine"},
		"itself": {prepare: func(r *testRegistry, _ *Request) { r.location[""] = "tfr:///a/b/c" },
			want: `sources of type "tfr" are not supported here`},
		"nowhere":                 {prepare: func(r *testRegistry, _ *Request) { r.location[""] = "" }, want: "it names no place to download from"},
		"a folder that is absent": {prepare: func(r *testRegistry, _ *Request) { r.location[""] += "//absent-*" }, want: "0 folders match absent-*"},
		"a folder above":          {prepare: func(r *testRegistry, _ *Request) { r.location[""] += "//../x" }, want: "leaves the source"},
		"two folders":             {prepare: func(r *testRegistry, _ *Request) { r.location[""] += "//*" }, want: "2 folders match *"},
		"no registry": {prepare: func(r *testRegistry, q *Request) {
			q.Address.url.Host = strings.TrimPrefix(r.archives.URL, "http://")
		}, want: "discovery: "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRegistry(t)
			if c.module == "" {
				c.module = "acme/vpc/aws"
			}
			q := r.request("tfr://" + r.host + "/" + c.module)
			q.Version = c.version
			if c.prepare != nil {
				c.prepare(r, &q)
			}
			err := r.store.Fetch(t.Context(), q)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "downloading source url tfr://") || !strings.Contains(err.Error(), "registry 127.0.0.1") {
				t.Fatalf("got %v, want %q", err, c.want)
			}
			if strings.Contains(err.Error(), "s3cret") {
				t.Errorf("the token is told: %v", err)
			}
			if entries, _ := os.ReadDir(q.Layout().Root); len(entries) > 0 {
				t.Errorf("something was left: %v", entries)
			}
		})
	}
}

func TestTokens(t *testing.T) {
	t.Parallel()
	c := cliConfig{tokens: map[string]string{"c.example.com": "of the file"}, env: []string{
		"TF_TOKEN_app_terraform_io=a", "TF_TOKEN_my__registry_example_com=b", "TF_TOKEN_my-other_example_com=c", "TF_TOKEN_empty_example_com=",
		"TG_TF_REGISTRY_TOKEN=all", "TF_TOKEN_twice_example_com=1", "TF_TOKEN_twice_example_com=2",
	}}
	for host, want := range map[string]string{
		"app.terraform.io": "a", "my-registry.example.com": "b", "my-other.example.com": "c", "c.example.com": "of the file",
		"empty.example.com": "all", "d.example.com": "all", "twice.example.com": "2",
	} {
		if got := c.token(host); got != want {
			t.Errorf("%s: %q, want %q", host, got, want)
		}
	}
	if got := tokenVariable("my-registry.example.com"); got != "TF_TOKEN_my__registry_example_com" {
		t.Errorf("the variable is %s", got)
	}
}

// A settings file that is broken, or holds other things, does no harm.
func TestCLIConfig(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"broken.tfrc": `credentials "h" {`, "odd.tfrc": `credentials "h" { token = 12 }` + "\n" + `host "h" { services = "x" }`,
		"null.tfrc": "credentials \"h\" {\n  token = null\n}", "absent.json": "[]",
	} {
		path := filepath.Join(dir, name)
		write(t, path, text)
		c := readCLIConfig([]string{"TF_CLI_CONFIG_FILE=" + path})
		if len(c.tokens) > 0 || len(c.services) > 0 {
			t.Errorf("%s: %v, %v", name, c.tokens, c.services)
		}
	}
	path := filepath.Join(dir, "good.json")
	write(t, path, `{"credentials": {"H.example.com": {"token": "t"}}, "host": {"i": {"services": {"modules.v1": "https://j/"}}}}`)
	if c := readCLIConfig([]string{"TF_CLI_CONFIG_FILE=" + path}); c.tokens["h.example.com"] != "t" || c.services["i"]["modules.v1"] != "https://j/" {
		t.Errorf("%v, %v", c.tokens, c.services)
	}
}
