package remote

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"

	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
)

// azureStep is a change and the way to make it.
type azureStep struct {
	Change
	do func(context.Context) error
}

// Missing tells what Bootstrap would do.
func (a azurerm) Missing(ctx context.Context, s Settings) ([]Change, error) {
	s = a.c.sharing(s)
	steps, err := azureSteps(ctx, s)
	var changes []Change
	for _, step := range steps {
		changes = append(changes, step.Change)
	}
	return changes, err
}

// Bootstrap makes the resource group, the storage account and the container,
// and turns on what protects states from being lost.
func (a azurerm) Bootstrap(ctx context.Context, s Settings, approve Approve) ([]Change, error) {
	s = a.c.sharing(s)
	place := []string{s.text("storage_account_name"), s.text("container_name")}
	return seeTo(s, place, func() ([]Change, error) { return azureMake(ctx, s, approve) })
}

func azureMake(ctx context.Context, s Settings, approve Approve) ([]Change, error) {
	steps, err := azureSteps(ctx, s)
	if err != nil {
		return nil, err
	}
	var done []Change
	for _, step := range steps {
		if err := approved(approve, step.Change); err != nil {
			return done, err
		}
		if err := step.do(ctx); err != nil {
			return done, fmt.Errorf("%s: %w", step.Change, azureError(err))
		}
		done = append(done, step.Change)
	}
	return done, nil
}

// azureSteps compares what is there with what the settings want.
func azureSteps(ctx context.Context, s Settings) ([]azureStep, error) {
	manager, err := azureManagerOf(s)
	if err != nil {
		return nil, err
	}
	var steps []azureStep
	exists := true
	if manager != nil {
		w := azureWanted{Settings: s, manager: *manager}
		if steps, exists, err = w.steps(ctx); err != nil {
			return nil, err
		}
	}
	step, err := azureContainerStep(ctx, s, exists, manager != nil)
	if err != nil || step == nil {
		return steps, err
	}
	return append(steps, *step), nil
}

// azureManagerOf gives the manager, nil where the credentials or the settings
// do not reach that far: signatures and keys open the storage account alone.
func azureManagerOf(s Settings) (*azureManager, error) {
	names, err := azureNamesOf(s)
	if err != nil {
		return nil, err
	}
	login, err := azureLoginOf(s)
	if err != nil || login.SAS != "" || login.AccessKey != "" || names.Subscription == "" || names.Group == "" {
		return nil, err
	}
	return sharedClient(s, []string{"manager", fmt.Sprint(names), fmt.Sprint(login)}, func(t http.RoundTripper) (*azureManager, error) {
		options, _, err := azureOptions(login, t)
		if err != nil {
			return nil, err
		}
		token, err := azureTokens(s, login)
		return &azureManager{http: options.Transport, token: token, cloud: options.Cloud, names: names}, err
	})
}

// azureContainerStep makes the container where it is missing. Of an account
// that is yet to be made it is known to be.
func azureContainerStep(ctx context.Context, s Settings, account, managed bool) (*azureStep, error) {
	if s.flag("skip_container_creation") {
		return nil, nil
	}
	name := s.text("container_name")
	if account {
		c, err := azureContainerOf(ctx, s)
		if err != nil {
			return nil, azureError(err)
		}
		_, err = c.GetProperties(ctx, nil)
		if err == nil {
			return nil, nil
		}
		if !azureAbsent(err) {
			return nil, azureUnreachable(s, err, managed)
		}
	}
	return &azureStep{Change{Action: "create", Object: "container " + s.text("storage_account_name") + "/" + name, Detail: "private"}, func(ctx context.Context) error {
		c, err := azureContainerOf(ctx, s)
		if err != nil {
			return err
		}
		if _, err = c.Create(ctx, nil); bloberror.HasCode(err, bloberror.ContainerAlreadyExists) {
			return nil // somebody was faster
		}
		return err
	}}, nil
}

// azureUnreachable says why a container cannot be looked at, and what the
// credentials at hand could not do about it.
func azureUnreachable(s Settings, err error, managed bool) error {
	account := s.text("storage_account_name")
	var dns *net.DNSError
	if !errors.As(err, &dns) || managed {
		return fmt.Errorf("container %s/%s: %w", account, s.text("container_name"), azureError(err))
	}
	return fmt.Errorf("storage account %s does not exist or cannot be reached: %w. "+
		"With a SAS token or an access key only the container can be created; creating the account takes another identity, subscription_id and resource_group_name", account, dns)
}

// azureWanted is what the settings want of the resource group and the account.
type azureWanted struct {
	Settings
	manager azureManager
}

// steps also tells whether the account is there already.
func (w azureWanted) steps(ctx context.Context) (steps []azureStep, account bool, err error) {
	group, err := w.manager.get(ctx, w.manager.group(), azureGroupsAPI, nil)
	if err != nil {
		return nil, false, fmt.Errorf("resource group %s: %w", w.manager.names.Group, err)
	}
	if group {
		if account, err = w.manager.get(ctx, w.manager.account(), azureStorageAPI, nil); err != nil {
			return nil, false, fmt.Errorf("storage account %s: %w", w.manager.names.Account, err)
		}
	}
	for _, need := range []struct {
		there bool
		skip  string
		step  azureStep
	}{
		{group, "skip_resource_group_creation", w.makeGroup()},
		{account, "skip_storage_account_creation", w.makeAccount()},
	} {
		switch {
		case need.there:
		case w.flag(need.skip):
			return nil, false, fmt.Errorf("%s does not exist, and %s is set", need.step.Object, need.skip)
		case w.text("location") == "":
			return nil, false, fmt.Errorf("%s does not exist, and cannot be created without location in the settings of the backend", need.step.Object)
		default:
			steps = append(steps, need.step)
		}
	}
	protect, err := w.protect(ctx, account)
	return append(steps, protect...), account, err
}

