package providercache

import (
	"strings"
	"testing"
)

func TestErrorsKeepSignaturesBack(t *testing.T) {
	t.Parallel()
	at := mustURL(t, "https://127.0.0.1:1/p.zip?X-Amz-Signature=secret")
	u := &upstream{client: newClient()}
	_, err := u.getOnce(t.Context(), at, "")
	if err == nil || strings.Contains(err.Error(), "secret") || !strings.Contains(err.Error(), "https://127.0.0.1:1/p.zip: ") {
		t.Errorf("the error is %v", err)
	}
}
