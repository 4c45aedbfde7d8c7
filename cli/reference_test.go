package cli

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/terrace-iac/terrace/config"
)

var update = flag.Bool("update", false, "rewrite generated files")

func TestReferenceIsCurrent(t *testing.T) {
	t.Parallel()
	for name, write := range map[string]func(io.Writer) error{
		"cli.md": WriteReference, "configuration.md": WriteConfigReference, "functions.md": WriteFunctionReference,
	} {
		isCurrent(t, filepath.Join("..", "docs", "reference", name), page(t, write))
	}
}

// isCurrent compares a generated page with the one in the repository, or
// writes it there.
func isCurrent(t *testing.T, path, want string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// A checkout on Windows may have changed the line ends.
	if text := strings.ReplaceAll(string(have), "\r\n", "\n"); text != want {
		t.Errorf("%s is old, run `go test ./cli -run Reference -update`", path)
	}
}

func page(t *testing.T, write func(io.Writer) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestFunctionReferenceIsComplete also holds what the page is for: each
// function with a description and an example that calls it.
func TestFunctionReferenceIsComplete(t *testing.T) {
	t.Parallel()
	text := page(t, WriteFunctionReference)
	for _, f := range config.Functions() {
		if f.Subject == "" || f.Summary == "" || f.Result == "" || !strings.Contains(f.Example, f.Name+"(") {
			t.Errorf("%s: the subject, the description, the example or its result is missing", f.Name)
		}
		if !strings.Contains(text, "\n### "+f.Name+"\n\n"+f.Summary+"\n") {
			t.Errorf("%s is not on the page", f.Name)
		}
	}
}

func TestConfigReferenceIsComplete(t *testing.T) {
	t.Parallel()
	text := page(t, WriteConfigReference)
	var check func(d config.BlockDoc, path []string)
	check = func(d config.BlockDoc, path []string) {
		if len(path) > 0 && !strings.Contains(text, "# "+strings.Join(path, " / ")+"\n\n"+d.Help+"\n") {
			t.Errorf("%s is not on the page", strings.Join(path, "."))
		}
		if d.Help == "" && len(path) > 0 {
			t.Errorf("%s has no description", strings.Join(path, "."))
		}
		for _, a := range d.Attributes {
			if len(a.Help) < 5 || !strings.HasSuffix(a.Help, ".") {
				t.Errorf("%s.%s has no description: %q", strings.Join(path, "."), a.Name, a.Help)
			}
			if !strings.Contains(text, "| `"+a.Name+"` | "+a.Type+" | ") {
				t.Errorf("%s.%s is not on the page", strings.Join(path, "."), a.Name)
			}
		}
		for _, b := range d.Blocks {
			check(b, append(path[:len(path):len(path)], b.Name))
		}
	}
	check(config.Schema(), nil)
}

func TestReferenceIsComplete(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := WriteReference(&b); err != nil {
		t.Fatal(err)
	}
	allFlags(newTable(), func(c *command, f *flagDef) {
		if shown := strings.Contains(b.String(), "`--"+f.Name+" ") || strings.Contains(b.String(), "`--"+f.Name+"`") ||
			strings.Contains(b.String(), "`--"+f.Name+","); shown == f.Hidden {
			t.Errorf("%s: hidden %v, shown %v", f.Name, f.Hidden, shown)
		}
	})
}
