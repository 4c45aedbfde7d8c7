// Package awsauth speaks to AWS in the name of an environment: who are we, and
// may we have the credentials of a role.
//
// It knows which variables and files hold credentials, and the three services
// that are asked (STS, IAM and, for secrets, KMS). It takes an environment as a
// list and never looks at that of this process where the list says otherwise,
// since each unit of a run may have credentials of its own.
//
// It does not know what a unit is, where a role comes from, or how long an
// answer may be kept. It logs nothing, and its errors hold no secrets.
package awsauth
