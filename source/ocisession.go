package source

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
)

// ociSession talks with a registry about one package.
type ociSession struct {
	client *http.Client
	name   ociName
	env    []string
	header string // Authorization, once the registry has asked for it
}

// get asks for a part of the repository, once more with credentials where the
// registry wants them.
func (s *ociSession) get(ctx context.Context, path, accept string) (*http.Response, error) {
	for again := true; ; again = false {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+s.name.host+"/v2/"+s.name.repository+"/"+path, nil)
		if err != nil {
			return nil, err
		}
		req.Header.Set("Accept", accept)
		if s.header != "" {
			req.Header.Set("Authorization", s.header)
		}
		res, err := s.client.Do(req)
		if err != nil {
			return nil, err
		}
		if res.StatusCode == http.StatusOK {
			return res, nil
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusUnauthorized || !again {
			return nil, refused(res, "https://"+s.name.host+"/v2/"+s.name.repository)
		}
		if err := s.login(ctx, res.Header.Get("WWW-Authenticate")); err != nil {
			return nil, err
		}
	}
}

var errChallenge = errors.New("the registry wants a login of a kind that is not known")

// login answers a registry that wants to know who asks.
func (s *ociSession) login(ctx context.Context, challenge string) error {
	who, err := ociCredentials(ctx, s.env, s.name)
	if err != nil {
		return err
	}
	scheme, rest, _ := strings.Cut(challenge, " ")
	switch strings.ToLower(scheme) {
	case "basic":
		if who.user == "" {
			return fmt.Errorf("the registry %s wants credentials: docker login %s, or oci_credentials in the settings of the binary", s.name.host, s.name.host)
		}
		s.header = who.basic()
		return nil
	case "bearer":
		if who.token != "" {
			s.header = "Bearer " + who.token
			return nil
		}
		return s.exchange(ctx, challengeParameters(rest), who)
	}
	return errChallenge
}

// exchange gets a token for reading the repository where the registry says.
func (s *ociSession) exchange(ctx context.Context, p map[string]string, who ociLogin) error {
	realm, err := url.Parse(p["realm"])
	if err != nil || realm.Scheme != "https" {
		return errChallenge // credentials are not sent in the clear
	}
	q := realm.Query()
	if p["service"] != "" {
		q.Set("service", p["service"])
	}
	q.Set("scope", or(p["scope"], "repository:"+s.name.repository+":pull"))
	realm.RawQuery = q.Encode()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, realm.String(), nil)
	if err != nil {
		return err
	}
	if who.user != "" {
		req.Header.Set("Authorization", who.basic())
	}
	res, err := s.client.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return refused(res, "login at "+realm.Host)
	}
	var answer struct {
		Token  string `json:"token"`
		Access string `json:"access_token"`
	}
	if err := json.NewDecoder(io.LimitReader(res.Body, 1<<20)).Decode(&answer); err != nil {
		return fmt.Errorf("login at %s: %w", realm.Host, err)
	}
	token := or(answer.Token, answer.Access)
	if token == "" {
		return fmt.Errorf("login at %s: there is no token in the answer", realm.Host)
	}
	s.header = "Bearer " + token
	return nil
}

var challengePart = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`([a-zA-Z_]+)=(?:"([^"]*)"|([^,\s]*))`)
})

func challengeParameters(text string) map[string]string {
	out := map[string]string{}
	for _, m := range challengePart().FindAllStringSubmatch(text, -1) {
		out[strings.ToLower(m[1])] = m[2] + m[3]
	}
	return out
}
