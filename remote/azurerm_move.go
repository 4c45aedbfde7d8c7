package remote

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/bloberror"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/blockblob"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob/lease"
)

// azureHold is a blob whose lease is ours, as the binary takes it for a lock.
type azureHold struct {
	blob  *blockblob.Client
	where string
	note  map[string]*string // metadata: what the lock says
	lease *lease.BlobClient
	key   *blob.CPKInfo
	made  bool // the empty blob that was needed for it
}

// azureTake takes the lock of a state. With fresh an empty blob is made for it
// where there is none, as the binary does.
func azureTake(ctx context.Context, s Settings, operation string, fresh bool) (*azureHold, error) {
	c, err := azureContainerOf(ctx, s)
	if err != nil {
		return nil, err
	}
	h := &azureHold{blob: c.NewBlockBlobClient(azureBlob(s)), where: azureWhere(s)}
	if h.key, err = azureKey(s); err != nil {
		return nil, err
	}
	info := ownLock(operation, h.where)
	id, _ := info["ID"].(string)
	text, err := json.Marshal(info)
	if err != nil {
		return nil, err
	}
	note := base64.StdEncoding.EncodeToString(text)
	h.note = map[string]*string{azureLockName: &note}
	if h.lease, err = lease.NewBlobClient(h.blob, &lease.BlobClientOptions{LeaseID: &id}); err != nil {
		return nil, err
	}
	if fresh {
		absent := azcore.ETagAny
		_, err := h.blob.UploadBuffer(ctx, nil, &blockblob.UploadBufferOptions{
			HTTPHeaders: azureJSON(), CPKInfo: h.key, AccessConditions: &blob.AccessConditions{ModifiedAccessConditions: &blob.ModifiedAccessConditions{IfNoneMatch: &absent}},
		})
		h.made = err == nil
		if err != nil && !bloberror.HasCode(err, bloberror.BlobAlreadyExists, bloberror.ConditionNotMet, bloberror.LeaseIDMissing) {
			return nil, azureError(err)
		}
	}
	return h, h.acquire(ctx, s)
}

func (h *azureHold) acquire(ctx context.Context, s Settings) error {
	_, err := h.lease.AcquireLease(ctx, -1, nil)
	if bloberror.HasCode(err, bloberror.LeaseAlreadyPresent) {
		holder, _ := azureLock(ctx, h.blob.BlobClient(), s)
		return heldLock(h.where, holder)
	}
	if err == nil {
		_, err = h.blob.SetMetadata(ctx, h.note, &blob.SetMetadataOptions{AccessConditions: h.ours(), CPKInfo: h.key})
	}
	if err != nil {
		return fmt.Errorf("locking %s: %w", h.where, azureError(err))
	}
	return nil
}

// ours is the condition that the lease is still ours.
func (h *azureHold) ours() *blob.AccessConditions {
	return &blob.AccessConditions{LeaseAccessConditions: &blob.LeaseAccessConditions{LeaseID: h.lease.LeaseID()}}
}

func azureJSON() *blob.HTTPHeaders {
	kind := "application/json"
	return &blob.HTTPHeaders{BlobContentType: &kind}
}

// release gives the lock back, also after the context has ended.
func (h *azureHold) release(ctx context.Context) error {
	ctx = context.WithoutCancel(ctx)
	_, err := h.blob.SetMetadata(ctx, nil, &blob.SetMetadataOptions{AccessConditions: h.ours(), CPKInfo: h.key})
	if err == nil {
		_, err = h.lease.ReleaseLease(ctx, nil)
	}
	if err != nil {
		return fmt.Errorf("releasing the lock of %s: %w", h.where, azureError(err))
	}
	return nil
}

// remove deletes the blob, and its lock with it. Snapshots go too: a blob that
// has some cannot be deleted without them.
func (h *azureHold) remove(ctx context.Context) error {
	all := blob.DeleteSnapshotsOptionTypeInclude
	_, err := h.blob.Delete(ctx, &blob.DeleteOptions{AccessConditions: h.ours(), DeleteSnapshots: &all})
	return azureError(err)
}

func (h *azureHold) read(ctx context.Context) ([]byte, error) {
	answer, err := h.blob.DownloadStream(ctx, &blob.DownloadStreamOptions{CPKInfo: h.key})
	if err != nil {
		return nil, azureError(err)
	}
	defer answer.Body.Close() //nolint:errcheck // it was read
	return readAll(answer.Body)
}

