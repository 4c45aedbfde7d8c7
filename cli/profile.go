package cli

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"

	"github.com/terrace-iac/terrace/config"
)

// inDir fills in the files that the profile folder stands for. Files named by
// themselves win.
func (o profileOptions) inDir() profileOptions {
	if o.Dir == "" {
		return o
	}
	o.CPU = cmp.Or(o.CPU, filepath.Join(o.Dir, "terragrunt_cpu.prof"))
	o.Mem = cmp.Or(o.Mem, filepath.Join(o.Dir, "terragrunt_mem.prof"))
	o.Goroutine = cmp.Or(o.Goroutine, filepath.Join(o.Dir, "terragrunt_goroutine.prof"))
	return o
}

// profiled runs a command under the profiles that were asked for. They are
// written however the command ends; one that cannot be written is an error.
func profiled(o profileOptions, work func() (int, error)) (code int, err error) {
	o = o.inDir()
	for _, file := range []string{o.CPU, o.Mem, o.Goroutine} {
		if file == "" {
			continue
		}
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			return 1, fmt.Errorf("profile: %w", err)
		}
	}
	stop, err := startCPU(o.CPU)
	if err != nil {
		return 1, fmt.Errorf("profile: %w", err)
	}
	defer func() {
		if stopErr := errors.Join(stop(), writeProfile("heap", o.Mem), writeProfile("goroutine", o.Goroutine)); stopErr != nil {
			code, err = failure(code, err), errors.Join(err, fmt.Errorf("profile: %w", stopErr))
		}
	}()
	return work()
}

// startCPU starts the CPU profile; the function it returns ends it.
func startCPU(file string) (stop func() error, err error) {
	if file == "" {
		return func() error { return nil }, nil
	}
	f, err := os.Create(file)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() error {
		pprof.StopCPUProfile()
		return f.Close()
	}, nil
}

func writeProfile(name, file string) error {
	if file == "" {
		return nil
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	if name == "heap" {
		runtime.GC() // the heap profile is as of the last collection
	}
	return errors.Join(pprof.Lookup(name).WriteTo(f, 0), f.Close())
}

// profileEnv has the wrapped binary write its own profile of a command into
// the unit's part of the profile folder. OpenTofu does; Terraform does not look.
func (s *session) profileEnv(u *config.Unit, command string) (map[string]string, error) {
	dir := s.inv.Global.Profile.Dir
	if dir == "" || command == "" {
		return nil, nil
	}
	rel, err := filepath.Rel(s.inv.Global.WorkingDir, u.Dir())
	if err != nil || !filepath.IsLocal(rel) || rel == "." {
		rel = filepath.Base(u.Dir())
	}
	dir = filepath.Join(dir, rel)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("profile: %w", err)
	}
	return map[string]string{"TOFU_CPU_PROFILE": filepath.Join(dir, "tofu_cpu_"+command+".prof")}, nil
}
