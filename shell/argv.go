package shell

import (
	"slices"
	"strconv"
	"strings"
)

// Argv is a command line of the wrapped binary without the binary's name. Its
// methods read it and add to it; none re-orders, trims or drops what it holds.
type Argv []string

// Word is the command: the first word, when it is not a flag.
func (a Argv) Word() string {
	if len(a) == 0 || IsFlag(a[0]) {
		return ""
	}
	return a[0]
}

// Head counts the leading words that name the command: two for `state list`,
// none when a flag comes first.
func (a Argv) Head() int {
	word := a.Word()
	if word == "" {
		return 0
	}
	if len(a) > 1 && slices.Contains(Subcommands(word), a[1]) {
		return 2
	}
	return 1
}

// Insert adds words right after those of the command: the binary reads no
// flags behind its first positional argument. Without a command there is
// nothing that they could apply to, and nothing is added.
func (a Argv) Insert(words ...string) Argv {
	n := a.Head()
	if n == 0 || len(words) == 0 {
		return a
	}
	return slices.Concat(a[:n], words, a[n:])
}

// Text finds a flag and the text that it has. The last one counts, as it does
// for the binary; words behind a double dash do not.
func (a Argv) Text(name string) (text string, found bool) {
	for i := a.Head(); i < len(a) && a[i] != "--"; i++ {
		if !IsFlag(a[i]) {
			continue
		}
		n, t, hasText := FlagName(a[i])
		if TakesText(n) && !hasText && i+1 < len(a) {
			i++
			t = a[i]
		}
		if n == name {
			text, found = t, true
		}
	}
	return text, found
}

// On says whether a bool flag is given and not set to false.
func (a Argv) On(name string) bool {
	text, found := a.Text(name)
	on, err := strconv.ParseBool(text)
	return found && (text == "" || err == nil && on)
}

// Positional lists the words behind the command that are neither flags nor
// their texts.
func (a Argv) Positional() []string {
	var out []string
	for i := a.Head(); i < len(a); i++ {
		switch {
		case a[i] == "--":
			return append(out, a[i+1:]...)
		case !IsFlag(a[i]):
			out = append(out, a[i])
		default:
			if n, _, hasText := FlagName(a[i]); TakesText(n) && !hasText {
				i++
			}
		}
	}
	return out
}

// IsFlag says whether a word is a flag: a dash with something behind it.
func IsFlag(word string) bool {
	return len(word) > 1 && word[0] == '-' && word != "--"
}

// FlagName takes a flag apart: its name without dashes, and the text after =.
func FlagName(word string) (name, text string, hasText bool) {
	word = strings.TrimPrefix(strings.TrimPrefix(word, "-"), "-")
	return strings.Cut(word, "=")
}

// TakesText says whether a flag of the binary keeps the following word as its
// text. The flag package it uses would also read a word starting with a dash
// as that text.
func TakesText(flag string) bool {
	switch flag {
	case "backend-config", "backup", "backup-out", "chdir", "cloud-run", "config", "exclude", "exclude-file",
		"filter", "from-module", "fs-mirror", "generate-config-out", "junit-xml", "lock-timeout", "lockfile",
		"module-depth", "net-mirror", "out", "parallelism", "platform", "plugin-dir", "replace", "state",
		"state-out", "target", "target-file", "test-directory", "type", "var", "var-file":
		return true
	default:
		return false
	}
}

// Subcommands lists the second words that a command of the binary knows.
func Subcommands(word string) []string {
	switch word {
	case "env", "workspace":
		return []string{"delete", "list", "new", "select", "show"}
	case "metadata":
		return []string{"functions"}
	case "providers":
		return []string{"lock", "mirror", "schema"}
	case "state":
		return []string{"list", "mv", "pull", "push", "replace-provider", "rm", "show"}
	default:
		return nil
	}
}
