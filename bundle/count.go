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
	if v.Key == earlier.Key {
		return false, "the same key has signed already: " + earlier.File
	}
	for _, p := range v.Principals {
		if containsFold(earlier.Principals, p) {
			return false, fmt.Sprintf("%s has signed already: %s", p, earlier.File)
		}
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
	case v.Key == b.creator.Key || containsFold(v.Principals, b.creator.Email):
		v.Why = "whoever made the bundle cannot approve it"
	case b.author(v.Principals) != "":
		v.Why = b.author(v.Principals) + " wrote or committed what is applied"
	default:
		v.Counts = true
	}
	return v
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
