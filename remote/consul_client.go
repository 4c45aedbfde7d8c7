package remote

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
)

// consulClient reads the key-value store over Consul's HTTP API.
type consulClient struct {
	http               *http.Client
	base               string // ends in /v1/kv/
	token, user        string
	password           string
	datacenter, domain string // the domain is Consul's namespace
}

// consulPair is a key's value and the session that holds it.
type consulPair struct {
	Value   []byte
	Session string
}

// consulLogin is where the agent is and how it is spoken to.
type consulLogin struct {
	address, scheme, socket string
	ca, caPath, cert, key   string // files
	serverName              string
	unverified              bool
}

func consulLoginOf(s Settings) consulLogin {
	l := consulLogin{
		address: or(s.text("address", "CONSUL_HTTP_ADDR"), "127.0.0.1:8500"), scheme: s.text("scheme"),
		ca: s.text("ca_file", "CONSUL_CACERT"), caPath: s.variable("CONSUL_CAPATH"),
		cert: s.text("cert_file", "CONSUL_CLIENT_CERT"), key: s.text("key_file", "CONSUL_CLIENT_KEY"),
		serverName: s.variable("CONSUL_TLS_SERVER_NAME"),
	}
	if verify, err := strconv.ParseBool(s.variable("CONSUL_HTTP_SSL_VERIFY")); err == nil {
		l.unverified = !verify
	}
	if tls, err := strconv.ParseBool(s.variable("CONSUL_HTTP_SSL")); err == nil && tls && l.scheme == "" {
		l.scheme = "https"
	}
	if scheme, rest, ok := strings.Cut(l.address, "://"); ok {
		l.address = rest
		if scheme == "unix" {
			l.socket, l.address = rest, "localhost"
		} else if l.scheme == "" {
			l.scheme = scheme
		}
	}
	l.scheme = or(l.scheme, "http")
	for _, file := range []*string{&l.ca, &l.caPath, &l.cert, &l.key} {
		if *file != "" {
			*file = s.file(*file)
		}
	}
	return l
}

// consulClientOf gives the client that the settings and their environment name.
func consulClientOf(s Settings) (*consulClient, error) {
	l := consulLoginOf(s)
	parts := []string{l.address, l.scheme, l.socket, l.ca, l.caPath, l.cert, l.key, l.serverName, fmt.Sprint(l.unverified)}
	client, err := sharedClient(s, parts, func(t http.RoundTripper) (*http.Client, error) { return l.client(t) })
	if err != nil {
		return nil, err
	}
	c := &consulClient{
		http: client, base: l.scheme + "://" + strings.TrimSuffix(l.address, "/") + "/v1/kv/",
		token: s.text("access_token", "CONSUL_HTTP_TOKEN"), datacenter: s.text("datacenter"), domain: s.variable("CONSUL_NAMESPACE"),
	}
	if file := s.variable("CONSUL_HTTP_TOKEN_FILE"); file != "" && c.token == "" {
		text, err := os.ReadFile(s.file(file))
		if err != nil {
			return nil, fmt.Errorf("CONSUL_HTTP_TOKEN_FILE: %w", err)
		}
		c.token = strings.TrimSpace(string(text))
	}
	c.user, c.password, _ = strings.Cut(s.text("http_auth", "CONSUL_HTTP_AUTH"), ":")
	return c, nil
}

func (l consulLogin) client(transport http.RoundTripper) (*http.Client, error) {
	if l.socket == "" && l.ca == "" && l.caPath == "" && l.cert == "" && l.key == "" && l.serverName == "" && !l.unverified {
		return &http.Client{Transport: transport}, nil
	}
	t := newTransport()
	if l.socket != "" {
		t.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", l.socket)
		}
	}
	t.TLSClientConfig = &tls.Config{MinVersion: tls.VersionTLS12, ServerName: l.serverName, InsecureSkipVerify: l.unverified} //nolint:gosec // by the user's own setting
	if err := l.authorities(t.TLSClientConfig); err != nil {
		return nil, err
	}
	if l.cert != "" || l.key != "" {
		pair, err := tls.LoadX509KeyPair(l.cert, l.key)
		if err != nil {
			return nil, errors.New("cert_file and key_file are no pair of a certificate and its key")
		}
		t.TLSClientConfig.Certificates = []tls.Certificate{pair}
	}
	return &http.Client{Transport: t}, nil
}

// authorities reads the certificates that are to be trusted.
func (l consulLogin) authorities(config *tls.Config) error {
	files := []string{l.ca}
	if l.ca == "" && l.caPath == "" {
		return nil
	}
	if l.ca == "" {
		entries, err := os.ReadDir(l.caPath)
		if err != nil {
			return fmt.Errorf("CONSUL_CAPATH: %w", err)
		}
		files = nil
		for _, e := range entries {
			files = append(files, l.caPath+string(os.PathSeparator)+e.Name())
		}
	}
	config.RootCAs = x509.NewCertPool()
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return fmt.Errorf("ca_file: %w", err)
		}
		if !config.RootCAs.AppendCertsFromPEM(text) {
			return fmt.Errorf("ca_file: %s holds no certificate", file)
		}
	}
	return nil
}

func (c *consulClient) get(ctx context.Context, key string) (consulPair, error) {
	var pairs []consulPair
	if err := c.ask(ctx, key, nil, &pairs); err != nil {
		return consulPair{}, err
	}
	if len(pairs) != 1 {
		return consulPair{}, errNotFound
	}
	return pairs[0], nil
}

// keys gives the names of all keys below a prefix.
func (c *consulClient) keys(ctx context.Context, prefix string) ([]string, error) {
	var keys []string
	return keys, c.ask(ctx, prefix, url.Values{"keys": {""}}, &keys)
}

func (c *consulClient) ask(ctx context.Context, key string, query url.Values, into any) error {
	ctx, cancel := context.WithTimeout(ctx, httpTimeout)
	defer cancel()
	if query == nil {
		query = url.Values{}
	}
	if c.datacenter != "" {
		query.Set("dc", c.datacenter)
	}
	if c.domain != "" {
		query.Set("ns", c.domain)
	}
	address := c.base + (&url.URL{Path: key}).EscapedPath() + "?" + query.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return withoutURL(err)
	}
	if c.token != "" {
		req.Header.Set("X-Consul-Token", c.token)
	}
	if c.user != "" {
		req.SetBasicAuth(c.user, c.password)
	}
	answer, err := c.http.Do(req)
	if err != nil {
		return withoutURL(err)
	}
	defer answer.Body.Close() //nolint:errcheck // it was read
	text, err := readAll(answer.Body)
	switch {
	case err != nil:
		return err
	case answer.StatusCode == http.StatusNotFound:
		return errNotFound
	case answer.StatusCode != http.StatusOK:
		return fmt.Errorf("consul answered with status %d", answer.StatusCode)
	}
	return json.Unmarshal(text, into)
}
