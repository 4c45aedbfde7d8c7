// Command tally reads what `go test -json` writes on standard input. It prints the result of each
// package, all that failed tests have said, and at the end how many tests have passed, failed and
// were skipped, with the reason of each that was skipped. The exit status is 1 where one failed.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"strings"
)

func main() {
	t := &tally{out: os.Stdout, said: map[string][]string{}, counts: map[string]int{}}
	if err := t.read(os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, "tally:", err)
		os.Exit(1)
	}
	if !t.sum() {
		os.Exit(1)
	}
}

// event is one line of `go test -json`.
type event struct {
	Action, Package, Test, Output string
	Elapsed                       float64
}

type tally struct {
	out     io.Writer
	said    map[string][]string // by package and test, until it has ended
	counts  map[string]int      // by action: tests, and packages that failed
	skipped []string
	broken  bool
}

// read takes lines that are no events as they are: go writes so what does not compile.
func (t *tally) read(r io.Reader) error {
	lines := bufio.NewReader(r)
	for {
		line, err := lines.ReadString('\n')
		var e event
		switch {
		case strings.TrimSpace(line) == "":
		case json.Unmarshal([]byte(line), &e) != nil:
			fmt.Fprint(t.out, line)
		default:
			t.add(e)
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (t *tally) add(e event) {
	key := e.Package + " " + e.Test
	switch e.Action {
	case "output", "build-output":
		if e.Test == "" && e.Action == "output" && framing(e.Output) {
			return
		}
		t.said[key] = append(t.said[key], e.Output)
	case "pass", "fail", "skip":
		if e.Test == "" {
			t.packageEnds(e, key)
			break
		}
		t.counts[e.Action]++
		if e.Action == "fail" {
			fmt.Fprint(t.out, strings.Join(t.said[key], ""))
		}
		if e.Action == "skip" {
			t.skipped = append(t.skipped, fmt.Sprintf("skip %s %s: %s", e.Package, e.Test, reason(t.said[key])))
		}
		delete(t.said, key)
	case "build-fail":
		fmt.Fprint(t.out, strings.Join(t.said[key], ""))
		delete(t.said, key)
		t.broken = true
	}
}

func (t *tally) packageEnds(e event, key string) {
	if e.Action == "fail" {
		t.broken = true
		fmt.Fprint(t.out, strings.Join(t.said[key], ""))
		// A panic or the limit of time ends tests without a word of their own.
		for other, said := range t.said {
			if other != key && strings.HasPrefix(other, e.Package+" ") {
				fmt.Fprint(t.out, strings.Join(said, ""))
			}
		}
	}
	if e.Action != "skip" { // without tests
		fmt.Fprintf(t.out, "%-4s %s %.1fs\n", e.Action, e.Package, e.Elapsed)
	}
	delete(t.said, key)
}

// framing is what go says of a package itself.
func framing(line string) bool {
	line = strings.TrimSpace(line)
	return line == "PASS" || line == "FAIL" || strings.HasPrefix(line, "ok  \t") || strings.HasPrefix(line, "?   \t") || strings.HasPrefix(line, "FAIL\t")
}

// place is what go puts in front of a message.
var place = regexp.MustCompile(`^[\w.-]+_?\w*\.go:\d+: `)

// reason is the last line that a test has said before it ended.
func reason(said []string) string {
	for _, line := range slices.Backward(said) {
		line = strings.TrimSpace(line)
		if line != "" && !strings.HasPrefix(line, "---") && !strings.HasPrefix(line, "===") {
			return place.ReplaceAllString(line, "")
		}
	}
	return "no reason"
}

// sum prints the end and says whether all is well.
func (t *tally) sum() bool {
	slices.Sort(t.skipped)
	for _, line := range t.skipped {
		fmt.Fprintln(t.out, line)
	}
	fmt.Fprintf(t.out, "tests: %d passed, %d failed, %d skipped\n", t.counts["pass"], t.counts["fail"], len(t.skipped))
	return !t.broken && t.counts["fail"] == 0 && t.counts["pass"] > 0
}
