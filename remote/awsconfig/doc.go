// Package awsconfig turns an environment into what the clients of AWS need:
// region, credentials, endpoints and trust.
//
// It knows which variables and files hold them. It takes an environment as a
// list and never looks at that of this process where the list says otherwise,
// since each unit of a run may have credentials of its own.
//
// It does not know what is asked of AWS, what a unit is, or how long an answer
// may be kept. It asks nothing itself, logs nothing, and its errors hold no
// secrets.
package awsconfig
