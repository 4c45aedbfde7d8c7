package source

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/go-version"
)

// registry is one registry, asked for one module.
type registry struct {
	client *http.Client
	host   string
	module string // NAMESPACE/NAME/PROVIDER
	token  string
	base   *url.URL // of the module service, known once it is open
}

const (
	registryTries = 3
	registryLimit = 16 << 20 // bytes of an answer
)

var (
	errNoModules = errors.New("it has no module registry (modules.v1)")
	errNoPlace   = errors.New("it names no place to download from")
	errLocal     = errors.New("it names a file of this machine")
)

// open finds the module service of the host.
func (r *registry) open(ctx context.Context, c cliConfig) error {
	r.token = c.token(r.host)
	if service, ok := c.services[r.host]["modules.v1"]; ok {
		base, err := url.Parse(service)
		if err != nil {
			return r.failed("discovery", errNoModules)
		}
		r.setBase(base)
		return nil
	}
	at, err := url.Parse("https://" + r.host + "/.well-known/terraform.json")
	if err != nil {
		return r.failed("discovery", err)
	}
	var services struct {
		Modules string `json:"modules.v1"`
	}
	res, err := r.ask(ctx, at, &services)
	if err != nil {
		return r.failed("discovery", err)
	}
	base, err := res.Request.URL.Parse(services.Modules)
	if err != nil || services.Modules == "" {
		return r.failed("discovery", errNoModules)
	}
	r.setBase(base)
	return nil
}

func (r *registry) setBase(base *url.URL) {
	if !strings.HasSuffix(base.Path, "/") {
		base.Path += "/"
	}
	r.base = base
}

func (r *registry) failed(what string, err error) error {
	return &RegistryError{Host: r.host, What: what, Err: err}
}

// newest gives the highest version that meets a constraint, "" for any.
// Versions that are not final are left out unless the constraint names one.
func (r *registry) newest(ctx context.Context, constraint string) (string, error) {
	what := "versions of " + r.module
	var wanted version.Constraints
	if constraint != "" {
		var err error
		if wanted, err = version.NewConstraint(constraint); err != nil {
			return "", r.failed(what, fmt.Errorf("malformed constraint %q", constraint))
		}
	}
	all, err := r.versions(ctx)
	if err != nil {
		return "", err
	}
	for _, v := range all {
		if wanted == nil && v.Prerelease() == "" || wanted != nil && wanted.Check(v) {
			return v.Original(), nil
		}
	}
	return "", r.failed(what, noVersion(constraint, all))
}

// versions lists all that the registry has of the module, the highest first.
func (r *registry) versions(ctx context.Context) ([]*version.Version, error) {
	var answer struct {
		Modules []struct {
			Versions []struct {
				Version string `json:"version"`
			} `json:"versions"`
		} `json:"modules"`
	}
	if _, err := r.ask(ctx, r.base.JoinPath(r.module, "versions"), &answer); err != nil {
		return nil, r.failed("versions of "+r.module, err)
	}
	var all []*version.Version
	for _, m := range answer.Modules {
		for _, v := range m.Versions {
			if parsed, err := version.NewVersion(v.Version); err == nil {
				all = append(all, parsed)
			}
		}
	}
	slices.SortFunc(all, func(a, b *version.Version) int { return b.Compare(a) })
	return all, nil
}

var errNoneFinal = errors.New("none is final")

func noVersion(constraint string, all []*version.Version) error {
	if len(all) == 0 {
		return errors.New("there are none")
	}
	var some []string
	for _, v := range all[:min(5, len(all))] {
		some = append(some, v.Original())
	}
	what := errNoneFinal
	if constraint != "" {
		what = fmt.Errorf("none meets %q", constraint)
	}
	return fmt.Errorf("%w; the newest are %s", what, strings.Join(some, ", "))
}

// location asks where a version of the module is to be had.
func (r *registry) location(ctx context.Context, number string) (Address, error) {
	what := r.module + " " + number
	var body struct {
		Location string `json:"location"`
	}
	res, err := r.ask(ctx, r.base.JoinPath(r.module, number, "download"), &body)
	if err != nil {
		return Address{}, r.failed(what, err)
	}
	raw := res.Header.Get("X-Terraform-Get")
	if raw == "" {
		raw = body.Location
	}
	if raw == "" {
		return Address{}, r.failed(what, errNoPlace)
	}
	if strings.HasPrefix(raw, "/") || strings.HasPrefix(raw, "./") || strings.HasPrefix(raw, "../") {
		near, err := res.Request.URL.Parse(raw)
		if err != nil {
			return Address{}, r.failed(what, errNoPlace)
		}
		raw = near.String()
	}
	a, err := Parse(raw, "")
	if err != nil {
		return Address{}, r.failed(what, err)
	}
	if _, local := a.LocalPath(); local || a.URL().Scheme == "file" {
		return Address{}, r.failed(what, errLocal)
	}
	return a, nil
}

// ask gets a URL and reads the JSON that it answers with, if any. What may pass
// by itself is tried again.
func (r *registry) ask(ctx context.Context, at *url.URL, to any) (*http.Response, error) {
	for try := 1; ; try++ {
		res, again, err := r.askOnce(ctx, at, to)
		if err == nil || !again || try == registryTries {
			return res, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(time.Duration(try) * 250 * time.Millisecond):
		}
	}
}

func (r *registry) askOnce(ctx context.Context, at *url.URL, to any) (res *http.Response, again bool, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return nil, false, err
	}
	req.Header.Set("Accept", "application/json")
	if r.token != "" {
		req.Header.Set("Authorization", "Bearer "+r.token)
	}
	if res, err = r.client.Do(req); err != nil {
		return nil, ctx.Err() == nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, registryLimit))
	switch {
	case err != nil:
		return nil, true, err
	case res.StatusCode == http.StatusNoContent || res.StatusCode == http.StatusOK && len(body) == 0:
		return res, false, nil
	case res.StatusCode == http.StatusOK:
		if err := json.Unmarshal(body, to); err != nil && res.Header.Get("X-Terraform-Get") == "" {
			return nil, false, fmt.Errorf("%s answers with something else than JSON", at)
		}
		return res, false, nil
	}
	return nil, res.StatusCode >= 500 || res.StatusCode == http.StatusTooManyRequests, r.refusal(res)
}

func (r *registry) refusal(res *http.Response) error {
	switch res.StatusCode {
	case http.StatusNotFound:
		return errors.New("404 not found")
	case http.StatusUnauthorized, http.StatusForbidden:
		if r.token == "" {
			return fmt.Errorf("%s: it wants a token: set %s, or credentials in the CLI configuration", res.Status, tokenVariable(r.host))
		}
		return fmt.Errorf("%s: the token is not accepted", res.Status)
	}
	return errors.New(res.Status)
}
