package providercache

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/terrace-iac/terrace/source"
)

const (
	answerLimit = 32 << 20 // bytes of an answer that is not an archive
	answerTries = 2        // the binary waits ten seconds and asks again itself
)

// newClient gives up where a server says nothing, and not on a long download.
func newClient() *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.ResponseHeaderTimeout = 30 * time.Second
	t.DialContext = (&net.Dialer{Timeout: 15 * time.Second}).DialContext
	return &http.Client{Transport: t}
}

// accounts are what the users of this process show to registries, and where
// their settings say that those are. Units may have different credentials; the
// last one that was learnt counts for a host.
type accounts struct {
	mu    sync.Mutex
	known map[string]account // by host
}

type account struct {
	token              string
	providers, modules string // addresses in the user's settings
}

func (a *accounts) learn(env, hosts []string) {
	settings := source.ReadRegistrySettings(env)
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, host := range hosts {
		at := strings.ToLower(host)
		a.known[at] = account{
			token:     settings.Token(at),
			providers: settings.Service(at, "providers.v1"), modules: settings.Service(at, "modules.v1"),
		}
	}
}

func (a *accounts) of(host string) (account, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	found, ok := a.known[strings.ToLower(host)]
	return found, ok
}

// reply is what a registry has said.
type reply struct {
	status int
	kind   string // content type
	get    string // X-Terraform-Get
	body   []byte
	from   *url.URL // after redirects
}

// upstream asks the real registries.
type upstream struct {
	client   *http.Client
	accounts *accounts
	// bases are the addresses of services by service and host, for the life of
	// the process.
	bases flights[*url.URL]
}

var errNoService = errors.New("it has no such service")

// base finds where a host has a service, "providers" or "modules".
func (u *upstream) base(ctx context.Context, service, host string) (*url.URL, error) {
	return u.bases.do(service+" "+host, func() (*url.URL, error) {
		account, _ := u.accounts.of(host)
		raw := account.providers
		if service == "modules" {
			raw = account.modules
		}
		near := &url.URL{Scheme: "https", Host: host, Path: "/.well-known/terraform.json"}
		if raw == "" {
			r, err := u.get(ctx, near, "")
			if err != nil {
				return fallback(service, host, err)
			}
			var services map[string]json.RawMessage
			if r.status != http.StatusOK || json.Unmarshal(r.body, &services) != nil || json.Unmarshal(services[service+".v1"], &raw) != nil || raw == "" {
				return nil, fmt.Errorf("%s: %s.v1: %w", host, service, errNoService)
			}
			near = r.from
		}
		base, err := near.Parse(raw)
		if err == nil && !strings.HasSuffix(base.Path, "/") {
			base.Path += "/"
		}
		return base, err
	})
}

// fallback knows where the public registries have always had their services.
func fallback(service, host string, err error) (*url.URL, error) {
	if host == "registry.terraform.io" || host == "registry.opentofu.org" {
		return &url.URL{Scheme: "https", Host: host, Path: "/v1/" + service + "/"}, nil
	}
	return nil, err
}

// ask asks a service of a host, as its user.
func (u *upstream) ask(ctx context.Context, service, host, path string) (*reply, error) {
	base, err := u.base(ctx, service, host)
	if err != nil {
		return nil, err
	}
	account, _ := u.accounts.of(host)
	return u.get(ctx, base.JoinPath(path), account.token)
}

// get reads an answer. What may pass by itself is tried again.
func (u *upstream) get(ctx context.Context, at *url.URL, token string) (*reply, error) {
	for try := 1; ; try++ {
		r, err := u.getOnce(ctx, at, token)
		if try == answerTries || ctx.Err() != nil || err == nil && !passes(r.status) {
			return r, err
		}
		pause(ctx, 500*time.Millisecond)
	}
}

func (u *upstream) getOnce(ctx context.Context, at *url.URL, token string) (*reply, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, at.String(), nil)
	if err != nil {
		return nil, err
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	res, err := u.client.Do(req)
	if err != nil {
		return nil, bare(err, at)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, answerLimit+1))
	if err != nil {
		return nil, err
	}
	if len(body) > answerLimit {
		return nil, fmt.Errorf("%s: more than %d bytes", at.Redacted(), answerLimit)
	}
	return &reply{
		status: res.StatusCode, kind: res.Header.Get("Content-Type"), get: res.Header.Get("X-Terraform-Get"),
		body: body, from: res.Request.URL,
	}, nil
}

// bare drops the query of an address from an error: those of download servers
// hold signatures that let anybody in.
func bare(err error, at *url.URL) error {
	var whole *url.Error
	if !errors.As(err, &whole) {
		return err
	}
	return fmt.Errorf("%s://%s%s: %w", at.Scheme, at.Host, at.Path, whole.Err)
}

func passes(status int) bool {
	return status == http.StatusTooManyRequests || status >= 500 && status != http.StatusNotImplemented
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// flights answers each question once, however many ask it at the same time.
// Answers live as long as the value; failures are not kept.
type flights[T any] struct {
	mu    sync.Mutex
	known map[string]*flight[T]
}

type flight[T any] struct {
	mu    sync.Mutex // held by who is asking
	done  bool
	value T
}

func (f *flights[T]) do(key string, ask func() (T, error)) (T, error) {
	f.mu.Lock()
	if f.known == nil {
		f.known = map[string]*flight[T]{}
	}
	one := f.known[key]
	if one == nil {
		one = &flight[T]{}
		f.known[key] = one
	}
	f.mu.Unlock()
	one.mu.Lock()
	defer one.mu.Unlock()
	if one.done {
		return one.value, nil
	}
	value, err := ask()
	if err == nil {
		one.value, one.done = value, true
	}
	return value, err
}

// forget has the question asked again.
func (f *flights[T]) forget(key string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.known, key)
}
