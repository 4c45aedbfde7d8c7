package remote

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/container"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/lease"
)

// azurerm keeps states in a container of Azure Blob Storage.
type azurerm struct{ c *Connections }

func (azurerm) InitArgs(s Settings) (map[string]any, error) {
	return forwarded(s.Config, azurermConsumes, azurermBoolean), nil
}

// azureWorkspace stands between the key and a workspace's name.
const azureWorkspace = "env:"

// azureBlob is the name of the state's blob.
func azureBlob(s Settings) string {
	if s.workspace() == "default" {
		return s.text("key")
	}
	return s.text("key") + azureWorkspace + s.workspace()
}

func azureWhere(s Settings) string {
	return fmt.Sprintf("blob %s of %s/%s", azureBlob(s), s.text("storage_account_name"), s.text("container_name"))
}

// State reads the state's blob. The binary makes an empty one to lock it, which
// is no state. Whatever goes wrong on the way is left to the binary.
func (a azurerm) State(ctx context.Context, s Settings) (*State, error) {
	s = a.c.sharing(s)
	where := azureWhere(s)
	text, err := azureRead(ctx, s)
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case azureAbsent(err):
		return nil, fmt.Errorf("%s: %w", where, ErrNoState)
	case err != nil:
		return nil, unasked(where, azureError(err))
	}
	return parsed(where, text)
}

func azureRead(ctx context.Context, s Settings) ([]byte, error) {
	c, err := azureContainerOf(ctx, s)
	if err != nil {
		return nil, err
	}
	key, err := azureKey(s)
	if err != nil {
		return nil, err
	}
	answer, err := c.NewBlobClient(azureBlob(s)).DownloadStream(ctx, &blob.DownloadStreamOptions{CPKInfo: key})
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close() //nolint:errcheck // it was read
	return readAll(answer.Body)
}

// Lock reads what the holder wrote beside the lease that is the lock.
func (a azurerm) Lock(ctx context.Context, s Settings) (*Lock, error) {
	s = a.c.sharing(s)
	c, err := azureContainerOf(ctx, s)
	if err != nil {
		return nil, err
	}
	l, err := azureLock(ctx, c.NewBlobClient(azureBlob(s)), s)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", azureWhere(s), azureError(err))
	}
	return l, nil
}

func azureLock(ctx context.Context, b *blob.Client, s Settings) (*Lock, error) {
	key, err := azureKey(s)
	if err != nil {
		return nil, err
	}
	p, err := b.GetProperties(ctx, &blob.GetPropertiesOptions{CPKInfo: key})
	if azureAbsent(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if p.LeaseStatus == nil || *p.LeaseStatus != lease.StatusTypeLocked {
		return nil, nil
	}
	l := &Lock{}
	for name, value := range p.Metadata {
		if !strings.EqualFold(name, azureLockName) || value == nil {
			continue
		}
		note, err := base64.StdEncoding.DecodeString(*value)
		if err != nil || json.Unmarshal(note, l) != nil {
			return nil, errors.New("what is written of the lock cannot be read")
		}
	}
	return l, nil
}

// azureLockName is the blob's metadata that says who holds the lock.
const azureLockName = "terraformlockid"

// List gives the blobs of the container that are states: JSON by their type or
// their name.
func (a azurerm) List(ctx context.Context, s Settings) ([]Location, error) {
	s = a.c.sharing(s)
	c, err := azureContainerOf(ctx, s)
	if err != nil {
		return nil, azureError(err)
	}
	var found []Location
	for pages := c.NewListBlobsFlatPager(nil); pages.More(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("container %s: %w", s.text("container_name"), azureError(err))
		}
		for _, item := range page.Segment.BlobItems {
			if l, ok := azureLocation(item); ok {
				found = append(found, l)
			}
		}
	}
	return found, nil
}

func azureLocation(item *container.BlobItem) (Location, bool) {
	if item.Name == nil {
		return Location{}, false
	}
	key, workspace, _ := strings.Cut(*item.Name, azureWorkspace)
	l := Location{Key: key, Workspace: workspace}
	state := strings.HasSuffix(key, ".tfstate")
	if p := item.Properties; p != nil {
		if p.LastModified != nil {
			l.Modified = *p.LastModified
		}
		if p.ContentLength != nil && *p.ContentLength == 0 {
			return l, false // made to be locked
		}
		state = state || p.ContentType != nil && *p.ContentType == "application/json"
	}
	return l, state
}

// azureAbsent tells whether a blob, its container or what else is asked for is
// not there.
func azureAbsent(err error) bool {
	var e *azcore.ResponseError
	return errors.As(err, &e) && e.StatusCode == http.StatusNotFound
}

// azureError puts an error of Azure's library into one line, without the
// address, which may hold a signature that opens the container.
func azureError(err error) error {
	var e *azcore.ResponseError
	if errors.As(err, &e) {
		return &AzureError{Status: e.StatusCode, Code: e.ErrorCode, Err: err}
	}
	return withoutURL(err)
}

// AzureError is an answer of Azure that is no success.
type AzureError struct {
	Status int
	Code   string // Azure's name of what went wrong
	Err    error
}

func (e *AzureError) Error() string {
	return fmt.Sprintf("Azure answered %d %s", e.Status, or(e.Code, http.StatusText(e.Status)))
}

func (e *AzureError) Unwrap() error { return e.Err }

// azurermConsumes tells which settings only say how to create the storage
// account and its container.
func azurermConsumes(key string) bool {
	switch key {
	case "location", "account_tier", "account_replication_type", "account_kind", "access_tier", "tags",
		"skip_resource_group_creation", "skip_storage_account_creation", "skip_container_creation", "skip_versioning",
		"enable_soft_delete", "soft_delete_retention_days", "allow_blob_public_access", "msi_resource_id":
		return true
	}
	return false
}

func azurermBoolean(key string) bool {
	switch key {
	case "snapshot", "use_msi", "use_oidc", "use_cli", "use_azuread_auth", "use_microsoft_graph",
		"use_aks_workload_identity", "lookup_blob_endpoint":
		return true
	}
	return false
}
