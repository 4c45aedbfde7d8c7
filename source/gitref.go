package source

import (
	"errors"
	"slices"
	"strings"
)

// isRevision reports whether a ref can name a commit in another way than as
// a branch or tag: a hash, or a path through history.
func isRevision(ref string) bool {
	if strings.ContainsAny(ref, "~^@") || strings.HasPrefix(ref, "origin/") {
		return true
	}
	if len(ref) < 4 || len(ref) > 64 {
		return false
	}
	return !strings.ContainsFunc(ref, func(c rune) bool {
		return !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F')
	})
}

// isMissingRef reads git's message; it has no exit code for this.
func isMissingRef(err error) bool { return stderrHas(err, "find remote ref") }

// needsFullHistory recognises servers that hand out plain files only.
func needsFullHistory(err error) bool { return stderrHas(err, "shallow") }

func stderrHas(err error, text string) bool {
	var failed *CommandError
	return errors.As(err, &failed) && strings.Contains(failed.Stderr, text)
}

// maxSimilar is how many tags are offered in place of a missing one.
const maxSimilar = 5

// similarTags picks from the output of ls-remote the tags nearest to a ref:
// those that share the longest start, the newest looking first.
func similarTags(ref, lsRemote string) []string {
	var tags []string
	for line := range strings.Lines(lsRemote) {
		if _, tag, ok := strings.Cut(strings.TrimSpace(line), "refs/tags/"); ok {
			tags = append(tags, tag)
		}
	}
	slices.SortFunc(tags, func(a, b string) int {
		if d := sharedStart(b, ref) - sharedStart(a, ref); d != 0 {
			return d
		}
		if d := len(b) - len(a); d != 0 {
			return d // v1.10 before v1.9
		}
		return strings.Compare(b, a)
	})
	return tags[:min(len(tags), maxSimilar)]
}

func sharedStart(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}
