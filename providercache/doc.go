// Package providercache lets the units of a run, and other runs of the same
// machine, share providers: each is downloaded once.
//
// It knows the registry protocol of providers, what the settings of OpenTofu
// and Terraform say of registries, how a lock file names a package, and where
// the binary looks for packages in a working folder. For the binary it is the
// registry: it hands on what the real one says, with other addresses for the
// files, and keeps the files. The binary itself chooses versions, checks
// signatures and checksums, and writes the lock file, as it would without.
//
// It does not know units, configuration, or when an init is needed. It prints
// nothing, and never logs a token.
package providercache
