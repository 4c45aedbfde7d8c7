// Package shell starts processes and watches them: it looks programs up on the
// PATH of the environment they will get, hands them their streams, keeps the
// end of what they said, and sees to it that an interrupt reaches each of them
// exactly as often as it should.
//
// It does not know configuration, units, queues or state, and it never prints:
// what a user reads about a signal or a failure is composed from the values
// returned here. The only program it knows by name is the wrapped binary,
// OpenTofu or Terraform, whose version and machine-readable answers it reads.
package shell
