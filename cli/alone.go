package cli

import (
	"errors"
	"maps"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/configstack"
	"github.com/terrace-iac/terrace/shell"
	"github.com/terrace-iac/terrace/source"
)

// unitFailure is a unit of a queue that failed, with the command line that runs
// it alone; "" where there is none.
type unitFailure struct {
	configstack.UnitError
	Alone string
}

func (f *unitFailure) Unwrap() error { return f.Err }

// errors is what there is to show: for mistakes in the configuration boxes that
// say where they are, for all else a text that ends with the command line.
func (f *unitFailure) errors() []error {
	list := unitErrors(&f.UnitError)
	var mistakes *config.Error
	if f.Alone == "" || errors.As(f.Err, &mistakes) {
		return list
	}
	last := len(list) - 1
	list[last] = &aloneError{list[last], f.Alone}
	return list
}

// aloneError adds the command line to an error.
type aloneError struct {
	err   error
	alone string
}

func (e *aloneError) Error() string { return e.err.Error() + "\nTo run it alone: " + e.alone }
func (e *aloneError) Unwrap() error { return e.err }

// aloneCommand is the command line that does to one unit, and nothing else,
// what the queue has done to it. A unit from another commit cannot be run like
// that: its folder is gone when we end.
func (q *queueRun) aloneCommand(u *config.Unit) string {
	if q.past[u] != nil {
		return ""
	}
	words := []string{progName}
	typed := q.typedArgs(u)
	bare := len(typed) == 1 && q.isShortcut(typed[0])
	if bare {
		words = append(words, typed[0])
	} else {
		words = append(words, "run")
	}
	words = append(words, "--working-dir", q.fromHere(u.Dir()))
	words = append(words, q.unitFlags(u)...)
	if !bare {
		words = append(words, "--")
		words = append(words, hideVars(typed)...)
	}
	return quoteWords(words, runtime.GOOS == "windows")
}

func (q *queueRun) isShortcut(word string) bool {
	c := findCommand(q.inv.Values.table.Commands, word)
	return c != nil && c.Words == wordsShortcut
}

// typedArgs is the unit's command line without what a queue adds to it.
func (q *queueRun) typedArgs(u *config.Unit) shell.Argv {
	typed := destroyForm(q.inv.TF)
	if q.opts.Plans.Dir != "" {
		return withPlanFile(typed, q.planFile(q.opts.Plans.Dir, u, "tfplan.tfplan"))
	}
	return typed
}

// fromHere is a path as one would type it in the current folder.
func (q *queueRun) fromHere(path string) string {
	rel, err := filepath.Rel(q.inv.Cwd, path)
	if err != nil {
		return path // another drive
	}
	return filepath.ToSlash(rel)
}

// unitFlags are the flags of the command line that matter to a unit alone.
func (q *queueRun) unitFlags(u *config.Unit) []string {
	var words []string
	if q.opts.Unit.Config != "" {
		words = append(words, "--config", q.fromHere(u.Path()))
	}
	if root := q.opts.Source.Source; root != "" {
		if s := q.sourceOf(u); s != "" {
			words = append(words, "--source", source.Override(q.absoluteSource(root), s))
		}
	}
	secret := []string{"iam-assume-role-web-identity-token", "provider-cache-token"}
	own := []string{"config", "source"} // as above: they mean something else without a queue
	global := slices.DeleteFunc(globalFlags(), func(f *flagDef) bool { return !strings.HasPrefix(f.Name, "experiment") })
	for _, def := range slices.Concat(global, unitFlags(), sourceFlags(), tofuFlags(), authFlags(), backendFlags(), providerCacheFlags()) {
		if !slices.Contains(secret, def.Name) && !slices.Contains(own, def.Name) {
			words = append(words, typedFlag(def, q.inv.Values.get(def.Name))...)
		}
	}
	return words
}

// sourceOf is the module address that the unit's configuration gives.
func (q *queueRun) sourceOf(u *config.Unit) string {
	for _, known := range q.graph.Order() {
		if known.Unit == u {
			return known.Outline.Source
		}
	}
	return ""
}

// typedFlag gives a flag back as it was typed. What comes from the environment
// is still there.
func typedFlag(def *flagDef, v value) []string {
	if v.Origin != fromFlag {
		return nil
	}
	name := dashed(def.Name)
	switch def.Kind {
	case kindBool:
		if v.Bool {
			return []string{name}
		}
		return []string{name + "=false"}
	case kindList:
		var words []string
		for _, text := range v.List {
			words = append(words, name, text)
		}
		return words
	case kindMap:
		var words []string
		for _, key := range slices.Sorted(maps.Keys(v.Map)) {
			words = append(words, name, key+"="+v.Map[key])
		}
		return words
	case kindString, kindPath:
		return []string{name, v.Text}
	}
	return []string{name, strconv.Itoa(v.Int)}
}

// hideVars puts three asterisks in place of the values of -var flags: what is
// shown ends in logs that many people read.
func hideVars(args []string) []string {
	out := slices.Clone(args)
	for i, w := range out {
		name, text, hasText := flagName(w)
		switch {
		case !isFlag(w) || name != "var":
		case hasText:
			key, _, _ := strings.Cut(text, "=")
			out[i] = w[:strings.Index(w, "=")+1] + key + "=***"
		case i+1 < len(out):
			key, _, _ := strings.Cut(out[i+1], "=")
			out[i+1] = key + "=***"
		}
	}
	return out
}

// quoteWords joins words so that a shell takes them apart again: any shell of
// Unix, or on Windows both cmd and PowerShell.
func quoteWords(words []string, windows bool) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = quoteWord(w, windows)
	}
	return strings.Join(quoted, " ")
}

func quoteWord(word string, windows bool) string {
	safe := "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./=:+"
	if windows {
		safe += `\`
	} else {
		safe += ",@" // PowerShell makes something of them
	}
	switch {
	case word != "" && strings.Trim(word, safe) == "":
		return word
	case windows:
		ends := word[len(strings.TrimRight(word, `\`)):] // would take the quote for a character
		return `"` + strings.ReplaceAll(word, `"`, `\"`) + ends + `"`
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
