// Package awstest is AWS for tests: a server on this machine that speaks the
// query protocol of STS and IAM as far as this program asks for it.
//
// It knows which keys it has given out and to whom. It does not check
// signatures.
package awstest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"
)

// Account is where everything is.
const Account = "123456789012"

// Server answers as AWS would. A key of the form AKIA-NAME is that of the user
// NAME; those of a role's session are given out by AssumeRole.
type Server struct {
	URL   string
	Life  time.Duration // of the credentials of roles; 0 for what was asked for
	Alias string        // of the account

	mu       sync.Mutex
	asked    []url.Values
	sessions map[string]string // access key -> ARN of the role's session
}

// New starts a server that ends with the test.
func New(t testing.TB) *Server {
	s := &Server{sessions: map[string]string{}}
	server := httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(server.Close)
	s.URL = server.URL
	return s
}

// Env are the variables that lead to the server as a user. Nothing of the
// machine's own settings is left.
func (s *Server) Env(user string) []string {
	return []string{
		"AWS_ENDPOINT_URL_STS=" + s.URL, "AWS_ENDPOINT_URL_IAM=" + s.URL,
		"AWS_ACCESS_KEY_ID=AKIA-" + user, "AWS_SECRET_ACCESS_KEY=secret", "AWS_EC2_METADATA_DISABLED=true",
	}
}

// Asked are the requests so far, as "AssumeRole RoleArn=...": each with the
// parameters that are named.
func (s *Server) Asked(params ...string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := []string{}
	for _, q := range s.asked {
		line := q.Get("Action")
		for _, p := range params {
			if q.Has(p) {
				line += " " + p + "=" + q.Get(p)
			}
		}
		out = append(out, line)
	}
	return out
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		refuse(w, http.StatusBadRequest, "MalformedInput", err.Error())
		return
	}
	q, caller := r.PostForm, s.caller(r.Header.Get("Authorization"))
	s.mu.Lock()
	s.asked = append(s.asked, q)
	s.mu.Unlock()
	action := q.Get("Action")
	switch {
	case action == "AssumeRoleWithWebIdentity":
		if q.Get("WebIdentityToken") == "wrong" || r.Header.Get("Authorization") != "" {
			refuse(w, http.StatusBadRequest, "InvalidIdentityToken", "the token is not known")
			return
		}
		s.assume(w, q)
	case caller == "":
		refuse(w, http.StatusForbidden, "InvalidClientTokenId", "the key is not known")
	case action == "AssumeRole":
		s.assume(w, q)
	case action == "GetCallerIdentity":
		answer(w, action, fmt.Sprintf("<Arn>%s</Arn><UserId>AIDA</UserId><Account>%s</Account>", caller, Account))
	case action == "ListAccountAliases":
		member := ""
		if s.Alias != "" {
			member = "<member>" + s.Alias + "</member>"
		}
		answer(w, action, "<IsTruncated>false</IsTruncated><AccountAliases>"+member+"</AccountAliases>")
	default:
		refuse(w, http.StatusBadRequest, "InvalidAction", action)
	}
}

// caller gives the ARN that a signed request comes from, "" for a stranger.
func (s *Server) caller(authorization string) string {
	_, rest, _ := strings.Cut(authorization, "Credential=")
	key, _, _ := strings.Cut(rest, "/")
	if user, ok := strings.CutPrefix(key, "AKIA-"); ok && user != "" {
		return "arn:aws:iam::" + Account + ":user/" + user
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sessions[key]
}

func (s *Server) assume(w http.ResponseWriter, q url.Values) {
	_, role, ok := strings.Cut(q.Get("RoleArn"), ":role/")
	if !ok || role == "forbidden" {
		refuse(w, http.StatusForbidden, "AccessDenied", "not authorized to perform: sts:AssumeRole on "+q.Get("RoleArn"))
		return
	}
	life := s.Life
	if life == 0 && !q.Has("DurationSeconds") {
		life = time.Hour
	}
	if life == 0 {
		var err error
		if life, err = time.ParseDuration(q.Get("DurationSeconds") + "s"); err != nil {
			refuse(w, http.StatusBadRequest, "ValidationError", "DurationSeconds")
			return
		}
	}
	s.mu.Lock()
	key := fmt.Sprintf("ASIA%d%s", len(s.sessions)+1, role)
	arn := "arn:aws:sts::" + Account + ":assumed-role/" + role + "/" + q.Get("RoleSessionName")
	s.sessions[key] = arn
	s.mu.Unlock()
	answer(w, q.Get("Action"), fmt.Sprintf("<Credentials><AccessKeyId>%s</AccessKeyId><SecretAccessKey>secret-of-%s</SecretAccessKey>"+
		"<SessionToken>token-of-%s</SessionToken><Expiration>%s</Expiration></Credentials>"+
		"<AssumedRoleUser><Arn>%s</Arn><AssumedRoleId>AROA:x</AssumedRoleId></AssumedRoleUser>",
		key, key, key, time.Now().Add(life).UTC().Format(time.RFC3339), arn))
}

func answer(w http.ResponseWriter, action, result string) {
	w.Header().Set("Content-Type", "text/xml")
	fmt.Fprintf(w, "<%sResponse><%sResult>%s</%sResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></%sResponse>",
		action, action, result, action, action)
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(status)
	fmt.Fprintf(w, "<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>1</RequestId></ErrorResponse>", code, message)
}
