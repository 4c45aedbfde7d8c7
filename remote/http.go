package remote

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// httpBackend keeps states on a server that answers GET and POST.
type httpBackend struct{ c *Connections }

const (
	httpTimeout = time.Minute
	// httpLimit bounds an answer: larger states are left to the binary.
	httpLimit = 256 << 20
)

func (httpBackend) InitArgs(s Settings) (map[string]any, error) {
	return forwarded(s.Config, none, none), nil
}

// State reads the state. Whatever goes wrong on the way is left to the binary,
// which tries again and explains itself.
func (h httpBackend) State(ctx context.Context, s Settings) (*State, error) {
	s = h.c.sharing(s)
	if s.Workspace != "" && s.Workspace != "default" {
		return nil, &UnreadableError{Where: "http backend", Reason: "it has no workspaces"}
	}
	code, body, err := httpCall(ctx, s, httpRequest{method: http.MethodGet, address: httpSetting(s, "address")})
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, err
	}
	where := shownAddress(httpSetting(s, "address"))
	switch code {
	case http.StatusOK:
		state, err := ParseState(body)
		if err != nil {
			return nil, located(where, err)
		}
		return state, nil
	case http.StatusNoContent, http.StatusNotFound:
		return nil, fmt.Errorf("%s: %w", where, ErrNoState)
	}
	return nil, &UnreadableError{Where: where, Reason: fmt.Sprintf("the server answered with status %d", code)}
}

// Holder asks the server for a lock that is known to be held: it answers a
// second wish for it with the holder's own words. Where the lock has become
// free meanwhile it is given back at once, and the answer is nil.
func (h httpBackend) Holder(ctx context.Context, s Settings) (*Lock, error) {
	s = h.c.sharing(s)
	address := httpSetting(s, "lock_address")
	if address == "" {
		return nil, fmt.Errorf("http: %w", ErrCannotAsk)
	}
	id := make([]byte, 16)
	_, _ = rand.Read(id) // never fails
	wish, err := json.Marshal(Lock{ID: hex.EncodeToString(id), Operation: "who-holds-the-lock", Created: time.Now().UTC()})
	if err != nil {
		return nil, err
	}
	code, body, err := httpCall(ctx, s, httpRequest{method: or(httpSetting(s, "lock_method"), "LOCK"), address: address, body: wish})
	if err != nil {
		return nil, err
	}
	switch code {
	case http.StatusOK:
		_, _, err := httpCall(context.WithoutCancel(ctx), s, httpRequest{
			method: or(httpSetting(s, "unlock_method"), "UNLOCK"), address: or(httpSetting(s, "unlock_address"), address), body: wish,
		})
		return nil, err
	case http.StatusLocked, http.StatusConflict:
		var l Lock
		if json.Unmarshal(body, &l) == nil && l.ID != "" {
			return &l, nil
		}
	}
	return nil, fmt.Errorf("http: %w", ErrCannotAsk)
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// httpSetting is a setting, or the variable that stands for it.
func httpSetting(s Settings, key string) string {
	return s.text(key, "TF_HTTP_"+strings.ToUpper(key))
}

type httpRequest struct {
	method, address string
	body            []byte
}

// httpCall sends one request. Its errors name no part of the address that may
// be secret.
func httpCall(ctx context.Context, s Settings, r httpRequest) (code int, body []byte, err error) {
	where := shownAddress(r.address)
	failed := func(reason string, err error) (int, []byte, error) {
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err
		}
		return 0, nil, &UnreadableError{Where: where, Reason: reason, Err: err}
	}
	ctx, cancel := context.WithTimeout(ctx, httpTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, r.method, r.address, bytes.NewReader(r.body))
	if err != nil {
		return failed("cannot be asked", err)
	}
	if r.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for name, value := range s.texts("headers") {
		req.Header.Set(name, value)
	}
	if user := httpSetting(s, "username"); user != "" {
		req.SetBasicAuth(user, httpSetting(s, "password"))
	}
	client, err := httpClient(s)
	if err != nil {
		return failed("cannot be asked", err)
	}
	answer, err := client.Do(req)
	if err != nil {
		return failed("does not answer", err)
	}
	defer answer.Body.Close() //nolint:errcheck // it was read
	if body, err = readAll(answer.Body); err != nil {
		return failed("the answer was cut", err)
	}
	return answer.StatusCode, body, nil
}

// httpClient trusts what the settings say. It is shared by the units that say
// the same, so that connections are used again.
func httpClient(s Settings) (*http.Client, error) {
	ca, cert, key := httpSetting(s, "client_ca_certificate_pem"), httpSetting(s, "client_certificate_pem"), httpSetting(s, "client_private_key_pem")
	skip := httpSetting(s, "skip_cert_verification") == "true"
	return sharedClient(s, []string{ca, cert, key, strconv.FormatBool(skip)}, func(t http.RoundTripper) (*http.Client, error) {
		if ca == "" && cert == "" && key == "" && !skip {
			return &http.Client{Transport: t}, nil
		}
		config := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: skip} //nolint:gosec // by the user's own setting
		if ca != "" {
			config.RootCAs = x509.NewCertPool()
			if !config.RootCAs.AppendCertsFromPEM([]byte(ca)) {
				return nil, errors.New("client_ca_certificate_pem holds no certificate")
			}
		}
		if cert != "" || key != "" {
			pair, err := tls.X509KeyPair([]byte(cert), []byte(key))
			if err != nil {
				return nil, errors.New("client_certificate_pem and client_private_key_pem are no pair")
			}
			config.Certificates = []tls.Certificate{pair}
		}
		own := newTransport()
		own.TLSClientConfig = config
		return &http.Client{Transport: own}, nil
	})
}

// shownAddress is an address without what may be secret in it.
func shownAddress(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return "http backend"
	}
	return u.Scheme + "://" + u.Host + u.Path
}
