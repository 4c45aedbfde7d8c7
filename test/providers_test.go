package test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// providerUnits is a folder of units with the same provider, a registry that
// has it, and a home of their own.
type providerUnits struct {
	*testing.T
	registry *providerRegistry
	dir      string
	env      []string
	flags    []string
}

// binaries are the real ones to test with.
func binaries(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	if path, err := exec.LookPath("terraform"); err == nil {
		found["terraform"] = path
	}
	if path := filepath.Join(moduleRoot(), ".tools", "bin", "tofu"); fileThere(path) {
		found["tofu"] = path
	}
	if len(found) == 0 {
		t.Skip("needs terraform or tofu: make e2e installs one")
	}
	return found
}

func fileThere(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func newProviderUnits(t *testing.T, binary string, units int) *providerUnits {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	u := &providerUnits{T: t, dir: dir, registry: newProviderRegistry(t)}
	u.registry.add("random", "3.8.0")
	u.registry.add("random", "3.9.0")
	u.flags = []string{"--provider-cache", "--provider-cache-registry-names", u.registry.host}
	u.env = append(os.Environ(), "HOME="+filepath.Join(dir, "home"), "XDG_CACHE_HOME="+filepath.Join(dir, "cache"),
		"SSL_CERT_FILE="+u.registry.certFile, "CHECKPOINT_DISABLE=1", "TF_CLI_CONFIG_FILE=", "TG_TF_PATH="+binary, "TG_NO_TIPS=true", "TMPDIR="+filepath.Join(dir, "tmp"))
	u.write("tmp/.keep", "")
	u.write("home/.keep", "")
	for i := range units {
		u.unit(fmt.Sprintf("live/u%02d", i), "random", ">= 3.8.0")
	}
	return u
}

func (u *providerUnits) unit(rel, provider, constraint string) {
	u.Helper()
	u.write(rel+"/terragrunt.hcl", "")
	u.write(rel+"/main.tf", fmt.Sprintf(`terraform {
  required_providers {
    %[1]s = {
      source  = "%[2]s/acme/%[1]s"
      version = "%[3]s"
    }
  }
}
`, provider, u.registry.host, constraint))
	if provider == "random" {
		u.write(rel+"/pet.tf", "resource \"random_pet\" \"p\" {}\n")
	}
}

func (u *providerUnits) write(rel, text string) {
	u.Helper()
	path := filepath.Join(u.dir, filepath.FromSlash(rel))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		u.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		u.Fatal(err)
	}
}

func (u *providerUnits) read(rel string) string {
	u.Helper()
	b, err := os.ReadFile(filepath.Join(u.dir, filepath.FromSlash(rel)))
	if err != nil {
		u.Fatal(err)
	}
	return string(b)
}

// command is terrace in the folder of all units.
func (u *providerUnits) command(args ...string) *exec.Cmd {
	cmd := exec.Command(terraceBin(u.T), append(append([]string{"run", "--all", "--non-interactive"}, u.flags...), args...)...)
	cmd.Dir, cmd.Env = filepath.Join(u.dir, "live"), u.env
	return cmd
}

func (u *providerUnits) mustRun(args ...string) string {
	u.Helper()
	out, err := u.command(args...).CombinedOutput()
	if err != nil {
		u.Fatalf("%v: %v\n%s", args, err, out)
	}
	return string(out)
}

// fresh removes what init has left, as in a new checkout.
func (u *providerUnits) fresh(withLocks bool) {
	u.Helper()
	for _, pattern := range []string{".terraform", ".terragrunt-cache", ".terraform.lock.hcl"} {
		if withLocks && pattern == ".terraform.lock.hcl" {
			continue
		}
		found, _ := filepath.Glob(filepath.Join(u.dir, "live", "*", pattern))
		for _, path := range found {
			if err := os.RemoveAll(path); err != nil {
				u.Fatal(err)
			}
		}
	}
}

func withEachBinary(t *testing.T, test func(t *testing.T, binary string)) {
	t.Parallel()
	builtProvider(t, "random")
	for name, path := range binaries(t) {
		t.Run(name, func(t *testing.T) { t.Parallel(); test(t, path) })
	}
}

