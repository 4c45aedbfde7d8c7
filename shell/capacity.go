package shell

import "runtime"

// memoryPerRun is what one run of the binary with a few providers holds on
// average; it is an observation, not a limit.
const memoryPerRun = 512 << 20

// Capacity says how many runs of the binary this machine carries at once. They
// wait for the network most of the time, so two for each core, at most one for
// each half gigabyte of memory, and never less than two.
func Capacity() int {
	n := 2 * runtime.GOMAXPROCS(0)
	if mem := memory(); mem > 0 {
		n = min(n, int(mem/memoryPerRun))
	}
	return max(n, 2)
}
