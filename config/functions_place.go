package config

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"github.com/zclconf/go-cty/cty/function"
)

// placeFunctions answer where: the unit, its parents, the repository.
func placeFunctions() []funcSpec {
	list := []funcSpec{
		{Name: "find_in_parent_folders", Summary: "The nearest file or folder of that name above the unit; a second argument is given back when there is none.",
			Example: `find_in_parent_folders("root.hcl") # "/live/root.hcl"`, build: place(findInParentFolders), outside: false},
		{Name: "path_relative_to_include", Summary: "The path from the included file's folder to the unit.",
			Example: `path_relative_to_include() # "prod/db"`, build: place(pathToUnit)},
		{Name: "path_relative_from_include", Summary: "The path from the unit to the included file's folder.",
			Example: `path_relative_from_include() # "../.."`, build: place(pathToInclude)},
		{Name: "get_parent_terragrunt_dir", Summary: "The folder of the included file, or of the unit where nothing is included.",
			Example: `get_parent_terragrunt_dir() # "/live"`, build: place(includeDir)},
		{Name: "get_terragrunt_dir", Summary: "The folder of the unit's configuration, or of the file being read.",
			Example: `get_terragrunt_dir() # "/live/prod/db"`, build: place(func(c *call, _ []string) (string, error) { return c.frame.dir(), nil })},
		{Name: "get_original_terragrunt_dir", Summary: "The folder of the configuration that the run started from, also in files that it reads.",
			Example: `get_original_terragrunt_dir() # "/live/prod/db"`, build: place(func(c *call, _ []string) (string, error) { return filepath.Dir(c.frame.core.origin), nil })},
		{Name: "get_working_dir", Summary: "The folder in which the binary will run.",
			Example: `get_working_dir() # "/live/prod/db/.terragrunt-cache/.../vpc"`, build: place(workingDir)},
		{Name: "get_repo_root", Summary: "The top folder of the git repository.",
			Example: `get_repo_root() # "/live"`, build: place(func(c *call, _ []string) (string, error) { return repoRoot(c.frame.dir()) })},
		{Name: "get_path_from_repo_root", Summary: "The path from the top of the git repository to the unit.",
			Example: `get_path_from_repo_root() # "prod/db"`, build: place(pathFromRepoRoot)},
		{Name: "get_path_to_repo_root", Summary: "The path from the unit to the top of the git repository.",
			Example: `get_path_to_repo_root() # "../.."`, build: place(pathToRepoRoot)},
	}
	for i := range list {
		list[i].Subject, list[i].sensitive = "Paths", true
	}
	return append(list, funcSpec{Name: "get_platform", Subject: "Paths", Summary: "The operating system's name.",
		Example: `get_platform() # "linux"`, build: func(*call) function.Function {
			return text(func([]string) (string, error) { return runtime.GOOS, nil })
		}})
}

// place makes a function of strings that knows where it is called from.
func place(impl func(c *call, args []string) (string, error)) func(*call) function.Function {
	return func(c *call) function.Function {
		return text(func(args []string) (string, error) { return impl(c, args) })
	}
}

const maxParentFolders = 100

// ParentFileNotFoundError says that no folder above holds a file.
type ParentFileNotFoundError struct {
	Name, From, Cause string
}

func (e *ParentFileNotFoundError) Error() string {
	return fmt.Sprintf("ParentFileNotFoundError: Could not find a %s in any of the parent folders of %s. Cause: %s", e.Name, e.From, e.Cause)
}

func findInParentFolders(c *call, args []string) (string, error) {
	if len(args) > 2 {
		return "", &argumentCountError{Want: "0 to 2", Function: "find_in_parent_folders", Got: len(args)}
	}
	names := []string{FileName, JSONFileName}
	if len(args) > 0 && args[0] != "" && args[0] != FileName {
		names = args[:1]
	} else if err := c.frame.core.l.deprecated("root-terragrunt-hcl",
		"a parent file named "+FileName+" cannot be told from a unit: rename it to root.hcl and look for that"); err != nil {
		return "", err
	}
	dir := c.frame.dir()
	for range maxParentFolders {
		parent := filepath.Dir(dir)
		if parent == dir {
			return orFallback(args, &ParentFileNotFoundError{names[0], c.frame.core.path, "Traversed all the way to the root"})
		}
		dir = parent
		for _, name := range names {
			path := filepath.Join(dir, name)
			if c.frame.core.l.texts.exists(path) {
				return path, nil
			}
		}
	}
	return orFallback(args, &ParentFileNotFoundError{names[0], c.frame.core.path, "Exceeded maximum folders to check"})
}

func orFallback(args []string, err error) (string, error) {
	if len(args) == 2 {
		return args[1], nil
	}
	return "", err
}

