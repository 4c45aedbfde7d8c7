package providercache

import (
	"encoding/json"
	"net/http"
	"strings"
)

// modules asks the registry's module service. We stand for the whole host, so
// that the binary would not find it otherwise. Addresses that are relative are
// relative to the registry.
func (s *server) modules(w http.ResponseWriter, r *http.Request) {
	answer, err := s.asked("modules", r.PathValue("host"), r.PathValue("path"))
	if err != nil || answer.status >= 300 {
		s.pass(w, answer, err)
		return
	}
	changed := *answer
	changed.get = answer.absolute(answer.get)
	var body map[string]json.RawMessage
	var location string
	if json.Unmarshal(answer.body, &body) == nil && json.Unmarshal(body["location"], &location) == nil {
		if at := answer.absolute(location); at != location {
			if body["location"], err = json.Marshal(at); err == nil {
				changed.body, err = json.Marshal(body)
			}
		}
	}
	s.pass(w, &changed, err)
}

// absolute completes an address that starts from where the answer came from.
func (r *reply) absolute(at string) string {
	if !strings.HasPrefix(at, "/") && !strings.HasPrefix(at, "./") && !strings.HasPrefix(at, "../") {
		return at
	}
	full, err := r.from.Parse(at)
	if err != nil {
		return at
	}
	return full.String()
}
