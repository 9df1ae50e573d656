//go:build failpoints

// Package failpoint names the places at which a test kills the process. See failpoint.go, its other half.
package failpoint

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
)

// Enabled reports whether fail points are built in.
const Enabled = true

// plan is what SOUK_FAILPOINT asks for. It is read at the first passing and does not change; only left counts down.
type plan struct {
	name string
	left atomic.Int64
}

var asked = sync.OnceValue(func() *plan {
	p, err := read(os.Getenv("SOUK_FAILPOINT"))
	if err != nil {
		// A test that asks for a point in vain would pass without having tested anything.
		fmt.Fprintln(os.Stderr, "souk:", err)
		os.Exit(2)
	}
	return p
})

// read takes "name:nth" apart; "" is no plan.
func read(setting string) (*plan, error) {
	p := &plan{}
	if setting == "" {
		return p, nil
	}
	name, nth, _ := strings.Cut(setting, ":")
	n, err := strconv.ParseInt(nth, 10, 64)
	if err != nil || n < 1 || name == "" {
		return nil, fmt.Errorf("SOUK_FAILPOINT must read name:nth, as inbox.committed:3")
	}
	p.name = name
	p.left.Store(n)
	return p, nil
}

// Hit passes the fail point of that name, and kills the process if this is the passing that was asked for.
func Hit(name string) {
	p := asked()
	if p.name != name || p.left.Add(-1) != 0 {
		return
	}
	_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
	select {} // the signal is on its way; nothing after this point may run
}
