package sops

import (
	"context"
	"errors"
	"maps"
	"os"
	"strings"

	"github.com/getsops/sops/v3/keys"

	"github.com/terrace-iac/terrace/run/awsauth"
)

var errForeign = errors.New("the unit's environment is not that of this process, and only the sops program can use it for this service")

// openForeign leaves a key to the library, which knows no environment but that
// of this process. So it may be asked only where that says the same.
func (k *Keys) openForeign(ctx context.Context, key keys.MasterKey) ([]byte, error) {
	if !sameFor(k.Env, os.Environ()) {
		return nil, errForeign
	}
	if key, ok := key.(interface {
		DecryptContext(ctx context.Context) ([]byte, error)
	}); ok {
		return key.DecryptContext(ctx)
	}
	return key.Decrypt()
}

// sameFor compares what the clients of Google, Azure and Huawei may read of two
// environments.
func sameFor(a, b []string) bool {
	read := func(env []string) map[string]string {
		found := map[string]string{}
		for _, entry := range env {
			if name, _, _ := strings.Cut(entry, "="); foreignVariable(name) {
				found[name] = awsauth.Env(env).Get(name)
			}
		}
		return found
	}
	return maps.Equal(read(a), read(b))
}

func foreignVariable(name string) bool {
	name = strings.ToUpper(name)
	switch name {
	case "HOME", "USERPROFILE", "APPDATA", "PATH", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR":
		return true
	}
	for _, prefix := range []string{"GOOGLE_", "CLOUDSDK_", "GCE_", "AZURE_", "MSI_", "IDENTITY_", "IMDS_", "HUAWEICLOUD_", "SOPS_"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}
