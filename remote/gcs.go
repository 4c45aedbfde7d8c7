package remote

import "context"

// gcs keeps states in a bucket of Google Cloud Storage. None of the settings
// that it forwards is a boolean.
type gcs struct{}

func (gcs) InitArgs(s Settings) (map[string]any, error) {
	return forwarded(s.Config, gcsConsumes, none), nil
}

func (gcs) State(_ context.Context, s Settings) (*State, error) { return nil, throughBinary(s) }

// gcsConsumes tells which settings only say how to create the bucket.
func gcsConsumes(key string) bool {
	switch key {
	case "project", "location", "gcs_bucket_labels", "skip_bucket_versioning", "skip_bucket_creation", "enable_bucket_policy_only":
		return true
	}
	return false
}
