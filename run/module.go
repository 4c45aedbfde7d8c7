package run

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/zclconf/go-cty/cty"
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
	typ       string // text of its type, "" for none
	required  bool   // it has no default
	ephemeral bool   // its value is in no plan and no state
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
			attrs, _, _ := b.Body.PartialContent(&hcl.BodySchema{Attributes: []hcl.AttributeSchema{{Name: "type"}, {Name: "default"}, {Name: "ephemeral"}}})
			v, again := out[b.Labels[0]]
			_, hasDefault := attrs.Attributes["default"]
			v.required = !hasDefault && (v.required || !again)
			if a, ok := attrs.Attributes["type"]; ok {
				v.typ = strings.Trim(string(a.Expr.Range().SliceBytes(f.Bytes)), `" `)
			}
			if a, ok := attrs.Attributes["ephemeral"]; ok {
				on, diags := a.Expr.Value(nil)
				v.ephemeral = !diags.HasErrors() && on.Type() == cty.Bool && on.True()
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
	backends, _ := backendsIn(parser, path)
	return slices.Contains(backends, kind)
}

// namesBackend says whether the files of a folder name a backend of any kind,
// or may do so: a file that cannot be parsed counts.
func namesBackend(dir string) bool {
	parser := hclparse.NewParser()
	return slices.ContainsFunc(moduleFiles(dir), func(path string) bool {
		backends, ok := backendsIn(parser, path)
		return !ok || len(backends) > 0
	})
}

// backendsIn lists the kinds of a file's backend blocks; a cloud block is one
// of the kind cloud. ok is false for a file that cannot be parsed.
func backendsIn(parser *hclparse.Parser, path string) (kinds []string, ok bool) {
	f := parseModuleFile(parser, path)
	if f == nil {
		return nil, false
	}
	content, _, _ := f.Body.PartialContent(&hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "terraform"}}})
	for _, b := range content.Blocks {
		inner, _, _ := b.Body.PartialContent(&hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "backend", LabelNames: []string{"type"}}, {Type: "cloud"}}})
		for _, backend := range inner.Blocks {
			kinds = append(kinds, append(backend.Labels, backend.Type)[0])
		}
	}
	return kinds, true
}
