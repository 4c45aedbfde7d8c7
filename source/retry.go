package source

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// downloadTries is how often a download is begun.
const downloadTries = 3

// retry repeats a download whose failure passes by itself.
func (s *Store) retry(ctx context.Context, r Request, get func() error) error {
	for attempt := 1; ; attempt++ {
		err := get()
		if err == nil || ctx.Err() != nil || s.retryable == nil || attempt == downloadTries || !s.retryable(err) {
			return err
		}
		s.log.Warn(fmt.Sprintf("Downloading %s failed, trying again (%d of %d): %v", r.Address, attempt+1, downloadTries, scrubError(err, secrets(r.Address))))
		if s.pause(ctx, attempt) != nil {
			return err
		}
	}
}

// pauseBetween waits a second after the first try, and three after the next.
func pauseBetween(ctx context.Context, attempt int) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Duration(2*attempt-1) * time.Second):
		return nil
	}
}

// Transient reports whether a download failed for a reason that lies between
// here and the server, or in a server that is busy. It is not told by types:
// git says it in words.
func Transient(err error) bool {
	text := strings.ToLower(err.Error())
	for _, sign := range []string{
		"connection reset", "connection timed out", "connection refused", "i/o timeout", "tls handshake timeout",
		"unexpected eof", "early eof", "hung up unexpectedly", "temporary failure in name resolution",
		"client.timeout exceeded", "response code: 429", "response code: 502", "response code: 503", "response code: 504",
		"returned error: 429", "returned error: 502", "returned error: 503", "returned error: 504",
	} {
		if strings.Contains(text, sign) {
			return true
		}
	}
	return false
}
