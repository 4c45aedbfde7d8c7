package cli

import (
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sync"

	"github.com/terrace-iac/terrace/config"
	"github.com/terrace-iac/terrace/source"
)

// sourceOptions say how sources are fetched: by way of the store that all runs
// share, and again after a failure that passes by itself.
func (s *session) sourceOptions() source.Options {
	o := source.Options{Log: s.log, CloneDepth: s.opts.Source.CloneDepth, AWS: loginAWS, Google: source.GoogleToken}
	if !s.opts.Source.NoCAS {
		o.Content = openContent(s.log)
	}
	if !s.opts.Tofu.NoAutoRetry {
		o.Retryable = passesByItself
	}
	return o
}

// openContent gives the store of this user, nil where there is no folder for
// caches.
func openContent(log *slog.Logger) *source.Content {
	dir, err := os.UserCacheDir()
	if err != nil {
		log.Debug("no content-addressed store: there is no folder for caches", "error", err)
		return nil
	}
	return source.NewContent(filepath.Join(dir, progName, "cas"), log)
}

// passesByItself knows failed downloads by what the room of sources knows of
// networks, and by the patterns that runs are retried for.
func passesByItself(err error) bool {
	if source.Transient(err) {
		return true
	}
	text := err.Error()
	return slices.ContainsFunc(retryablePatterns(), func(re *regexp.Regexp) bool { return re.MatchString(text) })
}

var retryablePatterns = sync.OnceValue(func() []*regexp.Regexp {
	var out []*regexp.Regexp
	for _, p := range config.DefaultRetryableErrors() {
		if re, err := regexp.Compile(p); err == nil {
			out = append(out, re)
		}
	}
	return out
})
