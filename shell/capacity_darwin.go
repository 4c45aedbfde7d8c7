package shell

import "golang.org/x/sys/unix"

// memory is the machine's, in bytes; 0 means that it is not known.
func memory() uint64 {
	n, err := unix.SysctlUint64("hw.memsize")
	if err != nil {
		return 0
	}
	return n
}
