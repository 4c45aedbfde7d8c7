package remote

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/terrace-iac/terrace/test/parts"
)

// store is a server of S3, and of lock tables where a test wants one.
type store struct {
	conns *Connections
	env   []string
	log   *lockedBuffer
}

type lockedBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func newStore(t *testing.T, names ...string) *store {
	t.Helper()
	s := &store{log: &lockedBuffer{}, env: []string{"HOME=" + t.TempDir()}}
	s.conns = &Connections{Log: slog.New(slog.NewTextHandler(s.log, nil))}
	for _, name := range names {
		for variable, value := range parts.Use(t, name).Env {
			s.env = append(s.env, variable+"="+value)
		}
	}
	return s
}

func (s *store) settings(more map[string]any) Settings {
	config := map[string]any{
		"bucket": "states", "key": "live/vpc/terraform.tfstate", "region": parts.Region,
		"use_path_style": true, "skip_credentials_validation": true, "bucket_sse_algorithm": "AES256",
	}
	maps.Copy(config, more)
	return Settings{Backend: "s3", Config: config, Env: s.env}
}

func (s *store) backend() s3 { return s3{s.conns} }

func yes(Change) (bool, error) { return true, nil }

func (s *store) bootstrap(t *testing.T, where Settings) []string {
	t.Helper()
	done, err := s3{&Connections{Log: s.conns.Log}}.Bootstrap(context.Background(), where, yes)
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, change := range done {
		texts = append(texts, change.String())
	}
	return texts
}

// put stores a state as somebody else has written it.
func (s *store) put(t *testing.T, where Settings, text string) {
	t.Helper()
	p, c, err := s.backend().at(context.Background(), where)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.writeNew(context.Background(), p, []byte(text)); err != nil {
		t.Fatal(err)
	}
}

const someState = `{"version":4,"serial":3,"lineage":"l","outputs":{"id":{"value":"vpc-1","type":"string"}},"resources":[{}]}`

func TestE2ES3Bootstrap(t *testing.T) {
	t.Parallel()
	s := newStore(t, parts.MinIO, parts.Dynalite)
	where := s.settings(map[string]any{
		"dynamodb_table": "locks", "s3_bucket_tags": map[string]any{"team": "infra"}, "dynamodb_table_tags": map[string]any{"team": "infra"},
	})
	missing, err := s.backend().Missing(context.Background(), where)
	if err != nil || len(missing) < 5 || missing[0].Action != "create" {
		t.Fatalf("missing %v, %v", missing, err)
	}
	want := []string{
		"create S3 bucket states: in us-east-1", "update S3 bucket states: tags team", "update S3 bucket states: versioning on",
		"update S3 bucket states: encryption AES256", "create DynamoDB table locks: in us-east-1",
	}
	if done := s.bootstrap(t, where); !slices.Equal(done, want) {
		t.Errorf("done\n%s\nwant\n%s", strings.Join(done, "\n"), strings.Join(want, "\n"))
	}
	for _, told := range []string{"EnforcedTLS", "public access", "RootAccess"} {
		if !strings.Contains(s.log.String(), told) {
			t.Errorf("nothing is said of %s:\n%s", told, s.log)
		}
	}
	if again := s.bootstrap(t, where); len(again) > 0 {
		t.Errorf("done again: %q", again)
	}
	if versioned, err := s.backend().Versioned(context.Background(), where); err != nil || !versioned {
		t.Errorf("versioned: %v, %v", versioned, err)
	}
}

// A lock file needs no table.
func TestE2ES3BootstrapLockFile(t *testing.T) {
	t.Parallel()
	s := newStore(t, parts.MinIO)
	done := s.bootstrap(t, s.settings(map[string]any{"use_lockfile": true}))
	if text := strings.Join(done, "\n"); !strings.Contains(text, "create S3 bucket") || strings.Contains(text, "DynamoDB") {
		t.Errorf("done %q", done)
	}
}

