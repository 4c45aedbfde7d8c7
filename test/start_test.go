package test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestNoCollectionAtStart: no garbage is collected before a command that allocates little has
// ended, which is to say that cli/heap comes before the libraries that allocate most.
func TestNoCollectionAtStart(t *testing.T) {
	t.Parallel()
	bin := terraceBin(t)
	if os.Getenv("GOCOVERDIR") != "" || os.Getenv("TERRACE_BUILD_FLAGS") != "" {
		t.Skip("the binary was built with extras that allocate at the start")
	}
	for _, gogc := range []string{"", "10"} {
		cmd := exec.Command(bin, "--version")
		cmd.Env = append(os.Environ(), "GODEBUG=gctrace=1", "GOGC="+gogc)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if collected := strings.Contains(string(out), "gc 1 @"); collected != (gogc != "") {
			t.Errorf("GOGC=%q: collected %v:\n%s", gogc, collected, out)
		}
	}
}
