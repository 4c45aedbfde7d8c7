package sops

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
	"filippo.io/age/agessh"
	"filippo.io/age/armor"
	"golang.org/x/crypto/ssh"

	"github.com/terrace-iac/terrace/run/awsauth/awstest"
)

// rekeyed is the encrypted note with other keys, and its data key.
func rekeyed(t *testing.T, keys map[string]any) (file, dataKey []byte) {
	t.Helper()
	var doc map[string]any
	if err := json.Unmarshal([]byte(read(t, "note.txt")), &doc); err != nil {
		t.Fatal(err)
	}
	note, err := formOf("note.txt").load([]byte(read(t, "note.txt")))
	if err != nil {
		t.Fatal(err)
	}
	if dataKey, err = keysWith(t, "one.age").dataKey(context.Background(), &note.Metadata); err != nil {
		t.Fatal(err)
	}
	meta := doc["sops"].(map[string]any)
	delete(meta, "age")
	for name, list := range keys {
		for _, key := range list.([]any) {
			key.(map[string]any)["created_at"] = "2026-01-01T00:00:00Z"
		}
		meta[name] = list
	}
	file, err = json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return file, dataKey
}

func wantNote(t *testing.T, k *Keys, file []byte) {
	t.Helper()
	got, err := k.Decrypt(context.Background(), "note.txt", file)
	if err != nil || string(got) != read(t, "plain/note.txt") {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestAgeIdentities(t *testing.T) {
	t.Parallel()
	note, identity := []byte(read(t, "note.txt")), read(t, "one.age")
	for name, prepare := range map[string]func(k *Keys, home string){
		"in the environment": func(k *Keys, _ string) { k.Env = append(k.Env, "SOPS_AGE_KEY="+identity) },
		"one of several": func(k *Keys, _ string) {
			k.Env = append(k.Env, "SOPS_AGE_KEY="+strings.Join(strings.Fields(strings.ReplaceAll(read(t, "two.age")+identity, "# Made for these tests. It protects nothing.", "")), " "))
		},
		"in a file": func(k *Keys, home string) {
			write(t, filepath.Join(home, "key"), identity)
			k.Env = append(k.Env, "SOPS_AGE_KEY_FILE="+filepath.Join(home, "key"))
		},
		"in the settings": func(k *Keys, home string) {
			k.Env = append(k.Env, "XDG_CONFIG_HOME="+home, "APPDATA="+home)
			write(t, filepath.Join(home, "sops", "age", "keys.txt"), identity)
		},
		"printed by a command": func(k *Keys, _ string) {
			k.Env = append(k.Env, "SOPS_AGE_KEY_CMD=vault read 'the key'")
			k.Run = func(_ context.Context, c Command) ([]byte, error) {
				recipient, _ := strings.CutPrefix(c.Env[len(c.Env)-1], "SOPS_AGE_RECIPIENT=age1")
				if strings.Join(c.Argv, "|") != "vault|read|the key" || len(recipient) < 50 {
					t.Errorf("ran %v with %v", c.Argv, c.Env[len(c.Env)-1])
				}
				return []byte(identity), nil
			}
		},
		"beside a place that is wrong": func(k *Keys, _ string) {
			k.Env = append(k.Env, "SOPS_AGE_KEY_FILE=/not/there", "SOPS_AGE_KEY="+identity)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			home := t.TempDir()
			k := &Keys{Env: []string{"HOME=" + home, "USERPROFILE=" + home}}
			prepare(k, home)
			wantNote(t, k, note)
		})
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Real keys, made here: an age identity of this moment and an SSH key.
func TestFreshAgeKeys(t *testing.T) {
	t.Parallel()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	sshPublic, err := ssh.NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	sshRecipient, err := agessh.NewEd25519Recipient(sshPublic)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	write(t, filepath.Join(home, ".ssh", "id_ed25519"), string(pem.EncodeToMemory(block)))

	_, dataKey := rekeyed(t, nil)
	for name, c := range map[string]struct {
		to  age.Recipient
		env []string
	}{
		"age": {id.Recipient(), []string{"SOPS_AGE_KEY=" + id.String()}},
		"SSH": {sshRecipient, []string{"HOME=" + home, "USERPROFILE=" + home}},
	} {
		file, _ := rekeyed(t, map[string]any{"age": []any{map[string]any{"recipient": name, "enc": sealAge(t, c.to, dataKey)}}})
		wantNote(t, &Keys{Env: c.env}, file)
		_, err := keysWith(t, "two.age").Decrypt(context.Background(), "note.txt", file)
		if err == nil || !strings.Contains(err.Error(), "did not match any of the recipients") {
			t.Errorf("%s: another key opened it: %v", name, err)
		}
	}
}

func sealAge(t *testing.T, to age.Recipient, plain []byte) string {
	t.Helper()
	var out bytes.Buffer
	a := armor.NewWriter(&out)
	w, err := age.Encrypt(a, to)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(plain); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(w.Close(), a.Close()); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestPGP(t *testing.T) {
	t.Parallel()
	file, dataKey := rekeyed(t, map[string]any{"pgp": []any{map[string]any{"fp": "ABCD", "enc": "sealed"}}})
	k := &Keys{Env: []string{"GNUPGHOME=/keys"}}
	var said string
	k.Run = func(_ context.Context, c Command) ([]byte, error) {
		in, _ := io.ReadAll(c.Stdin)
		said = strings.Join(c.Argv, " ") + " " + strings.Join(c.Env, " ") + " " + string(in)
		return dataKey, nil
	}
	wantNote(t, k, file)
	if said != "gpg -d GNUPGHOME=/keys sealed" {
		t.Errorf("ran %s", said)
	}
	k.Env = []string{"SOPS_GPG_EXEC=/opt/gpg2"}
	wantNote(t, k, file)
	if !strings.HasPrefix(said, "/opt/gpg2 -d") {
		t.Errorf("ran %s", said)
	}
	for _, broken := range []func(context.Context, Command) ([]byte, error){
		func(context.Context, Command) ([]byte, error) { return nil, errors.New("no secret key") },
		func(context.Context, Command) ([]byte, error) { return nil, nil },
	} {
		k.Run = broken
		if _, err := k.Decrypt(context.Background(), "note.txt", file); err == nil || !strings.Contains(err.Error(), "PGP ABCD: ") {
			t.Errorf("got %v", err)
		}
	}
}

func TestKMS(t *testing.T) {
	t.Parallel()
	const arn = "arn:aws:kms:eu-west-1:123456789012:key/k"
	role := "arn:aws:iam::" + awstest.Account + ":role/decrypter"
	var dataKey []byte
	var asked []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			KeyID   string `json:"KeyId"`
			Blob    []byte `json:"CiphertextBlob"`
			Context map[string]string
		}
		in.Context = map[string]string{}
		var raw map[string]json.RawMessage
		body, _ := io.ReadAll(r.Body)
		_ = json.Unmarshal(body, &raw)
		_ = json.Unmarshal(body, &in)
		_ = json.Unmarshal(raw["EncryptionContext"], &in.Context)
		_, credential, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
		who, _, _ := strings.Cut(credential, "/")
		region := strings.Split(credential, "/")[2]
		asked = append(asked, strings.Join([]string{r.Header.Get("X-Amz-Target"), in.KeyID, string(in.Blob), in.Context["app"], who, region}, " "))
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		if string(in.Blob) != "sealed" {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"__type": "InvalidCiphertextException", "message": "not mine"}`)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"KeyId": arn, "Plaintext": dataKey})
	}))
	t.Cleanup(server.Close)
	sts := awstest.New(t)
	k := &Keys{Env: append(sts.Env("ci"), "AWS_ENDPOINT_URL_KMS="+server.URL, "AWS_REGION=us-west-2", "HOME="+t.TempDir())}
	sealed := func(blob string, more map[string]any) []byte {
		key := map[string]any{"arn": arn, "enc": base64.StdEncoding.EncodeToString([]byte(blob))}
		for name, value := range more {
			key[name] = value
		}
		var file []byte
		file, dataKey = rekeyed(t, map[string]any{"kms": []any{key}})
		return file
	}
	wantNote(t, k, sealed("sealed", map[string]any{"context": map[string]any{"app": "web"}}))
	wantNote(t, k, sealed("sealed", map[string]any{"role": role}))
	want := []string{"TrentService.Decrypt " + arn + " sealed web AKIA-ci eu-west-1", "TrentService.Decrypt " + arn + " sealed  ASIA1decrypter eu-west-1"}
	if strings.Join(asked, "\n") != strings.Join(want, "\n") {
		t.Errorf("asked\n%s\nwant\n%s", strings.Join(asked, "\n"), strings.Join(want, "\n"))
	}
	_, err := k.Decrypt(context.Background(), "note.txt", sealed("other", nil))
	if err == nil || !strings.Contains(err.Error(), "AWS KMS "+arn+": ") || !strings.Contains(err.Error(), "not mine") {
		t.Errorf("got %v", err)
	}
	file, _ := rekeyed(t, map[string]any{"kms": []any{map[string]any{"arn": "nonsense", "enc": ""}}})
	if _, err := k.Decrypt(context.Background(), "note.txt", file); err == nil || !strings.Contains(err.Error(), "not the ARN") {
		t.Errorf("got %v", err)
	}
}

func TestVault(t *testing.T) {
	t.Parallel()
	var dataKey []byte
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Header.Get("X-Vault-Token") != "root" || r.Header.Get("X-Vault-Namespace") != "team" {
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, `{"errors": ["permission denied"]}`)
			return
		}
		if r.Method != http.MethodPut || r.URL.Path != "/v1/sops/transit/decrypt/main" || string(body) != `{"ciphertext":"vault:v1:x"}` {
			t.Errorf("%s %s %s", r.Method, r.URL, body)
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"data": map[string]any{"plaintext": dataKey}})
	}))
	t.Cleanup(server.Close)
	file, key := rekeyed(t, map[string]any{"hc_vault": []any{map[string]any{
		"vault_address": server.URL, "engine_path": "sops/transit", "key_name": "main", "enc": "vault:v1:x",
	}}})
	dataKey = key
	home := t.TempDir()
	env := []string{"VAULT_NAMESPACE=team", "HOME=" + home, "USERPROFILE=" + home}
	wantNote(t, &Keys{Env: append(env[:3:3], "VAULT_TOKEN=root", "SOPS_HC_VAULT_ALLOWLIST=https://other, "+server.URL+"/")}, file)
	for want, more := range map[string]string{
		"there is no token":                "VAULT_TOKEN=",
		"permission denied":                "VAULT_TOKEN=s3cret",
		"does not allow this address":      "SOPS_HC_VAULT_ALLOWLIST=none",
		"ALLOWLIST does not allow this ad": "SOPS_HC_VAULT_ALLOWLIST=" + server.URL[:len(server.URL)-1],
	} {
		_, err := (&Keys{Env: append(env[:3:3], more)}).Decrypt(context.Background(), "note.txt", file)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "s3cret") {
			t.Errorf("%s: %v", more, err)
		}
	}
	write(t, filepath.Join(home, ".vault-token"), "root\n")
	wantNote(t, &Keys{Env: env}, file)
}

// A service that only the library speaks to is asked where this process has the
// unit's environment, and left to the sops program where it has another.
func TestForeignKeys(t *testing.T) {
	var dataKey []byte
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer s3cret" {
			w.WriteHeader(http.StatusForbidden)
			_, _ = io.WriteString(w, `{"error": {"code": 403, "message": "no access", "status": "PERMISSION_DENIED"}}`)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]any{"plaintext": dataKey})
	}))
	t.Cleanup(server.Close)
	const id = "projects/p/locations/global/keyRings/r/cryptoKeys/k"
	google := func() []any { return []any{map[string]any{"resource_id": id, "enc": "eA=="}} }
	file, key := rekeyed(t, map[string]any{"gcp_kms": google()})
	dataKey = key
	t.Setenv("SOPS_GCP_KMS_CLIENT_TYPE", "rest")
	t.Setenv("SOPS_GCP_KMS_ENDPOINT", server.URL)
	t.Setenv("GOOGLE_OAUTH_ACCESS_TOKEN", "s3cret")
	wantNote(t, &Keys{Env: os.Environ()}, file)

	_, err := (&Keys{Env: append(os.Environ(), "GOOGLE_OAUTH_ACCESS_TOKEN=of the unit")}).Decrypt(context.Background(), "note.txt", file)
	var failed *KeyError
	if !errors.As(err, &failed) || !failed.Foreign || !strings.Contains(err.Error(), "Google Cloud KMS "+id+": the unit's environment is not that of this process") {
		t.Errorf("got %v", err)
	}
	t.Setenv("GOOGLE_OAUTH_ACCESS_TOKEN", "s3cret but wrong")
	_, err = (&Keys{Env: os.Environ()}).Decrypt(context.Background(), "note.txt", file)
	if !errors.As(err, &failed) || failed.Foreign || !strings.Contains(err.Error(), "no access") || strings.Contains(err.Error(), "s3cret") {
		t.Errorf("got %v", err)
	}

	one, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	both, _ := rekeyed(t, map[string]any{
		"gcp_kms": google(),
		"age":     []any{map[string]any{"recipient": one.Recipient().String(), "enc": sealAge(t, one.Recipient(), key)}},
	})
	wantNote(t, &Keys{Env: []string{"SOPS_AGE_KEY=" + one.String()}}, both)
	none, _ := rekeyed(t, nil)
	if _, err := keysWith(t).Decrypt(context.Background(), "note.txt", none); err == nil || !strings.Contains(err.Error(), "no key that could open it") {
		t.Errorf("got %v", err)
	}
}

func TestSameFor(t *testing.T) {
	t.Parallel()
	base := []string{"GOOGLE_CREDENTIALS=a", "HOME=/h", "TF_VAR_x=1"}
	for _, c := range []struct {
		more []string
		same bool
	}{
		{nil, true},
		{[]string{"AWS_PROFILE=x", "TF_VAR_x=2"}, true},
		{[]string{"GOOGLE_CREDENTIALS=b", "GOOGLE_CREDENTIALS=a"}, true}, // the last one counts
		{[]string{"GOOGLE_CREDENTIALS=b"}, false},
		{[]string{"AZURE_CLIENT_SECRET=x"}, false},
		{[]string{"HOME=/other"}, false},
	} {
		if got := sameFor(append(base[:3:3], c.more...), base); got != c.same {
			t.Errorf("%v: %v", c.more, got)
		}
	}
}
