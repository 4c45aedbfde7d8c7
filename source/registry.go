package source

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/go-version"
)

// DefaultRegistry is where a registry address without a host leads, unless the
// job says otherwise.
const DefaultRegistry = "registry.opentofu.org"

// registryGetter brings modules that a registry knows by name, version and
// target system: tfr://HOST/NAMESPACE/NAME/PROVIDER. A registry holds no files;
// it says where they are, and the getter for that place brings them.
type registryGetter struct {
	client  *http.Client
	log     *slog.Logger
	getters map[string]Getter // by Address.Kind
}

// RegistryError says what a registry could not be asked or did not give.
type RegistryError struct {
	Host string
	What string // "versions of acme/vpc/aws"
	Err  error
}

func (e *RegistryError) Error() string {
	return fmt.Sprintf("registry %s: %s: %v", e.Host, e.What, e.Err)
}
func (e *RegistryError) Unwrap() error { return e.Err }

var (
	errModuleName   = errors.New("expected tfr://HOST/NAMESPACE/NAME/PROVIDER")
	errExactVersion = errors.New("the version parameter accepts an exact version only; write a constraint in the version attribute")
)

// checkRegistryAddress finds mistakes that need no registry to be seen.
func checkRegistryAddress(u *url.URL) error {
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	if len(parts) != 3 || slices.Contains(parts, "") {
		return errModuleName
	}
	if v := u.Query().Get("version"); v != "" && !exactVersion(v) {
		return fmt.Errorf("%w: %q", errExactVersion, v)
	}
	return nil
}

func exactVersion(text string) bool {
	_, err := version.NewVersion(text)
	return err == nil
}

func (g *registryGetter) Get(ctx context.Context, j Job) error {
	env := j.Env
	if env == nil {
		env = os.Environ()
	}
	r, err := g.find(ctx, j.Address, j.Registry, env)
	if err != nil {
		return err
	}
	host, u := r.host, j.Address.URL()
	number := strings.TrimPrefix(u.Query().Get("version"), "v")
	if number == "" {
		if number, err = r.newest(ctx, j.Version); err != nil {
			return err
		}
	}
	from, err := r.location(ctx, number)
	if err != nil {
		return err
	}
	g.log.Debug("a registry has named a source", "module", r.module, "version", number, "source", from.String())
	if err := g.bring(ctx, from, j); err != nil {
		return scrubError(&RegistryError{Host: host, What: r.module + " " + number + " from " + from.String(), Err: err}, secrets(from))
	}
	return nil
}

// find opens the registry that an address means.
func (g *registryGetter) find(ctx context.Context, a Address, usual string, env []string) (*registry, error) {
	u := a.URL()
	host := cmp.Or(strings.ToLower(u.Host), strings.ToLower(usual), DefaultRegistry)
	r := &registry{client: g.client, host: host, module: strings.Trim(u.Path, "/")}
	return r, r.open(ctx, readCLIConfig(env))
}

// bring fetches what a registry has pointed at, which may be a folder of a
// larger whole, and puts that folder where the job wants it.
func (g *registryGetter) bring(ctx context.Context, from Address, j Job) error {
	getter, ok := g.getters[from.Kind()]
	if !ok || from.Kind() == "tfr" {
		return fmt.Errorf("sources of type %q are not supported here", from.Kind())
	}
	if from.Subdir() == "" {
		return getter.Get(ctx, Job{Address: from, Dest: j.Dest, Env: j.Env})
	}
	whole := j.Dest + ".whole"
	err := getter.Get(ctx, Job{Address: from, Dest: whole, Env: j.Env})
	if err == nil {
		err = moveOut(whole, from.Subdir(), j.Dest)
	}
	return errors.Join(err, os.RemoveAll(whole))
}

// moveOut moves the one folder of whole that a pattern names. A link must not
// lead it elsewhere.
func moveOut(whole, pattern, dest string) error {
	found, err := filepath.Glob(filepath.Join(whole, filepath.FromSlash(pattern)))
	if err != nil {
		return err
	}
	found = slices.DeleteFunc(found, func(path string) bool { return !isDir(path) })
	if len(found) != 1 {
		return fmt.Errorf("%d folders match %s, expected one", len(found), pattern)
	}
	root, err := filepath.EvalSymlinks(whole)
	if err != nil {
		return err
	}
	real, err := filepath.EvalSymlinks(found[0])
	if err != nil {
		return err
	}
	if rel, err := filepath.Rel(root, real); err != nil || !filepath.IsLocal(rel) || rel == "." {
		return fmt.Errorf("%s leaves the source", pattern)
	}
	return os.Rename(real, dest)
}