func (w azureWanted) makeGroup() azureStep {
	change := Change{Action: "create", Object: "resource group " + w.manager.names.Group, Detail: "in " + w.text("location")}
	return azureStep{change, func(ctx context.Context) error {
		body := map[string]any{"location": w.text("location"), "tags": w.texts("tags")}
		return w.manager.do(ctx, azureCall{http.MethodPut, w.manager.group(), azureGroupsAPI, body}, nil)
	}}
}

func (w azureWanted) makeAccount() azureStep {
	kind, tier := or(w.text("account_kind"), "StorageV2"), or(w.text("access_tier"), "Hot")
	sku := or(w.text("account_tier"), "Standard") + "_" + or(w.text("account_replication_type"), "LRS")
	change := Change{Action: "create", Object: "storage account " + w.manager.names.Account, Detail: fmt.Sprintf("%s, %s, %s, in %s", kind, sku, tier, w.text("location"))}
	if w.flag("allow_blob_public_access") {
		change.Detail += ", blobs may be made public"
	}
	return azureStep{change, func(ctx context.Context) error {
		properties := map[string]any{
			"allowBlobPublicAccess": w.flag("allow_blob_public_access"), "minimumTlsVersion": "TLS1_2", "supportsHttpsTrafficOnly": true,
		}
		if kind == "StorageV2" || kind == "BlobStorage" {
			properties["accessTier"] = tier
		}
		body := map[string]any{"sku": map[string]any{"name": sku}, "kind": kind, "location": w.text("location"), "tags": w.texts("tags"), "properties": properties}
		return w.manager.do(ctx, azureCall{http.MethodPut, w.manager.account(), azureStorageAPI, body}, nil)
	}}
}

// azureBlobService is what protects the blobs of an account.
type azureBlobService struct {
	Properties struct {
		Versioning bool            `json:"isVersioningEnabled"`
		Retention  azureSoftDelete `json:"deleteRetentionPolicy"`
	} `json:"properties"`
}

type azureSoftDelete struct {
	Enabled bool `json:"enabled"`
	Days    int  `json:"days"`
}

// protect turns on versions and the keeping of deleted blobs. They are also
// brought to what the settings say on an account that is there already.
func (w azureWanted) protect(ctx context.Context, account bool) ([]azureStep, error) {
	var now azureBlobService
	if account {
		if _, err := w.manager.get(ctx, w.manager.blobs(), azureStorageAPI, &now); err != nil {
			return nil, fmt.Errorf("storage account %s: %w", w.manager.names.Account, err)
		}
	}
	object := "storage account " + w.manager.names.Account
	var steps []azureStep
	if !w.flag("skip_versioning") && !now.Properties.Versioning {
		steps = append(steps, w.set(Change{Action: "update", Object: object, Detail: "versioning on"}, map[string]any{"isVersioningEnabled": true}))
	}
	days, note := w.number("soft_delete_retention_days", 7), ""
	if days < 1 || days > 365 {
		days, note = 7, fmt.Sprintf(" (soft_delete_retention_days = %d is not between 1 and 365)", days)
	}
	kept := now.Properties.Retention
	if w.flag("enable_soft_delete") && (!kept.Enabled || kept.Days != days) {
		detail := fmt.Sprintf("deleted blobs are kept for %d days%s", days, note)
		steps = append(steps, w.set(Change{Action: "update", Object: object, Detail: detail}, map[string]any{"deleteRetentionPolicy": map[string]any{"enabled": true, "days": days}}))
	}
	return steps, nil
}

// set changes properties of the blob service and leaves the others as they are.
func (w azureWanted) set(change Change, properties map[string]any) azureStep {
	return azureStep{change, func(ctx context.Context) error {
		var now struct {
			Properties map[string]any `json:"properties"`
		}
		if _, err := w.manager.get(ctx, w.manager.blobs(), azureStorageAPI, &now); err != nil {
			return err
		}
		if now.Properties == nil {
			now.Properties = map[string]any{}
		}
		maps.Copy(now.Properties, properties)
		return w.manager.do(ctx, azureCall{http.MethodPut, w.manager.blobs(), azureStorageAPI, now}, nil)
	}}
}

// Versioned tells whether the account keeps versions or deleted blobs. Where
// the account itself cannot be asked, the state's blob tells: it has a version
// if there are any.
func (a azurerm) Versioned(ctx context.Context, s Settings) (bool, error) {
	s = a.c.sharing(s)
	manager, err := azureManagerOf(s)
	if err != nil {
		return false, err
	}
	if manager != nil {
		var now azureBlobService
		there, err := manager.get(ctx, manager.blobs(), azureStorageAPI, &now)
		if err == nil && !there {
			err = errNotFound
		}
		if err != nil {
			return false, fmt.Errorf("storage account %s: %w", manager.names.Account, err)
		}
		return now.Properties.Versioning || now.Properties.Retention.Enabled, nil
	}
	c, err := azureContainerOf(ctx, s)
	if err != nil {
		return false, azureError(err)
	}
	key, err := azureKey(s)
	if err != nil {
		return false, err
	}
	p, err := c.NewBlobClient(azureBlob(s)).GetProperties(ctx, &blob.GetPropertiesOptions{CPKInfo: key})
	if err != nil && !azureAbsent(err) {
		return false, fmt.Errorf("%s: %w", azureWhere(s), azureError(err))
	}
	return err == nil && p.VersionID != nil && *p.VersionID != "", nil
}
