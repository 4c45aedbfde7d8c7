package promote

import (
	"strings"

	"github.com/hashicorp/go-version"
)

// splitNumber parts modules/vpc-v1.2.3 into the text in front of the number
// and the number, since a local may hold the number alone.
func splitNumber(tag string) (prefix, number string) {
	for i := range len(tag) {
		if tag[i] < '0' || tag[i] > '9' || i > 0 && (tag[i-1] >= '0' && tag[i-1] <= '9' || tag[i-1] == '.') {
			continue
		}
		if isNumber(tag[i:]) {
			return tag[:i], tag[i:]
		}
	}
	return tag, ""
}

// isNumber says whether a text is MAJOR.MINOR or MAJOR.MINOR.PATCH with what
// may follow it.
func isNumber(text string) bool {
	core, _, _ := strings.Cut(text, "+")
	core, _, _ = strings.Cut(core, "-")
	if parts := strings.Split(core, "."); len(parts) < 2 || len(parts) > 3 {
		return false
	}
	_, err := version.NewSemver(text)
	return err == nil
}
