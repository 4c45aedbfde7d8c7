package sops

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/getsops/sops/v3/hcvault"
	sopskms "github.com/getsops/sops/v3/kms"
	"github.com/getsops/sops/v3/pgp"

	"github.com/terrace-iac/terrace/run/awsauth"
)

// openPGP leaves the key to gpg and its agent.
func (k *Keys) openPGP(ctx context.Context, key *pgp.MasterKey) ([]byte, error) {
	gpg := k.get("SOPS_GPG_EXEC")
	if gpg == "" {
		gpg = "gpg"
	}
	out, err := k.Run(ctx, Command{Argv: []string{gpg, "-d"}, Env: k.Env, Stdin: strings.NewReader(key.EncryptedKey)})
	if err == nil && len(out) == 0 {
		err = errors.New("gpg gave nothing") // what an old one does with a cipher that it does not know
	}
	return out, err
}

func (k *Keys) openKMS(ctx context.Context, key *sopskms.MasterKey) ([]byte, error) {
	blob, err := base64.StdEncoding.DecodeString(key.EncryptedKey)
	if err != nil {
		return nil, errors.New("the metadata is malformed")
	}
	parts := strings.Split(key.Arn, ":")
	if len(parts) < 6 || parts[2] != "kms" {
		return nil, errors.New("not the ARN of a KMS key")
	}
	env, profile := k.Env, key.AwsProfile
	if key.Role != "" {
		c, err := awsauth.Assume(ctx, env, awsauth.Role{ARN: key.Role, Session: fmt.Sprintf("sops-%d", time.Now().UnixNano())})
		if err != nil {
			return nil, err
		}
		for name, value := range c.Variables() {
			env = append(env[:len(env):len(env)], name+"="+value)
		}
		profile = ""
	}
	cfg, err := awsauth.Load(ctx, env, awsauth.Options{Region: parts[3], Profile: profile})
	if err != nil {
		return nil, err
	}
	out, err := kms.NewFromConfig(cfg).Decrypt(ctx, &kms.DecryptInput{KeyId: &key.Arn, CiphertextBlob: blob, EncryptionContext: plainMap(key.EncryptionContext)})
	if err != nil {
		return nil, err
	}
	return out.Plaintext, nil
}

func plainMap(m map[string]*string) map[string]string {
	if len(m) == 0 {
		return nil
	}
	out := make(map[string]string, len(m))
	for name, value := range m {
		out[name] = aws.ToString(value)
	}
	return out
}

func (k *Keys) openVault(ctx context.Context, key *hcvault.MasterKey) ([]byte, error) {
	if !k.vaultAllowed(key.VaultAddress) {
		return nil, errors.New("SOPS_HC_VAULT_ALLOWLIST does not allow this address")
	}
	token := k.get("VAULT_TOKEN")
	if token == "" {
		b, err := os.ReadFile(filepath.Join(k.home(), ".vault-token"))
		if err != nil {
			return nil, errors.New("there is no token: set VAULT_TOKEN")
		}
		token = strings.TrimSpace(string(b))
	}
	body, err := json.Marshal(map[string]string{"ciphertext": key.EncryptedKey})
	if err != nil {
		return nil, err
	}
	url := strings.TrimSuffix(key.VaultAddress, "/") + "/v1/" + strings.TrimPrefix(path.Join(key.EnginePath, "decrypt", key.KeyName), "/")
	req, err := http.NewRequestWithContext(ctx, http.MethodPut, url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("X-Vault-Token", token)
	req.Header.Set("X-Vault-Request", "true")
	if ns := k.get("VAULT_NAMESPACE"); ns != "" {
		req.Header.Set("X-Vault-Namespace", ns)
	}
	client, err := k.vaultClient()
	if err != nil {
		return nil, err
	}
	return askVault(client, req)
}

// vaultAllowed says whether a token may be sent to the address that a file
// names.
func (k *Keys) vaultAllowed(address string) bool {
	list := k.get("SOPS_HC_VAULT_ALLOWLIST")
	switch list {
	case "", "all":
		return true
	case "none":
		return false
	}
	for entry := range strings.SplitSeq(list, ",") {
		entry = strings.TrimSuffix(strings.TrimSpace(entry), "/")
		if entry != "" && strings.HasPrefix(strings.TrimSuffix(address, "/")+"/", entry+"/") {
			return true
		}
	}
	return false
}

func (k *Keys) vaultClient() (*http.Client, error) {
	if k.Client != nil {
		return k.Client, nil
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	if file := k.get("VAULT_CACERT"); file != "" {
		pem, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(pem) {
			return nil, errors.New("VAULT_CACERT holds no certificate")
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	}
	return &http.Client{Transport: transport, Timeout: time.Minute}, nil
}

func askVault(client *http.Client, req *http.Request) ([]byte, error) {
	res, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(io.LimitReader(res.Body, 1<<20))
	if err != nil {
		return nil, err
	}
	var got struct {
		Errors []string `json:"errors"`
		Data   struct {
			Plaintext []byte `json:"plaintext"`
		} `json:"data"`
	}
	if err := json.Unmarshal(b, &got); res.StatusCode != http.StatusOK || err != nil || len(got.Data.Plaintext) == 0 {
		return nil, fmt.Errorf("the server answered %s %s", res.Status, strings.Join(got.Errors, ", "))
	}
	return got.Data.Plaintext, nil
}
