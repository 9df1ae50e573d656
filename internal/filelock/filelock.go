// Package filelock lets one process at a time own a folder. The kernel frees the lock when its holder dies.
package filelock

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// ErrHeld says that another process (or another part of this one) holds the lock.
var ErrHeld = errors.New("held by another process")

// retryPause is how often Lock asks again: flock(2) itself cannot be cancelled.
const retryPause = 20 * time.Millisecond

// Lock is a lock that is held. Its file stays behind on purpose: removing it would let two processes lock two files.
type Lock struct{ file *os.File }

// Try takes the lock on the file at path, creating it, or returns ErrHeld at once.
func Try(path string) (*Lock, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open lock file: %w", err)
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return &Lock{file}, nil
	}
	file.Close()
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, fmt.Errorf("lock %s: %w", path, ErrHeld)
	}
	return nil, fmt.Errorf("lock %s: %w", path, err)
}

// Wait takes the lock on the file at path, waiting for its holder until ctx is over.
func Wait(ctx context.Context, path string) (*Lock, error) {
	for {
		lock, err := Try(path)
		if !errors.Is(err, ErrHeld) {
			return lock, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("lock %s: %w", path, context.Cause(ctx))
		case <-time.After(retryPause):
		}
	}
}

// Release frees the lock.
func (l *Lock) Release() { l.file.Close() }
