package source

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// LoginGoogle gives an access token for Cloud Storage in an environment, ""
// where there are no credentials.
type LoginGoogle func(ctx context.Context, env []string) (string, error)

// gcsBucket is one bucket of Cloud Storage, by its JSON API.
type gcsBucket struct {
	client     *http.Client
	base       string // https://HOST/storage/v1/b/BUCKET/o
	token      string
	generation string // of the object, "" for the newest
}

var errGCSAddress = errors.New("expected gcs::https://www.googleapis.com/storage/v1/BUCKET/PATH")

// gcsAt reads gcs::https://www.googleapis.com/storage/v1/BUCKET/PATH. The
// emulator that the environment names takes the place of the real one.
func gcsAt(client *http.Client, login LoginGoogle) func(context.Context, Job) (bucket, string, error) {
	return func(ctx context.Context, j Job) (bucket, string, error) {
		u := j.Address.URL()
		parts := strings.SplitN(strings.TrimPrefix(u.Path, "/"), "/", 4)
		if len(parts) < 4 || parts[0] != "storage" || parts[2] == "" || parts[3] == "" {
			return nil, "", errGCSAddress
		}
		base := "https://storage.googleapis.com"
		emulator := envValue(j.Env, "STORAGE_EMULATOR_HOST")
		switch {
		case emulator != "" && strings.Contains(emulator, "://"):
			base = strings.TrimSuffix(emulator, "/")
		case emulator != "":
			base = "http://" + emulator
		}
		b := &gcsBucket{
			client: client, generation: u.Fragment,
			base: base + "/storage/v1/b/" + url.PathEscape(parts[2]) + "/o",
		}
		if g := j.Address.Query().Get("generation"); g != "" {
			b.generation = g
		}
		var err error
		if login != nil && emulator == "" {
			b.token, err = login(ctx, j.Env)
		}
		return b, parts[3], err
	}
}

func (b *gcsBucket) get(ctx context.Context, path string, q url.Values) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, b.base+path+"?"+q.Encode(), nil)
	if err != nil {
		return nil, err
	}
	if b.token != "" {
		req.Header.Set("Authorization", "Bearer "+b.token)
	}
	res, err := b.client.Do(req)
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		defer res.Body.Close()
		return nil, refused(res, b.base+path)
	}
	return res, nil
}

func (b *gcsBucket) object(q url.Values) url.Values {
	if b.generation != "" {
		q.Set("generation", b.generation)
	}
	return q
}

func (b *gcsBucket) open(ctx context.Context, key string) (io.ReadCloser, error) {
	res, err := b.get(ctx, "/"+url.PathEscape(key), b.object(url.Values{"alt": {"media"}}))
	if err != nil {
		return nil, err
	}
	return res.Body, nil
}

type gcsObject struct {
	Name       string `json:"name"`
	Size       string `json:"size"`
	MD5        string `json:"md5Hash"`
	CRC32C     string `json:"crc32c"`
	Generation string `json:"generation"`
}

func (o gcsObject) validator() string { return or(o.MD5, or(o.CRC32C, o.Generation)) + " " + o.Size }

func (b *gcsBucket) head(ctx context.Context, key string) (string, error) {
	var o gcsObject
	if err := b.read(ctx, "/"+url.PathEscape(key), b.object(url.Values{}), &o); err != nil {
		return "", err
	}
	return o.validator(), nil
}

func (b *gcsBucket) list(ctx context.Context, prefix string) ([]object, error) {
	var out []object
	q := url.Values{"prefix": {prefix}}
	for range bucketPages {
		var page struct {
			Items []gcsObject `json:"items"`
			Next  string      `json:"nextPageToken"`
		}
		if err := b.read(ctx, "", q, &page); err != nil {
			return nil, err
		}
		for _, o := range page.Items {
			size, err := strconv.ParseInt(o.Size, 10, 64)
			if err != nil {
				return nil, fmt.Errorf("%s: size %q", o.Name, o.Size)
			}
			out = append(out, object{key: o.Name, size: size, validator: o.validator()})
		}
		if page.Next == "" {
			return out, nil
		}
		q.Set("pageToken", page.Next)
	}
	return nil, fmt.Errorf("more than %d pages of objects below %q", bucketPages, prefix)
}

func (b *gcsBucket) read(ctx context.Context, path string, q url.Values, to any) error {
	res, err := b.get(ctx, path, q)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	return json.NewDecoder(io.LimitReader(res.Body, bucketAnswer)).Decode(to)
}
