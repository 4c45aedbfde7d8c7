// Package sops reads files that the sops program has encrypted.
//
// It knows the five forms of such a file (YAML, JSON, dotenv, INI, anything
// else), how their values are encrypted and authenticated, and how the key to
// them is had from age, PGP, AWS KMS and Vault. Keys are looked for in the
// environment that is handed in, never in that of this process: each unit of a
// run may have an environment of its own.
//
// It does not write encrypted files, and does not know what the plain text is
// for. Plain text and keys are in no error and no log.
//
// The format is that of getsops/sops 3. Its library is not used: it links the
// clients of all clouds, and what their packages do when a process starts takes
// longer than all of ours together, whether a file is ever decrypted or not.
package sops
