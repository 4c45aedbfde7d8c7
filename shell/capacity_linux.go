package shell

import (
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// memory is what this process may use, in bytes: the machine's, or what the
// control group that it is in allows. 0 means that it is not known.
func memory() uint64 {
	var info unix.Sysinfo_t
	total := uint64(0)
	if unix.Sysinfo(&info) == nil {
		total = uint64(info.Totalram) * uint64(info.Unit) //nolint:unconvert // its type differs between architectures
	}
	b, err := os.ReadFile("/sys/fs/cgroup/memory.max")
	if err != nil {
		return total
	}
	limit, err := strconv.ParseUint(strings.TrimSpace(string(b)), 10, 64)
	if err == nil && (total == 0 || limit < total) {
		return limit
	}
	return total
}
