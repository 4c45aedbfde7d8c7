//go:build unix

package parts

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// handOver gives the folder of a box to the user nobody where we are root, for
// servers that refuse to run as root.
func handOver(b *box) error {
	if os.Getuid() != 0 {
		return nil
	}
	uid, gid, err := nobody()
	if err != nil {
		return err
	}
	return os.Chown(b.dir, uid, gid)
}

// asUser has a command run as the user that owns the folder of its box.
func asUser(cmd *exec.Cmd, b *box) {
	if os.Getuid() != 0 {
		return
	}
	info, err := os.Stat(b.dir)
	if err != nil {
		return
	}
	if owner, ok := info.Sys().(*syscall.Stat_t); ok && owner.Uid != 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: owner.Uid, Gid: owner.Gid}}
	}
}

func nobody() (uid, gid int, err error) {
	u, err := user.Lookup("nobody")
	if err != nil {
		return 0, 0, err
	}
	uid, err = strconv.Atoi(u.Uid)
	if err != nil {
		return 0, 0, fmt.Errorf("the user nobody: %w", err)
	}
	gid, err = strconv.Atoi(u.Gid)
	return uid, gid, err
}
