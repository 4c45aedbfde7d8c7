package cli

import (
	"context"
	"errors"
	"path/filepath"
	"sync"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/configstack"
	"github.com/terrace-iac/terrace/run"
	"github.com/terrace-iac/terrace/shell"
	"github.com/terrace-iac/terrace/ui"
)

// infoJSON is what `info print` tells of a unit. The order of the fields is
// part of the format.
type infoJSON struct {
	ConfigPath       string `json:"config_path"`
	DownloadDir      string `json:"download_dir"`
	IAMRole          string `json:"iam_role"`
	TerraformBinary  string `json:"terraform_binary"`
	TerraformCommand string `json:"terraform_command"`
	WorkingDir       string `json:"working_dir"`
}

// runInfo prints how the unit here would be run, or with --all each unit. A
// unit that cannot be read is no failure: what is known of it is printed.
func runInfo(ctx context.Context, inv *invocation) (int, error) {
	s, err := newSession(inv, []string{"print"}, config.MockPolicy{})
	if err != nil {
		return 1, err
	}
	defer s.close()
	ctx, stop := s.watch(ctx)
	defer stop()
	list := []infoJSON{}
	if s.opts.isQueue() {
		if list, err = s.infoOfAll(ctx); err != nil {
			return s.exitCode(err), err
		}
	} else {
		one, err := s.infoHere(ctx)
		var missing *config.MissingFileError
		if !errors.As(err, &missing) {
			s.tell(err)
		}
		list = append(list, one)
	}
	for _, i := range list {
		text, err := indented(i)
		if err != nil {
			return 1, err
		}
		if _, err := s.console.Stdout().Write(text); err != nil {
			return 1, err
		}
	}
	return 0, nil
}

// infoHere is about the unit here, or about the folder where there is none.
func (s *session) infoHere(ctx context.Context) (infoJSON, error) {
	u, err := s.unit(ctx)
	if err == nil {
		return s.info(ctx, u, u.Path())
	}
	path := s.opts.Unit.Config
	if path == "" {
		path = filepath.Join(s.inv.Global.WorkingDir, config.FileName)
	}
	one, _ := s.info(ctx, nil, path) // without a unit nothing can fail
	return one, err
}

// infoOfAll fetches what the units need side by side.
func (s *session) infoOfAll(ctx context.Context) ([]infoJSON, error) {
	f, err := s.selectUnits(ctx, wanted{Outlines: true})
	if err != nil {
		return nil, err
	}
	var units []item
	for _, i := range f.Items {
		if i.Kind == configstack.KindUnit {
			units = append(units, i)
		}
	}
	list, errs := make([]infoJSON, len(units)), make([]error, len(units))
	var wg sync.WaitGroup
	slots := make(chan struct{}, shell.Capacity())
	for n, i := range units {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			var u *config.Unit
			if i.Unit != nil {
				u = i.Unit.Unit
			}
			list[n], errs[n] = s.info(ctx, u, i.File)
		})
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.tell(errors.Join(errs...))
	return list, nil
}

// info is what is known of a unit, which is nil if it cannot be read. With an
// error it is less than there is to know.
func (s *session) info(ctx context.Context, u *config.Unit, path string) (infoJSON, error) {
	known, err := s.runner.InfoOf(filepath.Dir(path)), error(nil)
	if u != nil {
		log := ui.LogLines(s.log.With(ui.AttrUnit, u.Dir()), ui.LevelStderr) // standard output is for the answer alone
		known, err = s.runner.Info(ctx, u, run.Streams{Stdout: log, Stderr: log})
		closeAll(log)
	}
	if s.opts.Auth.Role != "" {
		known.Role = s.opts.Auth.Role
	}
	return infoJSON{
		ConfigPath: path, DownloadDir: known.DownloadDir, IAMRole: known.Role,
		TerraformBinary: known.Binary, TerraformCommand: "print", WorkingDir: known.WorkDir,
	}, err
}
