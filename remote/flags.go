package remote

import "fmt"

// InitFlags gives the arguments of init that pass the result of InitArgs, in
// the order of their keys. Strings are passed as they are, everything else as
// HCL in one line.
func InitFlags(args map[string]any) ([]string, error) {
	flags := make([]string, 0, len(args))
	for _, key := range sortedKeys(args) {
		if args[key] == nil {
			continue
		}
		text, ok := args[key].(string)
		if !ok {
			value, err := toValue(key, args[key])
			if err != nil {
				return nil, fmt.Errorf("remote_state: config: %w", err)
			}
			text = oneLine(value)
		}
		flags = append(flags, "-backend-config="+key+"="+text)
	}
	return flags, nil
}