// What a bucket has beside our wishes stays; what was switched off is made
// good, unless that is forbidden.
func TestE2ES3BootstrapConverges(t *testing.T) {
	t.Parallel()
	s := newStore(t, parts.MinIO)
	bare := s.settings(map[string]any{"skip_bucket_versioning": true, "skip_bucket_ssencryption": true})
	s.bootstrap(t, bare)
	if done := s.bootstrap(t, s.settings(map[string]any{"disable_bucket_update": true})); len(done) > 0 {
		t.Errorf("changed in spite of disable_bucket_update: %q", done)
	}
	asked := 0
	_, err := s.backend().Bootstrap(context.Background(), s.settings(nil), func(Change) (bool, error) { asked++; return false, nil })
	if !errors.Is(err, ErrRefused) || asked != 1 {
		t.Errorf("refused: %v, asked %d times", err, asked)
	}
	if done := s.bootstrap(t, s.settings(nil)); len(done) != 2 {
		t.Errorf("done %q", done)
	}
}

// MinIO has no key of its own for aws:kms without a name: that is said, and
// the rest is done.
func TestE2ES3BootstrapUnsupported(t *testing.T) {
	t.Parallel()
	s := newStore(t, parts.MinIO)
	done := s.bootstrap(t, s.settings(map[string]any{
		"bucket_sse_algorithm": "aws:kms", "accesslogging_bucket_name": "state-logs",
	}))
	if text := strings.Join(done, "\n"); !strings.Contains(text, "versioning on") || !strings.Contains(text, "create S3 bucket state-logs") {
		t.Errorf("done %q", done)
	}
	for _, told := range []string{"encryption aws:kms", "bucket_sse_algorithm", "access logging"} {
		if !strings.Contains(s.log.String(), told) {
			t.Errorf("nothing is said of %s:\n%s", told, s.log)
		}
	}
}

func TestE2ES3BootstrapVersitygw(t *testing.T) {
	t.Parallel()
	s := newStore(t, parts.Versitygw)
	where := s.settings(map[string]any{"skip_credentials_validation": false})
	done := s.bootstrap(t, where)
	if text := strings.Join(done, "\n"); !strings.Contains(text, "policy RootAccess") || !strings.Contains(text, "versioning on") {
		t.Errorf("done %q\n%s", done, s.log)
	}
	again := s.bootstrap(t, where)
	if len(again) > 0 {
		t.Errorf("done again: %q", again)
	}
}

// Units that start together make a bucket once.
func TestE2ES3BootstrapOnce(t *testing.T) {
	t.Parallel()
	s := newStore(t, parts.MinIO)
	var mu sync.Mutex
	created := 0
	var group sync.WaitGroup
	for range 20 {
		group.Go(func() {
			done, err := s.backend().Bootstrap(context.Background(), s.settings(nil), yes)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			created += len(done)
		})
	}
	group.Wait()
	if created != 3 {
		t.Errorf("%d steps were done", created)
	}
}

func TestE2ES3State(t *testing.T) {
	t.Parallel()
	s := newStore(t, parts.MinIO)
	s.bootstrap(t, s.settings(nil))
	ctx := context.Background()
	if _, err := s.backend().State(ctx, s.settings(nil)); !errors.Is(err, ErrNoState) {
		t.Errorf("nothing there: %v", err)
	}
	staging := s.settings(map[string]any{"workspace_key_prefix": "ws", "encrypt": true})
	staging.Workspace = "staging"
	for _, where := range []Settings{s.settings(nil), staging, s.settings(map[string]any{"key": "a b/ü+.tfstate", "kms_key_id": "k1", "encrypt": true})} {
		s.put(t, where, someState)
		state, err := s.backend().State(ctx, where)
		if err != nil || state.Serial != 3 || string(state.Outputs["id"].Value) != `"vpc-1"` {
			t.Errorf("%v: %+v, %v", where.Config, state, err)
		}
	}
	found, err := s.backend().List(ctx, s.settings(map[string]any{"workspace_key_prefix": "ws"}))
	var names []string
	for _, l := range found {
		names = append(names, l.Workspace+":"+l.Key)
	}
	if want := []string{":a b/ü+.tfstate", ":live/vpc/terraform.tfstate", "staging:live/vpc/terraform.tfstate"}; err != nil || !slices.Equal(names, want) {
		t.Errorf("listed %q, %v", names, err)
	}
}

