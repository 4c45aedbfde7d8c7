package remote

import "context"

// azurerm keeps states in a container of Azure Blob Storage.
type azurerm struct{}

func (azurerm) InitArgs(s Settings) (map[string]any, error) {
	return forwarded(s.Config, azurermConsumes, azurermBoolean), nil
}

func (azurerm) State(_ context.Context, s Settings) (*State, error) { return nil, throughBinary(s) }

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