// write replaces what the blob holds. The note about the lock would be lost
// with the old content, so it goes along.
func (h *azureHold) write(ctx context.Context, text []byte) error {
	_, err := h.blob.UploadBuffer(ctx, text, &blockblob.UploadBufferOptions{HTTPHeaders: azureJSON(), Metadata: h.note, AccessConditions: h.ours(), CPKInfo: h.key})
	return azureError(err)
}

// azureHolds tells whether there is a blob with something in it.
func azureHolds(ctx context.Context, s Settings) (bool, error) {
	text, err := azureRead(ctx, s)
	if azureAbsent(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("%s: %w", azureWhere(s), azureError(err))
	}
	return len(bytes.TrimSpace(text)) > 0, nil
}

// Delete removes the state's blob, holding its lock.
func (a azurerm) Delete(ctx context.Context, s Settings, approve Approve) ([]Change, error) {
	s = a.c.sharing(s)
	if _, err := azureRead(ctx, s); azureAbsent(err) {
		return nil, nil
	} else if err != nil {
		return nil, fmt.Errorf("%s: %w", azureWhere(s), azureError(err))
	}
	change := Change{Action: "delete", Object: "state " + azureWhere(s)}
	if err := approved(approve, change); err != nil {
		return nil, err
	}
	held, err := azureTake(ctx, s, "delete", false)
	if err != nil {
		return nil, err
	}
	if err := held.remove(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", held.where, err), held.release(ctx))
	}
	return []Change{change}, nil
}

// Move brings a state to another blob of the same account.
func (a azurerm) Move(ctx context.Context, from, to Settings, approve Approve) ([]Change, error) {
	from, to = a.c.sharing(from), a.c.sharing(to)
	if a, b := from.text("storage_account_name"), to.text("storage_account_name"); a != b {
		return nil, fmt.Errorf("states can be moved within one storage account, not from %s to %s", a, b)
	}
	// The credentials are those of the source.
	target := from
	target.Workspace = to.Workspace
	target.Config = map[string]any{}
	for key, value := range from.Config {
		target.Config[key] = value
	}
	for _, key := range []string{"container_name", "key", "customer_provided_key"} {
		target.Config[key] = to.Config[key]
	}
	there, err := azureHolds(ctx, from)
	if err == nil && !there {
		err = fmt.Errorf("%s: %w", azureWhere(from), ErrNoState)
	}
	if err != nil {
		return nil, err
	}
	if there, err = azureHolds(ctx, target); err == nil && there {
		err = fmt.Errorf("%s: %w", azureWhere(target), ErrStateExists)
	}
	if err != nil {
		return nil, err
	}
	change := Change{Action: "move", Object: "state " + azureWhere(from), Detail: "to " + azureWhere(target)}
	if err := approved(approve, change); err != nil {
		return nil, err
	}
	if err := azureMove(ctx, from, target); err != nil {
		return nil, err
	}
	return []Change{change}, nil
}

// azureMove holds both locks, copies, compares, and only then deletes. What it
// made at the target goes again where it fails before the source is deleted.
func azureMove(ctx context.Context, from, to Settings) error {
	source, err := azureTake(ctx, from, "migrate", false)
	if err != nil {
		return err
	}
	target, err := azureTake(ctx, to, "migrate", true)
	if err != nil {
		return errors.Join(err, source.release(ctx))
	}
	if err := source.copyTo(ctx, target); err != nil {
		return errors.Join(err, target.undo(ctx, err), source.release(ctx))
	}
	if err := source.remove(ctx); err != nil {
		err = fmt.Errorf("the state was copied to %s, and is at %s too: %w", target.where, source.where, err)
		return errors.Join(err, target.release(ctx), source.release(ctx))
	}
	return target.release(ctx)
}

// undo takes away what was made for a copy that failed, but never a state that
// somebody else has put there.
func (h *azureHold) undo(ctx context.Context, why error) error {
	if h.made && !errors.Is(why, ErrStateExists) {
		return h.remove(context.WithoutCancel(ctx))
	}
	return h.release(ctx)
}

func (h *azureHold) copyTo(ctx context.Context, target *azureHold) error {
	before, err := h.read(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", h.where, err)
	}
	text, err := target.read(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", target.where, err)
	}
	if len(bytes.TrimSpace(text)) > 0 { // somebody has written a state there since
		return fmt.Errorf("%s: %w", target.where, ErrStateExists)
	}
	if err := target.write(ctx, before); err != nil {
		return fmt.Errorf("%s: %w", target.where, err)
	}
	after, err := target.read(ctx)
	if err != nil {
		return fmt.Errorf("%s: %w", target.where, err)
	}
	if !bytes.Equal(before, after) {
		return fmt.Errorf("what arrived at %s differs from %s, which was not deleted", target.where, h.where)
	}
	return nil
}
