package catalog

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Readme is what a component's README says about it.
type Readme struct {
	Name        string
	Description string
	Tags        []string
	Text        string // without the front matter
}

// maxReadme is more than people write; what follows is not read.
const maxReadme = 1 << 20

// ReadReadme reads the README of a folder. What it does not say is empty; so
// is all of it where there is none.
func ReadReadme(dir string) Readme {
	path := readmeIn(dir)
	if path == "" {
		return Readme{}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return Readme{}
	}
	return parseReadme(strings.ReplaceAll(string(text[:min(len(text), maxReadme)]), "\r\n", "\n"))
}

// readmeIn finds README.md, in any case, before READMEs of other forms.
func readmeIn(dir string) string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return ""
	}
	for _, want := range []string{"readme.md", "readme.markdown", "readme.adoc", "readme.txt", "readme"} {
		for _, e := range entries {
			if !e.IsDir() && strings.EqualFold(e.Name(), want) {
				return filepath.Join(dir, e.Name())
			}
		}
	}
	return ""
}

func parseReadme(text string) Readme {
	front, body := splitFrontMatter(strings.TrimPrefix(text, "\ufeff"))
	r := Readme{Text: strings.TrimSpace(body)}
	var fields struct {
		Name        string   `yaml:"name"`
		Description string   `yaml:"description"`
		Tags        tagNames `yaml:"tags"`
	}
	// Front matter that is not YAML says nothing.
	if yaml.Unmarshal([]byte(front), &fields) == nil {
		r.Name, r.Description, r.Tags = strings.TrimSpace(fields.Name), strings.TrimSpace(fields.Description), fields.Tags
	}
	if r.Name == "" {
		r.Name = firstHeading(r.Text)
	}
	if r.Description == "" {
		r.Description = firstParagraph(r.Text)
	}
	return r
}

// tagNames are a list, or one text with commas.
type tagNames []string

func (t *tagNames) UnmarshalYAML(n *yaml.Node) error {
	var list []string
	if n.Kind == yaml.ScalarNode {
		list = strings.Split(n.Value, ",")
	} else if err := n.Decode(&list); err != nil {
		return err
	}
	for _, tag := range list {
		if tag = strings.TrimSpace(tag); tag != "" && !slices.Contains(*t, tag) {
			*t = append(*t, tag)
		}
	}
	return nil
}

// splitFrontMatter finds the block between lines of three dashes, or the HTML
// comment that opens with the word Frontmatter.
func splitFrontMatter(text string) (front, body string) {
	trimmed := strings.TrimLeft(text, "\n \t")
	if rest, ok := strings.CutPrefix(trimmed, "---\n"); ok {
		if front, body, ok := strings.Cut("\n"+rest, "\n---"); ok {
			_, body, _ = strings.Cut(body, "\n")
			return front, body
		}
	}
	if rest, ok := strings.CutPrefix(trimmed, "<!--"); ok {
		inner, body, closed := strings.Cut(rest, "-->")
		word := strings.TrimLeft(inner, " \t\n")
		if closed && len(word) >= len("frontmatter") && strings.EqualFold(word[:len("frontmatter")], "frontmatter") {
			return strings.TrimPrefix(strings.TrimLeft(word[len("frontmatter"):], " \t"), ":"), body
		}
	}
	return "", text
}

// firstHeading is the text of the first heading of the first level.
func firstHeading(text string) string {
	var previous string
	for line := range outsideCode(text) {
		if h, ok := strings.CutPrefix(line, "# "); ok {
			return strings.TrimSpace(strings.TrimRight(h, "# "))
		}
		if h, ok := strings.CutPrefix(line, "= "); ok { // AsciiDoc
			return strings.TrimSpace(h)
		}
		if bar := strings.TrimSpace(line); len(bar) > 2 && strings.Trim(bar, "=") == "" && previous != "" {
			return previous
		}
		previous = strings.TrimSpace(line)
	}
	return ""
}

// firstParagraph is the first text that is neither heading, badge nor markup.
func firstParagraph(text string) string {
	var words []string
	for line := range outsideCode(text) {
		line = strings.TrimSpace(line)
		markup := line == "" || strings.ContainsAny(line[:1], "#=<|>`") || strings.HasPrefix(line, "![") || strings.HasPrefix(line, "[![") ||
			strings.HasPrefix(line, "---") || strings.HasPrefix(line, ":")
		switch {
		case markup && len(words) > 0 && strings.HasPrefix(line, "==="):
			words = nil // it was a heading
		case markup && len(words) > 0:
			return strings.Join(words, " ")
		case !markup:
			words = append(words, line)
		}
	}
	return strings.Join(words, " ")
}

// outsideCode goes through the lines that are not in a fenced block.
func outsideCode(text string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		fenced := false
		for line := range strings.Lines(text) {
			if strings.HasPrefix(strings.TrimSpace(line), "```") {
				fenced = !fenced
				continue
			}
			if !fenced && !yield(strings.TrimRight(line, "\n")) {
				return
			}
		}
	}
}
