package run

import (
	"context"

	"github.com/terrace-iac/terrace/config"
)

// Info is how a unit would be run.
type Info struct {
	Binary      string // as it would be called; "" when there is none
	DownloadDir string // absolute
	WorkDir     string // where the binary would run, absolute
	Role        string // the AWS role to assume, "" for none
}

// InfoOf tells how nothing but a folder would be run.
func (r *Runner) InfoOf(dir string) Info {
	bin, err := r.binary(r.opts.Env, "")
	if err != nil {
		r.log.Debug("looking for a binary to run", "error", err)
	}
	return Info{Binary: bin, DownloadDir: r.downloadDir(dir, ""), WorkDir: dir}
}

// Info fetches the unit's module and tells how the unit would be run. It needs
// no outputs of other units. With an error it still tells what it knows.
func (r *Runner) Info(ctx context.Context, u *config.Unit, out Streams) (Info, error) {
	info := r.InfoOf(u.Dir())
	look := step{"settings", func(ctx context.Context, j *job) error { return j.settings(ctx, &info) }}
	outcome, err := r.walk(ctx, u, Command{Name: "print"}, out, []step{look, {"fetch", fetch}})
	if outcome.WorkDir != "" {
		info.WorkDir = outcome.WorkDir
	}
	return info, err
}

// settings leaves as much of the configuration in the job as fetching needs.
func (j *job) settings(ctx context.Context, info *Info) error {
	env, err := j.environment(ctx, j.unit.Dir())
	if err != nil {
		return err
	}
	outline, err := j.unit.Outline(ctx)
	if err != nil {
		return err
	}
	info.DownloadDir = j.downloadDir(j.unit.Dir(), outline.DownloadDir)
	if bin, err := j.binary(env, outline.Versions.Binary); err == nil {
		info.Binary = bin
	}
	s, err := j.unit.Settings(ctx)
	info.Role = s.IAM.Role
	if err != nil {
		return err
	}
	j.env, j.bin = env, info.Binary
	j.cfg = &config.Config{Terraform: s.Terraform, DownloadDir: outline.DownloadDir}
	return nil
}
