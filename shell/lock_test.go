package shell

import (
	"strings"
	"testing"
	"time"
)

const lockBox = "╷\n│ \x1b[31mError: \x1b[0mError acquiring the state lock\n│ \n│ Error message: resource temporarily unavailable\n│ Lock Info:\n" +
	"│   ID:        a3f4149d-c065\n│   Path:      terraform.tfstate\n│   Operation: OperationTypeApply\n│   Who:       root@vm\n" +
	"│   Version:   1.11.4\n│   Created:   2026-11-23 10:08:57.399267229 +0000 UTC\n│   Info:      \n│ \n│ \n│ Terraform acquires a state lock\n╵\n"

func TestLockRefused(t *testing.T) {
	t.Parallel()
	whole := Lock{
		ID: "a3f4149d-c065", Path: "terraform.tfstate", Operation: "OperationTypeApply", Who: "root@vm", Version: "1.11.4",
		Created: time.Date(2026, 11, 23, 10, 8, 57, 399267229, time.UTC),
	}
	bare := strings.NewReplacer("│ ", "", "╷\n", "", "╵\n", "").Replace(lockBox)
	for name, tt := range map[string]struct {
		text string
		want Lock
		ok   bool
	}{
		"a box":   {lockBox, whole, true},
		"no box":  {bare, whole, true},
		"as JSON": {`{"@message":"Error: Error acquiring the state lock","diagnostic":{"detail":"Error message: x\nLock Info:\n  ID:        a3f4149d-c065\n  Who:       root@vm\n"}}`, Lock{ID: "a3f4149d-c065", Who: "root@vm"}, true},
		"http": {"Error: Error acquiring the state lock\n\nError message: HTTP remote state already locked: ID=130ecd3c-992b\nLock Info:\n  ID:        mine\n  Who:       me@here\n  Info:      \n",
			Lock{ID: "130ecd3c-992b"}, true},
		"no block":      {"Error: Error acquiring the state lock\n\nError message: no such table", Lock{}, false},
		"another error": {"Error: Error releasing the state lock\nLock Info:\n  ID: x\n", Lock{}, false},
		"nothing":       {"", Lock{}, false},
	} {
		got, ok := LockRefused(tt.text)
		if ok != tt.ok || !got.Created.Equal(tt.want.Created) {
			t.Errorf("%s: got %+v %v", name, got, ok)
		}
		got.Created = tt.want.Created
		if got != tt.want {
			t.Errorf("%s: got %+v, want %+v", name, got, tt.want)
		}
	}
	if l, _ := LockRefused(strings.Replace(bare, "+0000 UTC", "+0000 UTC m=+0.123", 1)); !l.Created.Equal(whole.Created) {
		t.Errorf("with a monotonic clock: got %v", l.Created)
	}
}
