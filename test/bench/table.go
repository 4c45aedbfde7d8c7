package main

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"time"
)

// row is one line of the table.
type row struct {
	comparison
	what             string
	target, measured string
	met              bool
}

func ratioRow(what string, c comparison, most float64) row {
	return row{c, what, fmt.Sprintf("at most %.3g", most), fmt.Sprintf("%.2f", c.ratio), c.ratio <= most}
}

func differenceRow(what string, c comparison, most time.Duration) row {
	return row{c, what, "at most +" + ms(most), fmt.Sprintf("%+.1f ms", float64(c.more)/1e6), c.more <= most}
}

func ms(d time.Duration) string {
	if d >= time.Second {
		return fmt.Sprintf("%.2f s", d.Seconds())
	}
	return fmt.Sprintf("%.3g ms", float64(d)/1e6)
}

func table(rows []row) string {
	var b strings.Builder
	b.WriteString("| What | Ours | Bare | Target | Measured | |\n| --- | ---: | ---: | ---: | ---: | --- |\n")
	for _, r := range rows {
		word := "met"
		if !r.met {
			word = "**missed**"
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", r.what, ms(r.ours), ms(r.bare), r.target, r.measured, word)
	}
	return b.String()
}

func allMet(rows []row) bool {
	for _, r := range rows {
		if !r.met {
			return false
		}
	}
	return true
}

// machine says on what the figures were taken.
func (b *bench) machine() string {
	return fmt.Sprintf("Medians of pairs, on %d cores (%s), %s/%s, %s, %s, %s.", runtime.NumCPU(), processor(),
		runtime.GOOS, runtime.GOARCH, firstLine(b.terrace, "--version"), firstLine(b.tf, "version"), runtime.Version())
}

func firstLine(bin string, arg string) string {
	cmd := exec.Command(bin, arg)
	cmd.Env = append(os.Environ(), "CHECKPOINT_DISABLE=1", "TF_CLI_CONFIG_FILE="+os.DevNull)
	out, err := cmd.Output()
	if err != nil {
		return bin
	}
	line, _, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	return line
}

// processor is the name of the processor where the system tells it in /proc/cpuinfo.
func processor() string {
	file, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if name, value, found := strings.Cut(lines.Text(), ":"); found && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}
