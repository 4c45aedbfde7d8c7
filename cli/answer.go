package cli

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/terrace-iac/terrace/shell"
)

// answer deals with what needs no flag values: help, version and the
// installation of completion. It must work whatever the variables say.
func (p *program) answer(ctx context.Context, w words, n notifier) (done bool, code int) {
	switch {
	case w.Help:
		return true, p.help(ctx, w, n)
	case w.Version, w.Command != nil && w.Command.Path() == "version":
		fmt.Fprintln(p.stdout, versionLine())
		return true, 0
	case w.Command != nil && w.Command.Path() == "help":
		return true, p.helpFor(ctx, w.Args, n)
	case w.Command == nil && wantsInstall(w) != "":
		return true, p.install(wantsInstall(w), n)
	case w.Command == nil:
		writeAppHelp(p.stdout, p.table)
		return true, 0
	case needsWords(p, w):
		writeCommandHelp(p.stdout, p.table, w.Command)
		return true, 0
	}
	return false, 0
}

// needsWords reports whether the command says nothing by itself: a group, or a
// runner with nothing to run. A queue without a command is left to the
// handler, which refuses it.
func needsWords(p *program, w words) bool {
	c := w.Command
	switch {
	case len(c.Subs) > 0:
		return true
	case c.Words == wordsProgram:
		return len(w.TF) == 0
	case c.Words == wordsTofu && len(w.TF) == 0 && !c.ofStack():
		return !p.asksQueue(w)
	default:
		return false
	}
}

// asksQueue reports whether --all, --graph or a filter is given. A mistake in
// the variables is left for later, when it is reported.
func (p *program) asksQueue(w words) bool {
	v, _, err := bind(p.table, w, p.env)
	if err != nil {
		return true
	}
	return v.Bool("all") || v.Bool("graph") || newFilterOptions(v, "").impliesQueue()
}

func wantsInstall(w words) string {
	for _, f := range w.Flags {
		if f.Def.Name == "install-autocomplete" || f.Def.Name == "uninstall-autocomplete" {
			return f.Def.Name
		}
	}
	return ""
}

// help prints the page that --help asks for.
func (p *program) help(ctx context.Context, w words, n notifier) int {
	switch {
	case w.Command == nil:
		writeAppHelp(p.stdout, p.table)
	case w.Command.Path() == "help":
		return p.helpFor(ctx, w.Args, n)
	case w.Command.Words.tofu() && shell.Argv(w.TF).Head() > 0:
		return p.tofuHelp(ctx, w, n)
	default:
		writeCommandHelp(p.stdout, p.table, w.Command)
	}
	return 0
}

// helpFor is `help CMD SUB`: the same as `CMD SUB --help`.
func (p *program) helpFor(ctx context.Context, path []string, n notifier) int {
	var plain []string
	for _, w := range path {
		if !isFlag(w) {
			plain = append(plain, w)
		}
	}
	w, err := split(p.table, append(plain, "--help"))
	if err != nil {
		n.Error(err.Error())
		return 1
	}
	if w.Command != nil && w.Command.Path() == "help" {
		writeCommandHelp(p.stdout, p.table, w.Command)
		return 0
	}
	return p.help(ctx, w, n)
}

// tofuHelp prints our header and lets the handler print the rest.
func (p *program) tofuHelp(ctx context.Context, w words, n notifier) int {
	inv, _, err := p.invocation(w)
	if err != nil {
		n.Error(err.Error())
		return 1
	}
	h := p.handlers[tofuHelpKey]
	if h == nil {
		n.Error("help of the wrapped binary is not supported yet")
		return 1
	}
	writeTofuHeader(p.stdout, w.Command, w.TF)
	inv.TF = tofuHelpArgs(w.TF)
	return p.finish(inv, func() (int, error) { return h(ctx, inv) })
}

func (p *program) install(what string, n notifier) int {
	if err := p.tryInstall(what); err != nil {
		n.Error(err.Error())
		return 1
	}
	return 0
}

func (p *program) tryInstall(what string) error {
	home, ok := p.env.get("HOME")
	if !ok {
		home, ok = p.env.get("USERPROFILE")
	}
	if !ok {
		return errors.New("completion: no home folder")
	}
	executable, err := os.Executable()
	if err != nil {
		return fmt.Errorf("completion: %w", err)
	}
	configHome, _ := p.env.get("XDG_CONFIG_HOME")
	files := startFiles(home, configHome, executable)
	if what == "install-autocomplete" {
		return installCompletion(files)
	}
	return uninstallCompletion(files)
}
