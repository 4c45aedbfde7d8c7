package run

import (
	"context"
	"path/filepath"
	"strings"
)

// ofRegistry adds to the request for a registry's module what its address does
// not say: which versions will do, and which registry the binary would ask. A
// version that the unit wants of its own source says nothing about another one
// that the command line puts in its place.
func (j *job) ofRegistry(ctx context.Context) {
	if j.req.Address.Kind() != "tfr" {
		return
	}
	if j.opts.Source.URL == "" {
		j.req.Version = j.cfg.Terraform.Version
	}
	if j.req.Address.URL().Host == "" {
		j.req.Registry = j.defaultRegistry(ctx)
	}
}

func (j *job) defaultRegistry(ctx context.Context) string {
	if host, ok := lookup(j.env, "TG_TF_DEFAULT_REGISTRY_HOST"); ok && host != "" {
		return host
	}
	name := filepath.Base(j.bin)
	if v, err := j.versions.Version(ctx, j.bin, j.env, j.unit.Dir()); err == nil {
		name = v.Name
	}
	if strings.Contains(strings.ToLower(name), "tofu") {
		return "registry.opentofu.org"
	}
	return "registry.terraform.io"
}
