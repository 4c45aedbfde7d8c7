package remote

// s3 keeps states in a bucket of Amazon S3, or of a store that speaks like it.
type s3 struct{ conns *Connections }

// InitArgs also renames lock_table, the name that dynamodb_table once had. If
// both are set the new name's value is used.
func (s3) InitArgs(s Settings) (map[string]any, error) {
	args := forwarded(s.Config, s3Consumes, s3Boolean)
	if table, ok := args["lock_table"]; ok {
		delete(args, "lock_table")
		if _, ok := args["dynamodb_table"]; !ok {
			args["dynamodb_table"] = table
		}
	}
	return args, nil
}

func s3Warnings(config map[string]any) []string {
	var warnings []string
	if config["lock_table"] != nil {
		warnings = append(warnings, "remote_state: s3: lock_table is deprecated, use dynamodb_table")
	}
	if config["skip_bucket_accesslogging"] != nil {
		warnings = append(warnings, "remote_state: s3: skip_bucket_accesslogging is deprecated and ignored: access logging is off unless accesslogging_bucket_name is set")
	}
	return warnings
}

// s3Consumes tells which settings only say how to create the bucket.
func s3Consumes(key string) bool {
	switch key {
	case "s3_bucket_tags", "dynamodb_table_tags", "accesslogging_bucket_tags",
		"skip_bucket_versioning", "skip_bucket_ssencryption", "skip_bucket_accesslogging",
		"skip_bucket_root_access", "skip_bucket_enforced_tls", "skip_bucket_public_access_blocking",
		"disable_bucket_update", "enable_lock_table_ssencryption", "disable_aws_client_checksums",
		"accesslogging_bucket_name", "accesslogging_target_object_partition_date_source", "accesslogging_target_prefix",
		"skip_accesslogging_bucket_acl", "skip_accesslogging_bucket_enforced_tls",
		"skip_accesslogging_bucket_public_access_blocking", "skip_accesslogging_bucket_ssencryption",
		"bucket_sse_algorithm", "bucket_sse_kms_key_id":
		return true
	}
	return false
}

func s3Boolean(key string) bool {
	switch key {
	case "encrypt", "use_lockfile", "force_path_style", "use_path_style",
		"skip_credentials_validation", "skip_region_validation", "skip_metadata_api_check",
		"skip_requesting_account_id", "skip_s3_checksum",
		"use_dualstack_endpoint", "use_fips_endpoint", "use_legacy_workflow", "insecure":
		return true
	}
	return false
}
