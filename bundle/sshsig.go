package bundle

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/ssh"
)

// Namespace keeps signatures over bundles apart from those over anything else.
const Namespace = "terrace-bundle@v1"

const (
	sigMagic  = "SSHSIG"
	sigBegin  = "-----BEGIN SSH SIGNATURE-----"
	sigEnd    = "-----END SSH SIGNATURE-----"
	sigColumn = 70
)

// envelope is the binary form of an SSH signature, behind its magic.
type envelope struct {
	Version   uint32
	PublicKey []byte
	Namespace string
	Reserved  string
	Hash      string
	Signature []byte
}

// signed is what the key signs, behind the magic.
type signed struct {
	Namespace, Reserved, Hash string
	Digest                    []byte
}

func signedBytes(hash string, message []byte) ([]byte, error) {
	s := signed{Namespace: Namespace, Hash: hash}
	switch hash {
	case "sha512":
		sum := sha512.Sum512(message)
		s.Digest = sum[:]
	case "sha256":
		sum := sha256.Sum256(message)
		s.Digest = sum[:]
	default:
		return nil, fmt.Errorf("the hash %q is not known", hash)
	}
	return append([]byte(sigMagic), ssh.Marshal(s)...), nil
}

// Sign makes a signature over a message, as `ssh-keygen -Y sign` does.
func Sign(signer ssh.Signer, message []byte) ([]byte, error) {
	const hash = "sha512"
	data, err := signedBytes(hash, message)
	if err != nil {
		return nil, err
	}
	sig, err := signWith(signer, data)
	if err != nil {
		return nil, fmt.Errorf("signing with %s: %w", ssh.FingerprintSHA256(signer.PublicKey()), err)
	}
	e := envelope{Version: 1, PublicKey: signer.PublicKey().Marshal(), Namespace: Namespace, Hash: hash, Signature: ssh.Marshal(sig)}
	return armor(append([]byte(sigMagic), ssh.Marshal(e)...)), nil
}

// signWith keeps RSA keys from signing with SHA-1.
func signWith(signer ssh.Signer, data []byte) (*ssh.Signature, error) {
	if a, ok := signer.(ssh.AlgorithmSigner); ok && signer.PublicKey().Type() == ssh.KeyAlgoRSA {
		return a.SignWithAlgorithm(rand.Reader, data, ssh.KeyAlgoRSASHA512)
	}
	return signer.Sign(rand.Reader, data)
}

func armor(b []byte) []byte {
	var out bytes.Buffer
	out.WriteString(sigBegin + "\n")
	text := base64.StdEncoding.EncodeToString(b)
	for len(text) > 0 {
		n := min(sigColumn, len(text))
		out.WriteString(text[:n] + "\n")
		text = text[n:]
	}
	out.WriteString(sigEnd + "\n")
	return out.Bytes()
}

// Verify gives the key that made a signature over the message.
func Verify(signature, message []byte) (ssh.PublicKey, error) {
	e, err := readEnvelope(signature)
	if err != nil {
		return nil, err
	}
	key, err := ssh.ParsePublicKey(e.PublicKey)
	if err != nil {
		return nil, fmt.Errorf("not an SSH signature: its key: %w", err)
	}
	if e.Namespace != Namespace {
		return key, fmt.Errorf("its namespace is %q, not %q", e.Namespace, Namespace)
	}
	var sig ssh.Signature
	if err := ssh.Unmarshal(e.Signature, &sig); err != nil {
		return key, fmt.Errorf("not an SSH signature: %w", err)
	}
	if sig.Format == ssh.KeyAlgoRSA || sig.Format == "ssh-dss" {
		return key, fmt.Errorf("it was made with %s, which is broken", sig.Format)
	}
	data, err := signedBytes(e.Hash, message)
	if err != nil {
		return key, err
	}
	if err := key.Verify(data, &sig); err != nil {
		return key, errors.New("it is over other bytes than this " + ManifestName)
	}
	return key, nil
}

func readEnvelope(signature []byte) (envelope, error) {
	var e envelope
	_, rest, ok := strings.Cut(string(signature), sigBegin)
	text, _, ended := strings.Cut(rest, sigEnd)
	if !ok || !ended {
		return e, errors.New("not an SSH signature")
	}
	b, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
	if err != nil || !bytes.HasPrefix(b, []byte(sigMagic)) {
		return e, errors.New("not an SSH signature")
	}
	if err := ssh.Unmarshal(b[len(sigMagic):], &e); err != nil {
		return e, fmt.Errorf("not an SSH signature: %w", err)
	}
	if e.Version != 1 {
		return e, fmt.Errorf("SSH signatures of version %d are not known", e.Version)
	}
	return e, nil
}
