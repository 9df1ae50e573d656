//go:build !failpoints

// Package failpoint names the places at which a test kills the process, to see that nothing is lost and nothing doubled. Built
// without the tag failpoints, as every release is, a fail point is nothing at all.
//
// With the tag, SOUK_FAILPOINT="inbox.committed:3" makes the process kill itself by SIGKILL at the third passing of that point:
// no deferred call runs, no connection is closed in good order, as when the machine goes.
package failpoint

// Enabled reports whether fail points are built in.
const Enabled = false

// Hit passes the fail point of that name: the hop and what has just been done, "inbox.committed".
func Hit(string) {}
