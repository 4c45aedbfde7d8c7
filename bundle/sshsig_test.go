package bundle

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

func newSigner(t *testing.T) ssh.Signer {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	s, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func line(s ssh.Signer) string {
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(s.PublicKey())))
}

// TestSignatures: ssh-keygen takes ours and we take those of ssh-keygen, for
// every kind of key.
func TestSignatures(t *testing.T) {
	t.Parallel()
	keygen, err := exec.LookPath("ssh-keygen")
	if err != nil {
		t.Skip("needs ssh-keygen")
	}
	for _, kind := range []string{"ed25519", "ecdsa", "rsa"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			key := filepath.Join(dir, "key")
			run := func(stdin []byte, args ...string) []byte {
				t.Helper()
				cmd := exec.Command(keygen, args...)
				cmd.Stdin = bytes.NewReader(stdin)
				out, err := cmd.Output()
				if err != nil {
					t.Fatalf("ssh-keygen %v: %v", args, err)
				}
				return out
			}
			run(nil, "-q", "-t", kind, "-N", "", "-f", key)
			message := []byte("a manifest\n")
			signer, done, err := Keys{File: key}.Signer()
			if err != nil {
				t.Fatal(err)
			}
			defer done()
			ours, err := Sign(signer, message)
			if err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(dir, "sig"), ours)
			write(t, filepath.Join(dir, "signers"), []byte("me "+line(signer)+"\n"))
			run(message, "-Y", "verify", "-f", filepath.Join(dir, "signers"), "-I", "me", "-n", Namespace, "-s", filepath.Join(dir, "sig"))

			theirs := run(message, "-q", "-Y", "sign", "-n", Namespace, "-f", key)
			for _, sig := range [][]byte{ours, theirs} {
				got, err := Verify(sig, message)
				if err != nil || ssh.FingerprintSHA256(got) != fingerprint(signer) {
					t.Errorf("%v", err)
				}
				if _, err := Verify(sig, []byte("another")); err == nil {
					t.Error("it is good for other bytes")
				}
			}
		})
	}
}

