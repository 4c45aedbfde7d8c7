package remote

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/terrace-iac/terrace/test/parts"
)

func TestS3Place(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		config          map[string]any
		workspace, want string
	}{
		{map[string]any{"bucket": "b", "key": "k"}, "", "s3://b/k"},
		{map[string]any{"bucket": "b", "key": "/k/x"}, "default", "s3://b/k/x"},
		{map[string]any{"bucket": "b", "key": "k/x"}, "dev", "s3://b/env:/dev/k/x"},
		{map[string]any{"bucket": "b", "key": "k", "workspace_key_prefix": "ws/y"}, "dev", "s3://b/ws/y/dev/k"},
		{map[string]any{"bucket": "b", "key": "k", "workspace_key_prefix": ""}, "dev", "s3://b/dev/k"},
	} {
		p, err := s3PlaceOf(Settings{Config: tt.config, Workspace: tt.workspace})
		if err != nil || p.String() != tt.want {
			t.Errorf("%v in %q: %s, %v; want %s", tt.config, tt.workspace, p, err, tt.want)
		}
	}
	if _, err := s3PlaceOf(Settings{Config: map[string]any{"key": "k"}}); err == nil || !strings.Contains(err.Error(), "bucket") {
		t.Errorf("no bucket: %v", err)
	}
}

func TestCustomerKey(t *testing.T) {
	t.Parallel()
	key := base64.StdEncoding.EncodeToString([]byte("0123456789abcdef0123456789abcdef"))
	p, err := s3PlaceOf(Settings{Config: map[string]any{"bucket": "b", "key": "k"}, Env: []string{"AWS_SSE_CUSTOMER_KEY=" + key}})
	if err != nil {
		t.Fatal(err)
	}
	algorithm, got, sum, err := p.customerKey()
	if err != nil || *algorithm != "AES256" || *got != key || len(*sum) != 24 {
		t.Errorf("%v, %v", sum, err)
	}
	p.set["sse_customer_key"] = "c2VjcmV0"
	if _, _, _, err := p.customerKey(); err == nil || strings.Contains(err.Error(), "c2VjcmV0") {
		t.Errorf("a key that is too short: %v", err)
	}
}

// Units share clients when nothing that matters differs, and the name of what
// they share tells no secret.
func TestClientKey(t *testing.T) {
	t.Parallel()
	key := func(env string, more map[string]any) string {
		config := map[string]any{"bucket": "b", "key": "k", "region": "eu-west-1"}
		for name, value := range more {
			config[name] = value
		}
		p, err := s3PlaceOf(Settings{Config: config, Env: []string{env}})
		if err != nil {
			t.Fatal(err)
		}
		return p.clientKey()
	}
	one := key("AWS_ACCESS_KEY_ID=a", nil)
	for name, other := range map[string]string{
		"another key": key("AWS_ACCESS_KEY_ID=a", map[string]any{"key": "x", "encrypt": true}), "a variable": key("AWS_ACCESS_KEY_ID=a", map[string]any{"dynamodb_table": "t"}),
	} {
		if other != one {
			t.Errorf("%s: other clients", name)
		}
	}
	for name, other := range map[string]string{
		"a role": key("AWS_ACCESS_KEY_ID=a", map[string]any{"assume_role": map[string]any{"role_arn": "r"}}),
		"region": key("AWS_ACCESS_KEY_ID=a", map[string]any{"region": "eu-west-2"}), "credentials": key("AWS_ACCESS_KEY_ID=b", nil),
	} {
		if other == one {
			t.Errorf("%s: the same clients", name)
		}
	}
}

// What others have put into a policy stays as it is, also what carries our Sid.
func TestPolicyMerge(t *testing.T) {
	t.Parallel()
	ours := []statement{rootAccess("eu-west-1", "b", "123"), enforcedTLS("cn-north-1", "b")}
	for _, tt := range []struct {
		name, text string
		added      []string
		kept       string
	}{
		{"none", "", []string{"RootAccess", "EnforcedTLS"}, "arn:aws-cn:s3:::b"},
		{"a stranger's", `{"Version":"2008-10-17","Id":"x","Statement":[{"Sid":"Theirs","Effect":"Allow","NotAction":["s3:Get*"]}]}`, []string{"RootAccess", "EnforcedTLS"}, `"NotAction":["s3:Get*"]`},
		{"one statement", `{"Statement":{"Sid":"Theirs","Effect":"Deny"}}`, []string{"RootAccess", "EnforcedTLS"}, "Theirs"},
		{"ours, changed", `{"Statement":[{"Sid":"RootAccess","Effect":"Allow","Principal":"x"}]}`, []string{"EnforcedTLS"}, `"Principal":"x"`},
	} {
		have, err := parsePolicy(tt.text)
		if err != nil {
			t.Fatal(tt.name, err)
		}
		merged, added := have.with(ours)
		text, err := json.Marshal(merged)
		if err != nil || !slices.Equal(added, tt.added) || !strings.Contains(string(text), tt.kept) {
			t.Errorf("%s: added %q to %s, %v", tt.name, added, text, err)
		}
		if _, again := merged.with(ours); len(again) > 0 {
			t.Errorf("%s: added again %q", tt.name, again)
		}
	}
	if _, err := parsePolicy("<html>"); err == nil {
		t.Error("a page was taken for a policy")
	}
}

