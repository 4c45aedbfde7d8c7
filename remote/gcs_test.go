package remote

import (
	"context"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/terrace-iac/terrace/test/parts"
)

func putGCS(t *testing.T) func(s Settings, text string) {
	return func(s Settings, text string) {
		t.Helper()
		client, err := gcsClientOf(s)
		if err != nil {
			t.Fatal(err)
		}
		o := gcsStateObject(s)
		if err := client.delete(context.Background(), o, ""); err != nil {
			t.Fatal(err)
		}
		if _, err := client.create(context.Background(), o, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
}

func TestE2EGCS(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	server := parts.Use(t, parts.FakeGCS)
	config := map[string]any{"bucket": "states", "prefix": "/live/vpc", "project": "p", "location": "EU", "gcs_bucket_labels": map[string]any{"team": "net"}}
	s := with(server, "gcs", config)
	g := gcs{}
	if _, err := g.Versioned(ctx, s); !errors.Is(err, errNotFound) {
		t.Errorf("versioned: got %v", err)
	}
	missing, err := g.Missing(ctx, s)
	if err != nil || len(missing) != 1 || missing[0].String() != "create bucket states: in EU, versioning on" {
		t.Fatalf("missing: got %v %v", missing, err)
	}
	if _, err := g.Bootstrap(ctx, s, func(Change) (bool, error) { return false, nil }); !errors.Is(err, ErrRefused) {
		t.Errorf("refused: got %v", err)
	}
	if _, err := g.Bootstrap(ctx, with(server, "gcs", map[string]any{"bucket": "states", "project": "p"}), nil); err == nil || !strings.Contains(err.Error(), "without location") {
		t.Errorf("no location: got %v", err)
	}
	var asked []Change
	if done, err := g.Bootstrap(ctx, s, noting(&asked)); err != nil || len(done) != 1 || len(asked) != 1 {
		t.Fatalf("bootstrap: got %v %v", done, err)
	}
	if done, err := g.Bootstrap(ctx, anew(s), noting(&asked)); err != nil || len(done) != 0 || len(asked) != 1 {
		t.Errorf("again: got %v %v", done, err)
	}
	bootstrapsOnce(t, with(server, "gcs", map[string]any{"bucket": "many", "project": "p", "location": "EU"}))
	if versioned, err := g.Versioned(ctx, s); err != nil || !versioned {
		t.Errorf("versioned: got %v %v", versioned, err)
	}
	keepsStates(t, s, putGCS(t))
	elsewhere := with(server, "gcs", map[string]any{"bucket": "states", "prefix": "live/net"})
	managesStates(t, s, elsewhere, putGCS(t))
	found, err := g.List(ctx, s)
	if got := spellsOut(found); err != nil || got != "live/net[] live/vpc[dev]" {
		t.Errorf("list: got %s %v", got, err)
	}
	if len(found) > 0 && found[0].Modified.IsZero() {
		t.Error("not known when it was modified")
	}
}

// A lock is told as its holder wrote it, and stops a change.
func TestE2EGCSLock(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	server := parts.Use(t, parts.FakeGCS)
	s := with(server, "gcs", map[string]any{"bucket": "locked", "project": "p", "location": "EU", "skip_bucket_versioning": true})
	g := gcs{}
	if _, err := g.Bootstrap(ctx, s, nil); err != nil {
		t.Fatal(err)
	}
	if versioned, err := g.Versioned(ctx, s); err != nil || versioned {
		t.Errorf("versioned: got %v %v", versioned, err)
	}
	putGCS(t)(s, storedState)
	client, err := gcsClientOf(s)
	if err != nil {
		t.Fatal(err)
	}
	meta, err := client.create(ctx, gcsLockObject(s), []byte(`{"ID":"uuid","Who":"a@b","Operation":"OperationTypeApply","Created":"2026-01-02T03:04:05Z"}`))
	if err != nil {
		t.Fatal(err)
	}
	l, err := LockOf(ctx, s)
	if err != nil || l == nil || l.ID != meta.Generation || l.Who != "a@b" || l.Created.Year() != 2026 {
		t.Errorf("lock: got %+v %v", l, err)
	}
	var held *HeldError
	if _, err := g.Delete(ctx, s, nil); !errors.As(err, &held) || !strings.Contains(err.Error(), "locked by a@b for apply since 2026-") {
		t.Errorf("delete: got %v", err)
	}
	if _, err := g.State(ctx, s); err != nil {
		t.Errorf("the state was touched: %v", err)
	}
}

// The order of credentials, and what is asked with them.
func TestGoogleLogin(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "key.json")
	if err := os.WriteFile(file, []byte(`{"from":"file"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		config map[string]any
		env    []string
		want   googleLogin
	}{
		{"file of the environment", map[string]any{"credentials": "{}", "access_token": "t"}, []string{"GOOGLE_APPLICATION_CREDENTIALS=key.json"}, googleLogin{credentials: `{"from":"file"}`}},
		{"setting with a path", map[string]any{"credentials": file, "access_token": "t"}, []string{"GOOGLE_CREDENTIALS={}"}, googleLogin{credentials: `{"from":"file"}`}},
		{"token", map[string]any{"access_token": "t"}, []string{"GOOGLE_CREDENTIALS={}", "GOOGLE_OAUTH_ACCESS_TOKEN=u"}, googleLogin{token: "t"}},
		{"token of the environment", nil, []string{"GOOGLE_CREDENTIALS={}", "GOOGLE_OAUTH_ACCESS_TOKEN=u"}, googleLogin{token: "u"}},
		{"text of the environment", nil, []string{"GOOGLE_CREDENTIALS={}"}, googleLogin{credentials: "{}"}},
		{"of the machine", nil, nil, googleLogin{}},
	} {
		got, err := googleLoginOf(Settings{Config: tt.config, Env: tt.env, WorkDir: dir})
		if err != nil || got.credentials != tt.want.credentials || got.token != tt.want.token {
			t.Errorf("%s: got %+v %v", tt.name, got, err)
		}
	}
	for name, text := range map[string]string{"type": `{"type":"secret"}`, "no JSON": "secret", "no key": `{"type":"service_account","private_key":"secret"}`} {
		s := Settings{Backend: "gcs", Config: map[string]any{"bucket": "b", "credentials": text}, WorkDir: dir}
		_, err := gcs{}.State(context.Background(), s)
		if !errors.Is(err, ErrUnreadable) || strings.Contains(err.Error(), "secret") && name != "no key" {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

// Another service account is asked for, through those that it names, and its
// token is used; one token does for many units.
func TestGoogleImpersonation(t *testing.T) {
	t.Parallel()
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		asked = append(asked, r.Host+" "+r.Header.Get("Authorization")+" "+string(body))
		if r.Host == "iamcredentials.googleapis.com" {
			_, _ = io.WriteString(w, `{"accessToken":"theirs","expireTime":"2999-01-01T00:00:00Z"}`)
			return
		}
		_, _ = io.WriteString(w, storedState)
	}))
	t.Cleanup(server.Close)
	clients := &clientCache{transport: rerouted{server.URL}}
	for _, prefix := range []string{"a", "b"} {
		s := Settings{Backend: "gcs", clients: clients, Config: map[string]any{
			"bucket": "b", "prefix": prefix, "access_token": "ours", "impersonate_service_account": "sa@p", "impersonate_service_account_delegates": []any{"d@p"},
		}}
		if _, err := (gcs{}).State(context.Background(), s); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{
		`iamcredentials.googleapis.com Bearer ours {"delegates":["projects/-/serviceAccounts/d@p"],"lifetime":"3600s","scope":["` + gcsScope + `"]}`,
		"storage.googleapis.com Bearer theirs ", "storage.googleapis.com Bearer theirs ",
	}
	if strings.Join(asked, "\n") != strings.Join(want, "\n") {
		t.Errorf("asked:\n%s", strings.Join(asked, "\n"))
	}
}

func TestGCSEndpoint(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		endpoint, env, want string
		emulated            bool
	}{
		{"", "", "https://storage.googleapis.com/storage/v1/", false},
		{"", "STORAGE_EMULATOR_HOST=127.0.0.1:4443", "http://127.0.0.1:4443/storage/v1/", true},
		{"", "STORAGE_EMULATOR_HOST=https://h:1/", "https://h:1/storage/v1/", true},
		{"https://psc.example/storage/v1/b", "STORAGE_EMULATOR_HOST=h", "https://psc.example/storage/v1/", false},
		{"https://psc.example/storage/v1/", "", "https://psc.example/storage/v1/", false},
		{"", "GOOGLE_BACKEND_UNIVERSE_DOMAIN=x.test", "https://storage.x.test/storage/v1/", false},
	} {
		got, emulated, err := gcsEndpoint(Settings{Config: map[string]any{"storage_custom_endpoint": tt.endpoint}, Env: []string{tt.env}})
		if err != nil || got != tt.want || emulated != tt.emulated {
			t.Errorf("%s %s: got %s %v %v", tt.endpoint, tt.env, got, emulated, err)
		}
	}
}

// The customer's key goes with the request, and a place of many workspaces is
// that of the binary.
func TestGCSKey(t *testing.T) {
	t.Parallel()
	key := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("k", 32)))
	var got http.Header
	var at *url.URL
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got, at = r.Header, r.URL
		_, _ = io.WriteString(w, storedState)
	}))
	t.Cleanup(server.Close)
	s := Settings{Backend: "gcs", Workspace: "dev", Config: map[string]any{"bucket": "b", "prefix": "a/b"}, Env: []string{"STORAGE_EMULATOR_HOST=" + server.URL, "GOOGLE_ENCRYPTION_KEY=" + key}}
	if _, err := (gcs{}).State(context.Background(), s); err != nil {
		t.Fatal(err)
	}
	if got.Get("X-Goog-Encryption-Key") != key || got.Get("X-Goog-Encryption-Algorithm") != "AES256" || got.Get("X-Goog-Encryption-Key-Sha256") == "" {
		t.Errorf("headers: %v", got)
	}
	if at.EscapedPath() != "/storage/v1/b/b/o/a%2Fb%2Fdev.tfstate" {
		t.Errorf("asked for %s", at.EscapedPath())
	}
}