// Twenty units that share a provider download it once, write whole lock files
// and link to one copy; a second run asks for nothing and changes nothing.
func TestProviderCache(t *testing.T) {
	withEachBinary(t, func(t *testing.T, binary string) {
		u := newProviderUnits(t, binary, 20)
		u.registry.slow = 300 * time.Millisecond
		u.mustRun("plan")
		if zips, versions, descriptions := u.registry.count("zip"), u.registry.count("versions"), u.registry.count("download"); zips != 1 || versions != 1 || descriptions != 1 {
			t.Errorf("%d downloads, %d questions for versions, %d for a download; want 1 of each", zips, versions, descriptions)
		}
		lock := u.read("live/u00/.terraform.lock.hcl")
		for want, n := range map[string]int{`version     = "3.9.0"`: 1, `constraints = ">= 3.8.0"`: 1, `"h1:`: 1, `"zh:`: 2} {
			if got := strings.Count(lock, want); got != n {
				t.Errorf("%d times %s in the lock file, want %d:\n%s", got, want, n, lock)
			}
		}
		packages := u.linked(20)
		if len(packages) != 1 {
			t.Errorf("the units link to %v, want one package", packages)
		}
		u.fresh(true)
		u.registry.server.Close() // what is known needs no registry
		u.mustRun("plan")
		for i := range 20 {
			if got := u.read(fmt.Sprintf("live/u%02d/.terraform.lock.hcl", i)); got != lock {
				t.Errorf("the lock file of unit %d is\n%s\nafter the second run, want\n%s", i, got, lock)
			}
		}
		if left, _ := os.ReadDir(filepath.Join(u.dir, "tmp")); len(left) != 1 {
			t.Errorf("left in the folder for temporary files: %v", left)
		}
	})
}

// linked gives the packages that the units' working folders link to.
func (u *providerUnits) linked(want int) map[string]int {
	u.Helper()
	found, _ := filepath.Glob(filepath.Join(u.dir, "live", "*", ".terragrunt-cache", "*", "*", ".terraform", "providers", "*", "*", "*", "*", "*"))
	found = slices.DeleteFunc(found, func(path string) bool { return strings.HasSuffix(path, ".lock") }) // of tofu
	if len(found) != want {
		u.Errorf("%d packages in the working folders, want %d", len(found), want)
	}
	targets := map[string]int{}
	for _, path := range found {
		to, err := os.Readlink(path)
		if err != nil {
			u.Errorf("not a link: %v", err)
			continue
		}
		targets[to]++
	}
	return targets
}

// Two runs at once over the same cache share a download.
func TestProviderCacheOfTwo(t *testing.T) {
	withEachBinary(t, func(t *testing.T, binary string) {
		u := newProviderUnits(t, binary, 6)
		u.registry.slow = time.Second
		var wg sync.WaitGroup
		for i := range 2 {
			wg.Go(func() {
				cmd := u.command("--queue-include-dir", fmt.Sprintf("./u0[%s]", []string{"012", "345"}[i]), "init")
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Errorf("run %d: %v\n%s", i, err, out)
				}
			})
		}
		wg.Wait()
		if n := u.registry.count("zip"); n != 1 {
			t.Errorf("%d downloads, want 1", n)
		}
		if packages := u.linked(6); len(packages) != 1 {
			t.Errorf("the units link to %v, want one package", packages)
		}
	})
}

// A unit without providers gets no lock file, and no unit is initialised twice.
func TestProviderCacheWithoutProviders(t *testing.T) {
	withEachBinary(t, func(t *testing.T, binary string) {
		u := newProviderUnits(t, binary, 1)
		u.write("live/none/terragrunt.hcl", "terraform {\n  before_hook \"count\" {\n    commands = [\"init\"]\n    execute  = [\"sh\", \"-c\", \"echo x >>"+u.dir+"/inits\"]\n  }\n}\n")
		u.write("live/none/main.tf", "output \"a\" {\n  value = 1\n}\n")
		u.mustRun("plan")
		if fileThere(filepath.Join(u.dir, "live/none/.terraform.lock.hcl")) {
			t.Error("there is a lock file where there are no providers")
		}
		if got := strings.Fields(u.read("inits")); len(got) != 1 {
			t.Errorf("%d inits, want 1", len(got))
		}
	})
}

