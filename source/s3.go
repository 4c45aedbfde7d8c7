package source

import (
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// AWSLogin signs requests to AWS for one environment.
type AWSLogin interface {
	// Region is where nothing names another.
	Region() string
	// Sign adds headers to a request without a body. It leaves one alone where
	// there are no credentials.
	Sign(ctx context.Context, req *http.Request, region string) error
}

// LoginAWS finds the credentials of an environment, or of a profile of its
// shared files unless that is "".
type LoginAWS func(ctx context.Context, env []string, profile string) (AWSLogin, error)

// s3Bucket is one bucket of S3, or of what speaks its protocol. The style of
// its address is kept: the bucket in the host, or at the start of the path.
type s3Bucket struct {
	client  *http.Client
	login   AWSLogin
	root    *url.URL // of the bucket
	version string   // of the object, "" for the newest
	region  string
}

// s3At reads s3::https://HOST/BUCKET/KEY and s3::https://BUCKET.s3.REGION.amazonaws.com/KEY.
func s3At(client *http.Client, login LoginAWS) func(context.Context, Job) (bucket, string, error) {
	return func(ctx context.Context, j Job) (bucket, string, error) {
		u, q := j.Address.URL(), j.Address.Query()
		b := &s3Bucket{client: client, version: q.Get("version"), region: q.Get("region")}
		root := *u
		root.RawQuery, root.RawPath, root.User = "", "", nil
		key := strings.TrimPrefix(u.Path, "/")
		if region, ok := virtualHost(u.Host); ok {
			root.Path, b.region = "/", or(b.region, region)
		} else {
			name, rest, _ := strings.Cut(key, "/")
			if name == "" {
				return nil, "", fmt.Errorf("expected s3::https://HOST/BUCKET/KEY")
			}
			root.Path, key = "/"+name+"/", rest
			b.region = or(b.region, regionOf(u.Host))
		}
		b.root = &root
		if login != nil {
			env, err := keysOf(j)
			if err != nil {
				return nil, "", err
			}
			if b.login, err = login(ctx, env, q.Get("aws_profile")); err != nil {
				return nil, "", err
			}
			b.region = or(b.region, b.login.Region())
		}
		return b, key, nil
	}
}

// keysOf is the job's environment, with the keys in the address if there are
// any.
func keysOf(j Job) ([]string, error) {
	env, q := j.Env, j.Address.Query()
	id, secret := q.Get("aws_access_key_id"), q.Get("aws_access_key_secret")
	if id == "" && secret == "" {
		return env, nil
	}
	if id == "" || secret == "" {
		return nil, fmt.Errorf("aws_access_key_id and aws_access_key_secret belong together")
	}
	return append(env[:len(env):len(env)], "AWS_ACCESS_KEY_ID="+id, "AWS_SECRET_ACCESS_KEY="+secret, "AWS_SESSION_TOKEN="+q.Get("aws_access_token")), nil
}

// virtualHost says whether a host of AWS names a bucket, and gives its region.
func virtualHost(host string) (region string, ok bool) {
	name, aws := strings.CutSuffix(host, ".amazonaws.com")
	if !aws || name == "s3" || strings.HasPrefix(name, "s3.") || strings.HasPrefix(name, "s3-") {
		return "", false
	}
	for _, sep := range []string{".s3.", ".s3-"} {
		if i := strings.LastIndex(name, sep); i > 0 {
			return name[i+len(sep):], true
		}
	}
	return "", strings.HasSuffix(name, ".s3")
}

// regionOf is the region that a host of AWS names.
func regionOf(host string) string {
	name, ok := strings.CutSuffix(host, ".amazonaws.com")
	if !ok || len(name) < 4 {
		return ""
	}
	return strings.TrimPrefix(name[3:], "dualstack.") // after "s3." or "s3-"
}

func or(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// do sends a request, once more where the bucket lies in another region.
func (b *s3Bucket) do(ctx context.Context, method, key string, q url.Values) (*http.Response, error) {
	for again := true; ; again = false {
		u := *b.root
		u.Path += key
		u.RawQuery = q.Encode()
		req, err := http.NewRequestWithContext(ctx, method, u.String(), nil)
		if err != nil {
			return nil, err
		}
		if method == http.MethodHead {
			req.Header.Set("x-amz-checksum-mode", "ENABLED")
		}
		if b.login != nil {
			if err := b.login.Sign(ctx, req, or(b.region, "us-east-1")); err != nil {
				return nil, err
			}
		}
		res, err := b.client.Do(req)
		if err != nil {
			return nil, err
		}
		region := res.Header.Get("x-amz-bucket-region")
		if res.StatusCode < 300 || !again || region == "" || region == b.region {
			return res, nil
		}
		_ = res.Body.Close()
		b.move(region)
	}
}

// move turns to another region. A host of AWS names it; others have one host
// for all.
func (b *s3Bucket) move(region string) {
	b.region = region
	name, aws := strings.CutSuffix(b.root.Host, ".amazonaws.com")
	if !aws {
		return
	}
	bucket := ""
	if i := strings.LastIndex("."+name, ".s3"); i > 0 {
		bucket = name[:i]
	}
	b.root.Host = bucket + "s3." + region + ".amazonaws.com"
}

func (b *s3Bucket) object() url.Values {
	if b.version == "" {
		return nil
	}
	return url.Values{"versionId": {b.version}}
}

func (b *s3Bucket) open(ctx context.Context, key string) (io.ReadCloser, error) {
	res, err := b.do(ctx, http.MethodGet, key, b.object())
	if err != nil {
		return nil, err
	}
	if res.StatusCode != http.StatusOK {
		defer res.Body.Close()
		return nil, b.refused(res, key)
	}
	return res.Body, nil
}

// head prefers a checksum of the contents to the ETag.
func (b *s3Bucket) head(ctx context.Context, key string) (string, error) {
	res, err := b.do(ctx, http.MethodHead, key, b.object())
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return "", b.refused(res, key)
	}
	for _, name := range []string{"sha256", "crc64nvme", "sha1", "crc32c", "crc32"} {
		if sum := res.Header.Get("x-amz-checksum-" + name); sum != "" {
			return name + " " + sum + " " + res.Header.Get("Content-Length"), nil
		}
	}
	return res.Header.Get("ETag"), nil
}

func (b *s3Bucket) list(ctx context.Context, prefix string) ([]object, error) {
	var out []object
	q := url.Values{"list-type": {"2"}, "prefix": {prefix}}
	for range bucketPages {
		page, err := b.page(ctx, q)
		if err != nil {
			return nil, err
		}
		for _, c := range page.Contents {
			out = append(out, object{key: c.Key, size: c.Size, validator: c.ETag})
		}
		if !page.IsTruncated {
			return out, nil
		}
		q.Set("continuation-token", page.Next)
	}
	return nil, fmt.Errorf("more than %d pages of objects below %q", bucketPages, prefix)
}

type s3Page struct {
	Contents []struct {
		Key  string
		Size int64
		ETag string
	}
	IsTruncated bool
	Next        string `xml:"NextContinuationToken"`
}

func (b *s3Bucket) page(ctx context.Context, q url.Values) (s3Page, error) {
	res, err := b.do(ctx, http.MethodGet, "", q)
	if err != nil {
		return s3Page{}, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return s3Page{}, b.refused(res, q.Get("prefix"))
	}
	var page s3Page
	err = xml.NewDecoder(io.LimitReader(res.Body, bucketAnswer)).Decode(&page)
	return page, err
}

// refused adds what S3 says of the reason.
func (b *s3Bucket) refused(res *http.Response, key string) error {
	var reason struct{ Code string }
	_ = xml.NewDecoder(io.LimitReader(res.Body, 64<<10)).Decode(&reason)
	err := refused(res, strings.TrimSuffix(b.root.Host+b.root.Path, "/")+"/"+key)
	if reason.Code != "" {
		return fmt.Errorf("%w: %s", err, reason.Code)
	}
	return err
}

// newObjectClient is for object storage: it gives up where nothing is said for
// long, and not on a long download.
func newObjectClient() *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.ResponseHeaderTimeout = 60 * time.Second
	return &http.Client{Transport: t}
}