// Stores have answered with nothing where Amazon answers with rules.
func TestEncryptsEmptyAnswers(t *testing.T) {
	t.Parallel()
	key, arn := "1234", "arn:aws:kms:eu-west-1:1:key/1234"
	rule := func(d *s3types.ServerSideEncryptionByDefault) *s3types.ServerSideEncryptionConfiguration {
		return &s3types.ServerSideEncryptionConfiguration{Rules: []s3types.ServerSideEncryptionRule{{ApplyServerSideEncryptionByDefault: d}}}
	}
	kms := &s3types.ServerSideEncryptionByDefault{SSEAlgorithm: "aws:kms"}
	named := &s3types.ServerSideEncryptionByDefault{SSEAlgorithm: "aws:kms", KMSMasterKeyID: &key}
	for name, tt := range map[string]struct {
		have   *s3types.ServerSideEncryptionConfiguration
		wanted *s3types.ServerSideEncryptionByDefault
		want   bool
	}{
		"nothing": {nil, kms, false}, "no rules": {&s3types.ServerSideEncryptionConfiguration{}, kms, false}, "an empty rule": {rule(nil), kms, false},
		"the same": {rule(kms), kms, true}, "another": {rule(&s3types.ServerSideEncryptionByDefault{SSEAlgorithm: "AES256"}), kms, false},
		"any key will do": {rule(named), kms, true}, "no key": {rule(kms), named, false},
		"the key's ARN": {rule(&s3types.ServerSideEncryptionByDefault{SSEAlgorithm: "aws:kms", KMSMasterKeyID: &arn}), named, true},
	} {
		if got := encrypts(tt.have, tt.wanted); got != tt.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestDynamoRefusal(t *testing.T) {
	t.Parallel()
	err := dynamoRefusal("GetItem", 400, []byte(`{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException","message":"slow down"}`))
	if dynamoCode(err) != "ThrottlingException" || !passing(err) || err.Error() != "dynamodb: GetItem: ThrottlingException: slow down" {
		t.Errorf("got %v", err)
	}
	if err := dynamoRefusal("GetItem", 403, []byte("<html>")); passing(err) || !strings.Contains(err.Error(), "status 403") {
		t.Errorf("a page: %v", err)
	}
	if passing(&credentialsError{errors.New("none")}) {
		t.Error("credentials that are not there are waited for")
	}
}

// A bundle of certificates that is set for the unit alone is enough.
func TestE2ES3CABundle(t *testing.T) {
	t.Parallel()
	s := newStore(t, parts.MinIO)
	where := s.settings(map[string]any{"skip_bucket_enforced_tls": true})
	s.bootstrap(t, where)
	s.put(t, where, someState)
	plain, err := url.Parse(s3Env(s.env, "AWS_ENDPOINT_URL_S3"))
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewTLSServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(plain)
		r.Out.Host = r.In.Host // it is signed
	}})
	t.Cleanup(front.Close)
	bundle := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(bundle, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: front.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	for name, tt := range map[string]struct {
		env    string
		config map[string]any
		ok     bool
	}{
		"a variable": {"AWS_CA_BUNDLE=" + bundle, nil, true}, "a setting": {"X=", map[string]any{"custom_ca_bundle": bundle}, true},
		"insecure": {"X=", map[string]any{"insecure": true}, true}, "nothing": {"X=", map[string]any{"max_retries": 1}, false},
	} {
		there := s.settings(tt.config)
		there.Config["endpoints"] = map[string]any{"s3": front.URL}
		there.Env = append(slices.Clone(s.env), tt.env)
		state, err := s.backend().State(ctx, there)
		if tt.ok && (err != nil || state.Serial != 3) || !tt.ok && !errors.Is(err, ErrUnreadable) {
			t.Errorf("%s: %+v, %v", name, state, err)
		}
	}
}

func s3Env(env []string, name string) string {
	for _, entry := range env {
		if value, ok := strings.CutPrefix(entry, name+"="); ok {
			return value
		}
	}
	return ""
}
