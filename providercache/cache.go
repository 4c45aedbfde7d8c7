package providercache

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/terrace-iac/terrace/run"
)

// Options of a Cache.
type Options struct {
	Dir        string       // where packages and archives are kept; absolute
	Hostname   string       // to listen on; "" is localhost
	Port       int          // 0 for a free one
	Token      string       // that the server asks for; "" for a random one
	Registries []string     // hosts to stand for; nil for the one of the binary in use
	HTTP       *http.Client // asks registries; nil for one of its own
	Log        *slog.Logger // nil discards
}

// Cache has a part in each init: see run.Installer. It may be used by many
// goroutines, and by many processes on one folder. Close ends its server.
type Cache struct {
	opts     Options
	log      *slog.Logger
	packages *packages

	mu     sync.Mutex
	server *server // nil until the first init
	temp   string  // for settings of binaries, made with the server; private
}

// New makes a Cache. Nothing is started, and no folder is made.
func New(o Options) *Cache {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Token == "" {
		o.Token = rand.Text()
	}
	if o.Hostname == "" {
		o.Hostname = "localhost"
	}
	if o.HTTP == nil {
		o.HTTP = newClient()
	}
	return &Cache{opts: o, log: o.Log, packages: &packages{dir: o.Dir, log: o.Log}}
}

// Before links the packages that the lock file names and the cache holds into
// the working folder, and gives an environment in which the binary asks us for
// all others.
func (c *Cache) Before(_ context.Context, at run.InitPlace) ([]string, error) {
	var there map[string]string
	if !at.Upgrade {
		there = c.packages.link(at.Dir, at.DataDir)
	}
	hosts := c.hosts(at.Tofu)
	text, err := userSettings(at.Env, at.Tofu, hosts)
	if err != nil {
		c.log.Warn("The provider cache is not used: " + err.Error())
		return at.Env, nil
	}
	s, err := c.started()
	if err != nil {
		return nil, err
	}
	s.accounts.learn(at.Env, hosts)
	path, err := c.writeSettings(text + s.settings(hosts, s.request(there)))
	if err != nil {
		return nil, fmt.Errorf("provider cache: settings of the binary: %w", err)
	}
	return environment(at.Env, path, hosts), nil
}

// After moves packages that the binary has unpacked to the cache and leaves
// links to them. A failure leaves the working folder as it was.
func (c *Cache) After(ctx context.Context, at run.InitPlace) {
	c.packages.adopt(ctx, at.Dir, at.DataDir)
}

// Close ends the server and removes what this process alone has needed.
func (c *Cache) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.server == nil {
		return nil
	}
	err := c.server.close()
	if e := os.RemoveAll(c.temp); err == nil {
		err = e
	}
	c.server.archives.tidy(time.Now())
	c.server = nil
	return err
}

// hosts are the registries that we stand for.
func (c *Cache) hosts(tofu bool) []string {
	switch {
	case c.opts.Registries != nil:
		return c.opts.Registries
	case tofu:
		return []string{"registry.opentofu.org"}
	}
	return []string{"registry.terraform.io"}
}

func (c *Cache) started() (*server, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.server != nil {
		return c.server, nil
	}
	temp, err := os.MkdirTemp("", "terrace-providers-")
	if err != nil {
		return nil, fmt.Errorf("provider cache: %w", err)
	}
	s, err := startServer(c.opts)
	if err != nil {
		_ = os.RemoveAll(temp)
		return nil, err
	}
	c.server, c.temp = s, temp
	return s, nil
}

// writeSettings gives the path of a file with a text. Texts that are the same
// share one, as those of most units are.
func (c *Cache) writeSettings(text string) (string, error) {
	path := filepath.Join(c.temp, digest([]byte(text))[:16]+".tfrc")
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	return path, replaceFile(path, []byte(text))
}

// replaceFile writes a private file, whole or not at all.
func replaceFile(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-")
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if e := f.Sync(); err == nil {
		err = e
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

// environment points the binary at a file of settings. Variables with tokens
// for the registries would be preferred to those in the file.
func environment(env []string, path string, hosts []string) []string {
	out := slices.DeleteFunc(slices.Clone(env), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		if slices.Contains([]string{"TF_CLI_CONFIG_FILE", "TERRAFORM_CONFIG", "TF_PLUGIN_CACHE_DIR"}, name) {
			return true
		}
		encoded, ok := strings.CutPrefix(name, "TF_TOKEN_")
		return ok && slices.ContainsFunc(hosts, func(h string) bool {
			return strings.EqualFold(strings.NewReplacer("__", "-", "_", ".").Replace(encoded), h)
		})
	})
	return append(out, "TF_CLI_CONFIG_FILE="+path)
}
