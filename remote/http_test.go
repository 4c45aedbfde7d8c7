package remote

import (
	"context"
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func httpSettings(address string, more map[string]any) Settings {
	config := map[string]any{"address": address}
	for k, v := range more {
		config[k] = v
	}
	return Settings{Backend: "http", Config: config}
}

func TestHTTPState(t *testing.T) {
	t.Parallel()
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, password, _ := r.BasicAuth()
		switch {
		case user != "u" || password != "secret":
			w.WriteHeader(http.StatusUnauthorized)
		case r.URL.Path == "/headers" && r.Header.Get("X-Team") != "net":
			w.WriteHeader(http.StatusForbidden)
		case r.URL.Path == "/none":
			w.WriteHeader(http.StatusNotFound)
		case r.URL.Path == "/empty":
			w.WriteHeader(http.StatusNoContent)
		case r.URL.Path == "/broken":
			w.WriteHeader(http.StatusInternalServerError)
		case r.URL.Path == "/sealed":
			_, _ = io.WriteString(w, `{"serial":1,"lineage":"l","encrypted_data":"x"}`)
		default:
			_, _ = io.WriteString(w, storedState)
		}
	}))
	t.Cleanup(server.Close)
	ca := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))
	trusted := map[string]any{"username": "u", "password": "secret", "client_ca_certificate_pem": ca}
	skipping := map[string]any{"username": "u", "password": "secret", "skip_cert_verification": true}
	for _, tt := range []struct {
		name, path string
		config     map[string]any
		env        []string
		want       error
	}{
		{"certificate", "/s", trusted, nil, nil},
		{"no verification", "/s", skipping, nil, nil},
		{"variables", "/s", map[string]any{"client_ca_certificate_pem": ca}, []string{"TF_HTTP_USERNAME=u", "TF_HTTP_PASSWORD=x", "TF_HTTP_PASSWORD=secret"}, nil},
		{"not found", "/none", trusted, nil, ErrNoState},
		{"no content", "/empty", trusted, nil, ErrNoState},
		{"server error", "/broken", trusted, nil, ErrUnreadable},
		{"encrypted", "/sealed", trusted, nil, ErrUnreadable},
		{"unknown certificate", "/s", map[string]any{"username": "u", "password": "secret"}, nil, ErrUnreadable},
		{"no password", "/s", map[string]any{"client_ca_certificate_pem": ca}, nil, ErrUnreadable},
		{"bad certificate", "/s", map[string]any{"client_ca_certificate_pem": "secret"}, nil, ErrUnreadable},
		{"headers", "/headers", map[string]any{"username": "u", "password": "secret", "skip_cert_verification": "true", "headers": map[string]any{"X-Team": "net"}}, nil, nil},
		{"no headers", "/headers", trusted, nil, ErrUnreadable},
	} {
		s := httpSettings(server.URL+tt.path+"?token=secret", tt.config)
		s.Env = tt.env
		state, err := For("http").State(context.Background(), s)
		if !errors.Is(err, tt.want) || err == nil && state.Serial != 7 {
			t.Errorf("%s: got %+v %v, want %v", tt.name, state, err, tt.want)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the error tells a secret: %v", tt.name, err)
		}
	}
	s := httpSettings(server.URL+"/s", trusted)
	s.Workspace = "dev"
	if _, err := For("http").State(context.Background(), s); !errors.Is(err, ErrUnreadable) {
		t.Errorf("workspace: got %v", err)
	}
}

func TestHTTPHolder(t *testing.T) {
	t.Parallel()
	held := `{"ID":"1","Who":"a@b","Operation":"OperationTypeApply"}`
	var calls []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls = append(calls, r.Method)
		if held != "" {
			w.WriteHeader(http.StatusLocked)
			_, _ = io.WriteString(w, held)
		}
	}))
	t.Cleanup(server.Close)
	s := httpSettings(server.URL, map[string]any{"lock_address": server.URL})
	l, err := HolderOf(context.Background(), s)
	if err != nil || l == nil || l.ID != "1" || l.Who != "a@b" {
		t.Errorf("held: got %+v %v", l, err)
	}
	held = ""
	if l, err := HolderOf(context.Background(), s); err != nil || l != nil {
		t.Errorf("free: got %+v %v", l, err)
	}
	if got := strings.Join(calls, " "); got != "LOCK LOCK UNLOCK" {
		t.Errorf("the server got %s", got)
	}
	if _, err := HolderOf(context.Background(), httpSettings(server.URL, nil)); !errors.Is(err, ErrCannotAsk) {
		t.Errorf("without locks: got %v", err)
	}
	for _, backend := range []string{"http", "kubernetes"} {
		if _, err := LockOf(context.Background(), Settings{Backend: backend}); !errors.Is(err, ErrCannotAsk) {
			t.Errorf("%s: got %v", backend, err)
		}
	}
}
