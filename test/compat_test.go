package test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestCompatibilityPage holds docs/compatibility.md to what it promises: each
// numbered difference has a row, with a reason and a test that there is.
func TestCompatibilityPage(t *testing.T) {
	t.Parallel()
	rows := compatibilityRows(t)
	seen := map[string]bool{}
	for _, cells := range rows {
		id, name := cells[0], cells[1]
		if id != "" && seen[id] {
			t.Errorf("%s is there twice", id)
		}
		seen[id] = true
		if cells[2] == "" || cells[3] == "" {
			t.Errorf("%s %.40s: the reason or the way back is missing", id, name)
		}
		for shown := range strings.SplitSeq(cells[4], ", ") {
			if err := shownBy(shown); err != nil {
				t.Errorf("%s %.40s: %v", id, name, err)
			}
		}
	}
	for kind, n := range map[string]int{"D": 35, "D-": 15, "Q": 38} {
		for i := 1; i <= n; i++ {
			id := fmt.Sprintf("%s%d", kind, i)
			if !seen[id] {
				t.Errorf("%s is not on the page", id)
			}
		}
	}
}

// compatibilityRows gives the cells of the page's tables.
func compatibilityRows(t *testing.T) [][]string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "docs", "compatibility.md"))
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]string
	for line := range strings.Lines(strings.ReplaceAll(string(text), `\|`, "/")) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "|") || strings.HasPrefix(line, "| ---") || strings.HasPrefix(line, "| | Here ") {
			continue
		}
		var cells []string
		for cell := range strings.SplitSeq(strings.Trim(line, "|"), "|") {
			cells = append(cells, strings.TrimSpace(cell))
		}
		if len(cells) != 5 {
			t.Fatalf("%d cells in %s", len(cells), line)
		}
		rows = append(rows, cells)
	}
	if len(rows) < 60 {
		t.Fatalf("only %d rows were read", len(rows))
	}
	return rows
}

// shownBy finds a test that the page names: "config: TestX" or "script: x".
func shownBy(name string) error {
	room, test, ok := strings.Cut(name, ": ")
	if !ok {
		return fmt.Errorf("no test is named: %q", name)
	}
	if room == "script" {
		_, err := os.Stat(filepath.Join("script", "fake", test+".txtar"))
		if err != nil {
			_, err = os.Stat(filepath.Join("script", "real", test+".txtar"))
		}
		return err
	}
	files, err := filepath.Glob(filepath.Join("..", room, "*_test.go"))
	if err != nil {
		return err
	}
	head := regexp.MustCompile(`(?m)^func ` + regexp.QuoteMeta(test) + `\(`)
	for _, f := range files {
		if text, err := os.ReadFile(f); err == nil && head.Match(text) {
			return nil
		}
	}
	return fmt.Errorf("there is no %s in %s", test, room)
}
