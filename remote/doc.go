// Package remote knows where state lives: what each backend of OpenTofu and
// Terraform is to be told, how that is written down, how a stored state gives
// its outputs, who holds its lock, and how the storage is made, moved and
// cleared.
//
// It knows nothing of units, dependencies or HCL evaluation: settings come in
// as plain values. It starts no process, but for the az command that Azure's
// library asks for a login, and it asks nobody: what it changes was approved by
// a function that the caller gives. It never prints; a setting that is accepted
// under protest is reported by Warnings.
package remote