// The constraint of the module is kept and obeyed, and -upgrade takes the
// newest version that it allows.
func TestProviderCacheUpgrades(t *testing.T) {
	withEachBinary(t, func(t *testing.T, binary string) {
		u := newProviderUnits(t, binary, 0)
		u.unit("live/a", "random", "3.8.0")
		u.mustRun("init")
		if lock := u.read("live/a/.terraform.lock.hcl"); !strings.Contains(lock, `version     = "3.8.0"`) {
			t.Errorf("not the version of the constraint:\n%s", lock)
		}
		u.unit("live/a", "random", "~> 3.8")
		u.mustRun("init", "-upgrade")
		if lock := u.read("live/a/.terraform.lock.hcl"); !strings.Contains(lock, `version     = "3.9.0"`) || !strings.Contains(lock, `constraints = "~> 3.8"`) {
			t.Errorf("not the newest that the constraint allows:\n%s", lock)
		}
		u.fresh(true)
		u.mustRun("init")
		u.linked(1)
	})
}

// A registry that wants a token is shown the user's, and only it; no token is
// in what is printed.
func TestProviderCacheTokens(t *testing.T) {
	withEachBinary(t, func(t *testing.T, binary string) {
		u := newProviderUnits(t, binary, 1)
		u.registry.token = "users-own-secret"
		u.write("rc", fmt.Sprintf("disable_checkpoint = true\nplugin_cache_dir = %q\ncredentials %q {\n  token = \"users-own-secret\"\n}\n", filepath.Join(u.dir, "other"), u.registry.host))
		u.env = append(u.env, "TF_CLI_CONFIG_FILE="+filepath.Join(u.dir, "rc"), "TF_LOG=trace")
		out := u.mustRun("--provider-cache-token", "servers-own-secret", "--log-level", "trace", "init")
		for _, secret := range []string{"users-own-secret", "servers-own-secret"} {
			if strings.Contains(out, secret) {
				t.Errorf("%s is in the output", secret)
			}
		}
		u.fresh(false)
		if err := os.RemoveAll(filepath.Join(u.dir, "cache")); err != nil {
			t.Fatal(err)
		}
		u.write("rc", "")
		failed, err := u.command("--no-auto-retry", "init").CombinedOutput()
		if err == nil || !bytes.Contains(failed, []byte("wants a token")) {
			t.Errorf("without a token: %v\n%s", err, failed)
		}
	})
}

