package ui

import (
	"os"

	"golang.org/x/sys/windows"
)

// understandsANSI turns escape sequences on for the console behind f, and says
// whether that worked.
func understandsANSI(f *os.File) bool {
	h := windows.Handle(f.Fd())
	var mode uint32
	if windows.GetConsoleMode(h, &mode) != nil {
		return false
	}
	return windows.SetConsoleMode(h, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}
