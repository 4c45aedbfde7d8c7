package config

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/binary"
	"encoding/pem"
	"errors"
	"math/big"
	"strings"
)

var errLockedKey = errors.New("failed to parse key: password protected keys are not supported; please decrypt the key prior to use")

// parseRSAKey reads an unencrypted RSA private key: PKCS #1, PKCS #8 or
// OpenSSH. The last is read by hand, since linking an SSH library costs every
// start of the program more than this function will ever be called.
func parseRSAKey(text []byte) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("failed to parse key: no key found")
	}
	if block.Headers["Proc-Type"] == "4,ENCRYPTED" || block.Type == "ENCRYPTED PRIVATE KEY" {
		return nil, errLockedKey
	}
	switch block.Type {
	case "RSA PRIVATE KEY":
		key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
		if err != nil {
			return nil, errors.New("failed to parse key: invalid ASN1 data in the given private key")
		}
		return key, nil
	case "OPENSSH PRIVATE KEY":
		return parseOpenSSHKey(block.Bytes)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New("failed to parse key: invalid ASN1 data in the given private key")
	}
	if rsaKey, ok := key.(*rsa.PrivateKey); ok {
		return rsaKey, nil
	}
	return nil, errors.New("failed to parse key: it is not an RSA key")
}

// parseOpenSSHKey reads the "openssh-key-v1" layout: cipher, key derivation
// and its options, one public key, and a section holding a check number twice,
// the kind of key, and the numbers n, e, d, 1/q mod p, p and q.
func parseOpenSSHKey(b []byte) (*rsa.PrivateKey, error) {
	invalid := errors.New("failed to parse key: invalid OpenSSH private key")
	rest, ok := strings.CutPrefix(string(b), "openssh-key-v1\x00")
	if !ok {
		return nil, invalid
	}
	r := &sshReader{rest: []byte(rest)}
	cipher := string(r.bytes())
	r.bytes()
	r.bytes()
	count := r.number()
	r.bytes()
	inner := &sshReader{rest: r.bytes()}
	if r.bad || count != 1 {
		return nil, invalid
	}
	if cipher != "none" {
		return nil, errLockedKey
	}
	if first, second := inner.number(), inner.number(); first != second {
		return nil, invalid
	}
	if kind := string(inner.bytes()); !inner.bad && kind != "ssh-rsa" {
		return nil, errors.New("failed to parse key: it is not an RSA key")
	}
	n, e, d, _, p, q := inner.integer(), inner.integer(), inner.integer(), inner.integer(), inner.integer(), inner.integer()
	if inner.bad || !e.IsInt64() {
		return nil, invalid
	}
	key := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: n, E: int(e.Int64())}, D: d, Primes: []*big.Int{p, q}}
	if err := key.Validate(); err != nil {
		return nil, invalid
	}
	key.Precompute()
	return key, nil
}

// sshReader takes the length-prefixed fields of SSH's wire format one after
// another. Reading past the end sets bad and gives zero values.
type sshReader struct {
	rest []byte
	bad  bool
}

func (r *sshReader) number() uint32 {
	if r.bad || len(r.rest) < 4 {
		r.bad = true
		return 0
	}
	n := binary.BigEndian.Uint32(r.rest)
	r.rest = r.rest[4:]
	return n
}

func (r *sshReader) bytes() []byte {
	n := r.number()
	if r.bad || uint64(n) > uint64(len(r.rest)) {
		r.bad = true
		return nil
	}
	field := r.rest[:n]
	r.rest = r.rest[n:]
	return field
}

func (r *sshReader) integer() *big.Int { return new(big.Int).SetBytes(r.bytes()) }
