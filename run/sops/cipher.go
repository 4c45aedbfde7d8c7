package sops

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

var (
	errNotEncrypted = errors.New("the value is not encrypted")
	errWrongKey     = errors.New("the value cannot be decrypted: it was changed, moved, or encrypted with another key")
)

// decryptValue opens ENC[AES256_GCM,data:...,iv:...,tag:...,type:...]. where is
// the path of the value, which is part of what was encrypted.
func decryptValue(text string, key []byte, where string) (any, error) {
	if text == "" {
		return "", nil // an empty value is stored as it is
	}
	body, begins := strings.CutPrefix(text, "ENC[AES256_GCM,")
	body, ends := strings.CutSuffix(body, "]")
	if !begins || !ends {
		return nil, errNotEncrypted
	}
	fields := map[string]string{}
	for _, f := range strings.Split(body, ",") {
		name, value, _ := strings.Cut(f, ":")
		fields[name] = value
	}
	plain, err := open(fields, key, where)
	if err != nil {
		return nil, err
	}
	return typed(plain, fields["type"])
}

func open(fields map[string]string, key []byte, where string) ([]byte, error) {
	parts := map[string][]byte{}
	for _, name := range []string{"data", "iv", "tag"} {
		b, err := base64.StdEncoding.DecodeString(fields[name])
		if err != nil {
			return nil, errNotEncrypted
		}
		parts[name] = b
	}
	if len(parts["iv"]) == 0 || len(parts["tag"]) != 16 {
		return nil, errNotEncrypted
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("the data key is not one for AES-256: %d bytes", len(key))
	}
	gcm, err := cipher.NewGCMWithNonceSize(block, len(parts["iv"]))
	if err != nil {
		return nil, err
	}
	plain, err := gcm.Open(nil, parts["iv"], append(parts["data"], parts["tag"]...), []byte(where))
	if err != nil {
		return nil, errWrongKey
	}
	return plain, nil
}

func typed(plain []byte, name string) (any, error) {
	text := string(plain)
	var v any
	var err error
	switch name {
	case "str":
		return text, nil
	case "bytes":
		return plain, nil
	case "comment":
		return comment{text: text}, nil
	case "int":
		v, err = strconv.Atoi(text)
	case "float":
		v, err = strconv.ParseFloat(text, 64)
	case "bool":
		v, err = strconv.ParseBool(text)
	case "time":
		v, err = time.Parse(time.RFC3339Nano, text)
	default:
		return nil, fmt.Errorf("the value is of the unknown type %q", name)
	}
	if err != nil {
		return nil, fmt.Errorf("the value is not of its type %q", name) // the cause would repeat it
	}
	return v, nil
}
