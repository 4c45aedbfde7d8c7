package source

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// A server that stops in the middle of a body ends the download; one that is only slow does not.
func TestSteady(t *testing.T) {
	t.Parallel()
	gone := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for range 6 {
			_, _ = io.WriteString(w, "some ")
			w.(http.Flusher).Flush()
			time.Sleep(100 * time.Millisecond)
		}
		if r.URL.Path == "/stops" {
			<-gone
		}
	}))
	defer server.Close()
	defer close(gone)
	read := func(path string) (string, error) {
		res, err := http.Get(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		body := Steady(res.Body, 400*time.Millisecond)
		defer body.Close()
		text, err := io.ReadAll(body)
		return string(text), err
	}
	if text, err := read("/slow"); err != nil || text != strings.Repeat("some ", 6) {
		t.Errorf("slow: %q, %v", text, err)
	}
	text, err := read("/stops")
	if err == nil || !Transient(err) || text != strings.Repeat("some ", 6) {
		t.Errorf("stopped: %q, %v", text, err)
	}
}
