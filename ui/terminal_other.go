//go:build !windows

package ui

import "os"

// understandsANSI: outside Windows every terminal does, save TERM=dumb.
func understandsANSI(*os.File) bool { return true }
