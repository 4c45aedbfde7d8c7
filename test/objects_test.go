package test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/terrace-iac/terrace/test/parts"
)

// fetched is a folder of units and a count of what their source was asked.
type fetched struct {
	*testing.T
	dir string
	env []string

	mu    sync.Mutex
	asked []string // method and path
}

func newFetched(t *testing.T, env map[string]string) *fetched {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	f := &fetched{T: t, dir: dir}
	self, err := os.Executable()
	if err == nil {
		err = linkOrCopy(self, filepath.Join(dir, "tofu"))
	}
	if err != nil {
		t.Fatal(err)
	}
	f.env = append(os.Environ(), "HOME="+dir, "XDG_CACHE_HOME="+filepath.Join(dir, "cache"), "WORK="+dir, "TG_NO_TIPS=true",
		"TG_TF_PATH="+filepath.Join(dir, "tofu"), "TF_CLI_CONFIG_FILE=", "XDG_RUNTIME_DIR=", "XDG_CONFIG_HOME=")
	for name, value := range env {
		f.env = append(f.env, name+"="+value)
	}
	return f
}

// proxy counts what goes to a server. The host that was asked is passed on:
// signatures are over it.
func (f *fetched) proxy(to string) string {
	f.Helper()
	at, err := url.Parse(to)
	if err != nil {
		f.Fatal(err)
	}
	s := httptest.NewServer(f.counting(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(at)
		r.Out.Host = r.In.Host
	}}))
	f.Cleanup(s.Close)
	return s.URL
}

func (f *fetched) counting(to http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.mu.Lock()
		f.asked = append(f.asked, r.Method+" "+r.URL.RequestURI())
		f.mu.Unlock()
		to.ServeHTTP(w, r)
	})
}

// count gives how many of the requests since the last time match.
func (f *fetched) count(match func(string) bool) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, a := range f.asked {
		if match(a) {
			n++
		}
	}
	f.asked = nil
	return n
}

func (f *fetched) units(n int, source string) {
	f.Helper()
	if err := os.RemoveAll(filepath.Join(f.dir, "live")); err != nil {
		f.Fatal(err)
	}
	for i := range n {
		path := filepath.Join(f.dir, "live", fmt.Sprintf("u%02d", i), "terragrunt.hcl")
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			f.Fatal(err)
		}
		if err := os.WriteFile(path, fmt.Appendf(nil, "terraform {\n  source = %q\n}\n", source), 0o644); err != nil {
			f.Fatal(err)
		}
	}
}

