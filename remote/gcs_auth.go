package remote

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"cloud.google.com/go/compute/metadata"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/google"
)

const (
	gcsScope         = "https://www.googleapis.com/auth/devstorage.full_control"
	googleEverything = "https://www.googleapis.com/auth/cloud-platform" // what impersonation asks for
)

// googleLogin is everything that says who we are to Google's services.
type googleLogin struct {
	credentials string // JSON; "" for none
	token       string // an access token that was given; "" for none
	as          string // the service account to impersonate; "" for none
	delegates   []string
	home        string // the folder with the credentials of gcloud
	anonymous   bool   // an emulator asks for no credentials
}

// gcsClientOf gives the client that the settings and their environment name.
func gcsClientOf(s Settings) (*gcsClient, error) {
	base, emulated, err := gcsEndpoint(s)
	if err != nil {
		return nil, err
	}
	login, err := googleLoginOf(s)
	if err != nil {
		return nil, err
	}
	login.anonymous = emulated && login.credentials == "" && login.token == ""
	parts := append([]string{base, login.credentials, login.token, login.as, login.home, fmt.Sprint(login.anonymous)}, login.delegates...)
	return sharedClient(s, parts, func(t http.RoundTripper) (*gcsClient, error) {
		client := &http.Client{Transport: t}
		tokens, err := login.tokens(context.WithValue(context.Background(), oauth2.HTTPClient, client))
		if err != nil {
			return nil, err
		}
		if tokens != nil {
			client = &http.Client{Transport: &oauth2.Transport{Source: tokens, Base: t}}
		}
		return &gcsClient{http: client, base: base}, nil
	})
}

// gcsEndpoint gives the address of the API, and whether it is an emulator's.
func gcsEndpoint(s Settings) (base string, emulated bool, err error) {
	address := s.text("storage_custom_endpoint", "GOOGLE_BACKEND_STORAGE_CUSTOM_ENDPOINT", "GOOGLE_STORAGE_CUSTOM_ENDPOINT")
	if address == "" {
		address = s.variable("STORAGE_EMULATOR_HOST")
		emulated = address != ""
		if emulated && !strings.Contains(address, "://") {
			address = "http://" + address
		}
	}
	if address == "" {
		address = "https://storage." + or(s.text("universe_domain", "GOOGLE_BACKEND_UNIVERSE_DOMAIN"), "googleapis.com")
	}
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return "", false, errors.New("storage_custom_endpoint is no address")
	}
	// The path that the binary's library takes may end in /b, where buckets start.
	path := strings.TrimSuffix(strings.TrimSuffix(strings.Trim(u.Path, "/"), "/b"), "storage/v1")
	u.Path = "/" + path + "storage/v1/"
	return u.String(), emulated, nil
}

// googleLoginOf finds the credentials: a file named by the environment, those
// of the settings, those of the environment, and last those of the machine.
func googleLoginOf(s Settings) (googleLogin, error) {
	l := googleLogin{
		as:        s.text("impersonate_service_account", "GOOGLE_BACKEND_IMPERSONATE_SERVICE_ACCOUNT", "GOOGLE_IMPERSONATE_SERVICE_ACCOUNT"),
		delegates: s.strings("impersonate_service_account_delegates"),
		home:      gcloudFolder(s),
	}
	if file := s.variable("GOOGLE_APPLICATION_CREDENTIALS"); file != "" {
		text, err := os.ReadFile(s.file(file))
		if err != nil {
			return l, fmt.Errorf("GOOGLE_APPLICATION_CREDENTIALS: %w", err)
		}
		l.credentials = string(text)
		return l, nil
	}
	if text := s.text("credentials"); text != "" {
		l.credentials = s.contents(text)
		return l, nil
	}
	if l.token = s.text("access_token", "GOOGLE_OAUTH_ACCESS_TOKEN"); l.token != "" {
		return l, nil
	}
	if text := or(s.variable("GOOGLE_BACKEND_CREDENTIALS"), s.variable("GOOGLE_CREDENTIALS")); text != "" {
		l.credentials = s.contents(text)
	}
	return l, nil
}

