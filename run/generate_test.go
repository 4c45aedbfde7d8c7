package run

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/terrace-iac/terrace/config"
)

func signedText(text string) string { return "# " + signature + "\n" + text }

// TestGenerateIfExists lets each rule meet each kind of file.
func TestGenerateIfExists(t *testing.T) {
	t.Parallel()
	const text = "a = 1\n"
	for _, c := range []struct {
		rule, kind string
		want       string // text of the file afterwards; "" for a refusal
	}{
		{"overwrite", "none", signedText(text)},
		{"overwrite", "foreign", signedText(text)},
		{"overwrite", "signed", signedText(text)},
		{"overwrite", "own", signedText(text)},
		{"overwrite_terragrunt", "none", signedText(text)},
		{"overwrite_terragrunt", "foreign", ""},
		{"overwrite_terragrunt", "signed", signedText(text)},
		{"overwrite_terragrunt", "own", signedText(text)},
		{"skip", "none", signedText(text)},
		{"skip", "foreign", "foreign\n"},
		{"skip", "signed", signedText("older\n")},
		{"skip", "own", signedText(text)},
		{"error", "none", signedText(text)},
		{"error", "foreign", ""},
		{"error", "signed", signedText(text)},
		{"error", "own", signedText(text)},
	} {
		t.Run(c.rule+" "+c.kind, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			path := filepath.Join(dir, "x.tf")
			block := config.Generate{Path: "x.tf", IfExists: c.rule, CommentPrefix: "# "}
			switch c.kind {
			case "foreign":
				mustWrite(t, path, "foreign\n")
			case "signed":
				mustWrite(t, path, signedText("older\n"))
			case "own":
				block.Contents = "older = 1\n"
				mustGenerate(t, dir, block)
			}
			block.Contents = text
			g := newGenerator(dir)
			err := g.write(block)
			if c.want == "" {
				var foreign *ForeignFileError
				if !errors.As(err, &foreign) {
					t.Fatalf("got %v", err)
				}
				wantError(t, err, "Can not generate terraform file: "+path+" already exists")
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if got := mustRead(t, path); got != c.want {
				t.Errorf("the file holds %q, want %q", got, c.want)
			}
		})
	}
}

func TestGenerateIfDisabled(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rule, kind string
		there      bool
		refused    bool
	}{
		{"skip", "foreign", true, false},
		{"skip", "signed", true, false},
		{"skip", "none", false, false},
		{"remove", "foreign", false, false},
		{"remove", "signed", false, false},
		{"remove", "none", false, false},
		{"remove_terragrunt", "foreign", true, true},
		{"remove_terragrunt", "signed", false, false},
		{"remove_terragrunt", "none", false, false},
	} {
		t.Run(c.rule+" "+c.kind, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			path := filepath.Join(dir, "x.tf")
			switch c.kind {
			case "foreign":
				mustWrite(t, path, "foreign\n")
			case "signed":
				mustWrite(t, path, signedText("older\n"))
			}
			err := newGenerator(dir).write(config.Generate{Path: "x.tf", IfExists: "overwrite", IfDisabled: c.rule, Disable: true})
			if (err != nil) != c.refused {
				t.Fatalf("got %v", err)
			}
			if c.refused {
				wantError(t, err, "Can not remove terraform file: "+path)
			}
			if exists(path) != c.there {
				t.Errorf("there: %v", exists(path))
			}
		})
	}
}

func TestGenerateText(t *testing.T) {
	t.Parallel()
	yes, no := true, false
	for name, c := range map[string]struct {
		block config.Generate
		want  string
	}{
		"formatted by its ending": {config.Generate{Path: "a.tf", Contents: "a=1\nbbb=2\n", CommentPrefix: "# "}, signedText("a   = 1\nbbb = 2\n")},
		"formatted as tofu":       {config.Generate{Path: "a.tofu", Contents: "a=1", CommentPrefix: "# "}, signedText("a = 1")},
		"formatted as hcl":        {config.Generate{Path: "a.hcl", Contents: "a=1", CommentPrefix: "# "}, signedText("a = 1")},
		"another ending":          {config.Generate{Path: "a.txt", Contents: "a=1", CommentPrefix: "# "}, signedText("a=1")},
		"formatted on demand":     {config.Generate{Path: "a.txt", Contents: "a=1", CommentPrefix: "# ", Format: &yes}, signedText("a = 1")},
		"left alone on demand":    {config.Generate{Path: "a.tf", Contents: "a=1", CommentPrefix: "# ", Format: &no}, signedText("a=1")},
		"another comment":         {config.Generate{Path: "a.txt", Contents: "x", CommentPrefix: "// "}, "// " + signature + "\nx"},
		"without signature":       {config.Generate{Path: "a.json", Contents: "{}", CommentPrefix: "# ", DisableSignature: true}, "{}"},
		"below new folders":       {config.Generate{Path: "b/c/a.txt", Contents: "x", CommentPrefix: "# "}, signedText("x")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			c.block.IfExists = "error"
			mustGenerate(t, dir, c.block)
			path := filepath.Join(dir, c.block.Path)
			if got := mustRead(t, path); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
			if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o644 {
				t.Errorf("mode %v (%v)", info.Mode(), err)
			}
			mustGenerate(t, dir, c.block) // again: its own file is no obstacle, signed or not
		})
	}
}

