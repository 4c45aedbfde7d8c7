package run

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"
)

// moduleFiles lists the binary's files in a folder, not below it.
func moduleFiles(dir string) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var out []string
	for _, e := range entries {
		name := e.Name()
		if e.IsDir() || strings.HasPrefix(name, ".") {
			continue
		}
		for _, ext := range []string{".tf", ".tofu", ".tf.json", ".tofu.json"} {
			if strings.HasSuffix(name, ext) {
				out = append(out, filepath.Join(dir, name))
				break
			}
		}
	}
	return out
}

// variable is a variable block of a module.
type variable struct {
	typ      string // text of its type, "" for none
	required bool   // it has no default
}

// declaredVariables gives the module's variables by name. A variable may be
// declared again in an override file; what any declaration sets is set.
func declaredVariables(dir string) map[string]variable {
	out := map[string]variable{}
	parser := hclparse.NewParser()
	for _, path := range moduleFiles(dir) {
		f := parseModuleFile(parser, path)
		if f == nil {
			continue
		}
		content, _, _ := f.Body.PartialContent(&hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "variable", LabelNames: []string{"name"}}}})
		for _, b := range content.Blocks {
			attrs, _, _ := b.Body.PartialContent(&hcl.BodySchema{Attributes: []hcl.AttributeSchema{{Name: "type"}, {Name: "default"}}})
			v, again := out[b.Labels[0]]
			_, hasDefault := attrs.Attributes["default"]
			v.required = !hasDefault && (v.required || !again)
			if a, ok := attrs.Attributes["type"]; ok {
				v.typ = strings.Trim(string(a.Expr.Range().SliceBytes(f.Bytes)), `" `)
			}
			out[b.Labels[0]] = v
		}
	}
	return out
}

func parseModuleFile(parser *hclparse.Parser, path string) *hcl.File {
	var f *hcl.File
	var diags hcl.Diagnostics
	if strings.HasSuffix(path, ".json") {
		f, diags = parser.ParseJSONFile(path)
	} else {
		f, diags = parser.ParseHCLFile(path)
	}
	if diags.HasErrors() {
		return nil
	}
	return f
}

// hasBackend says whether the module's files hold a backend block of a kind.
func hasBackend(dir, kind string) bool {
	found := false
	parser := hclparse.NewParser()
	_ = filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		switch {
		case err != nil || found:
			return filepath.SkipAll
		case d.IsDir() && path != dir && strings.HasPrefix(d.Name(), "."):
			return filepath.SkipDir
		case d.IsDir():
			for _, file := range moduleFiles(path) {
				found = found || fileHasBackend(parser, file, kind)
			}
		}
		return nil
	})
	return found
}

func fileHasBackend(parser *hclparse.Parser, path, kind string) bool {
	f := parseModuleFile(parser, path)
	if f == nil {
		return false
	}
	content, _, _ := f.Body.PartialContent(&hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "terraform"}}})
	for _, b := range content.Blocks {
		inner, _, _ := b.Body.PartialContent(&hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "backend", LabelNames: []string{"type"}}}})
		for _, backend := range inner.Blocks {
			if backend.Labels[0] == kind {
				return true
			}
		}
	}
	return false
}
