package bundle

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

// SignersFile lists who may approve, in the form of ssh-keygen's
// ALLOWED SIGNERS; a path from the repository's root.
const SignersFile = ".terrace/allowed_signers"

// Signer is one line of the file.
type Signer struct {
	Line       int
	Principals []string
	Key        ssh.PublicKey
	Authority  bool     // a certificate authority, which we do not take
	Namespaces []string // empty for all
	After      time.Time
	Before     time.Time // zero for no end
}

// ParseSigners reads such a file. A line that cannot be read is an error: to
// pass over it could leave a rule out.
func ParseSigners(text []byte) ([]Signer, error) {
	var list []Signer
	for i, line := range strings.Split(string(text), "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		s, err := parseSigner(line)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", SignersFile, i+1, err)
		}
		s.Line = i + 1
		list = append(list, s)
	}
	return list, nil
}

func parseSigner(line string) (Signer, error) {
	principals, rest := word(line)
	s := Signer{}
	for _, p := range strings.Split(strings.Trim(principals, `"`), ",") {
		if p != "" {
			s.Principals = append(s.Principals, p)
		}
	}
	if len(s.Principals) == 0 || rest == "" {
		return s, errors.New("a line is: principals [options] key-type key [comment]")
	}
	key, _, options, left, err := ssh.ParseAuthorizedKey([]byte(rest))
	if err != nil || len(bytes.TrimSpace(left)) > 0 {
		return s, errors.New("the key cannot be read")
	}
	s.Key = key
	for _, o := range options {
		if err := s.option(o); err != nil {
			return s, err
		}
	}
	return s, nil
}

// word cuts the first word off, which may be in quotes.
func word(line string) (first, rest string) {
	quoted := false
	for i, r := range line {
		switch {
		case r == '"':
			quoted = !quoted
		case !quoted && (r == ' ' || r == '\t'):
			return line[:i], strings.TrimSpace(line[i:])
		}
	}
	return line, ""
}

func (s *Signer) option(text string) error {
	name, value, _ := strings.Cut(text, "=")
	value = strings.Trim(value, `"`)
	var err error
	switch strings.ToLower(name) {
	case "cert-authority":
		s.Authority = true
	case "namespaces":
		s.Namespaces = strings.Split(value, ",")
	case "valid-after":
		s.After, err = parseSSHTime(value)
	case "valid-before":
		s.Before, err = parseSSHTime(value)
	default:
		return fmt.Errorf("the option %q is not known", name)
	}
	return err
}

// parseSSHTime reads YYYYMMDD[HHMM[SS]][Z]; without the Z it is local time.
func parseSSHTime(text string) (time.Time, error) {
	zone, digits := time.Local, text
	if t, utc := strings.CutSuffix(text, "Z"); utc {
		zone, digits = time.UTC, t
	}
	for _, layout := range []string{"20060102", "200601021504", "20060102150405"} {
		if t, err := time.ParseInLocation(layout, digits, zone); err == nil {
			return t, nil
		}
	}
	return time.Time{}, fmt.Errorf("%q is not a date: YYYYMMDD[HHMM[SS]][Z]", text)
}

// refuses says why a line does not let its key approve now, "" if it does.
func (s Signer) refuses(now time.Time) string {
	switch {
	case s.Authority:
		return "certificate authorities are not supported"
	case hasWildcard(s.Principals):
		return fmt.Sprintf("the principal %q has wildcards: it names no single person", strings.Join(s.Principals, ","))
	case !s.inNamespace():
		return fmt.Sprintf("the key may not sign in the namespace %s", Namespace)
	case !s.After.IsZero() && now.Before(s.After):
		return "the key is valid only after " + s.After.Format(time.RFC3339)
	case !s.Before.IsZero() && !now.Before(s.Before):
		return "the key was valid only before " + s.Before.Format(time.RFC3339)
	}
	return ""
}

func hasWildcard(list []string) bool {
	for _, p := range list {
		if strings.ContainsAny(p, "*?!") {
			return true
		}
	}
	return false
}

func (s Signer) inNamespace() bool {
	if len(s.Namespaces) == 0 {
		return true
	}
	for _, n := range s.Namespaces {
		if glob(n, Namespace) {
			return true
		}
	}
	return false
}

// glob matches a pattern of * and ? as OpenSSH does.
func glob(pattern, text string) bool {
	switch {
	case pattern == "":
		return text == ""
	case pattern[0] == '*':
		return glob(pattern[1:], text) || text != "" && glob(pattern, text[1:])
	case text == "":
		return false
	}
	return (pattern[0] == '?' || pattern[0] == text[0]) && glob(pattern[1:], text[1:])
}
