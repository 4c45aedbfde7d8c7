package review

import (
	"fmt"
	"io"
	"strings"
)

// DefaultMaxBytes is what a comment of GitHub and GitLab holds, with room for
// what they add.
const DefaultMaxBytes = 65000

// Markdown says how the review becomes a comment.
type Markdown struct {
	Marker   string // tells our comments apart; in a comment that nobody sees
	MaxBytes int    // 0 for DefaultMaxBytes
}

// Marker is the first line of a Markdown page with that id.
func Marker(id string) string {
	return "<!-- terrace-review " + strings.ReplaceAll(id, "--", "- -") + " -->"
}

// section is a part of a page in ever shorter forms; the last one is empty. All
// sections have as many, so that what is less risky is always the shorter one.
type section struct {
	forms []string
	at    int
	left  []string // what each shorter form leaves out, by the form's number
}

// shapes is how many forms a section has.
const shapes = 4

func (s *section) text() string { return s.forms[s.at] }

// WriteMarkdown writes the review as a page that fits into a comment. What
// does not fit is folded, the least risky first: attributes, then the list of
// changes, then the line. The page says what it has left out.
func (r *Review) WriteMarkdown(w io.Writer, m Markdown) error {
	limit := m.MaxBytes
	if limit <= 0 {
		limit = DefaultMaxBytes
	}
	changed, same := r.groups()
	head := r.markdownHead(m)
	sections := make([]*section, 0, len(changed)+1)
	for _, g := range changed {
		sections = append(sections, g.section())
	}
	if line := sameLine(same); line != "" {
		short := plural(len(same), "unit") + " without changes"
		sections = append(sections, &section{
			forms: []string{"\n" + escape(line) + "\n", "\n" + escape(line) + "\n", "\n" + short + "\n", ""},
			left:  []string{"", "", "the names of the units without changes", "how many units have no changes"},
		})
	}
	_, err := io.WriteString(w, fit(head, sections, limit))
	return err
}

func (r *Review) markdownHead(m Markdown) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n## %s\n\n%s\n", Marker(m.Marker), escape(r.Title), r.Total())
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "- %s\n", escape(n))
	}
	return b.String()
}

// section has the forms: everything, no attributes, one line, nothing.
func (g group) section() *section {
	u := g.first()
	names := strings.Join(g.paths(), ", ")
	full, brief := u.lines(true), u.lines(false)
	attributes := ""
	if len(brief) < len(full) {
		attributes = "the attributes of " + names
	}
	return &section{
		forms: []string{g.folded(full), g.folded(brief), fmt.Sprintf("\n**%s**: %s\n", escape(g.title()), u.Counts), ""},
		left:  []string{"", attributes, "the changes of " + names, names},
	}
}

func (g group) folded(lines []string) string {
	var b strings.Builder
	u := g.first()
	open := ""
	if u.Counts.Delete+u.Counts.Replace+u.Counts.Forget > 0 {
		open = " open"
	}
	fmt.Fprintf(&b, "\n<details%s><summary><b>%s</b>: %s</summary>\n\n", open, escape(g.title()), u.Counts)
	for _, line := range g.remarks() {
		fmt.Fprintf(&b, "- %s\n", escape(line))
	}
	if len(lines) > 0 {
		b.WriteString("\n```diff\n")
		for _, line := range lines {
			b.WriteString(diffLine(line) + "\n")
		}
		b.WriteString("```\n")
	}
	b.WriteString("\n</details>\n")
	return b.String()
}

// diffLine puts the sign that colours a line in front.
func diffLine(line string) string {
	trimmed := strings.TrimLeft(line, " ")
	switch {
	case strings.HasPrefix(trimmed, "-/+"), strings.HasPrefix(trimmed, "~"):
		return "! " + line
	case strings.HasPrefix(trimmed, "-"):
		return "- " + line
	case strings.HasPrefix(trimmed, "+"):
		return "+ " + line
	}
	return "  " + line
}

// fit folds sections from the end, form by form, until the page is short
// enough.
func fit(head string, sections []*section, limit int) string {
	size := len(head)
	for _, s := range sections {
		size += len(s.text())
	}
	for form := 1; form < shapes && size+len(leftOut(sections, limit)) > limit; form++ {
		for i := len(sections) - 1; i >= 0; i-- {
			s := sections[i]
			size += len(s.forms[form]) - len(s.text())
			s.at = form
			if size+len(leftOut(sections, limit)) <= limit {
				break
			}
		}
	}
	var b strings.Builder
	b.WriteString(head)
	for _, s := range sections {
		b.WriteString(s.text())
	}
	b.WriteString(leftOut(sections, limit))
	return b.String()
}

// leftOut is the end of the page. It names what is missing as long as that is
// short itself.
func leftOut(sections []*section, limit int) string {
	var names []string
	for _, s := range sections {
		if s.left[s.at] != "" {
			names = append(names, s.left[s.at])
		}
	}
	if len(names) == 0 {
		return ""
	}
	end := "\n_Left out to stay under " + fmt.Sprint(limit) + " bytes: "
	rest := "; all of it: `terrace bundle show`_\n"
	all := escape(strings.Join(names, "; "))
	if len(all) > min(2000, limit/4) {
		all = fmt.Sprintf("detail of %d groups of units", len(names))
	}
	return end + all + rest
}

// escape keeps names from becoming markup.
func escape(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "`", "\\`", "*", "\\*", "_", "\\_", "|", "\\|", "[", "\\[", "\n", " ").Replace(s)
}
