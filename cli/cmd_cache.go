package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/terrace-iac/terrace/source"
)

// cacheStore opens the download store, without a session: no unit is read.
func cacheStore() (*source.Content, error) {
	c := openContent(slog.New(slog.DiscardHandler))
	if c == nil {
		return nil, errors.New("there is no folder for caches: set HOME or XDG_CACHE_HOME")
	}
	return c, nil
}

func runCacheInfo(ctx context.Context, inv *invocation) (int, error) {
	c, err := cacheStore()
	if err != nil {
		return 1, err
	}
	u, err := c.Usage(ctx)
	if err != nil {
		return 1, err
	}
	limits := source.DefaultLimits()
	fmt.Fprintf(inv.Stdout, "folder:      %s\nsources:     %d\nfiles:       %d\nsize:        %s\n", c.Root(), u.Trees, u.Files, byteSize(u.Bytes))
	if !u.Oldest.IsZero() {
		fmt.Fprintf(inv.Stdout, "least used:  %s\n", u.Oldest.Format(time.DateTime))
	}
	_, err = fmt.Fprintf(inv.Stdout, "limits:      %s, and %d days without use\n", byteSize(limits.MaxSize), int(limits.MaxAge.Hours()/24))
	return 0, err
}

func runCachePrune(ctx context.Context, inv *invocation) (int, error) {
	limits, err := pruneLimits(inv.Values)
	if err != nil {
		return 1, err
	}
	c, err := cacheStore()
	if err != nil {
		return 1, err
	}
	dry := inv.Values.Bool("dry-run")
	done, err := c.Prune(ctx, limits, dry)
	if err != nil {
		return 1, err
	}
	_, err = fmt.Fprintf(inv.Stdout, "%s %s and %s (%s)\n", removedWord(dry), count(done.Trees, "source"), count(done.Files, "file"), byteSize(done.Bytes))
	return 0, err
}

func pruneLimits(v *values) (source.Limits, error) {
	age, err := time.ParseDuration(v.String("max-age"))
	if v.String("max-age") == "0" {
		age, err = 0, nil
	}
	if err != nil || age < 0 {
		return source.Limits{}, &usageError{fmt.Sprintf("--max-age %s is not a time such as 36h", v.String("max-age"))}
	}
	size, ok := parseSize(v.String("max-size"))
	if !ok {
		return source.Limits{}, &usageError{fmt.Sprintf("--max-size %s is not a size such as 500MiB", v.String("max-size"))}
	}
	return source.Limits{MaxAge: age, MaxSize: size}, nil
}

func runCacheVerify(ctx context.Context, inv *invocation) (int, error) {
	c, err := cacheStore()
	if err != nil {
		return 1, err
	}
	v, err := c.Verify(ctx)
	if err != nil {
		return 1, err
	}
	for _, path := range v.Damaged {
		fmt.Fprintf(inv.Stdout, "damaged, removed: %s\n", path)
	}
	_, err = fmt.Fprintf(inv.Stdout, "Checked %s of %s, %d damaged\n", count(v.Files, "file"), count(v.Trees, "source"), len(v.Damaged))
	return min(len(v.Damaged), 1), err
}

// runClean removes the caches below the working folder, and says for each
// what became of it.
func runClean(ctx context.Context, inv *invocation) (int, error) {
	o := source.CleanOptions{DryRun: inv.Values.Bool("dry-run")}
	for _, dir := range inv.Values.List("with-state") {
		o.WithState = append(o.WithState, absoluteIfSet(inv.Cwd, dir))
	}
	list, err := source.Clean(ctx, inv.Global.WorkingDir, o)
	var bytes int64
	removed := 0
	for _, one := range list {
		if one.State != "" {
			fmt.Fprintf(inv.Stdout, "kept: %s holds state: %s\n", one.Dir, one.State)
			continue
		}
		removed++
		bytes += one.Bytes
		if o.DryRun {
			fmt.Fprintf(inv.Stdout, "%s (%s)\n", one.Dir, byteSize(one.Bytes))
		}
	}
	tellCleaned(inv.Stdout, removedWord(o.DryRun), removed, bytes)
	if err != nil {
		return 1, err
	}
	return 0, nil
}

func tellCleaned(w io.Writer, word string, n int, bytes int64) {
	fmt.Fprintf(w, "%s %s (%s)\n", word, count(n, "cache folder"), byteSize(bytes))
}

func removedWord(dry bool) string {
	if dry {
		return "Would remove"
	}
	return "Removed"
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

// byteSize shows a size to people: 12 B, 1.5 MiB.
func byteSize(n int64) string {
	if n < 1024 {
		return fmt.Sprintf("%d B", n)
	}
	size, unit := float64(n), 0
	for size >= 1024 && unit < 4 {
		size /= 1024
		unit++
	}
	return fmt.Sprintf("%.1f %ciB", size, " KMGT"[unit])
}

// parseSize reads a whole number of bytes, or of a unit: K, KB and KiB are all
// 1024 bytes.
func parseSize(text string) (int64, bool) {
	digits := strings.TrimRight(text, "KMGTiBkmgtb ")
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || n < 0 {
		return 0, false
	}
	unit := strings.ToUpper(strings.TrimSpace(text[len(digits):]))
	power := strings.Index(" KMGT", strings.TrimSuffix(strings.TrimSuffix(unit, "B"), "I"))
	if unit == "" || unit == "B" {
		power = 0
	}
	if power < 0 || n > (1<<62)>>(10*power) {
		return 0, false
	}
	return n << (10 * power), true
}
