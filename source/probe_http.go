package source

import (
	"context"
	"net/http"
	"time"
)

// probeTimeout is how long a server may take to say whether something is new.
const probeTimeout = 10 * time.Second

// probe asks a web server for the validator of a file. One that sends none,
// or that leads elsewhere by a header, cannot be asked.
func (l *libraryGetter) probe(ctx context.Context, j Job, _ string) (probe, error) {
	if kind := j.Address.Kind(); kind != "http" && kind != "https" {
		return probe{}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	u := j.Address.URL()
	q := u.Query()
	for _, ours := range []string{"archive", "checksum", "filename"} {
		q.Del(ours)
	}
	u.RawQuery = q.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodHead, u.String(), nil)
	if err != nil {
		return probe{}, err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return probe{}, err
	}
	_ = resp.Body.Close()
	validator := resp.Header.Get("ETag")
	if validator == "" {
		validator = resp.Header.Get("Last-Modified")
	}
	if resp.StatusCode != http.StatusOK || validator == "" || resp.Header.Get("X-Terraform-Get") != "" {
		return probe{}, nil
	}
	// The parameters say how the file is unpacked and checked, so that they
	// are part of the key; who asked is not.
	u = j.Address.URL()
	u.User = nil
	return probe{key: "http-" + digest(u.String()+"\n"+validator)}, nil
}
