package remote

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"sync"
)

// clientCache keeps clients of services, with their connections and tokens. The
// zero value is ready.
//
// The key is the backend's type and a digest of everything that a client is
// made of. It lives as long as the Connections that own it; nothing in it
// becomes stale, since clients renew their tokens themselves. A client that
// could not be made is made again.
type clientCache struct {
	// transport sends requests; nil is one of our own.
	transport http.RoundTripper

	mu   sync.Mutex
	made map[string]*madeClient
}

type madeClient struct {
	mu     sync.Mutex
	client any
}

// sharedClient gives the client that was made of the same parts before, or
// makes it. Where the settings share nothing each call makes one.
func sharedClient[T any](s Settings, parts []string, build func(http.RoundTripper) (T, error)) (T, error) {
	if s.clients == nil {
		return build(newTransport())
	}
	slot, transport := s.clients.slot(s.Backend, parts)
	slot.mu.Lock()
	defer slot.mu.Unlock()
	if client, ok := slot.client.(T); ok {
		return client, nil
	}
	client, err := build(transport)
	if err == nil {
		slot.client = client
	}
	return client, err
}

func (c *clientCache) slot(backend string, parts []string) (*madeClient, http.RoundTripper) {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	key := backend + " " + hex.EncodeToString(sum[:])
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.transport == nil {
		c.transport = newTransport()
	}
	if c.made == nil {
		c.made = map[string]*madeClient{}
	}
	if c.made[key] == nil {
		c.made[key] = &madeClient{}
	}
	return c.made[key], c.transport
}

// newTransport keeps more connections to one host than the usual two: the
// states of many units lie in one bucket.
func newTransport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.MaxIdleConnsPerHost = 32
	return t
}

// sharing gives settings whose clients are those of the connections, unless
// they have some.
func (c *Connections) sharing(s Settings) Settings {
	if c != nil && s.clients == nil {
		s.clients = &c.clients
	}
	return s
}

// seenTo is a place that was made, or is being made.
type seenTo struct {
	mu   sync.Mutex
	done bool
}

// seeTo makes a place once, however many units ask for it at a time: the first
// one is asked to approve, the others find it there. A failure is tried again.
func seeTo(s Settings, place []string, work func() ([]Change, error)) ([]Change, error) {
	seen, err := sharedClient(s, append([]string{"seen to"}, place...), func(http.RoundTripper) (*seenTo, error) { return &seenTo{}, nil })
	if err != nil {
		return nil, err
	}
	seen.mu.Lock()
	defer seen.mu.Unlock()
	if seen.done {
		return nil, nil
	}
	changes, err := work()
	seen.done = err == nil
	return changes, err
}
