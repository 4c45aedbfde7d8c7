package remote

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// errNotFound says that a bucket, an object or a key is not there.
var errNotFound = errors.New("not found")

// gcsObject is the place of an object, and the customer's key that it is
// encrypted with, base64, "" for none.
type gcsObject struct{ bucket, name, key string }

func (o gcsObject) String() string { return "gs://" + o.bucket + "/" + o.name }

func (o gcsObject) path() string {
	return "b/" + url.PathEscape(o.bucket) + "/o/" + url.PathEscape(o.name)
}

// gcsMeta is what the service says of an object.
type gcsMeta struct {
	Name       string    `json:"name"`
	Generation string    `json:"generation"`
	Updated    time.Time `json:"updated"`
	MD5        string    `json:"md5Hash"`
	KMSKey     string    `json:"kmsKeyName"`
}

// gcsClient speaks the JSON API of Cloud Storage.
type gcsClient struct {
	http *http.Client
	base string // ends in /storage/v1/
}

// gcsCall is one request. The path starts below the API's base.
type gcsCall struct {
	method, path string
	query        url.Values
	body         []byte
	header       http.Header
}

// GCSError is an answer of Cloud Storage that is no success.
type GCSError struct {
	Status  int
	Message string
}

func (e *GCSError) Error() string {
	return fmt.Sprintf("Cloud Storage answered %d: %s", e.Status, or(e.Message, http.StatusText(e.Status)))
}

func (e *GCSError) Is(target error) bool {
	return target == errNotFound && e.Status == http.StatusNotFound
}

// do sends a request, again where the service asks for patience.
func (c *gcsClient) do(ctx context.Context, call gcsCall) ([]byte, error) {
	for wait := time.Second; ; wait *= 2 {
		text, err := c.once(ctx, call)
		var e *GCSError
		if !errors.As(err, &e) || e.Status != http.StatusTooManyRequests && e.Status < http.StatusBadGateway || wait > 4*time.Second {
			return text, err
		}
		if err := pause(ctx, wait); err != nil {
			return nil, err
		}
	}
}

func (c *gcsClient) once(ctx context.Context, call gcsCall) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, httpTimeout)
	defer cancel()
	address := c.base + call.path
	if rest, ok := strings.CutPrefix(call.path, "upload/"); ok {
		address = strings.TrimSuffix(c.base, "storage/v1/") + "upload/storage/v1/" + rest
	}
	if len(call.query) > 0 {
		address += "?" + call.query.Encode()
	}
	req, err := http.NewRequestWithContext(ctx, call.method, address, bytes.NewReader(call.body))
	if err != nil {
		return nil, err
	}
	for name, values := range call.header {
		req.Header[name] = values
	}
	if call.body != nil && req.Header.Get("Content-Type") == "" {
		req.Header.Set("Content-Type", "application/json")
	}
	answer, err := c.http.Do(req)
	if err != nil {
		return nil, withoutURL(err)
	}
	defer answer.Body.Close() //nolint:errcheck // it was read
	text, err := readAll(answer.Body)
	if err != nil {
		return nil, err
	}
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		return nil, &GCSError{Status: answer.StatusCode, Message: gcsMessage(text)}
	}
	return text, nil
}

// withoutURL drops the address from an error of package http: it may hold
// secrets, and who wraps it names the place.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

func gcsMessage(text []byte) string {
	var body struct {
		Error struct {
			Message string `json:"message"`
		} `json:"error"`
	}
	if json.Unmarshal(text, &body) != nil {
		return ""
	}
	return body.Error.Message
}

// json sends a request and reads the answer as JSON.
func (c *gcsClient) json(ctx context.Context, call gcsCall, into any) error {
	text, err := c.do(ctx, call)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, into)
}

func (c *gcsClient) read(ctx context.Context, o gcsObject) ([]byte, error) {
	header, err := gcsKeyHeader(o.key, "")
	if err != nil {
		return nil, err
	}
	return c.do(ctx, gcsCall{method: http.MethodGet, path: o.path(), query: url.Values{"alt": {"media"}}, header: header})
}

func (c *gcsClient) stat(ctx context.Context, o gcsObject) (gcsMeta, error) {
	header, err := gcsKeyHeader(o.key, "")
	if err != nil {
		return gcsMeta{}, err
	}
	var m gcsMeta
	return m, c.json(ctx, gcsCall{method: http.MethodGet, path: o.path(), header: header}, &m)
}

// create writes an object that must not be there yet.
func (c *gcsClient) create(ctx context.Context, o gcsObject, text []byte) (gcsMeta, error) {
	var m gcsMeta
	return m, c.json(ctx, gcsCall{
		method: http.MethodPost, path: "upload/b/" + url.PathEscape(o.bucket) + "/o", body: text,
		query: url.Values{"uploadType": {"media"}, "name": {o.name}, "ifGenerationMatch": {"0"}},
	}, &m)
}

// delete removes an object, only of one generation if that is not "". One that
// is not there is no error.
func (c *gcsClient) delete(ctx context.Context, o gcsObject, generation string) error {
	query := url.Values{}
	if generation != "" {
		query.Set("ifGenerationMatch", generation)
	}
	_, err := c.do(ctx, gcsCall{method: http.MethodDelete, path: o.path(), query: query})
	if errors.Is(err, errNotFound) {
		return nil
	}
	return err
}

// list gives the live objects below a prefix, in the order of their names.
func (c *gcsClient) list(ctx context.Context, bucket, prefix string) ([]gcsMeta, error) {
	var found []gcsMeta
	for token := ""; ; {
		var page struct {
			Items []gcsMeta `json:"items"`
			Next  string    `json:"nextPageToken"`
		}
		query := url.Values{"prefix": {prefix}, "fields": {"items(name,generation,updated),nextPageToken"}}
		if token != "" {
			query.Set("pageToken", token)
		}
		if err := c.json(ctx, gcsCall{method: http.MethodGet, path: "b/" + url.PathEscape(bucket) + "/o", query: query}, &page); err != nil {
			return nil, err
		}
		found = append(found, page.Items...)
		if token = page.Next; token == "" {
			return found, nil
		}
	}
}

// gcsKeyHeader tells the service the customer's key of an object; infix names
// that of the source of a copy.
func gcsKeyHeader(key, infix string) (http.Header, error) {
	if key == "" {
		return nil, nil
	}
	raw, err := base64.StdEncoding.DecodeString(key)
	if err != nil {
		return nil, errors.New("encryption_key is not base64")
	}
	sum := sha256.Sum256(raw)
	h := http.Header{}
	h.Set("X-Goog-"+infix+"Encryption-Algorithm", "AES256")
	h.Set("X-Goog-"+infix+"Encryption-Key", key)
	h.Set("X-Goog-"+infix+"Encryption-Key-Sha256", base64.StdEncoding.EncodeToString(sum[:]))
	return h, nil
}
