package run

import (
	"fmt"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/remote"
)

// settings hands a unit's remote_state to the room that knows backends.
func settings(rs *config.RemoteState, workDir, workspace string) remote.Settings {
	return remote.Settings{Backend: rs.Backend, Config: rs.Config, Encryption: rs.Encryption, WorkDir: workDir, Workspace: workspace}
}

// NoBackendBlockError says that the module cannot take the settings that it is
// to be given.
type NoBackendBlockError struct{ Unit, Backend, Dir string }

func (e *NoBackendBlockError) Error() string {
	return fmt.Sprintf("Found remote_state settings in %s but no backend block in the Terraform code in %s. "+
		"Add an empty one, terraform { backend \"%s\" {} }, or let remote_state write it with generate = { path = \"backend.tf\", if_exists = \"overwrite\" }.",
		e.Unit, e.Dir, e.Backend)
}

// configureBackend writes the backend block, or gives the flags that tell init
// its settings.
func (j *job) configureBackend(files *generator) ([]string, error) {
	rs := j.cfg.RemoteState
	if rs == nil {
		return nil, nil
	}
	s := settings(rs, j.workDir, "")
	for _, w := range remote.Warnings(s) {
		if err := j.deprecated("deprecated-configs", w); err != nil {
			return nil, fmt.Errorf("remote_state of %s: %w", j.unit.Path(), err)
		}
	}
	if rs.Generate != nil {
		text, err := backendFile(s)
		if err != nil {
			return nil, fmt.Errorf("remote_state of %s: %w", j.unit.Path(), err)
		}
		return nil, files.put(files.abs(rs.Generate.Path), text, rs.Generate.IfExists)
	}
	if !hasBackend(j.workDir, rs.Backend) {
		return nil, &NoBackendBlockError{Unit: j.unit.Path(), Backend: rs.Backend, Dir: j.workDir}
	}
	args, err := remote.For(rs.Backend).InitArgs(s)
	if err != nil {
		return nil, fmt.Errorf("remote_state of %s: %w", j.unit.Path(), err)
	}
	return remote.InitFlags(args)
}

func backendFile(s remote.Settings) ([]byte, error) {
	block, err := remote.BackendBlock(s)
	if err != nil {
		return nil, err
	}
	return append([]byte("# "+signature+"\n"), block...), nil
}
