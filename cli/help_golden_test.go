package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestHelpPages compares the help of the program and of every command with the
// pages kept in testdata, so that a change of a table shows what users will see.
func TestHelpPages(t *testing.T) {
	t.Parallel()
	tab := newTable()
	var app bytes.Buffer
	writeAppHelp(&app, tab)
	golden(t, "terrace", app.Bytes())
	pages := map[string]bool{"terrace.txt": true}
	tab.walk(func(c *command) {
		var b bytes.Buffer
		writeCommandHelp(&b, tab, c)
		name := strings.ReplaceAll(c.Path(), " ", "-")
		pages[name+".txt"] = true
		golden(t, name, b.Bytes())
	})
	entries, err := os.ReadDir(filepath.Join("testdata", "help"))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if !pages[e.Name()] {
			t.Errorf("testdata/help/%s belongs to no command", e.Name())
		}
	}
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", "help", name+".txt")
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(bytes.ReplaceAll(want, []byte("\r\n"), []byte("\n")), got) {
		t.Errorf("%s is old, run `go test ./cli -run HelpPages -update` and look at the difference (%v)", path, err)
	}
}
