// Package sops reads files that the sops program has encrypted.
//
// The library of sops reads the five forms of such a file, decrypts the values
// and checks that they are authentic. This package knows where keys are found:
// in the environment that is handed in, never in that of this process, since
// each unit of a run may have one of its own. It opens keys of age, PGP, AWS KMS
// and Vault; those of Google, Azure and Huawei are left to the library, which
// knows the environment of this process alone, and so only where the two agree.
//
// It does not write encrypted files, and does not know what the plain text is
// for. Plain text and keys are in no error and no log.
package sops
