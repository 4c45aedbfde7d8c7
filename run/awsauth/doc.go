// Package awsauth speaks to AWS in the name of an environment: who are we, and
// may we have the credentials of a role.
//
// It knows the three services that are asked (STS, IAM and, for secrets, KMS).
// Which variables and files hold credentials is known to remote/awsconfig.
//
// It does not know what a unit is, where a role comes from, or how long an
// answer may be kept. It logs nothing, and its errors hold no secrets.
package awsauth
