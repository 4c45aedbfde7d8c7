package run

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/terrace-iac/terrace/shell"
)

func fileDigest(path string) string {
	b, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	return digest(b)
}

func digest(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:])
}

// initDigest is over everything that init reads, but the lock file, which it
// writes: backend settings, the modules' requirements and calls, the binary.
func (j *job) initDigest() string {
	h := sha256.New()
	fmt.Fprintf(h, "%q %q\n", j.dataDir(), j.backend)
	for _, block := range j.cfg.Terraform.ExtraArguments {
		if slices.Contains(block.Commands, "init") {
			fmt.Fprintf(h, "%q\n", block)
		}
	}
	if path, err := shell.LookPath(j.bin, j.env); err == nil {
		if info, err := os.Stat(path); err == nil {
			fmt.Fprintf(h, "%s %d %d\n", path, info.Size(), info.ModTime().UnixNano())
		}
	}
	for _, dir := range j.moduleDirs() {
		digestModule(h, dir)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// moduleDirs gives the working folder and those of the local modules that init
// has found in it.
func (j *job) moduleDirs() []string {
	dirs := []string{j.workDir}
	b, err := os.ReadFile(filepath.Join(j.dataDir(), "modules", "modules.json"))
	if err != nil {
		return dirs
	}
	var index struct{ Modules []struct{ Dir string } }
	if json.Unmarshal(b, &index) != nil {
		return dirs
	}
	for _, m := range index.Modules {
		dir := filepath.Join(j.workDir, m.Dir)
		if m.Dir != "." && !strings.HasPrefix(dir, j.dataDir()+string(filepath.Separator)) && !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
	}
	return dirs
}

// digestModule takes in the parts of a module that init acts on: terraform
// blocks, provider blocks, module calls, and the kinds of resources, from
// which providers are inferred. Each counts once, in whatever order and file
// it stands. What cannot be parsed counts as a whole.
func digestModule(h hash.Hash, dir string) {
	facts := map[string]bool{}
	for _, path := range moduleFiles(dir) {
		src, err := os.ReadFile(path)
		if err != nil {
			continue
		}
		body := parseBody(src, path)
		if body == nil {
			facts[string(src)] = true
			continue
		}
		initFacts(facts, body, src)
	}
	fmt.Fprintf(h, "%q\n", sortedKeys(facts))
}

// parseBody gives nil for what is not sound native syntax.
func parseBody(src []byte, path string) *hclsyntax.Body {
	if strings.HasSuffix(path, ".json") {
		return nil
	}
	f, diags := hclsyntax.ParseConfig(src, path, hcl.InitialPos)
	if diags.HasErrors() {
		return nil
	}
	body, _ := f.Body.(*hclsyntax.Body)
	return body
}

func initFacts(facts map[string]bool, body *hclsyntax.Body, src []byte) {
	for _, b := range body.Blocks {
		switch b.Type {
		case "terraform", "provider":
			facts[string(src[b.TypeRange.Start.Byte:b.CloseBraceRange.End.Byte])] = true
		case "module":
			facts[fmt.Sprintf("module %q", b.Labels)+attrText(b, "source", src)+attrText(b, "version", src)] = true
		case "resource", "data", "ephemeral":
			kind := ""
			if len(b.Labels) > 0 {
				kind, _, _ = strings.Cut(b.Labels[0], "_")
			}
			facts[kind+attrText(b, "provider", src)] = true
		}
	}
}

func attrText(b *hclsyntax.Block, name string, src []byte) string {
	a, ok := b.Body.Attributes[name]
	if !ok {
		return ""
	}
	return " " + string(a.SrcRange.SliceBytes(src))
}
