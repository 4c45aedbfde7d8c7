package shell

import (
	"bytes"
	"encoding/json"
	"path/filepath"
	"strings"
)

// parseVersion reads the answer to `-version` or `version -json`. The text is
// believed wherever its line stands: launchers and warnings may come first.
func parseVersion(bin string, answer []byte) (Version, bool) {
	for line := range bytes.Lines(answer) {
		if v, ok := parseVersionLine(string(line)); ok {
			return v, true
		}
	}
	object, ok := FirstJSONObject(answer)
	if !ok {
		return Version{}, false
	}
	var fields struct {
		Number string `json:"terraform_version"` // OpenTofu calls it so too
	}
	if json.Unmarshal(object, &fields) != nil || fields.Number == "" {
		return Version{}, false
	}
	return Version{Name: productName(bin), Number: fields.Number}, true
}

// parseVersionLine reads "OpenTofu v1.12.6".
func parseVersionLine(line string) (Version, bool) {
	words := strings.Fields(line)
	if len(words) < 2 || (words[0] != "Terraform" && words[0] != "OpenTofu") {
		return Version{}, false
	}
	number, ok := strings.CutPrefix(words[1], "v")
	if !ok || number == "" || number[0] < '0' || number[0] > '9' {
		return Version{}, false
	}
	return Version{Name: words[0], Number: number}, true
}

func productName(bin string) string {
	if strings.Contains(strings.ToLower(filepath.Base(bin)), "tofu") {
		return "OpenTofu"
	}
	return "Terraform"
}
