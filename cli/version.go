package cli

import (
	"runtime/debug"
	"strings"
)

const (
	// progName is the program's name in messages and help. It does not follow
	// a renamed executable or a link.
	progName = "terrace"
	// displayName is the name in prose.
	displayName = "Terrace"

	// compatVersion is the version that `terragrunt_version_constraint` is
	// compared with. It names the Terragrunt release whose behaviour is
	// offered, and is independent of the program's own version.
	compatVersion = "1.1.3"

	developmentVersion = "0.1.0-dev"
)

// version is set at link time by
// -ldflags "-X github.com/terrace-iac/terrace/cli.version=1.2.3".
var version string

// programVersion is the version shown to users: the one set at link time, else
// that of the module when installed by `go install`, else a development one.
func programVersion() string {
	if version != "" {
		return strings.TrimPrefix(version, "v")
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return developmentVersion
	}
	return moduleVersion(info.Main.Version)
}

// moduleVersion drops what the go tool invents for an untagged checkout.
func moduleVersion(v string) string {
	if v == "" || v == "(devel)" || strings.HasPrefix(v, "v0.0.0-") {
		return developmentVersion
	}
	return strings.TrimPrefix(v, "v")
}

// versionLine is what `version`, `--version` and `-v` print.
func versionLine() string {
	return progName + " version " + programVersion()
}
