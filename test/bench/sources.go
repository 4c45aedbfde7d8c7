package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// A tree of 50 MB, in files of the size that modules with data in them have.
const (
	sourceFiles    = 8
	sourceFileSize = 50_000_000 / sourceFiles
)

// sources: what it costs when many units use one git source of 50 MB that
// nobody has fetched before. The bare time is that of one `git clone`.
func (b *bench) sources() ([]row, error) {
	dir := filepath.Join(b.dir, "sources")
	repo, live := filepath.Join(dir, "modules"), filepath.Join(dir, "live")
	if err := b.makeModules(repo); err != nil {
		return nil, err
	}
	for i := range b.small {
		text := fmt.Sprintf("terraform {\n  source = \"git::file://%s//net?ref=v1\"\n}\n", filepath.ToSlash(repo))
		if err := write(filepath.Join(live, fmt.Sprintf("unit-%03d", i), "terragrunt.hcl"), text); err != nil {
			return nil, err
		}
	}
	clone, err := b.call(dir, "git", "-c", "protocol.file.allow=always", "clone", "--quiet", "--depth=1", "file://"+filepath.ToSlash(repo), "bare").once()
	if err != nil {
		return nil, err
	}
	trace := filepath.Join(dir, "trace")
	run := b.call(live, b.terrace, "run", "--all", "--non-interactive", "--no-auto-init", "validate")
	run.env = append(run.env[:len(run.env):len(run.env)], "GIT_TRACE="+trace)
	took, err := run.once()
	if err != nil {
		return nil, err
	}
	log, err := os.ReadFile(trace)
	if err != nil {
		return nil, err
	}
	used, err := diskBytes(live)
	if err != nil {
		return nil, err
	}
	clones := bytes.Count(log, []byte("built-in: git fetch"))
	ratio := float64(used) / (sourceFiles * sourceFileSize)
	times := comparison{ours: took, bare: clone}
	return []row{
		{times, fmt.Sprintf("clones for %d units on one git source of 50 MB (bare: one clone)", b.small), "exactly 1", fmt.Sprint(clones), clones == 1},
		{times, "bytes in their working folders, to one tree", "at most 1.2", fmt.Sprintf("%.2f", ratio), ratio <= 1.2},
	}, nil
}

// makeModules makes the repository. Its data does not compress and is the same
// in every measurement.
func (b *bench) makeModules(repo string) error {
	if err := write(filepath.Join(repo, "net", "main.tf"), "# nothing to make\n"); err != nil {
		return err
	}
	for i := range sourceFiles {
		source := rand.NewChaCha8([32]byte{byte(i)})
		data := make([]byte, sourceFileSize)
		_, _ = source.Read(data) // never fails
		if err := os.WriteFile(filepath.Join(repo, "net", fmt.Sprintf("data-%d.bin", i)), data, 0o644); err != nil {
			return err
		}
	}
	for _, args := range [][]string{{"init", "-q"}, {"add", "."}, {"-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-q", "-m", "one"}, {"tag", "v1"}} {
		cmd := exec.Command("git", args...)
		cmd.Dir, cmd.Env = repo, b.env
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("git %s: %w\n%s", strings.Join(args, " "), err, out)
		}
	}
	return nil
}

// diskBytes counts each file once, however many names it has.
func diskBytes(dir string) (int64, error) {
	var total int64
	large := []fs.FileInfo{}
	err := filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		for _, other := range large {
			if os.SameFile(info, other) {
				return nil
			}
		}
		if info.Size() > 64<<10 {
			large = append(large, info)
		}
		total += info.Size()
		return nil
	})
	return total, err
}