func write(t *testing.T, path string, text []byte) {
	t.Helper()
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestVerifyRefuses(t *testing.T) {
	t.Parallel()
	s := newSigner(t)
	good, err := Sign(s, []byte("m"))
	if err != nil {
		t.Fatal(err)
	}
	b := []byte(sigMagic)
	sha1 := envelope{Version: 1, PublicKey: s.PublicKey().Marshal(), Namespace: Namespace, Hash: "sha1"}
	future := envelope{Version: 2, PublicKey: s.PublicKey().Marshal(), Namespace: Namespace, Hash: "sha512"}
	for name, text := range map[string][]byte{
		"nothing": nil, "cut off": good[:len(good)/2], "text": []byte(sigBegin + "\nhello\n" + sigEnd),
		"another hash": armor(append(b[:6:6], ssh.Marshal(sha1)...)), "another version": armor(append(b[:6:6], ssh.Marshal(future)...)),
	} {
		if _, err := Verify(text, []byte("m")); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}

// TestBrokenRSA: a signature with SHA-1 is none.
func TestBrokenRSA(t *testing.T) {
	t.Parallel()
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	s, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	data, err := signedBytes("sha512", []byte("m"))
	if err != nil {
		t.Fatal(err)
	}
	sig, err := s.(ssh.AlgorithmSigner).SignWithAlgorithm(rand.Reader, data, ssh.KeyAlgoRSA)
	if err != nil {
		t.Fatal(err)
	}
	e := envelope{Version: 1, PublicKey: s.PublicKey().Marshal(), Namespace: Namespace, Hash: "sha512", Signature: ssh.Marshal(sig)}
	_, err = Verify(armor(append([]byte(sigMagic), ssh.Marshal(e)...)), []byte("m"))
	if err == nil || !strings.Contains(err.Error(), "broken") {
		t.Errorf("%v", err)
	}
}

func TestParseSigners(t *testing.T) {
	t.Parallel()
	key := line(newSigner(t))
	for _, c := range []struct {
		text    string
		refuses string // part of why, now
		err     string
	}{
		{text: "a@x,b@x " + key + " a comment"},
		{text: `a@x namespaces="git,terrace-bundle@v1" ` + key},
		{text: `a@x namespaces="terrace-*" ` + key},
		{text: `a@x namespaces="git" ` + key, refuses: "may not sign in the namespace"},
		{text: `a@x valid-after="20200101",valid-before="20300101Z" ` + key},
		{text: `a@x valid-before="202512312359" ` + key, refuses: "valid only before"},
		{text: `a@x valid-after="20270101000000Z" ` + key, refuses: "valid only after"},
		{text: "*@x " + key, refuses: "wildcards"},
		{text: "!a@x,b@x " + key, refuses: "wildcards"},
		{text: "a@x cert-authority " + key, refuses: "certificate authorities"},
		{text: `a@x valid-after="soon" ` + key, err: "not a date"},
		{text: "a@x whatever " + key, err: "not known"},
		{text: "a@x", err: "a line is"},
		{text: "a@x ssh-ed25519 AAAA", err: "cannot be read"},
	} {
		list, err := ParseSigners([]byte("# comment\n\n" + c.text + "\r\n"))
		switch {
		case c.err != "":
			if err == nil || !strings.Contains(err.Error(), c.err) || !strings.Contains(err.Error(), SignersFile+":3") {
				t.Errorf("%s: %v", c.text, err)
			}
		case err != nil || len(list) != 1:
			t.Errorf("%s: %v, %d lines", c.text, err, len(list))
		default:
			why := list[0].refuses(time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC))
			if (why == "") != (c.refuses == "") || !strings.Contains(why, c.refuses) {
				t.Errorf("%s: %q", c.text, why)
			}
		}
	}
}

// TestOnePerson: keys and names that any line ties together are one person's,
// whichever of them sign.
func TestOnePerson(t *testing.T) {
	t.Parallel()
	one, two, three, other := newSigner(t), newSigner(t), newSigner(t), newSigner(t)
	signers, err := ParseSigners([]byte("p " + line(one) + "\nq " + line(one) + "\np " + line(two) + "\nq " + line(three) + "\nr " + line(other) + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	message := []byte("m")
	count := func(b ballot, list ...ssh.Signer) int {
		t.Helper()
		dir := t.TempDir()
		for i, s := range list {
			sig, err := Sign(s, message)
			if err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Join(dir, string(rune('a'+i))+".sig"), sig)
		}
		b.message, b.signers, b.now = message, signers, time.Now()
		votes, err := b.count(dir)
		if err != nil {
			t.Fatal(err)
		}
		n := 0
		for _, v := range votes {
			if v.Counts {
				n++
			}
		}
		return n
	}
	if n := count(ballot{}, two, three); n != 1 {
		t.Errorf("two keys of one person: %d", n)
	}
	if n := count(ballot{}, one, one, other); n != 2 {
		t.Errorf("two people: %d", n)
	}
	if n := count(ballot{creator: Person{Email: "Q"}}, two, other); n != 1 {
		t.Errorf("the creator under another name: %d", n)
	}
	if n := count(ballot{creator: Person{Key: fingerprint(three)}}, two); n != 0 {
		t.Errorf("the creator with another key: %d", n)
	}
	if n := count(ballot{people: []string{"P"}}, three); n != 0 {
		t.Errorf("an author under another name: %d", n)
	}
}

// TestKeys: a key that a passphrase protects is looked for in the agent, and
// the message says so.
func TestKeys(t *testing.T) {
	t.Parallel()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKeyWithPassphrase(private, "", []byte("pass"))
	if err != nil {
		t.Fatal(err)
	}
	home := t.TempDir()
	if _, _, err := (Keys{Home: home}).Signer(); err != ErrNoKey {
		t.Errorf("%v", err)
	}
	path := filepath.Join(home, "locked")
	write(t, path, pemText(block.Type, block.Bytes))
	if _, _, err := (Keys{File: path}).Signer(); err == nil || !strings.Contains(err.Error(), "ssh-add") {
		t.Errorf("%v", err)
	}
}