// includeLabelError says that a function needs the label of an include block,
// or was given one that there is not.
type includeLabelError struct {
	Got    int
	Labels int    // how many include blocks there are
	Label  string // the one that is not there
	Hint   string
}

func (e *includeLabelError) Error() string {
	if e.Label != "" || e.Labels == 0 {
		return fmt.Sprintf("There is no include block in the current config with the label '%s'.%s", e.Label, e.Hint)
	}
	return fmt.Sprintf("Expected 1 params: the label of one of the %d include blocks, but got %d", e.Labels, e.Got)
}

// includeOf gives the include that a function without or with a label means,
// or nil where nothing is included.
func (c *call) includeOf(args []string) (*include, error) {
	fr := c.frame
	includes := fr.core.includes
	switch {
	case fr.core.stack != nil:
		return nil, nil // a stack file's includes are parts of it
	case fr.include != nil:
		return fr.include, nil
	case len(includes) == 0:
		return nil, nil
	case len(includes) == 1:
		return includes[0], nil
	case len(args) != 1:
		return nil, &includeLabelError{Got: len(args), Labels: len(includes)}
	}
	if in, ok := fr.core.include(args[0]); ok {
		return in, nil
	}
	labels := make([]string, len(includes))
	for i, in := range includes {
		labels[i] = in.Label
	}
	return nil, &includeLabelError{Got: 1, Label: args[0], Hint: orNearest(args[0], labels...)}
}

func includeDir(c *call, args []string) (string, error) {
	in, err := c.includeOf(args)
	if err != nil || in == nil {
		return c.frame.dir(), err
	}
	return filepath.Dir(in.Path), nil
}

func pathToUnit(c *call, args []string) (string, error) {
	from, err := includeDir(c, args)
	if err != nil {
		return "", err
	}
	return slashRel(from, c.frame.dir())
}

func pathToInclude(c *call, args []string) (string, error) {
	to, err := includeDir(c, args)
	if err != nil {
		return "", err
	}
	return slashRel(c.frame.dir(), to)
}

func slashRel(from, to string) (string, error) {
	rel, err := filepath.Rel(from, to)
	return filepath.ToSlash(rel), err
}

func pathFromRepoRoot(c *call, _ []string) (string, error) {
	root, err := repoRoot(c.frame.dir())
	if err != nil {
		return "", err
	}
	return slashRel(root, c.frame.dir())
}

func pathToRepoRoot(c *call, _ []string) (string, error) {
	root, err := repoRoot(c.frame.dir())
	if err != nil {
		return "", err
	}
	return slashRel(c.frame.dir(), root)
}

func repoRoot(dir string) (string, error) {
	if top, ok := RepoRoot(dir); ok {
		return top, nil
	}
	return "", fmt.Errorf("%s is not inside a git repository", dir)
}

// RepoRoot finds the folder, the given one or one above it, that holds .git,
// which is a file in worktrees and submodules. It asks no git: a look at each
// folder is enough. ok is false where there is none.
func RepoRoot(dir string) (top string, ok bool) {
	for at := dir; ; {
		if _, err := os.Lstat(filepath.Join(at, ".git")); err == nil {
			return at, true
		}
		parent := filepath.Dir(at)
		if parent == at {
			return "", false
		}
		at = parent
	}
}

// workingDir computes where the binary will run from the unit's source and
// download folder, which are evaluated for it if they have not been.
func workingDir(c *call, _ []string) (string, error) {
	core := c.frame.core
	if core.stack != nil {
		return core.dir, nil
	}
	v := core.view()
	source, ok, err := v.blockAttr(c.ev, "terraform", "source")
	if err != nil {
		return "", err
	}
	p := Place{UnitDir: core.unitDir}
	if ok && source.IsKnown() {
		p.Source = source.AsString()
	}
	if p.DownloadDir, err = core.downloadDir(c.ev); err != nil {
		return "", err
	}
	return core.l.host.WorkingDir(c.ctx, p)
}

// downloadDir gives the folder for fetched modules that the configuration
// names, against the folder of the file that names it.
func (c *core) downloadDir(ev *eval) (string, error) {
	for _, fr := range c.frames() {
		d, ok := fr.file.attrs["download_dir"]
		if !ok {
			continue
		}
		v, err := fr.value(ev, d)
		if err != nil {
			return "", err
		}
		if v, ok, err = fr.typed(v, c.l.schema.attr("download_dir"), d); err != nil {
			return "", err
		}
		if ok && v.IsKnown() && v.AsString() != "" {
			if filepath.IsAbs(v.AsString()) {
				return v.AsString(), nil
			}
			return filepath.Join(fr.file.dir, v.AsString()), nil
		}
	}
	return "", nil
}
