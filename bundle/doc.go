// Package bundle keeps plans from the moment they are made until they are
// applied: a folder with the plans of many units, the pages that people read
// before they say yes, and a manifest that names every byte of it. Signatures
// are over the manifest. What is applied is what was reviewed, once, also after
// a crash; what has to be asked again is written down as a further round.
//
// It does not know where an environment's rules come from, how a person is
// asked, what the terminal looks like or which exit status there will be. It
// never prints.
package bundle