func (f *fetched) plan(args ...string) (string, error) {
	cmd := exec.Command(terraceBin(f.T), append([]string{"run", "--all", "--non-interactive", "--no-auto-retry", "plan"}, args...)...)
	cmd.Dir, cmd.Env = filepath.Join(f.dir, "live"), f.env
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// brings plans units of a source and compares the module's main file.
func (f *fetched) brings(n int, source, want string) {
	f.Helper()
	f.units(n, source)
	if out, err := f.plan(); err != nil {
		f.Fatalf("%s: %v\n%s", source, err, out)
	}
	found, _ := filepath.Glob(filepath.Join(f.dir, "live", "*", ".terragrunt-cache", "*", "*", "*", "main.tf"))
	top, _ := filepath.Glob(filepath.Join(f.dir, "live", "*", ".terragrunt-cache", "*", "*", "main.tf"))
	found = append(found, top...)
	if len(found) != n {
		f.Fatalf("%s: %d modules, want %d", source, len(found), n)
	}
	for _, path := range found {
		if got, err := os.ReadFile(path); err != nil || string(got) != want {
			f.Errorf("%s: the module is %q, %v; want %q", source, got, err, want)
		}
	}
}

// fails plans a unit whose source cannot be had, and looks for what is said.
func (f *fetched) fails(source, want string) {
	f.Helper()
	f.units(1, source)
	out, err := f.plan()
	if err == nil || !strings.Contains(out, want) {
		f.Errorf("%s: %v, and not %q in\n%s", source, err, want, out)
	}
	if strings.Contains(out, parts.SecretKey) {
		f.Errorf("%s: a secret is in what is printed:\n%s", source, out)
	}
}

// zipped packs files given as name and text.
func zipped(t *testing.T, pairs ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	for i := 0; i < len(pairs); i += 2 {
		w, err := z.Create(pairs[i])
		if err == nil {
			_, err = io.WriteString(w, pairs[i+1])
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func isGet(a string) bool { return strings.HasPrefix(a, "GET ") && !strings.Contains(a, "list-type") }

func TestE2ES3Source(t *testing.T) {
	t.Parallel()
	for _, part := range []string{parts.MinIO, parts.Versitygw} {
		t.Run(part, func(t *testing.T) { t.Parallel(); testS3(t, part) })
	}
}

func testS3(t *testing.T, part string) {
	server := parts.Use(t, part)
	f := newFetched(t, server.Env)
	at := f.proxy(server.URL)
	client := s3.New(s3.Options{
		BaseEndpoint: aws.String(server.URL), Region: parts.Region, UsePathStyle: true,
		Credentials: credentials.NewStaticCredentialsProvider(parts.AccessKey, parts.SecretKey, ""),
	})
	ctx := context.Background()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	_, err := client.CreateBucket(ctx, &s3.CreateBucketInput{Bucket: aws.String("mods")})
	must(err)
	_, err = client.PutBucketVersioning(ctx, &s3.PutBucketVersioningInput{Bucket: aws.String("mods"), VersioningConfiguration: &types.VersioningConfiguration{Status: types.BucketVersioningStatusEnabled}})
	must(err)
	put := func(key string, data []byte) string {
		t.Helper()
		out, err := client.PutObject(ctx, &s3.PutObjectInput{Bucket: aws.String("mods"), Key: aws.String(key), Body: bytes.NewReader(data)})
		must(err)
		return aws.ToString(out.VersionId)
	}
	one := put("net v1.zip", zipped(t, "vpc/main.tf", "# one\n"))
	put("net v1.zip", zipped(t, "vpc/main.tf", "# two\n"))
	put("folder/vpc/main.tf", []byte("# folder\n"))
	put("folder/vpc/more/a.tf", []byte("# more\n"))

	f.brings(10, "s3::"+at+"/mods/net%20v1.zip//vpc", "# two\n")
	if n := f.count(isGet); n != 1 {
		t.Errorf("%d downloads for 10 units, want 1", n)
	}
	f.brings(10, "s3::"+at+"/mods/net%20v1.zip//vpc", "# two\n")
	if n := f.count(isGet); n != 0 {
		t.Errorf("%d downloads by a second run with empty folders, want none", n)
	}
	f.brings(1, "s3::"+at+"/mods/net%20v1.zip//vpc?version="+one, "# one\n")
	f.brings(2, "s3::"+at+"/mods/folder//vpc", "# folder\n")
	put("folder/vpc/main.tf", []byte("# changed\n"))
	f.brings(2, "s3::"+at+"/mods/folder//vpc", "# changed\n")
	f.fails("s3::"+at+"/mods/none.zip", "404")
	f.fails("s3::"+at+"/mods/none", "no object below")
	f.fails("s3::"+at+"/mods/net%20v1.zip//vpc?checksum=sha256:"+strings.Repeat("0", 64), "hecksum")

	profiles := "[other]\naws_access_key_id = " + parts.AccessKey + "\naws_secret_access_key = " + parts.SecretKey + "\n"
	must(os.WriteFile(filepath.Join(f.dir, "profiles"), []byte(profiles), 0o600))
	f.env = slices.DeleteFunc(f.env, func(e string) bool { return strings.HasPrefix(e, "AWS_") && !strings.HasPrefix(e, "AWS_EC2") })
	f.env = append(f.env, "AWS_SHARED_CREDENTIALS_FILE="+filepath.Join(f.dir, "profiles"))
	f.brings(1, "s3::"+at+"/mods/net%20v1.zip//vpc?aws_profile=other", "# two\n")
	f.fails("s3::"+at+"/mods/net%20v1.zip//vpc?region=us-east-1", "access is refused (403)")
	f.fails("s3::"+at+"/mods/net%20v1.zip//vpc?aws_access_key_id="+parts.AccessKey+"&aws_access_key_secret="+parts.SecretKey+"x", "403")
}

func TestE2EGCSSource(t *testing.T) {
	t.Parallel()
	server := parts.Use(t, parts.FakeGCS)
	f := newFetched(t, server.Env)
	f.env = append(f.env, "STORAGE_EMULATOR_HOST="+f.proxy(server.URL))
	post := func(path, kind string, body []byte) {
		t.Helper()
		res, err := http.Post(server.URL+path, kind, bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if res.StatusCode >= 300 {
			t.Fatal(path, res.Status)
		}
	}
	put := func(name string, data []byte) {
		t.Helper()
		post("/upload/storage/v1/b/mods/o?uploadType=media&name="+url.QueryEscape(name), "application/octet-stream", data)
	}
	post("/storage/v1/b?project=p", "application/json", []byte(`{"name":"mods"}`))
	put("a/net.zip", zipped(t, "main.tf", "# one\n"))
	put("folder/vpc/main.tf", []byte("# folder\n"))
	const at = "gcs::https://www.googleapis.com/storage/v1/mods/"
	download := func(a string) bool { return strings.Contains(a, "alt=media") }
	f.brings(10, at+"a/net.zip", "# one\n")
	if n := f.count(download); n != 1 {
		t.Errorf("%d downloads for 10 units, want 1", n)
	}
	f.brings(10, at+"a/net.zip", "# one\n")
	if n := f.count(download); n != 0 {
		t.Errorf("%d downloads by a second run with empty folders, want none", n)
	}
	put("a/net.zip", zipped(t, "main.tf", "# two\n"))
	f.brings(1, at+"a/net.zip", "# two\n")
	f.brings(2, at+"folder//vpc", "# folder\n")
	f.fails(at+"a/none.zip", "404")
	f.fails("gcs::https://www.googleapis.com/mods/a.zip", "expected gcs::")
}

// ociRegistry speaks the part of the distribution protocol that readers need.
type ociRegistry struct {
	manifests map[string][]byte // by tag and digest
	blobs     map[string][]byte
	user      string // "USER:PASSWORD", "" lets everybody in
}

func digestOf(data []byte) string { return fmt.Sprintf("sha256:%x", sha256.Sum256(data)) }

// push stores a package under a tag and gives its digest.
func (r *ociRegistry) push(t *testing.T, tag, artifact string, layers ...[]byte) string {
	t.Helper()
	type descriptor struct {
		MediaType string `json:"mediaType"`
		Digest    string `json:"digest"`
		Size      int    `json:"size"`
	}
	m := map[string]any{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "artifactType": artifact}
	var list []descriptor
	for _, l := range layers {
		r.blobs[digestOf(l)] = l
		list = append(list, descriptor{"archive/zip", digestOf(l), len(l)})
	}
	m["layers"] = list
	body, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	r.manifests[tag], r.manifests[digestOf(body)] = body, body
	return digestOf(body)
}

func (r *ociRegistry) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	host := "https://" + req.Host
	if req.URL.Path == "/token" {
		if req.Header.Get("Authorization") != "Basic "+base64.StdEncoding.EncodeToString([]byte(r.user)) {
			http.Error(w, "who are you", http.StatusUnauthorized)
			return
		}
		fmt.Fprintf(w, `{"token":"for-%s"}`, req.URL.Query().Get("scope"))
		return
	}
	rest, ok := strings.CutPrefix(req.URL.Path, "/v2/acme/net/")
	if !ok {
		http.NotFound(w, req)
		return
	}
	if r.user != "" && req.Header.Get("Authorization") != "Bearer for-repository:acme/net:pull" {
		w.Header().Set("WWW-Authenticate", `Bearer realm="`+host+`/token",service="test",scope="repository:acme/net:pull"`)
		http.Error(w, "log in", http.StatusUnauthorized)
		return
	}
	kind, name, _ := strings.Cut(rest, "/")
	data, ok := map[string]map[string][]byte{"manifests": r.manifests, "blobs": r.blobs}[kind][name]
	if !ok {
		http.NotFound(w, req)
		return
	}
	_, _ = w.Write(data)
}

func TestOCISource(t *testing.T) {
	t.Parallel()
	const artifact = "application/vnd.opentofu.modulepkg"
	r := &ociRegistry{manifests: map[string][]byte{}, blobs: map[string][]byte{}}
	f := newFetched(t, nil)
	server := httptest.NewTLSServer(f.counting(r))
	t.Cleanup(server.Close)
	host := strings.TrimPrefix(server.URL, "https://")
	cert := filepath.Join(f.dir, "cert.pem")
	if err := os.WriteFile(cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	f.env = append(f.env, "SSL_CERT_FILE="+cert)
	one := r.push(t, "latest", artifact, zipped(t, "vpc/main.tf", "# one\n"))
	r.push(t, "v2", artifact, zipped(t, "vpc/main.tf", "# two\n"))
	r.push(t, "image", "application/vnd.other", zipped(t, "main.tf", ""))
	r.push(t, "layers", artifact, zipped(t, "main.tf", ""), zipped(t, "main.tf", "#"))
	r.push(t, "climbs", artifact, zipped(t, "../main.tf", ""))
	at := "oci://" + host + "/acme/net"
	blob := func(a string) bool { return strings.Contains(a, "/blobs/") }

	f.brings(10, at+"//vpc", "# one\n")
	if n := f.count(blob); n != 1 {
		t.Errorf("%d downloads for 10 units, want 1", n)
	}
	f.brings(3, at+"//vpc?digest="+one, "# one\n")
	if n := f.count(func(string) bool { return true }); n != 0 {
		t.Errorf("%d requests for a digest that is stored, want none", n)
	}
	f.brings(1, at+"//vpc?tag=v2", "# two\n")
	for source, want := range map[string]string{
		at + "?tag=image":            "not a module package",
		at + "?tag=layers":           "exactly one layer",
		at + "?tag=climbs":           "..",
		at + "?tag=none":             "404",
		at + "?tag=v2&digest=" + one: "cannot both",
		at + ":v2":                   "expected oci://",
		at + "?ref=v2":               `no parameter "ref"`,
		at + "?digest=sha256:" + strings.Repeat("0", 64): "404",
	} {
		f.fails(source, want)
	}
	late := zipped(t, "vpc/main.tf", "# late\n")
	r.push(t, "late", artifact, late)
	r.blobs[digestOf(late)] = zipped(t, "vpc/main.tf", "# fake\n")
	f.fails(at+"//vpc?tag=late", "hecksum")
	r.blobs[digestOf(late)] = late

	r.user = "me:registry-secret"
	f.fails(at+"//vpc?tag=late", "401")
	auth := base64.StdEncoding.EncodeToString([]byte(r.user))
	docker := fmt.Sprintf(`{"auths":{%q:{"auth":"d3Jvbmc6d3Jvbmc="},%q:{"auth":%q}}}`, host, host+"/acme", auth)
	path := filepath.Join(f.dir, ".docker", "config.json")
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(docker), 0o600); err != nil {
		t.Fatal(err)
	}
	f.brings(1, at+"//vpc?tag=late", "# late\n")
}
