package test

import (
	"bytes"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// stateServer is an http backend with locks, behind a proxy that can be cut.
type stateServer struct {
	URL string

	mu     sync.Mutex
	states map[string][]byte
	locks  map[string][]byte
	front  *proxy
}

func newStateServer(t *testing.T) *stateServer {
	t.Helper()
	s := &stateServer{states: map[string][]byte{}, locks: map[string][]byte{}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.front = newProxy(t, server.Listener.Addr().String())
	s.URL = "http://" + s.front.addr
	return s
}

func (s *stateServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the line was cut
	}
	key := r.URL.Path
	switch r.Method {
	case http.MethodGet:
		if s.states[key] == nil {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		_, _ = w.Write(s.states[key])
	case http.MethodPost:
		if lock := s.locks[key]; lock != nil && !bytes.Contains(lock, []byte(`"`+r.URL.Query().Get("ID")+`"`)) && r.URL.Query().Get("ID") != "" {
			w.WriteHeader(http.StatusConflict)
			return
		}
		s.states[key] = body
	case "LOCK":
		if s.locks[key] != nil {
			w.WriteHeader(http.StatusLocked)
			_, _ = w.Write(s.locks[key])
			return
		}
		s.locks[key] = body
	case "UNLOCK":
		delete(s.locks, key)
	}
}

// stored gives a state's serial and how many resources it holds; -1 for none.
func (s *stateServer) stored(t *testing.T, key string) (serial, resources int) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.states[key] == nil {
		return -1, -1
	}
	var state struct {
		Serial    int   `json:"serial"`
		Resources []any `json:"resources"`
	}
	if err := json.Unmarshal(s.states[key], &state); err != nil {
		t.Fatal(err)
	}
	return state.Serial, len(state.Resources)
}

func (s *stateServer) locked(key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.locks[key] != nil
}

// put stores a state, as a colleague would who has applied meanwhile.
func (s *stateServer) put(key, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.states[key] = []byte(text)
}

func (s *stateServer) drop(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.states, key)
}

// unit is the files of a unit whose state is kept here; main is its module.
func (s *stateServer) unit(key, main string) string {
	return strings.NewReplacer("URL", s.URL, "KEY", key, "MAIN", main).Replace(`
-- live/KEY/terragrunt.hcl --
remote_state {
  backend  = "http"
  generate = { path = "backend.tf", if_exists = "overwrite" }
  config = {
    address        = "URL/KEY"
    lock_address   = "URL/KEY"
    unlock_address = "URL/KEY"
    retry_max      = 0
  }
}
-- live/KEY/main.tf --
MAIN
`)
}

// proxy passes connections on until it is cut.
type proxy struct {
	addr, target string

	mu   sync.Mutex
	open map[net.Conn]bool
	cut  bool
}

func newProxy(t *testing.T, target string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{addr: l.Addr().String(), target: target, open: map[net.Conn]bool{}}
	t.Cleanup(func() { _ = l.Close(); p.Cut(true) })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go p.pass(c)
		}
	}()
	return p
}

// Cut drops all connections and every new one, or lets them pass again.
func (p *proxy) Cut(cut bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cut = cut
	for c := range p.open {
		if cut {
			_ = c.Close()
		}
	}
}

// admit notes a connection, unless the line is cut.
func (p *proxy) admit(c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.cut {
		p.open[c] = true
	}
	return !p.cut
}

func (p *proxy) pass(c net.Conn) {
	defer func() {
		_ = c.Close()
		p.mu.Lock()
		delete(p.open, c)
		p.mu.Unlock()
	}()
	if !p.admit(c) {
		return
	}
	up, err := net.Dial("tcp", p.target)
	if err != nil {
		return
	}
	defer up.Close()
	go func() {
		_, _ = io.Copy(up, c)
		_ = up.Close()
	}()
	_, _ = io.Copy(c, up)
}
