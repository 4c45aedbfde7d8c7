package run

import "fmt"

// deprecated is an error where the strict control of that name is on. Else it
// logs the warning, once for all units.
func (j *job) deprecated(control, message string) error {
	if j.opts.Strict != nil && j.opts.Strict(control) {
		return fmt.Errorf("%s (strict control %s)", message, control)
	}
	if _, again := j.warned.LoadOrStore(message, true); !again {
		j.log.Warn(message)
	}
	return nil
}
