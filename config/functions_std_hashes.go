package config

import (
	"crypto/md5"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"hash"

	"github.com/hashicorp/go-cty-funcs/crypto"
	"github.com/hashicorp/go-cty-funcs/uuid"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

func stdHashes() []funcSpec {
	return []funcSpec{
		{Name: "base64sha256", Summary: "The SHA-256 sum of a string, in base64.", Example: `base64sha256("x") # "LXEWQrcmsEQBYnyp+6wy9chTD7GQPMTbAiWHF5IaSIE="`, build: stringDigest(sha256.New, base64.StdEncoding.EncodeToString)},
		{Name: "base64sha512", Summary: "The SHA-512 sum of a string, in base64.", Example: `substr(base64sha512("x"), 0, 8) # "pKvURIxJ"`, build: stringDigest(sha512.New, base64.StdEncoding.EncodeToString)},
		{Name: "bcrypt", Summary: "The bcrypt hash of a string with a new salt; the cost is 10 unless given.", Example: `length(bcrypt("x", 4)) # 60`, sensitive: true, build: pure(crypto.BcryptFunc)},
		{Name: "md5", Summary: "The MD5 sum of a string, in hexadecimal.", Example: `md5("hi") # "49f68a5c8493ec2c0bf489821c21fc3b"`, build: stringDigest(md5.New, hex.EncodeToString)},
		{Name: "rsadecrypt", Summary: "The text of a base64 RSA (PKCS #1 v1.5) ciphertext, decrypted with a private key in PEM or OpenSSH form.", Example: `can(rsadecrypt("aGk=", "no key")) # false`, build: pure(stdRSADecrypt())},
		{Name: "sha1", Summary: "The SHA-1 sum of a string, in hexadecimal.", Example: `sha1("hi") # "c22b5f9178342609428d6f51b2c5af4c0bde6a42"`, build: stringDigest(sha1.New, hex.EncodeToString)},
		{Name: "sha256", Summary: "The SHA-256 sum of a string, in hexadecimal.", Example: `sha256("hi") # "8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4"`, build: stringDigest(sha256.New, hex.EncodeToString)},
		{Name: "sha512", Summary: "The SHA-512 sum of a string, in hexadecimal.", Example: `substr(sha512("hi"), 0, 8) # "150a14ed"`, build: stringDigest(sha512.New, hex.EncodeToString)},
		{Name: "uuid", Summary: "A new random UUID.", Example: `length(uuid()) # 36`, sensitive: true, build: pure(uuid.V4Func)},
		{Name: "uuidv5", Summary: "The UUID of a name within a namespace: dns, url, oid, x500 or a UUID.", Example: `uuidv5("dns", "example.com") # "cfbff0d1-9375-5685-968c-48ce8b15ae17"`, build: pure(uuid.V5Func)},
	}
}

// digest gives the sum of some bytes as text.
func digest(kind func() hash.Hash, encode func([]byte) string) func([]byte) (string, error) {
	return func(b []byte) (string, error) {
		h := kind()
		h.Write(b)
		return encode(h.Sum(nil)), nil
	}
}

func stringDigest(kind func() hash.Hash, encode func([]byte) string) func(*call) function.Function {
	sum := digest(kind, encode)
	return pure(stdText(func(s string) (string, error) { return sum([]byte(s)) }))
}

func stdRSADecrypt() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "ciphertext", Type: cty.String}, {Name: "privatekey", Type: cty.String}},
		Type:   function.StaticReturnType(cty.String),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			cipher, err := base64.StdEncoding.DecodeString(args[0].AsString())
			if err != nil {
				return cty.NilVal, function.NewArgErrorf(0, "failed to decode input: cipher text must be base64-encoded")
			}
			key, err := parseRSAKey([]byte(args[1].AsString()))
			if err != nil {
				return cty.NilVal, function.NewArgError(1, err)
			}
			// The cause is left out: it can only help who tries to break the key.
			//lint:ignore SA1019 the function is defined by this scheme
			plain, err := rsa.DecryptPKCS1v15(nil, key, cipher)
			if err != nil {
				return cty.NilVal, errors.New("failed to decrypt: the key does not fit the cipher text")
			}
			return cty.StringVal(string(plain)), nil
		},
	})
}
