// Package remote knows where state lives: what each backend of OpenTofu and
// Terraform is to be told, how that is written down, and how a stored state
// gives its outputs.
//
// It knows nothing of units, dependencies or HCL evaluation: settings come in
// as plain values. It starts no process. It never prints; a setting that is
// accepted under protest is reported by Warnings.
package remote
