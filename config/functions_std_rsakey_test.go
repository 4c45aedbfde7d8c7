package config

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/crypto/ssh"
)

func TestStdRSADecrypt(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	stdCheck(t, err)
	//lint:ignore SA1019 the function is defined by this scheme
	cipher, err := rsa.EncryptPKCS1v15(rand.Reader, &key.PublicKey, []byte("secret"))
	stdCheck(t, err)
	stdCheck(t, os.WriteFile(filepath.Join(dir, "cipher"), cipher, 0o600))
	save := func(name string, block *pem.Block) {
		stdCheck(t, os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(block), 0o600))
	}
	pkcs8 := func(key any) []byte {
		b, err := x509.MarshalPKCS8PrivateKey(key)
		stdCheck(t, err)
		return b
	}
	openSSH, err := ssh.MarshalPrivateKey(key, "a comment")
	stdCheck(t, err)
	openSSHLocked, err := ssh.MarshalPrivateKeyWithPassphrase(key, "", []byte("phrase"))
	stdCheck(t, err)
	_, other, err := ed25519.GenerateKey(rand.Reader)
	stdCheck(t, err)
	openSSHOther, err := ssh.MarshalPrivateKey(other, "")
	stdCheck(t, err)
	save("pkcs1", &pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	save("pkcs8", &pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8(key)})
	save("openssh", openSSH)
	save("locked1", &pem.Block{Type: "RSA PRIVATE KEY", Headers: map[string]string{"Proc-Type": "4,ENCRYPTED"}, Bytes: cipher})
	save("locked2", &pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: cipher})
	save("locked3", openSSHLocked)
	save("other1", &pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8(other)})
	save("other2", openSSHOther)
	save("broken1", &pem.Block{Type: "RSA PRIVATE KEY", Bytes: cipher})
	save("broken2", &pem.Block{Type: "OPENSSH PRIVATE KEY", Bytes: cipher})
	save("cut", &pem.Block{Type: openSSH.Type, Bytes: openSSH.Bytes[:len(openSSH.Bytes)/2]})

	c := stdTestCall(dir)
	for _, form := range []string{"pkcs1", "pkcs8", "openssh"} {
		got, diags := stdEval(t, c, `rsadecrypt(filebase64("cipher"), file("`+form+`"))`)
		if diags.HasErrors() {
			t.Errorf("%s: %s", form, diags)
		} else if got.AsString() != "secret" {
			t.Errorf("%s: got %q", form, got.AsString())
		}
	}
	for form, want := range map[string]string{
		"locked1": "password protected", "locked2": "password protected", "locked3": "password protected",
		"other1": "not an RSA key", "other2": "not an RSA key",
		"broken1": "invalid ASN1 data", "broken2": "invalid OpenSSH private key", "cut": "invalid OpenSSH private key",
	} {
		wantStdError(t, c, `rsadecrypt(filebase64("cipher"), file("`+form+`"))`, want)
	}
	wantStdError(t, c, `rsadecrypt(filebase64("cipher"), "x")`, "no key found")
	wantStdError(t, c, `rsadecrypt("aGk=", file("pkcs1"))`, "failed to decrypt")
	wantStdError(t, c, `rsadecrypt("!", file("pkcs1"))`, "base64-encoded")
}

func stdCheck(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
