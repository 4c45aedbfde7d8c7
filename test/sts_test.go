package test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// startSTS is the script command `sts`: it starts a server that answers as AWS STS does, and
// points the script's environment at it. A key AKIA-NAME is that of the user NAME; a role
// named forbidden is given to nobody. What it was asked stands in $WORK/sts.log, one question
// a line.
func startSTS(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: sts")
	}
	log := filepath.Join(ts.Getenv("WORK"), "sts.log")
	var lock sync.Mutex
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := r.ParseForm(); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		lock.Lock()
		defer lock.Unlock()
		if err := appendLine(log, stsQuestion(r)); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		answerSTS(w, r)
	}))
	ts.Defer(server.Close)
	for _, service := range []string{"STS", "IAM"} {
		ts.Setenv("AWS_ENDPOINT_URL_"+service, server.URL)
	}
	ts.Setenv("AWS_EC2_METADATA_DISABLED", "true")
	ts.Setenv("AWS_ACCESS_KEY_ID", "AKIA-ci")
	ts.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
}

func appendLine(file, text string) error {
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text + "\n")
	return errors.Join(err, f.Close())
}

func stsQuestion(r *http.Request) string {
	line := r.PostForm.Get("Action")
	for _, name := range []string{"RoleArn", "RoleSessionName", "DurationSeconds", "WebIdentityToken"} {
		if r.PostForm.Has(name) {
			line += " " + name + "=" + r.PostForm.Get(name)
		}
	}
	return line
}

func answerSTS(w http.ResponseWriter, r *http.Request) {
	q := r.PostForm
	_, role, _ := strings.Cut(q.Get("RoleArn"), ":role/")
	_, credential, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
	who, _, _ := strings.Cut(credential, "/")
	w.Header().Set("Content-Type", "text/xml")
	if role == "forbidden" {
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not for you</Message></Error></ErrorResponse>")
		return
	}
	var result string
	switch q.Get("Action") {
	case "GetCallerIdentity":
		result = "<Arn>arn:aws:iam::123456789012:user/" + strings.TrimPrefix(who, "AKIA-") + "</Arn><UserId>AIDA</UserId><Account>123456789012</Account>"
	case "ListAccountAliases":
		result = "<IsTruncated>false</IsTruncated><AccountAliases><member>acme</member></AccountAliases>"
	default:
		result = "<Credentials><AccessKeyId>AKIA-" + role + "</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>" +
			"<Expiration>" + time.Now().Add(time.Hour).UTC().Format(time.RFC3339) + "</Expiration></Credentials>"
	}
	fmt.Fprintf(w, "<%[1]sResponse><%[1]sResult>%[2]s</%[1]sResult></%[1]sResponse>", q.Get("Action"), result)
}