func gcloudFolder(s Settings) string {
	switch {
	case s.variable("CLOUDSDK_CONFIG") != "":
		return s.variable("CLOUDSDK_CONFIG")
	case runtime.GOOS == "windows":
		return filepath.Join(s.variable("APPDATA"), "gcloud")
	}
	return filepath.Join(s.variable("HOME"), ".config", "gcloud")
}

// tokens gives the source of access tokens, nil for none at all.
func (l googleLogin) tokens(ctx context.Context) (oauth2.TokenSource, error) {
	if l.anonymous {
		return nil, nil
	}
	base, err := l.own(ctx)
	if err != nil || l.as == "" {
		return base, err
	}
	return oauth2.ReuseTokenSource(nil, &impersonation{ctx: ctx, login: l, http: oauth2.NewClient(ctx, base)}), nil
}

// own is who we are before we act as somebody else.
func (l googleLogin) own(ctx context.Context) (oauth2.TokenSource, error) {
	scope := gcsScope
	if l.as != "" {
		scope = googleEverything
	}
	if l.token != "" {
		return oauth2.StaticTokenSource(&oauth2.Token{AccessToken: l.token}), nil
	}
	text := []byte(l.credentials)
	if len(text) == 0 {
		var err error
		text, err = os.ReadFile(filepath.Join(l.home, "application_default_credentials.json"))
		if os.IsNotExist(err) {
			if !metadata.OnGCEWithContext(ctx) {
				return nil, errors.New("no credentials for Google Cloud: set GOOGLE_APPLICATION_CREDENTIALS or GOOGLE_CREDENTIALS, or run gcloud auth application-default login")
			}
			return google.ComputeTokenSource("", scope), nil
		}
		if err != nil {
			return nil, err
		}
	}
	return fromJSON(ctx, text, scope)
}

// fromJSON reads a key or another description of credentials. Its errors
// repeat nothing of the text.
func fromJSON(ctx context.Context, text []byte, scope string) (oauth2.TokenSource, error) {
	var file struct {
		Type google.CredentialsType `json:"type"`
	}
	if json.Unmarshal(text, &file) != nil {
		return nil, errors.New("the Google credentials are neither JSON nor a file with JSON")
	}
	if !slices.Contains([]google.CredentialsType{
		google.ServiceAccount, google.AuthorizedUser, google.ExternalAccount, google.ExternalAccountAuthorizedUser, google.ImpersonatedServiceAccount,
	}, file.Type) {
		return nil, errors.New("the Google credentials are of an unknown type")
	}
	c, err := google.CredentialsFromJSONWithType(ctx, text, file.Type, scope)
	if err != nil {
		return nil, errors.New("the Google credentials of type " + string(file.Type) + " cannot be used")
	}
	return c.TokenSource, nil
}

// impersonation asks for tokens of a service account.
type impersonation struct {
	ctx   context.Context //nolint:containedctx // of the run, as oauth2's own sources hold it
	login googleLogin
	http  *http.Client
}

func (i *impersonation) Token() (*oauth2.Token, error) {
	ask := map[string]any{"scope": []string{gcsScope}, "lifetime": "3600s"}
	var delegates []string
	for _, d := range i.login.delegates {
		delegates = append(delegates, "projects/-/serviceAccounts/"+strings.TrimPrefix(d, "projects/-/serviceAccounts/"))
	}
	if len(delegates) > 0 {
		ask["delegates"] = delegates
	}
	body, err := json.Marshal(ask)
	if err != nil {
		return nil, err
	}
	client := gcsClient{http: i.http, base: "https://iamcredentials.googleapis.com/v1/"}
	var answer struct {
		AccessToken string    `json:"accessToken"`
		ExpireTime  time.Time `json:"expireTime"`
	}
	err = client.json(i.ctx, gcsCall{
		method: http.MethodPost, path: "projects/-/serviceAccounts/" + url.PathEscape(i.login.as) + ":generateAccessToken", body: bytes.TrimSpace(body),
	}, &answer)
	if err != nil {
		return nil, fmt.Errorf("impersonating %s: %w", i.login.as, err)
	}
	return &oauth2.Token{AccessToken: answer.AccessToken, Expiry: answer.ExpireTime}, nil
}
