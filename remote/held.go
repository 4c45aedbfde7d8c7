package remote

import (
	"crypto/rand"
	"fmt"
	"os"
	"os/user"
	"strings"
	"time"
)

// HeldError says that somebody holds the lock that a change needs.
type HeldError struct {
	Where string
	Lock  *Lock // nil where that could not be told
}

func (e *HeldError) Error() string {
	text := e.Where + ": the state is locked"
	if e.Lock == nil {
		return text
	}
	if e.Lock.Who != "" {
		text += " by " + e.Lock.Who
	}
	if e.Lock.Operation != "" {
		text += " for " + strings.ToLower(strings.TrimPrefix(e.Lock.Operation, "OperationType"))
	}
	if !e.Lock.Created.IsZero() {
		text += " since " + e.Lock.Created.Local().Format(time.DateTime)
	}
	return text + ", lock ID " + e.Lock.ID
}

// newID is a random UUID: Azure takes nothing else as the ID of a lease.
func newID() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b) // never fails
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// ownLock is a lock of ours, in the words of the binary.
func ownLock(operation, path string) map[string]any {
	host, _ := os.Hostname()
	name := ""
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	return map[string]any{
		"ID": newID(), "Operation": operation, "Who": name + "@" + host, "Created": time.Now().UTC(), "Path": path, "Info": "terrace", "Version": "",
	}
}
