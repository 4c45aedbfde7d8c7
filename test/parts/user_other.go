//go:build !unix

package parts

import "os/exec"

func handOver(*box) error { return nil }

func asUser(*exec.Cmd, *box) {}
