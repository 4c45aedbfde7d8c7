package cli

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite generated files")

func TestReferenceIsCurrent(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if err := WriteReference(&b); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("..", "docs", "reference", "cli.md")
	if *update {
		if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// A checkout on Windows may have changed the line ends.
	if text := strings.ReplaceAll(string(have), "\r\n", "\n"); text != b.String() {
		t.Errorf("%s is old, run `go test ./cli -run Reference -update`", path)
	}
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