// A filesystem mirror of the user's settings is used as without the cache.
func TestProviderCacheBesideMirror(t *testing.T) {
	withEachBinary(t, func(t *testing.T, binary string) {
		u := newProviderUnits(t, binary, 1)
		program, err := os.ReadFile(builtProvider(t, "random"))
		if err != nil {
			t.Fatal(err)
		}
		at := filepath.Join("mirror", u.registry.host, "acme", "random", "3.9.0", "linux_amd64", "terraform-provider-random_v3.9.0")
		u.write(at, string(program))
		if err := os.Chmod(filepath.Join(u.dir, at), 0o755); err != nil {
			t.Fatal(err)
		}
		u.write("rc", fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", filepath.Join(u.dir, "mirror")))
		u.env = append(u.env, "TF_CLI_CONFIG_FILE="+filepath.Join(u.dir, "rc"))
		u.mustRun("plan")
		if n := u.registry.count("versions") + u.registry.count("zip"); n != 0 {
			t.Errorf("the registry was asked %d times although there is a mirror", n)
		}
	})
}

// A network mirror of the user's settings is used, too, and what it brings is
// shared.
func TestProviderCacheBesideNetworkMirror(t *testing.T) {
	withEachBinary(t, func(t *testing.T, binary string) {
		u := newProviderUnits(t, binary, 3)
		for i := range 3 { // a mirror cannot be asked for names with a port
			at := fmt.Sprintf("live/u%02d/main.tf", i)
			u.write(at, strings.ReplaceAll(u.read(at), u.registry.host, "registry.example.test"))
		}
		u.flags = append(u.flags, "--provider-cache-registry-names", "registry.example.test")
		u.write("rc", fmt.Sprintf("provider_installation {\n  network_mirror {\n    url = \"https://%s/mirror/\"\n  }\n}\n", u.registry.host))
		u.env = append(u.env, "TF_CLI_CONFIG_FILE="+filepath.Join(u.dir, "rc"))
		u.mustRun("plan")
		if asked, versions := u.registry.count("mirror"), u.registry.count("versions"); asked == 0 || versions != 0 {
			t.Errorf("the mirror was asked %d times, the registry %d times", asked, versions)
		}
		if packages := u.linked(3); len(packages) != 1 {
			t.Errorf("the units link to %v, want one package", packages)
		}
		u.registry.count("zip")
		u.fresh(true)
		u.mustRun("plan")
		if n := u.registry.count("zip"); n != 0 {
			t.Errorf("%d downloads by a second run, want none", n)
		}
	})
}

// Locking providers goes through the cache, too.
func TestProviderCacheLocks(t *testing.T) {
	withEachBinary(t, func(t *testing.T, binary string) {
		u := newProviderUnits(t, binary, 2)
		u.mustRun("providers", "lock")
		if n := u.registry.count("zip"); n != 1 {
			t.Errorf("%d downloads, want 1", n)
		}
		lock := u.read("live/u01/.terraform.lock.hcl")
		if strings.Count(lock, `"zh:`) != 2 || strings.Count(lock, `"h1:`) != 1 {
			t.Errorf("the lock file is not whole:\n%s", lock)
		}
		u.mustRun("plan")
		if got := u.read("live/u01/.terraform.lock.hcl"); got != lock {
			t.Errorf("the lock file has changed to\n%s", got)
		}
	})
}

// What a registry sends damaged is not kept, and what is damaged in the cache
// is downloaded again.
func TestProviderCacheDamage(t *testing.T) {
	withEachBinary(t, func(t *testing.T, binary string) {
		u := newProviderUnits(t, binary, 1)
		u.registry.broken = true
		if out, err := u.command("--no-auto-retry", "init").CombinedOutput(); err == nil || !bytes.Contains(out, []byte("checksum")) {
			t.Errorf("a damaged archive: %v\n%s", err, out)
		}
		u.registry.broken = false
		u.mustRun("init")
		u.registry.count("zip")
		archives, _ := filepath.Glob(filepath.Join(u.dir, "cache", "terragrunt", "providers", ".terrace", "archives", "*", "*.zip"))
		if len(archives) != 1 {
			t.Fatalf("archives: %v", archives)
		}
		if err := os.Truncate(archives[0], 1000); err != nil {
			t.Fatal(err)
		}
		u.fresh(false)
		out := u.mustRun("init")
		if n := u.registry.count("zip"); n != 1 || !strings.Contains(out, "damaged") {
			t.Errorf("%d downloads of a damaged archive, want 1 and a warning:\n%s", n, out)
		}
	})
}

// OpenTofu is told of a shared folder without any flag; with one it is not.
func TestAutomaticPluginCache(t *testing.T) {
	t.Parallel()
	builtProvider(t, "random")
	tofu, ok := binaries(t)["tofu"]
	if !ok {
		t.Skip("needs tofu: make e2e installs it")
	}
	u := newProviderUnits(t, tofu, 5)
	u.flags = nil
	u.mustRun("plan")
	packages := u.linked(5)
	shared := filepath.Join(u.dir, "cache", "terragrunt", "providers")
	for to := range packages {
		if !strings.HasPrefix(to, shared) {
			t.Errorf("a link to %s, want one below %s", to, shared)
		}
	}
	lock := u.read("live/u00/.terraform.lock.hcl")
	if strings.Count(lock, `"zh:`) != 2 || strings.Count(lock, `"h1:`) != 1 {
		t.Errorf("the lock file is not whole:\n%s", lock)
	}
	u.fresh(true)
	u.registry.count("zip")
	u.mustRun("plan")
	if n := u.registry.count("zip"); n != 0 {
		t.Errorf("%d downloads by a second run, want none", n)
	}
	if got := u.read("live/u00/.terraform.lock.hcl"); got != lock {
		t.Errorf("the lock file has changed to\n%s", got)
	}
	u.fresh(true)
	u.flags = []string{"--no-auto-provider-cache-dir"}
	u.mustRun("plan")
	if n := u.registry.count("zip"); n != 5 {
		t.Errorf("%d downloads without the shared folder, want 5", n)
	}
}
