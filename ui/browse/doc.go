// Package browse is a program for the whole screen: it shows the units and
// stacks below a folder, how they depend on each other, what their
// configuration comes to and how they ended last, and has units planned.
//
// It knows nothing of configuration, of queues or of files: what there is comes
// in as plain data, and what is asked for goes through Services.
package browse