// TestGenerateLink: a link is never ours, and never written through.
func TestGenerateLink(t *testing.T) {
	t.Parallel()
	dir, other := t.TempDir(), filepath.Join(t.TempDir(), "precious")
	mustWrite(t, other, signedText("precious"))
	if err := os.Symlink(other, filepath.Join(dir, "x.tf")); err != nil {
		t.Skip(err)
	}
	block := config.Generate{Path: "x.tf", IfExists: "overwrite_terragrunt", Contents: "new", CommentPrefix: "# "}
	if err := newGenerator(dir).write(block); err == nil {
		t.Error("a link was taken for our own file")
	}
	block.IfExists = "overwrite"
	mustGenerate(t, dir, block)
	if got := mustRead(t, other); got != signedText("precious") {
		t.Errorf("the file behind the link holds %q", got)
	}
	if info, err := os.Lstat(filepath.Join(dir, "x.tf")); err != nil || !info.Mode().IsRegular() {
		t.Errorf("the link is %v (%v)", info.Mode(), err)
	}
}

// TestGenerateChangedFile: what somebody else has put in the place of our file
// is not ours.
func TestGenerateChangedFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	block := config.Generate{Path: "x.json", IfExists: "error", Contents: "1", DisableSignature: true}
	mustGenerate(t, dir, block)
	mustWrite(t, filepath.Join(dir, "x.json"), "foreign")
	if err := newGenerator(dir).write(block); err == nil {
		t.Error("a foreign file was overwritten")
	}
	mustGenerate(t, dir) // no block any more
	if got := mustRead(t, filepath.Join(dir, "x.json")); got != "foreign" {
		t.Errorf("the foreign file holds %q", got)
	}
}

// TestGenerateRemovedBlock: the file goes with its block, signed or not, the
// backend's too, and a file of the module that it had replaced comes back.
func TestGenerateRemovedBlock(t *testing.T) {
	t.Parallel()
	b := newBench(t, map[string]string{
		"module/main.tf":     "",
		"module/provider.tf": "# the module's own\n",
		"unit/terragrunt.hcl": `
			terraform { source = "../module" }
			remote_state {
				backend  = "local"
				config   = {}
				generate = { path = "backend.tf", if_exists = "error" }
			}
			generate "a" {
				path              = "plain.json"
				if_exists         = "error"
				contents          = "{}"
				disable_signature = true
			}
			generate "b" {
				path      = "provider.tf"
				if_exists = "overwrite"
				contents  = "# ours"
			}`,
	})
	for range 2 { // the second time over our own files
		b.must("unit", "plan")
	}
	work := b.must("unit", "plan").WorkDir
	for _, name := range []string{"backend.tf", "plain.json"} {
		if !exists(filepath.Join(work, name)) {
			t.Errorf("%s was not written", name)
		}
	}
	if got := mustRead(t, filepath.Join(work, "provider.tf")); !strings.Contains(got, "ours") {
		t.Errorf("provider.tf holds %q", got)
	}
	b.write("unit/terragrunt.hcl", `terraform { source = "../module" }`)
	b.must("unit", "plan")
	for _, name := range []string{"backend.tf", "plain.json"} {
		if exists(filepath.Join(work, name)) {
			t.Errorf("%s is still there", name)
		}
	}
	if got := mustRead(t, filepath.Join(work, "provider.tf")); got != "# the module's own\n" {
		t.Errorf("provider.tf holds %q", got)
	}
}

// mustGenerate is one run with these blocks.
func mustGenerate(t *testing.T, dir string, blocks ...config.Generate) {
	t.Helper()
	g := newGenerator(dir)
	for _, block := range blocks {
		if err := g.write(block); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := g.finish(); err != nil {
		t.Fatal(err)
	}
}

func mustWrite(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func mustRead(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
