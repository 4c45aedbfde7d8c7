package sops

import (
	"crypto/sha512"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// tree is a document: mappings whose order counts, since the check sum is taken
// over the values one after another.
type tree []branch

type branch []item

// item is an entry of a mapping, or a comment between two of them.
type item struct {
	key   any // string or comment
	value any // string, int, float64, bool, []byte, time.Time, nil, branch, []any
}

// comment may stand in place of a key, and of an element of a list.
type comment struct {
	text   string
	inline bool // behind a value, on the same line
}

// leafFunc gives what takes the place of a value or of a comment. comments are
// those in front of it, by level.
type leafFunc func(v any, path []string, comments [][]string) (any, error)

func (b branch) walk(path []string, comments [][]string, leaf leafFunc) error {
	comments = append(slices.Clip(comments), nil)
	above := &comments[len(comments)-1]
	for i, it := range b {
		if c, ok := it.key.(comment); ok {
			*above = append(*above, c.text)
			v, err := leaf(c, path, comments)
			if err != nil {
				return err
			}
			b[i].key = asComment(v, c.inline)
			continue
		}
		name, ok := it.key.(string)
		if !ok {
			return fmt.Errorf("a key is not a string but %T", it.key)
		}
		v, err := walkValue(it.value, append(slices.Clip(path), name), comments, leaf)
		if err != nil {
			return err
		}
		b[i].value = v
		*above = nil
	}
	return nil
}

// asComment is what has become of a comment. One that was encrypted loses its
// place behind a value, as with sops.
func asComment(v any, inline bool) comment {
	if c, ok := v.(comment); ok {
		return c
	}
	text, _ := v.(string)
	return comment{text, inline}
}

func walkList(list []any, path []string, comments [][]string, leaf leafFunc) error {
	comments = append(slices.Clip(comments), nil)
	above := &comments[len(comments)-1]
	for i, v := range list {
		c, isComment := v.(comment)
		if isComment {
			*above = append(*above, c.text)
		}
		got, err := walkValue(v, path, comments, leaf)
		if err != nil {
			return err
		}
		if isComment {
			list[i] = asComment(got, c.inline)
			continue
		}
		list[i] = got
		*above = nil
	}
	return nil
}

func walkValue(v any, path []string, comments [][]string, leaf leafFunc) (any, error) {
	switch v := v.(type) {
	case nil:
		return nil, nil
	case branch:
		return v, v.walk(path, comments, leaf)
	case []any:
		return v, walkList(v, path, comments, leaf)
	}
	return leaf(v, path, comments)
}

// selection says which values of a file are encrypted. At most one of its
// fields is set.
type selection struct {
	plainSuffix, secretSuffix string
	plainKeys, secretKeys     *regexp.Regexp
	plainAbove, secretAbove   *regexp.Regexp // comments
}

func (s selection) encrypted(path []string, comments [][]string, isComment bool) bool {
	suffixed := func(suffix string) bool {
		return slices.ContainsFunc(path, func(p string) bool { return strings.HasSuffix(p, suffix) })
	}
	switch {
	case s.secretSuffix != "":
		return suffixed(s.secretSuffix)
	case s.plainKeys != nil:
		return !slices.ContainsFunc(path, s.plainKeys.MatchString)
	case s.secretKeys != nil:
		return slices.ContainsFunc(path, s.secretKeys.MatchString)
	case s.plainAbove != nil:
		return !slices.ContainsFunc(slices.Concat(comments...), s.plainAbove.MatchString)
	case s.secretAbove != nil:
		all := slices.Concat(comments...)
		if isComment && len(all) > 0 {
			all = all[:len(all)-1] // the comment that asks for encryption can be read itself
		}
		return slices.ContainsFunc(all, s.secretAbove.MatchString)
	}
	return !suffixed(s.plainSuffix)
}

// secretsOnly starts a check sum that counts encrypted values only, so that it
// is never equal to one over all values: the SHA-256 of "sops".
const secretsOnly = "\x8a\x3f\xd2\xad\x54\xce\x66\x52\x7b\x10\x34\xf3\xd1\x47\xbe\x0b\x0b\x97\x5b\x3b\xf4\x4f\x72\xc6\xfd\xad\xec\x81\x76\xf2\x7d\x69"

// decrypt puts the plain values in place of the encrypted ones and gives the
// check sum over them.
func (t tree) decrypt(key []byte, m *metadata) (sum string, err error) {
	hash := sha512.New()
	if m.SecretsOnly {
		hash.Write([]byte(secretsOnly))
	}
	leaf := func(v any, path []string, comments [][]string) (any, error) {
		c, isComment := v.(comment)
		secret := m.selection.encrypted(path, comments, isComment)
		if secret {
			var err error
			if v, err = decryptLeaf(v, c, isComment, key, path); err != nil {
				return nil, err
			}
		}
		if _, isComment := v.(comment); !isComment && (secret || !bool(m.SecretsOnly)) {
			b, err := summed(v)
			if err != nil {
				return nil, err
			}
			hash.Write(b)
		}
		return v, nil
	}
	for _, b := range t {
		if err := b.walk(nil, nil, leaf); err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%X", hash.Sum(nil)), nil
}

func decryptLeaf(v any, c comment, isComment bool, key []byte, path []string) (any, error) {
	where := strings.Join(path, ":") + ":"
	if isComment {
		plain, err := decryptValue(c.text, key, where)
		if err != nil {
			return c, nil // old files hold comments in plain text
		}
		return asComment(plain, c.inline), nil
	}
	text, ok := v.(string)
	if !ok {
		return nil, fmt.Errorf("%s: the value is not encrypted", strings.Join(path, "."))
	}
	plain, err := decryptValue(text, key, where)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", strings.Join(path, "."), err)
	}
	return plain, nil
}

// summed is a value in the form in which it is part of the check sum.
func summed(v any) ([]byte, error) {
	switch v := v.(type) {
	case string:
		return []byte(v), nil
	case []byte:
		return v, nil
	case int:
		return []byte(strconv.Itoa(v)), nil
	case float64:
		return []byte(strconv.FormatFloat(v, 'f', -1, 64)), nil
	case bool:
		if v {
			return []byte("True"), nil
		}
		return []byte("False"), nil
	case time.Time:
		return v.MarshalText()
	}
	return nil, fmt.Errorf("a value is of the unknown type %T", v)
}