func TestE2ES3Unreadable(t *testing.T) {
	t.Parallel()
	s := newStore(t, parts.MinIO)
	s.bootstrap(t, s.settings(nil))
	encrypted := s.settings(map[string]any{"key": "encrypted"})
	s.put(t, encrypted, `{"serial":1,"encrypted_data":"x"}`)
	stranger := s.settings(nil)
	stranger.Env = append(slices.Clone(s.env), "AWS_SECRET_ACCESS_KEY=wrong")
	for name, where := range map[string]Settings{
		"encrypted": encrypted, "no bucket": s.settings(map[string]any{"bucket": "nowhere"}), "no key": s.settings(map[string]any{"key": nil}),
		"wrong secret": stranger, "behind a proxy": s.settings(map[string]any{"https_proxy": "http://127.0.0.1:1"}),
		"a profile that is not there": {Backend: "s3", Config: s.settings(map[string]any{"profile": "nobody"}).Config, Env: s.env[:1]},
	} {
		_, err := s.backend().State(context.Background(), where)
		if !errors.Is(err, ErrUnreadable) {
			t.Errorf("%s: %v", name, err)
		} else if strings.Contains(err.Error(), parts.SecretKey) {
			t.Errorf("%s: the error tells a secret: %v", name, err)
		}
	}
}

// Roles of the settings are assumed at the store's own STS.
func TestE2ES3Role(t *testing.T) {
	t.Parallel()
	s := newStore(t, parts.MinIO)
	s.bootstrap(t, s.settings(nil))
	s.put(t, s.settings(nil), someState)
	role := map[string]any{"role_arn": "arn:aws:iam::000000000000:role/any", "session_name": "tf", "duration": "15m"}
	for name, more := range map[string]map[string]any{
		"a map": {"assume_role": role}, "a list": {"assume_role": []any{role}}, "flat": {"role_arn": role["role_arn"], "session_name": "tf"},
	} {
		if state, err := s.backend().State(context.Background(), s.settings(more)); err != nil || state.Serial != 3 {
			t.Errorf("%s: %+v, %v", name, state, err)
		}
	}
}

func TestE2ES3Locks(t *testing.T) {
	t.Parallel()
	s := newStore(t, parts.MinIO, parts.Dynalite)
	for name, more := range map[string]map[string]any{
		"a file": {"use_lockfile": true}, "an item": {"dynamodb_table": "locks"}, "both": {"use_lockfile": "true", "dynamodb_table": "locks"},
	} {
		where := s.settings(more)
		s.bootstrap(t, where)
		ctx := context.Background()
		p, c, err := s.backend().at(ctx, where)
		if err != nil {
			t.Fatal(err)
		}
		if l, err := s.backend().Lock(ctx, where); l != nil || err != nil {
			t.Errorf("%s: a lock before any was taken: %+v, %v", name, l, err)
		}
		lock, err := c.lock(ctx, p, "test")
		if err != nil {
			t.Fatal(name, err)
		}
		l, err := s.backend().Lock(ctx, where)
		if err != nil || l == nil || l.ID != lock.id || l.Operation != "test" || time.Since(l.Created) > time.Minute {
			t.Errorf("%s: %+v, %v", name, l, err)
		}
		var refused *HeldError
		if _, err := c.lock(ctx, p, "second"); !errors.As(err, &refused) || refused.Lock.ID != lock.id {
			t.Errorf("%s: a second one: %v", name, err)
		}
		if err := lock.release(ctx); err != nil {
			t.Error(name, err)
		}
		if l, err := s.backend().Lock(ctx, where); l != nil || err != nil {
			t.Errorf("%s: left behind: %+v, %v", name, l, err)
		}
	}
}

func TestE2ES3Delete(t *testing.T) {
	t.Parallel()
	s := newStore(t, parts.MinIO, parts.Dynalite)
	where := s.settings(map[string]any{"dynamodb_table": "locks", "use_lockfile": true})
	s.bootstrap(t, where)
	ctx := context.Background()
	if done, err := s.backend().Delete(ctx, where, yes); len(done) > 0 || err != nil {
		t.Errorf("nothing there: %v, %v", done, err)
	}
	s.put(t, where, someState)
	p, c, err := s.backend().at(ctx, where)
	if err != nil {
		t.Fatal(err)
	}
	if err := (s3end{c, p}).verify(ctx, []byte(someState)); err != nil { // notes the digest
		t.Fatal(err)
	}
	lock, err := c.lock(ctx, p, "apply")
	if err != nil {
		t.Fatal(err)
	}
	var refused *HeldError
	if _, err := s.backend().Delete(ctx, where, yes); !errors.As(err, &refused) {
		t.Errorf("deleted while somebody works on it: %v", err)
	}
	if err := lock.release(ctx); err != nil {
		t.Fatal(err)
	}
	done, err := s.backend().Delete(ctx, where, yes)
	if want := "[delete DynamoDB table locks key states/live/vpc/terraform.tfstate-md5 delete S3 bucket states key live/vpc/terraform.tfstate]"; err != nil || fmt.Sprint(done) != want {
		t.Errorf("%v, %v", done, err)
	}
	if _, err := s.backend().State(ctx, where); !errors.Is(err, ErrNoState) {
		t.Errorf("still there: %v", err)
	}
	if l, err := s.backend().Lock(ctx, where); l != nil || err != nil {
		t.Errorf("its lock: %+v, %v", l, err)
	}
}

