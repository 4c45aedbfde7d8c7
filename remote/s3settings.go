package remote

import (
	"crypto/md5" //nolint:gosec // the protocol wants it
	"encoding/base64"
	"errors"
	"fmt"
	slash "path"
	"strconv"
	"strings"

	"github.com/terrace-iac/terrace/remote/awsconfig"
)

// settingsMap are a backend's settings with accessors for values that users
// write in more than one way.
type settingsMap map[string]any

func (m settingsMap) text(keys ...string) string {
	for _, key := range keys {
		switch v := m[key].(type) {
		case string:
			if v != "" {
				return v
			}
		case nil, bool, []any, map[string]any:
		default:
			return fmt.Sprint(v)
		}
	}
	return ""
}

func (m settingsMap) on(keys ...string) bool {
	for _, key := range keys {
		if asBool(m[key]) == true {
			return true
		}
	}
	return false
}

func (m settingsMap) number(key string) int {
	n, err := strconv.ParseFloat(m.text(key), 64)
	if err != nil {
		return 0
	}
	return int(n)
}

// nested gives a map, also where it was written as a list of one.
func (m settingsMap) nested(key string) settingsMap {
	switch v := m[key].(type) {
	case map[string]any:
		return v
	case []any:
		if len(v) == 1 {
			inner, _ := v[0].(map[string]any)
			return inner
		}
	}
	return nil
}

// texts gives a list of texts; one text alone is a list of one.
func (m settingsMap) texts(key string) []string {
	var list []string
	switch v := m[key].(type) {
	case string:
		if v != "" {
			list = []string{v}
		}
	case []any:
		for _, entry := range v {
			if text, ok := entry.(string); ok {
				list = append(list, text)
			}
		}
	}
	return list
}

// tags gives a map of texts.
func (m settingsMap) tags(key string) map[string]string {
	inner := m.nested(key)
	if len(inner) == 0 {
		return nil
	}
	tags := make(map[string]string, len(inner))
	for name := range inner {
		tags[name] = inner.text(name)
		if on, ok := inner[name].(bool); ok {
			tags[name] = strconv.FormatBool(on)
		}
	}
	return tags
}

// s3Place is where one state lies.
type s3Place struct {
	set    settingsMap
	bucket string
	key    string // of the state in its workspace
	table  string // of locks; "" for none
	file   bool   // locks are objects beside the state
	env    awsconfig.Env
}

// s3PlaceOf reads where a state lies, and fails where that is not said.
func s3PlaceOf(s Settings) (s3Place, error) {
	set := settingsMap(s.Config)
	p := s3Place{
		set: set, bucket: set.text("bucket"), key: strings.TrimPrefix(set.text("key"), "/"),
		table: set.text("dynamodb_table", "lock_table"), file: set.on("use_lockfile"), env: s.Env,
	}
	switch {
	case p.bucket == "":
		return p, errors.New("s3 backend: bucket is not set")
	case p.key == "":
		return p, errors.New("s3 backend: key is not set")
	}
	if s.Workspace != "" && s.Workspace != "default" {
		p.key = slash.Join(p.prefix(), s.Workspace, p.key)
	}
	return p, nil
}

// prefix is the folder of the workspaces.
func (p s3Place) prefix() string {
	if prefix, ok := p.set["workspace_key_prefix"].(string); ok {
		return prefix
	}
	return "env:"
}

// String is the place as users write it.
func (p s3Place) String() string { return "s3://" + p.bucket + "/" + p.key }

// lockID names the lock in the table.
func (p s3Place) lockID() string { return p.bucket + "/" + p.key }

func (p s3Place) lockKey() string { return p.key + ".tflock" }

// customerKey is the key that the state is encrypted with by its owner, in the
// three forms that requests carry it in; nil where there is none.
func (p s3Place) customerKey() (algorithm, key, sum *string, err error) {
	text := p.set.text("sse_customer_key")
	if text == "" {
		text = p.env.Get("AWS_SSE_CUSTOMER_KEY")
	}
	if text == "" {
		return nil, nil, nil, nil
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil || len(raw) != 32 {
		return nil, nil, nil, errors.New("s3 backend: sse_customer_key is not 32 bytes in base64")
	}
	digest := md5.Sum(raw) //nolint:gosec // the protocol wants it
	aes, check := "AES256", base64.StdEncoding.EncodeToString(digest[:])
	return &aes, &text, &check, nil
}
