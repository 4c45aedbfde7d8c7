package source

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
)

type nobody struct{}

func (nobody) Region() string                                    { return "home-1" }
func (nobody) Sign(context.Context, *http.Request, string) error { return nil }

func TestS3Addresses(t *testing.T) {
	t.Parallel()
	login := func(context.Context, []string, string) (AWSLogin, error) { return nobody{}, nil }
	for src, want := range map[string]string{
		"s3::https://s3.amazonaws.com/b/a/k.zip":                     "https://s3.amazonaws.com/b/ a/k.zip home-1",
		"s3::https://s3-eu-west-1.amazonaws.com/b/k.zip":             "https://s3-eu-west-1.amazonaws.com/b/ k.zip eu-west-1",
		"s3::https://s3.eu-west-1.amazonaws.com/b/k.zip?region=x":    "https://s3.eu-west-1.amazonaws.com/b/ k.zip x",
		"s3::https://b.s3.eu-west-1.amazonaws.com/a/k.zip?version=3": "https://b.s3.eu-west-1.amazonaws.com/ a/k.zip eu-west-1",
		"s3::https://b.x.s3-eu-west-1.amazonaws.com/k.zip":           "https://b.x.s3-eu-west-1.amazonaws.com/ k.zip eu-west-1",
		"s3::https://b.s3.amazonaws.com/k.zip":                       "https://b.s3.amazonaws.com/ k.zip home-1",
		"b.s3.eu-west-1.amazonaws.com/k.zip":                         "https://s3.eu-west-1.amazonaws.com/b/ k.zip eu-west-1",
		"s3::http://127.0.0.1:9000/b/with%20space/k.zip":             "http://127.0.0.1:9000/b/ with space/k.zip home-1",
		"s3::https://s3.dualstack.eu-west-1.amazonaws.com/b/k":       "https://s3.dualstack.eu-west-1.amazonaws.com/b/ k eu-west-1",
	} {
		a, err := Parse(src, "")
		if err != nil {
			t.Fatal(src, err)
		}
		b, key, err := s3At(http.DefaultClient, login)(t.Context(), Job{Address: a, Env: []string{}})
		if err != nil {
			t.Errorf("%s: %v", src, err)
			continue
		}
		s := b.(*s3Bucket)
		if got := fmt.Sprintf("%s %s %s", s.root, key, s.region); got != want {
			t.Errorf("%s: %s, want %s", src, got, want)
		}
	}
}

func TestS3MovesToTheBucketsRegion(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]string{
		"s3.amazonaws.com":             "s3.eu-west-1.amazonaws.com",
		"s3-us-west-2.amazonaws.com":   "s3.eu-west-1.amazonaws.com",
		"b.s3.us-west-2.amazonaws.com": "b.s3.eu-west-1.amazonaws.com",
		"minio.example.com":            "minio.example.com",
	} {
		a, err := Parse("s3::https://"+host+"/b/k", "")
		if err != nil {
			t.Fatal(err)
		}
		b := &s3Bucket{root: a.URL()}
		if b.move("eu-west-1"); b.root.Host != want || b.region != "eu-west-1" {
			t.Errorf("%s: %s in %s, want %s", host, b.root.Host, b.region, want)
		}
	}
}

// A key of a bucket must not lead out of the folder, whatever a server lists.
type climbing struct{ bucket }

func (climbing) list(context.Context, string) ([]object, error) {
	return []object{{key: "dir/../../x", size: 1}}, nil
}

func TestBucketKeysStayInside(t *testing.T) {
	t.Parallel()
	dest := filepath.Join(t.TempDir(), "d")
	a, err := Parse("s3::https://h/b/dir", "")
	if err != nil {
		t.Fatal(err)
	}
	g := &bucketGetter{at: func(context.Context, Job) (bucket, string, error) { return climbing{}, "dir", nil }}
	if err := g.Get(t.Context(), Job{Address: a, Dest: dest}); err == nil || !strings.Contains(err.Error(), "leads out") {
		t.Errorf("a key with ..: %v", err)
	}
}

func TestGoogleToken(t *testing.T) {
	t.Parallel()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("grant_type") != "urn:ietf:params:oauth:grant-type:jwt-bearer" || strings.Count(r.FormValue("assertion"), ".") != 2 {
			http.Error(w, "no", http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"access_token":"of-the-account","token_type":"Bearer","expires_in":3600}`)
	}))
	t.Cleanup(server.Close)
	account, err := json.Marshal(map[string]string{
		"type": "service_account", "client_email": "a@example.com", "private_key_id": "1", "token_uri": server.URL,
		"private_key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})),
	})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "account.json"), string(account))
	named := "GOOGLE_APPLICATION_CREDENTIALS=" + filepath.Join(dir, "account.json")
	for want, env := range map[string][]string{
		"given":          {named, "GOOGLE_OAUTH_ACCESS_TOKEN=given"},
		"of-the-account": {named},
		"":               {"HOME=" + dir},
	} {
		if got, err := GoogleToken(t.Context(), env); got != want || err != nil {
			t.Errorf("%q, %v; want %q", got, err, want)
		}
	}
	if _, err := GoogleToken(t.Context(), []string{"GOOGLE_APPLICATION_CREDENTIALS=" + dir + "/none"}); err == nil {
		t.Error("a missing file is no error")
	}
}

func TestOCICredentials(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write(t, filepath.Join(dir, ".docker", "config.json"), `{"auths":{"h":{"auth":"ZG9ja2VyOnA="},"h/a":{"auth":"ZG9ja2VyLWE6cA=="}}}`)
	write(t, filepath.Join(dir, "rc"), `oci_credentials "h/a" {
  username = "settings"
  password = "p"
}
oci_credentials "h/a/b" {
  access_token = "t"
}
`)
	write(t, filepath.Join(dir, "off"), "oci_default_credentials {\n  discover_ambient_credentials = false\n}\n")
	for _, c := range []struct{ rc, repository, want string }{
		{"", "x", "docker "}, {"", "a/x", "docker-a "}, {"", "ab", "docker "},
		{"rc", "a/x", "settings "}, {"rc", "a/b", " t"}, {"rc", "x", "docker "}, {"off", "x", " "},
	} {
		env := []string{"HOME=" + dir}
		if c.rc != "" {
			env = append(env, "TF_CLI_CONFIG_FILE="+filepath.Join(dir, c.rc))
		}
		got, err := ociCredentials(t.Context(), env, ociName{host: "h", repository: c.repository})
		if err != nil || got.user+" "+got.token != c.want {
			t.Errorf("%s for %s: %q %q, %v; want %q", c.rc, c.repository, got.user, got.token, err, c.want)
		}
	}
}