func TestE2ES3Move(t *testing.T) {
	t.Parallel()
	s := newStore(t, parts.MinIO, parts.Dynalite)
	from := s.settings(map[string]any{"dynamodb_table": "locks", "key": "old place/a+b.tfstate"})
	to := s.settings(map[string]any{"dynamodb_table": "locks", "use_lockfile": true, "bucket": "others", "key": "new"})
	s.bootstrap(t, from)
	s.bootstrap(t, to)
	ctx := context.Background()
	if _, err := s.backend().Move(ctx, from, to, yes); !errors.Is(err, ErrNoState) {
		t.Errorf("nothing to move: %v", err)
	}
	s.put(t, from, someState)
	if _, err := s.backend().Move(ctx, from, to, func(Change) (bool, error) { return false, nil }); !errors.Is(err, ErrRefused) {
		t.Errorf("refused: %v", err)
	}
	if done, err := s.backend().Move(ctx, from, to, yes); err != nil || len(done) != 1 {
		t.Fatalf("%v, %v", done, err)
	}
	if _, err := s.backend().State(ctx, from); !errors.Is(err, ErrNoState) {
		t.Errorf("still at its old place: %v", err)
	}
	if state, err := s.backend().State(ctx, to); err != nil || state.Lineage != "l" {
		t.Errorf("%+v, %v", state, err)
	}
	for _, where := range []Settings{from, to} {
		if l, err := s.backend().Lock(ctx, where); l != nil || err != nil {
			t.Errorf("a lock is left: %+v, %v", l, err)
		}
	}
	s.put(t, from, someState)
	if _, err := s.backend().Move(ctx, from, to, yes); !errors.Is(err, ErrStateExists) {
		t.Errorf("something to lose: %v", err)
	}
	if _, err := s.backend().Move(ctx, from, from, yes); err == nil {
		t.Error("moved onto itself")
	}
}

// A web identity leads to the bucket without any other credentials.
func TestE2ES3WebIdentity(t *testing.T) {
	t.Parallel()
	s := newStore(t, parts.MinIO)
	sts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.FormValue("Action") != "AssumeRoleWithWebIdentity" || r.FormValue("WebIdentityToken") != "jwt" || r.Header.Get("Authorization") != "" {
			http.Error(w, "not for you", http.StatusForbidden)
			return
		}
		fmt.Fprintf(w, "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>%s</AccessKeyId>"+
			"<SecretAccessKey>%s</SecretAccessKey><SessionToken></SessionToken><Expiration>%s</Expiration></Credentials>"+
			"</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>", parts.AccessKey, parts.SecretKey, time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
	}))
	t.Cleanup(sts.Close)
	file := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(file, []byte("jwt"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, web := range map[string]map[string]any{
		"a token":       {"role_arn": "arn:aws:iam::1:role/ci", "web_identity_token": "jwt", "session_name": "s"},
		"a file":        {"role_arn": "arn:aws:iam::1:role/ci", "web_identity_token_file": file},
		"another token": {"role_arn": "arn:aws:iam::1:role/ci", "web_identity_token": "forged"},
	} {
		where := s.settings(map[string]any{"assume_role_with_web_identity": web, "endpoints": map[string]any{"sts": sts.URL}, "disable_aws_client_checksums": true, "max_retries": 1})
		where.Env = slices.DeleteFunc(slices.Clone(s.env), func(entry string) bool { return strings.Contains(entry, "KEY") })
		_, err := (s3{&Connections{Log: s.conns.Log}}).Bootstrap(context.Background(), where, yes)
		if name == "another token" {
			if err == nil || !strings.Contains(err.Error(), "AssumeRoleWithWebIdentity") || strings.Contains(err.Error(), "forged") {
				t.Errorf("%s: %v", name, err)
			}
		} else if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
