package catalog

import (
	"context"
	"log/slog"
	"path/filepath"

	"github.com/terrace-iac/terrace/catalog/boilerplate"
	"github.com/terrace-iac/terrace/source"
)

// Names of variables that speak to scaffolding itself.
const (
	varRef         = "Ref"
	varURLType     = "SourceUrlType"
	varSSHUser     = "SourceGitSshUser"
	varIncludeRoot = "EnableRootInclude"
	varRootFile    = "RootFileName"
	urlTypeSSH     = "git-ssh"
)

// Request says what is to be scaffolded, in the user's words.
type Request struct {
	Source   string
	Template string // "" to choose by the source and the catalog block
	Dir      string // where relative addresses start, absolute
	Output   string // absolute

	Vars     map[string]string
	VarFiles []string // absolute; later ones win

	RootFile        string
	NoIncludeRoot   bool
	DefaultTemplate string // of the catalog block
}

// Scaffolder writes folders that use a component.
type Scaffolder struct {
	store  *source.Store
	engine *boilerplate.Engine
	env    []string
	log    *slog.Logger
}

// NewScaffolder makes one. The options are those of templates; their Fetch is
// replaced by one of the store.
func NewScaffolder(store *source.Store, o boilerplate.Options) *Scaffolder {
	s := &Scaffolder{store: store, env: o.Env, log: o.Log}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	o.Fetch = func(ctx context.Context, url string) (string, error) { return s.fetch(ctx, url, "") }
	s.engine = boilerplate.New(o)
	return s
}

// Plan is what would be written, before anything is.
type Plan struct {
	Kind Kind

	request   Request
	given     map[string]any // variables, as they win
	dir       string         // of the component on this machine
	root      string         // of its source: links may not leave it
	sourceURL string         // as the new folder names it
	template  string         // folder of a template, "" for none
	templated string         // as the user knows it
	config    *boilerplate.Config
	variables []*Variable // of a module
	values    []*Value    // of a unit or stack
	seen      bool        // somebody has seen the defaults
}

// Plan finds out what the source is, fetching it, and what it needs to be told.
func (s *Scaffolder) Plan(ctx context.Context, r Request) (*Plan, error) {
	given, err := readVars(r.Vars, r.VarFiles)
	if err != nil {
		return nil, err
	}
	p := &Plan{request: r, given: given}
	pinned, err := s.pin(ctx, r, given)
	if err != nil {
		return nil, err
	}
	p.sourceURL = pinned.url
	tree, err := s.store.Tree(ctx, pinned.address, s.env)
	if err != nil {
		return nil, err
	}
	p.dir = tree.Dir
	p.root = tree.Dir
	if tree.Fetched || pinned.address.Subdir() != "" {
		p.root = filepath.Clean(filepath.Join(tree.Dir, upFrom(pinned.address.Subdir())))
	}
	p.Kind = KindOf(p.dir)
	if p.Kind == Unit || p.Kind == Stack {
		s.warnIgnored(r, p.Kind)
		return p, p.readValues()
	}
	return p, s.readModule(ctx, p)
}

// upFrom leads from a folder in a tree to the tree.
func upFrom(sub string) string {
	rel, err := filepath.Rel(filepath.FromSlash("/"+sub), string(filepath.Separator))
	if err != nil || sub == "" {
		return "."
	}
	return rel
}

func (p *Plan) readValues() (err error) {
	for _, name := range []string{stackFile, "terragrunt.hcl"} {
		path := filepath.Join(p.dir, name)
		if !exists(path) {
			continue
		}
		p.values, err = ValuesRead(path)
		return err
	}
	return nil
}

// readModule reads the variables of a module and chooses its template.
func (s *Scaffolder) readModule(ctx context.Context, p *Plan) (err error) {
	if p.Kind == Module || p.Kind == Template {
		if p.variables, err = ModuleVariables(p.dir); err != nil {
			return err
		}
	}
	if p.template, p.templated, err = s.chooseTemplate(ctx, p); err != nil {
		return err
	}
	if p.template != "" {
		p.config, err = boilerplate.ReadConfig(p.template)
		return err
	}
	if p.Kind == None {
		return &NothingError{Source: p.request.Source}
	}
	return p.useVars()
}

// chooseTemplate gives the folder of the template, "" for the built-in one.
func (s *Scaffolder) chooseTemplate(ctx context.Context, p *Plan) (dir, name string, err error) {
	own := filepath.Join(p.dir, ownTemplate)
	switch {
	case p.request.Template != "":
		dir, err = s.fetch(ctx, p.request.Template, p.request.Dir)
		return dir, p.request.Template, err
	case exists(filepath.Join(p.dir, boilerplate.ConfigFile)):
		return p.dir, p.request.Source, nil
	case exists(own):
		return own, p.request.Source + "/" + ownTemplate, nil
	case p.request.DefaultTemplate != "":
		dir, err = s.fetch(ctx, p.request.DefaultTemplate, p.request.Dir)
		return dir, p.request.DefaultTemplate, err
	}
	return "", "", nil
}

// fetch gives the folder of a template.
func (s *Scaffolder) fetch(ctx context.Context, raw, base string) (string, error) {
	a, err := source.Parse(raw, base)
	if err != nil {
		return "", err
	}
	t, err := s.store.Tree(ctx, a, s.env)
	if err != nil {
		return "", err
	}
	return t.Dir, nil
}

// useVars takes the variables of the command line that are named like those of
// the module for their values.
func (p *Plan) useVars() error {
	for _, v := range p.variables {
		text, ok := p.request.Vars[v.Name]
		if !ok {
			x, ok := p.given[v.Name]
			if !ok {
				continue
			}
			v.UserValue = literalText(x)
			continue
		}
		if err := p.Set(v.Name, text); err != nil {
			return err
		}
	}
	return nil
}

// NothingError says that a source holds nothing to be used.
type NothingError struct{ Source string }

func (e *NothingError) Error() string {
	return e.Source + " is no module, unit, stack or template: it has no .tf, .tofu, terragrunt.hcl, terragrunt.stack.hcl or boilerplate.yml file. Name the folder after //, as in REPOSITORY//modules/app; `catalog` lists those of a repository"
}

// warnIgnored says which of the things given have no effect on a copy.
func (s *Scaffolder) warnIgnored(r Request, k Kind) {
	for _, one := range []struct {
		given bool
		what  string
	}{
		{len(withoutSpecial(r.Vars)) > 0, "--var"}, {len(r.VarFiles) > 0, "--var-file"}, {r.Template != "", "the template"},
	} {
		if one.given {
			s.log.Warn("The source is a " + string(k) + ", which is copied as it is: " + one.what + " has no effect")
		}
	}
}

// withoutSpecial leaves out the variables that also count for a copy.
func withoutSpecial(vars map[string]string) map[string]string {
	out := map[string]string{}
	for name, x := range vars {
		if name != varRef {
			out[name] = x
		}
	}
	return out
}
