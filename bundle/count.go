package bundle

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

// Vote is a signature and what it is worth.
type Vote struct {
	File       string // its name in the folder of approvals
	Key        string // fingerprint, "" where none could be read
	Principals []string
	Counts     bool
	Why        string // it does not count
	person     int    // number of the group of keys and principals that are one person's
}

func (v Vote) String() string {
	who := strings.Join(v.Principals, ", ")
	if who == "" {
		who = "somebody unknown"
	}
	text := fmt.Sprintf("%s by %s", v.File, who)
	if v.Key != "" {
		text += " with " + v.Key
	}
	if v.Counts {
		return text + ": counts"
	}
	return text + ": does not count, " + v.Why
}

// ballot is what votes are judged by.
type ballot struct {
	message []byte
	signers []Signer
	creator Person
	people  []string // emails of those who wrote or committed what is applied
	now     time.Time
}

// count judges the signatures in a folder. Two that share a key or a principal
// are one person's.
func (b ballot) count(dir string) ([]Vote, error) {
	files, err := filepath.Glob(filepath.Join(escapeGlob(dir), "*.sig"))
	if err != nil {
		return nil, err
	}
	slices.Sort(files)
	var votes []Vote
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		v := b.judge(text)
		v.File = filepath.Base(path)
		for _, earlier := range votes {
			if v.Counts && earlier.Counts {
				v.Counts, v.Why = b.distinct(v, earlier)
			}
		}
		votes = append(votes, v)
	}
	return votes, nil
}

func (b ballot) distinct(v, earlier Vote) (bool, string) {
	switch {
	case v.Key == earlier.Key:
		return false, "the same key has signed already: " + earlier.File
	case v.person == earlier.person:
		return false, fmt.Sprintf("%s has signed already: %s", strings.Join(earlier.Principals, ", "), earlier.File)
	}
	return true, ""
}

// judge weighs one signature by itself.
func (b ballot) judge(signature []byte) Vote {
	key, err := Verify(signature, b.message)
	v := Vote{}
	if key != nil {
		v.Key = ssh.FingerprintSHA256(key)
	}
	if err != nil {
		v.Why = err.Error()
		return v
	}
	refused := ""
	for _, s := range b.signers {
		if string(s.Key.Marshal()) != string(key.Marshal()) {
			continue
		}
		if why := s.refuses(b.now); why != "" {
			refused = fmt.Sprintf("%s (%s:%d)", why, SignersFile, s.Line)
			continue
		}
		v.Principals = append(v.Principals, s.Principals...)
	}
	switch {
	case len(v.Principals) == 0 && refused != "":
		v.Why = refused
	case len(v.Principals) == 0:
		v.Why = "its key is not in " + SignersFile
	default:
		b.known(&v)
	}
	return v
}

// known weighs a signature whose key may approve: not of those who had a part
// in what is applied, under whatever key or name.
func (b ballot) known(v *Vote) {
	var names, keys []string
	v.person, names, keys = b.person(v.Key)
	switch {
	case slices.Contains(keys, b.creator.Key) || containsFold(names, b.creator.Email):
		v.Why = "whoever made the bundle cannot approve it"
	case b.author(names) != "":
		v.Why = b.author(names) + " wrote or committed what is applied"
	default:
		v.Counts = true
	}
}

// person follows a key to the principals that it stands for, these to their
// other keys, and so on: all of them are one person. The number is that of the
// first line.
func (b ballot) person(key string) (first int, names, keys []string) {
	keys = []string{key}
	taken := make([]bool, len(b.signers))
	for again := true; again; {
		again = false
		for i, s := range b.signers {
			k := ssh.FingerprintSHA256(s.Key)
			same := slices.Contains(keys, k) || slices.ContainsFunc(s.Principals, func(p string) bool { return containsFold(names, p) })
			if taken[i] || !same {
				continue
			}
			taken[i], again = true, true
			keys, names = append(keys, k), append(names, s.Principals...)
		}
	}
	return slices.Index(taken, true), names, keys
}

func (b ballot) author(principals []string) string {
	for _, p := range principals {
		if containsFold(b.people, p) {
			return p
		}
	}
	return ""
}

func containsFold(list []string, want string) bool {
	return want != "" && slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, want) })
}

// escapeGlob makes a path that matches itself alone.
func escapeGlob(path string) string {
	if filepath.Separator == '\\' {
		return path // where a backslash separates, nothing can be escaped
	}
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}
