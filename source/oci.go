package source

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
)

// Limits of a module package in an OCI registry.
const (
	ociManifestLimit = 4 << 20
	ociLayerLimit    = 512 << 20
	ociLayerLarge    = 50 << 20 // worth a warning
	ociFiles         = 10_000
	ociBytes         = 512 << 20
)

const (
	ociManifestType = "application/vnd.oci.image.manifest.v1+json"
	ociPackageType  = "application/vnd.opentofu.modulepkg"
	ociLayerType    = "archive/zip"
)

var (
	errOCIAddress = errors.New("expected oci://HOST/REPOSITORY, with ?tag=TAG or ?digest=DIGEST")
	errOCIBoth    = errors.New("tag and digest cannot both be given")
	errOCIPackage = errors.New("it is not a module package: expected an artifact of type " + ociPackageType)
	errOCILayers  = errors.New("a module package has exactly one layer, of type " + ociLayerType)
)

// ociGetter brings module packages from registries that speak the OCI
// distribution protocol.
type ociGetter struct {
	client *http.Client
	log    *slog.Logger
}

// ociName is a package in a registry.
type ociName struct {
	host, repository string
	reference        string // a tag or a digest
	digest           bool
}

func (n ociName) String() string {
	sep := ":"
	if n.digest {
		sep = "@"
	}
	return n.host + "/" + n.repository + sep + n.reference
}

var (
	ociRepository = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$`)
	})
	ociDigest = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^sha256:[0-9a-f]{64}$`) })
	ociTag    = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$`) })
)

// checkOCIAddress reads an address, and finds mistakes without a registry.
func checkOCIAddress(u *url.URL) (ociName, error) {
	q := u.Query()
	n := ociName{host: u.Host, repository: strings.Trim(u.Path, "/"), reference: "latest"}
	for name := range q {
		if name != "tag" && name != "digest" {
			return n, fmt.Errorf("%w: there is no parameter %q", errOCIAddress, name)
		}
	}
	switch {
	case u.Host == "" || u.User != nil || !ociRepository().MatchString(n.repository):
		return n, errOCIAddress
	case q.Has("tag") && q.Has("digest"):
		return n, errOCIBoth
	case q.Has("digest"):
		n.reference, n.digest = q.Get("digest"), true
		if !ociDigest().MatchString(n.reference) {
			return n, fmt.Errorf("%w: the digest has the form sha256:HEX", errOCIAddress)
		}
	case q.Has("tag"):
		if n.reference = q.Get("tag"); !ociTag().MatchString(n.reference) {
			return n, fmt.Errorf("%w: %q is no tag", errOCIAddress, n.reference)
		}
	}
	return n, nil
}

// ociDescriptor names a blob.
type ociDescriptor struct {
	MediaType string `json:"mediaType"`
	Digest    string `json:"digest"`
	Size      int64  `json:"size"`
}

type ociManifest struct {
	MediaType    string          `json:"mediaType"`
	ArtifactType string          `json:"artifactType"`
	Layers       []ociDescriptor `json:"layers"`
}

// layer is the one that holds the module.
func (m ociManifest) layer() (ociDescriptor, error) {
	switch {
	case m.ArtifactType != ociPackageType:
		return ociDescriptor{}, errOCIPackage
	case len(m.Layers) != 1 || m.Layers[0].MediaType != ociLayerType || !ociDigest().MatchString(m.Layers[0].Digest):
		return ociDescriptor{}, errOCILayers
	case m.Layers[0].Size > ociLayerLimit:
		return ociDescriptor{}, fmt.Errorf("the package is larger than %d bytes", ociLayerLimit)
	}
	return m.Layers[0], nil
}

func (g *ociGetter) Get(ctx context.Context, j Job) error {
	_, err := g.getKeyed(ctx, j)
	return err
}

func (g *ociGetter) getKeyed(ctx context.Context, j Job) (string, error) {
	n, err := checkOCIAddress(j.Address.URL())
	if err != nil {
		return "", err
	}
	s := g.session(j, n)
	m, digest, err := s.manifest(ctx)
	if err != nil {
		return "", fmt.Errorf("%s: %w", n, err)
	}
	layer, err := m.layer()
	if err != nil {
		return "", fmt.Errorf("%s: %w", n, err)
	}
	if layer.Size > ociLayerLarge {
		g.log.Warn(fmt.Sprintf("The module package %s has %d MiB", n, layer.Size>>20))
	}
	if err := s.layer(ctx, j, layer); err != nil {
		return "", fmt.Errorf("%s: %w", n, err)
	}
	return ociKey(digest), nil
}

// probe asks which package a tag names. A digest is its own answer.
func (g *ociGetter) probe(ctx context.Context, j Job, _ string) (probe, error) {
	n, err := checkOCIAddress(j.Address.URL())
	if err != nil {
		return probe{}, err
	}
	if n.digest {
		return probe{key: ociKey(n.reference)}, nil
	}
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	_, digest, err := g.session(j, n).manifest(ctx)
	return probe{key: ociKey(digest)}, err
}

func ociKey(digest string) string {
	if digest == "" {
		return ""
	}
	return "oci-" + strings.TrimPrefix(digest, "sha256:")
}

func (g *ociGetter) session(j Job, n ociName) *ociSession {
	env := j.Env
	if env == nil {
		env = os.Environ()
	}
	return &ociSession{client: g.client, name: n, env: env}
}

// manifest reads what a package consists of, and gives its digest.
func (s *ociSession) manifest(ctx context.Context) (ociManifest, string, error) {
	res, err := s.get(ctx, "manifests/"+s.name.reference, ociManifestType)
	if err != nil {
		return ociManifest{}, "", err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, ociManifestLimit+1))
	if err != nil {
		return ociManifest{}, "", err
	}
	if len(body) > ociManifestLimit {
		return ociManifest{}, "", fmt.Errorf("its manifest is larger than %d bytes", ociManifestLimit)
	}
	sum := sha256.Sum256(body)
	digest := "sha256:" + hex.EncodeToString(sum[:])
	if s.name.digest && digest != s.name.reference {
		return ociManifest{}, "", fmt.Errorf("what the registry sends has the digest %s", digest)
	}
	var m ociManifest
	if err := json.Unmarshal(body, &m); err != nil {
		return ociManifest{}, "", fmt.Errorf("its manifest: %w", err)
	}
	return m, digest, nil
}

// layer unpacks the package, whose digest go-getter compares before.
func (s *ociSession) layer(ctx context.Context, j Job, d ociDescriptor) error {
	res, err := s.get(ctx, "blobs/"+d.Digest, "*/*")
	if err != nil {
		return err
	}
	defer res.Body.Close()
	checked := j
	u := j.Address.URL()
	u.RawQuery = url.Values{"checksum": {d.Digest}}.Encode()
	checked.Address = Address{forced: j.Address.forced, url: u}
	return unpack(ctx, Steady(res.Body, StallLimit), checked, packing{kind: "zip", download: d.Size, files: ociFiles, bytes: ociBytes})
}
