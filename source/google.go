package source

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"

	"golang.org/x/oauth2/google"
)

const gcsReadScope = "https://www.googleapis.com/auth/devstorage.read_only"

// GoogleToken gives an access token for reading Cloud Storage: the one in the
// environment, else one for the application's default credentials.
func GoogleToken(ctx context.Context, env []string) (string, error) {
	if token := envValue(env, "GOOGLE_OAUTH_ACCESS_TOKEN"); token != "" {
		return token, nil
	}
	path := envValue(env, "GOOGLE_APPLICATION_CREDENTIALS")
	named := path != ""
	if !named {
		path = gcloudCredentials(env)
	}
	text, err := os.ReadFile(path)
	switch {
	case err == nil:
	case named:
		return "", fmt.Errorf("GOOGLE_APPLICATION_CREDENTIALS: %w", err)
	default:
		return machineToken(ctx)
	}
	var head struct {
		Type google.CredentialsType `json:"type"`
	}
	if err := json.Unmarshal(text, &head); err != nil {
		return "", fmt.Errorf("credentials in %s: not JSON", path)
	}
	found, err := google.CredentialsFromJSONWithType(ctx, text, head.Type, gcsReadScope)
	if err != nil {
		return "", fmt.Errorf("credentials in %s: %w", path, err)
	}
	token, err := found.TokenSource.Token()
	if err != nil {
		return "", fmt.Errorf("credentials in %s: %w", path, err)
	}
	return token.AccessToken, nil
}

// machineToken asks the machine who it is. One outside of Google's cloud has
// no answer, and public objects need none.
func machineToken(ctx context.Context) (string, error) {
	if !onGoogle() {
		return "", nil
	}
	token, err := google.ComputeTokenSource("", gcsReadScope).Token()
	if err != nil {
		return "", errors.Join(errors.New("the machine gives no credentials"), err)
	}
	return token.AccessToken, ctx.Err()
}

// onGoogle tells by what the firmware says, without a network.
func onGoogle() bool {
	text, err := os.ReadFile("/sys/class/dmi/id/product_name")
	return err == nil && (string(text) == "Google\n" || string(text) == "Google Compute Engine\n")
}

func gcloudCredentials(env []string) string {
	dir := envValue(env, "CLOUDSDK_CONFIG")
	switch {
	case dir != "":
	case runtime.GOOS == "windows":
		dir = filepath.Join(envValue(env, "APPDATA"), "gcloud")
	default:
		dir = filepath.Join(envValue(env, "HOME"), ".config", "gcloud")
	}
	return filepath.Join(dir, "application_default_credentials.json")
}
