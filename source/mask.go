package source

import (
	"errors"
	"net/url"
	"strings"
)

const mask = "xxxxx"

var errNotURL = errors.New("not a valid URL")

// masked is a copy of a URL that can be shown: no password, no token given
// as the user name of a web address, no secret parameter.
func masked(u *url.URL) *url.URL {
	out := *u
	if u.User != nil {
		_, hasPassword := u.User.Password()
		switch {
		case hasPassword:
			out.User = url.UserPassword(u.User.Username(), mask)
		case u.Scheme == "http" || u.Scheme == "https":
			out.User = url.User(mask)
		}
	}
	if hasSecretParam(u) {
		q := u.Query()
		for key := range q {
			if isSecretParam(key) {
				q.Set(key, mask)
			}
		}
		out.RawQuery = q.Encode()
	}
	return &out
}

func hasSecretParam(u *url.URL) bool {
	for key := range u.Query() {
		if isSecretParam(key) {
			return true
		}
	}
	return false
}

func isSecretParam(key string) bool {
	key = strings.ToLower(key)
	for _, word := range []string{"sshkey", "secret", "token", "password", "signature", "credential", "access_key"} {
		if strings.Contains(key, word) {
			return true
		}
	}
	return key == "sig"
}

// secrets lists the texts of an address that must not reach a message, in
// the forms in which another program may repeat them.
func secrets(a Address) []string {
	var out []string
	add := func(s string) {
		if len(s) > 2 {
			out = append(out, s, url.QueryEscape(s), url.PathEscape(s))
		}
	}
	if a.url == nil {
		return nil
	}
	if u := a.url.User; u != nil {
		if password, ok := u.Password(); ok {
			add(password)
		} else if strings.HasPrefix(a.url.Scheme, "http") {
			add(u.Username())
		}
	}
	for key, values := range a.url.Query() {
		if isSecretParam(key) {
			for _, v := range values {
				add(v)
			}
		}
	}
	return out
}

func scrub(text string, hide []string) string {
	for _, s := range hide {
		text = strings.ReplaceAll(text, s, mask)
	}
	return text
}

// scrubbed is an error whose text has been cleared of secrets.
type scrubbed struct {
	text string
	err  error
}

func (e *scrubbed) Error() string { return e.text }
func (e *scrubbed) Unwrap() error { return e.err }

// scrubError hides secrets in the text of an error and keeps its chain when
// there is nothing to hide.
func scrubError(err error, hide []string) error {
	text := err.Error()
	if clean := scrub(text, hide); clean != text {
		return &scrubbed{text: clean, err: err}
	}
	return err
}

// maskRaw makes an address that could not be parsed fit to be shown. It
// rather hides too much: where the user part ends is just what is unclear.
func maskRaw(raw string) string {
	body, _, asked := strings.Cut(raw, "?")
	if i := strings.Index(body, "://"); i >= 0 {
		if at := strings.LastIndex(body, "@"); at > i {
			body = body[:i+3] + mask + body[at:]
		}
	}
	if asked {
		body += "?..."
	}
	return body
}

// bareURLError drops the wrapper of net/url, which repeats the whole URL,
// and the cause too when that may quote a part of a password.
func bareURLError(err error, raw string) error {
	var parse *url.Error
	switch {
	case !errors.As(err, &parse):
		return err
	case strings.Contains(raw, "@"):
		return errNotURL
	}
	return parse.Err
}
