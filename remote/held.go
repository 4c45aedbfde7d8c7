package remote

import (
	"crypto/rand"
	"fmt"
	"os"
	"os/user"
	"time"
)

// heldLock says who holds the lock; nil is somebody who could not be told.
func heldLock(where string, holder *Lock) error {
	if holder == nil {
		holder = &Lock{}
	}
	return &HeldError{Where: where, Lock: *holder}
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
