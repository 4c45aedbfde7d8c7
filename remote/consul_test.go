package remote

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

// consulStore is a server that answers the part of Consul's API that reads the
// key-value store.
type consulStore struct {
	mu    sync.Mutex
	pairs map[string]consulPair
	token string
}

func (c *consulStore) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	key, ok := strings.CutPrefix(r.URL.Path, "/v1/kv/")
	if !ok || r.Method != http.MethodGet {
		http.Error(w, "not of this store", http.StatusBadRequest)
		return
	}
	if r.Header.Get("X-Consul-Token") != c.token {
		http.Error(w, "Permission denied", http.StatusForbidden)
		return
	}
	if r.URL.Query().Has("keys") {
		var keys []string
		for k := range c.pairs {
			if strings.HasPrefix(k, key) {
				keys = append(keys, k)
			}
		}
		slices.Sort(keys)
		_ = json.NewEncoder(w).Encode(keys)
		return
	}
	pair, ok := c.pairs[key]
	if !ok {
		http.NotFound(w, r)
		return
	}
	_ = json.NewEncoder(w).Encode([]map[string]any{{"Key": key, "Value": pair.Value, "Session": pair.Session, "LockIndex": 1}})
}

func (c *consulStore) put(key string, value []byte, session string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pairs[key] = consulPair{Value: value, Session: session}
}

func (c *consulStore) drop(key string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.pairs, key)
}

func newConsulStore(t *testing.T) (*consulStore, Settings) {
	t.Helper()
	store := &consulStore{pairs: map[string]consulPair{}, token: "secret"}
	server := httptest.NewServer(store)
	t.Cleanup(server.Close)
	return store, Settings{
		Backend: "consul", Config: map[string]any{"path": "live/vpc a"}, clients: &clientCache{},
		Env: []string{"CONSUL_HTTP_ADDR=" + server.URL, "CONSUL_HTTP_TOKEN=secret"},
	}
}

func TestConsulState(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	store, s := newConsulStore(t)
	keepsStates(t, s, func(s Settings, text string) { store.put(consulPath(s), []byte(text), "") })

	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	if _, err := w.Write([]byte(storedState)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	sum := md5.Sum([]byte(storedState))
	index := `{"current-hash":"` + hex.EncodeToString(sum[:]) + `","chunks":["p/0","p/1"]}`
	read := func(what string, want error) {
		t.Helper()
		state, err := For("consul").State(ctx, s)
		if !errors.Is(err, want) || err == nil && state.Serial != 7 {
			t.Errorf("%s: got %+v %v", what, state, err)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error tells a secret: %v", what, err)
		}
	}
	store.put("live/vpc a", zipped.Bytes(), "")
	read("gzip", nil)
	store.put("live/vpc a", []byte(index), "")
	read("no pieces", ErrUnreadable)
	for _, text := range [][]byte{[]byte(storedState), zipped.Bytes()} {
		store.put("p/0", text[:20], "")
		store.put("p/1", text[20:], "")
		read("pieces", nil)
	}
	store.put("p/1", []byte("x"), "")
	read("wrong pieces", ErrUnreadable)
	s.Env = append(s.Env, "CONSUL_HTTP_TOKEN=secret2")
	read("wrong token", ErrUnreadable)
}

func TestConsulLock(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	store, s := newConsulStore(t)
	store.put("live/vpc a/.lock", nil, "session")
	if l, err := LockOf(ctx, s); err != nil || l == nil || l.ID != "session" || l.Who != "" {
		t.Errorf("no note yet: got %+v %v", l, err)
	}
	store.put("live/vpc a/.lockinfo", []byte(`{"ID":"session","Who":"a@b","Operation":"OperationTypeApply"}`), "")
	if l, err := LockOf(ctx, s); err != nil || l == nil || l.Who != "a@b" {
		t.Errorf("held: got %+v %v", l, err)
	}
	for _, k := range []string{"live/app", "live/app-env:dev", "live/vpc a", "live/vpc a/tfstate.abc/0", "other/x"} {
		store.put(k, []byte("{}"), "")
	}
	if found, err := (consul{}).List(ctx, s); err != nil || spellsOut(found) != "live/app[] live/app[dev] live/vpc a[]" {
		t.Errorf("list: got %v %v", found, err)
	}
	store.drop("live/vpc a/.lock")
	if l, err := LockOf(ctx, s); err != nil || l != nil {
		t.Errorf("the note of a dead session: got %+v %v", l, err)
	}
}

func TestConsulLogin(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		config map[string]any
		env    []string
		want   consulLogin
	}{
		{nil, nil, consulLogin{address: "127.0.0.1:8500", scheme: "http"}},
		{map[string]any{"address": "h:1", "scheme": "https"}, []string{"CONSUL_HTTP_ADDR=g:1"}, consulLogin{address: "h:1", scheme: "https"}},
		{nil, []string{"CONSUL_HTTP_ADDR=https://g:1"}, consulLogin{address: "g:1", scheme: "https"}},
		{nil, []string{"CONSUL_HTTP_ADDR=g:1", "CONSUL_HTTP_SSL=true", "CONSUL_HTTP_SSL_VERIFY=false"}, consulLogin{address: "g:1", scheme: "https", unverified: true}},
		{nil, []string{"CONSUL_HTTP_ADDR=unix:///run/consul.sock"}, consulLogin{address: "localhost", scheme: "http", socket: "/run/consul.sock"}},
	} {
		if got := consulLoginOf(Settings{Config: tt.config, Env: tt.env}); got != tt.want {
			t.Errorf("%v %v: got %+v", tt.config, tt.env, got)
		}
	}
}
