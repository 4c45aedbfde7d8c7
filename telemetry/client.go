package telemetry

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"time"
)

// How often a batch is tried, and how long the first pause is; each further
// one is three times as long.
const (
	maxTries   = 4
	firstPause = 100 * time.Millisecond
)

// client sends requests to one collector.
type client struct {
	target Target
	agent  string
	http   *http.Client
}

func newClient(t Target, agent string) (*client, error) {
	settings, err := t.tls()
	if err != nil {
		return nil, err
	}
	protocols := new(http.Protocols)
	if t.kind == toGRPC {
		protocols.SetHTTP2(true)
		protocols.SetUnencryptedHTTP2(true)
	} else {
		protocols.SetHTTP1(true)
		protocols.SetHTTP2(true)
	}
	return &client{t, agent, &http.Client{
		Transport: &http.Transport{Proxy: http.ProxyFromEnvironment, TLSClientConfig: settings, Protocols: protocols},
		// The headers may hold a key that is meant for this collector alone.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// tls gives nil where no files are named.
func (t Target) tls() (*tls.Config, error) {
	if t.authority == "" && t.certificate == "" {
		return nil, nil
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if t.authority != "" {
		pem, err := os.ReadFile(t.authority)
		if err != nil {
			return nil, fmt.Errorf("certificate of the collector: %w", err)
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("certificate of the collector: %s: no certificate in it", t.authority)
		}
	}
	if t.certificate != "" {
		pair, err := tls.LoadX509KeyPair(t.certificate, t.key)
		if err != nil {
			return nil, fmt.Errorf("certificate for the collector: %w", err)
		}
		c.Certificates = []tls.Certificate{pair}
	}
	return c, nil
}

// send delivers a request, again after failures that may pass.
func (c *client) send(ctx context.Context, body []byte) error {
	pause := firstPause
	for try := 1; ; try++ {
		err := c.attempt(ctx, body)
		var passing *passingError
		if err == nil || try == maxTries || !errors.As(err, &passing) {
			return err
		}
		wait := min(max(passing.after, pause/2+rand.N(pause/2)), closeTime)
		select {
		case <-ctx.Done():
			return err
		case <-time.After(wait):
		}
		pause *= 3
	}
}

// passingError is a failure that the collector says, or that experience says,
// may pass.
type passingError struct {
	err   error
	after time.Duration // when to come back; 0 for no wish
}

func (e *passingError) Error() string { return e.err.Error() }
func (e *passingError) Unwrap() error { return e.err }

func (c *client) attempt(ctx context.Context, body []byte) error {
	ctx, cancel := context.WithTimeout(ctx, c.target.timeout)
	defer cancel()
	req, err := c.request(ctx, body)
	if err != nil {
		return err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		var with *url.Error // its text holds the whole address
		if errors.As(err, &with) {
			err = with.Err
		}
		return &passingError{err: fmt.Errorf("%s: %w", req.URL.Host, err)}
	}
	defer resp.Body.Close()
	_, err = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<20)) // the trailers come after it
	return answer(resp, c.target.kind == toGRPC, err)
}

func (c *client) request(ctx context.Context, body []byte) (*http.Request, error) {
	if c.target.gzip {
		var b bytes.Buffer
		zip := gzip.NewWriter(&b)
		if _, err := zip.Write(body); err != nil {
			return nil, err
		}
		if err := zip.Close(); err != nil {
			return nil, err
		}
		body = b.Bytes()
	}
	kind, encoding := "application/x-protobuf", "Content-Encoding"
	if c.target.kind == toGRPC {
		kind, encoding = "application/grpc", "Grpc-Encoding"
		body = framed(body, c.target.gzip)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.target.url, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	for k, v := range c.target.headers {
		req.Header.Set(k, v)
	}
	req.Header.Set("User-Agent", c.agent)
	req.Header.Set("Content-Type", kind)
	if c.target.gzip {
		req.Header.Set(encoding, "gzip")
	}
	if c.target.kind == toGRPC {
		req.Header.Set("Te", "trailers")
	}
	return req, nil
}

// framed puts in front of a message what gRPC wants there: whether it is
// compressed, and its length.
func framed(body []byte, zipped bool) []byte {
	head := []byte{0, 0, 0, 0, 0}
	if zipped {
		head[0] = 1
	}
	binary.BigEndian.PutUint32(head[1:], uint32(len(body)))
	return append(head, body...)
}

// answer turns what the collector said into an error, or nil.
func answer(resp *http.Response, grpc bool, broken error) error {
	host := resp.Request.URL.Host
	err := fmt.Errorf("%s: status %s", host, resp.Status)
	switch resp.StatusCode {
	case http.StatusOK, http.StatusAccepted, http.StatusNoContent:
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		seconds, _ := strconv.Atoi(resp.Header.Get("Retry-After"))
		return &passingError{err, time.Duration(max(seconds, 0)) * time.Second}
	default:
		return err
	}
	if !grpc {
		return nil
	}
	status, text := resp.Trailer.Get("Grpc-Status"), resp.Trailer.Get("Grpc-Message")
	if status == "" { // an answer without a message has no trailers of its own
		status, text = resp.Header.Get("Grpc-Status"), resp.Header.Get("Grpc-Message")
	}
	if broken != nil {
		return &passingError{err: fmt.Errorf("%s: %w", host, broken)}
	}
	err = fmt.Errorf("%s: gRPC status %s %s", host, status, text)
	switch status {
	case "0":
		return nil
	case "1", "4", "8", "10", "11", "14", "15": // those that OTLP calls retryable
		return &passingError{err: err}
	}
	return err
}
