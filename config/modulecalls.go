package config

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/json"
	"github.com/zclconf/go-cty/cty"
)

// ModuleCalls returns the sources of the module blocks in the files of the
// wrapped binary that lie in a folder, as written. What cannot be read is left
// out: the binary itself reports it, and better.
func ModuleCalls(dir string) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var calls []string
	for _, e := range entries {
		if !e.IsDir() && isModuleFile(e.Name()) {
			calls = append(calls, callsIn(filepath.Join(dir, e.Name()))...)
		}
	}
	return unique(calls)
}

func isModuleFile(name string) bool {
	for _, suffix := range []string{".tf", ".tofu", ".tf.json", ".tofu.json"} {
		if strings.HasSuffix(name, suffix) {
			return true
		}
	}
	return false
}

func callsIn(path string) (calls []string) {
	src, err := os.ReadFile(path)
	if err != nil || !bytes.Contains(src, []byte("module")) {
		return nil // most files call none, and parsing them is slow
	}
	parse := func() (*hcl.File, hcl.Diagnostics) { return hclsyntax.ParseConfig(src, path, hcl.InitialPos) }
	if strings.HasSuffix(path, ".json") {
		parse = func() (*hcl.File, hcl.Diagnostics) { return json.Parse(src, path) }
	}
	f, _ := parse()
	if f == nil || f.Body == nil {
		return nil
	}
	blocks, _, _ := f.Body.PartialContent(&hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{{Type: "module", LabelNames: []string{"name"}}}})
	for _, b := range blocks.Blocks {
		content, _, _ := b.Body.PartialContent(&hcl.BodySchema{Attributes: []hcl.AttributeSchema{{Name: "source"}}})
		if a := content.Attributes["source"]; a != nil {
			if v, diags := a.Expr.Value(nil); !diags.HasErrors() && v.IsKnown() && !v.IsNull() && v.Type() == cty.String {
				calls = append(calls, v.AsString())
			}
		}
	}
	return calls
}
