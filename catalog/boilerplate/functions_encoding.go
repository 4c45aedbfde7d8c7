package boilerplate

import (
	"bytes"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"path"
	"path/filepath"
	"strings"
	"text/template"
	"time"

	"go.yaml.in/yaml/v3"
)

func encodingFunctions() template.FuncMap {
	return template.FuncMap{
		"toJson":       func(x any) (string, error) { return toJSON(x, "") },
		"toRawJson":    func(x any) (string, error) { return toJSON(x, "") },
		"toPrettyJson": func(x any) (string, error) { return toJSON(x, "  ") },
		"fromJson":     fromJSON,
		"toYaml":       toYAML,
		"fromYaml":     fromYAML,
		"b64enc":       func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
		"b64dec": func(s string) (string, error) {
			out, err := base64.StdEncoding.DecodeString(s)
			return string(out), err
		},
		"sha1sum":   func(s string) string { sum := sha1.Sum([]byte(s)); return hex.EncodeToString(sum[:]) },
		"sha256sum": func(s string) string { sum := sha256.Sum256([]byte(s)); return hex.EncodeToString(sum[:]) },
		"base":      path.Base, "dir": path.Dir, "ext": path.Ext, "clean": path.Clean, "isAbs": path.IsAbs,
		"osBase": filepath.Base, "osDir": filepath.Dir, "osExt": filepath.Ext, "osClean": filepath.Clean, "osIsAbs": filepath.IsAbs,
		"now":  time.Now,
		"date": func(layout string, t time.Time) string { return t.Format(layout) },
	}
}

func toJSON(x any, indent string) (string, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	err := e.Encode(x)
	return strings.TrimSuffix(b.String(), "\n"), err
}

func toYAML(x any) (string, error) {
	out, err := yaml.Marshal(x)
	return strings.TrimSuffix(string(out), "\n"), err
}

func fromYAML(s string) (any, error) {
	var out any
	err := yaml.Unmarshal([]byte(s), &out)
	return out, err
}

func fromJSON(s string) (any, error) {
	var out any
	err := json.Unmarshal([]byte(s), &out)
	return out, err
}
