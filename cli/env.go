package cli

import (
	"fmt"
	"runtime"
	"strings"
)

// Prefixes of the variables that stand for flags. The first wins over the
// second, which all configurations in the world use.
const (
	ownPrefix    = "TERRACE_"
	sharedPrefix = "TG_"
	oldPrefix    = "TERRAGRUNT_"
)

// environment is the process environment as far as flags are concerned. Empty
// variables count as not set.
type environment struct {
	vars   map[string]string
	legacy map[string][]legacyVar // by flag name
}

func newEnvironment(env []string) environment {
	e := environment{vars: make(map[string]string, len(env)), legacy: map[string][]legacyVar{}}
	for _, kv := range env {
		key, text, ok := strings.Cut(kv, "=")
		if !ok || key == "" || text == "" {
			continue
		}
		if runtime.GOOS == "windows" {
			key = strings.ToUpper(key)
		}
		e.vars[key] = text
		if l, ok := newLegacyVar(key, text); ok {
			e.legacy[l.row.New] = append(e.legacy[l.row.New], l)
		}
	}
	return e
}

// get returns a variable that is not empty.
func (e environment) get(name string) (string, bool) {
	text, ok := e.vars[name]
	return text, ok
}

// envNames lists the variables of a flag without prefix, most specific first.
// A shortcut reads the variables of `run` too.
func envNames(c *command, f *flagDef) []string {
	if f.Env == envNone {
		return nil
	}
	var names []string
	if c != nil {
		names = append(names, envWord(c.Path())+"_"+envWord(f.Name))
		if c.Words == wordsShortcut {
			names = append(names, "RUN_"+envWord(f.Name))
		}
	}
	if f.Env == envShared {
		names = append(names, envWord(f.Name))
	}
	return names
}

// shownEnv is the variable that help names.
func shownEnv(c *command, f *flagDef) string {
	switch f.Env {
	case envShared:
		return sharedPrefix + envWord(f.Name)
	case envOwn:
		return sharedPrefix + envNames(c, f)[0]
	default:
		return ""
	}
}

// envText is what the environment says about a flag.
type envText struct {
	Var      string // the variable it comes from
	Text     string
	Legacy   bool
	Warnings []warning
}

// lookup finds the text for a flag of a command, or reports false.
func (e environment) lookup(c *command, f *flagDef) (envText, bool) {
	for _, name := range envNames(c, f) {
		own, hasOwn := e.get(ownPrefix + name)
		shared, hasShared := e.get(sharedPrefix + name)
		switch {
		case hasOwn && hasShared && own != shared:
			return envText{Var: ownPrefix + name, Text: own, Warnings: []warning{{Text: fmt.Sprintf(
				"%s and %s are both set and differ, %s is used", ownPrefix+name, sharedPrefix+name, ownPrefix+name)}}}, true
		case hasOwn:
			return envText{Var: ownPrefix + name, Text: own}, true
		case hasShared:
			return envText{Var: sharedPrefix + name, Text: shared}, true
		}
	}
	if f.Env == envNone {
		return envText{}, false
	}
	for _, l := range e.legacy[f.Name] {
		if text, ok := l.today(); ok && l.meant(c) {
			return envText{Var: l.name, Text: text, Legacy: true, Warnings: []warning{l.warning(shownEnv(c, f), text)}}, true
		}
	}
	return envText{}, false
}
