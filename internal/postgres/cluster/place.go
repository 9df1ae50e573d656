package cluster

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// runAs is the user that runs Postgres, which refuses to run as root: nil (the owner) for everybody but root, else the
// system's user postgres, else nobody.
func runAs() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
		gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
		if err := errors.Join(err1, err2); err != nil {
			return nil, fmt.Errorf("read the user %s: %w", name, err)
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
	}
	return nil, errors.New("Postgres refuses to run as root, and there is no user postgres or nobody to run it as")
}

const (
	// pathFile, in the owner's folder, remembers where root's cluster went.
	pathFile = "postgres.path"
	// ownerFile, beside such a cluster, names the folder that it belongs to.
	ownerFile = "owner"

	// A Unix socket's path has room for 103 bytes on macOS and 107 on Linux.
	longestSocket = 103
)

// place decides where the cluster of the owner's folder dir lives, and makes that folder. Usually it is dir/postgres. Root's
// cluster is run by another user, who may not be able to enter dir (a parent with mode 0700 is enough): it lives under
// /var/tmp, in a folder named after dir, and dir remembers it. When dir was deleted meanwhile, its cluster goes too.
func place(dir string, as *syscall.Credential) (string, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("make %s: %w", dir, err)
	}
	if as == nil {
		at := filepath.Join(dir, "postgres")
		return at, os.MkdirAll(at, 0o700)
	}

	remembered := filepath.Join(dir, pathFile)
	at := filepath.Join(sharedTemp(), "souk-"+fingerprint(dir))
	if body, err := os.ReadFile(remembered); err == nil {
		at = strings.TrimSpace(string(body))
	} else if errors.Is(err, fs.ErrNotExist) {
		if err := abandon(at, dir, as); err != nil {
			return "", err
		}
	} else {
		return "", fmt.Errorf("read where the cluster is: %w", err)
	}
	if err := os.WriteFile(remembered, []byte(at+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("remember where the cluster is: %w", err)
	}
	return at, claim(at, dir, as)
}

// claim makes the folder at, or makes sure that it is ours: anybody may write in a shared temporary folder.
func claim(at, dir string, as *syscall.Credential) error {
	if err := os.Mkdir(at, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("make %s: %w", at, err)
	}
	if err := ours(at, as); err != nil {
		return err
	}
	if err := os.Chown(at, int(as.Uid), int(as.Gid)); err != nil {
		return fmt.Errorf("give %s to the user who runs Postgres: %w", at, err)
	}
	return os.WriteFile(filepath.Join(at, ownerFile), []byte(dir+"\n"), 0o600)
}

// abandon removes the cluster that a deleted folder dir left behind.
func abandon(at, dir string, as *syscall.Credential) error {
	if _, err := os.Lstat(at); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err := ours(at, as); err != nil {
		return err
	}
	if owner, err := os.ReadFile(filepath.Join(at, ownerFile)); err == nil && strings.TrimSpace(string(owner)) != dir {
		return fmt.Errorf("%s belongs to %s; remove it if that is gone", at, strings.TrimSpace(string(owner)))
	}
	data := filepath.Join(at, "data")
	if pid := postmaster(data); pid != 0 {
		_ = syscall.Kill(pid, syscall.SIGQUIT) // its data are about to be removed
		if err := gone(pid, data, stopPatience); err != nil {
			return err
		}
	}
	if err := os.RemoveAll(at); err != nil {
		return fmt.Errorf("remove the cluster of a deleted folder: %w", err)
	}
	return nil
}

func ours(at string, as *syscall.Credential) error {
	info, err := os.Lstat(at)
	if err != nil {
		return fmt.Errorf("look at %s: %w", at, err)
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.IsDir() || (stat.Uid != as.Uid && stat.Uid != 0) || info.Mode().Perm()&0o022 != 0 {
		return fmt.Errorf("%s was made by somebody else; remove it", at)
	}
	return nil
}

// socketDir is the folder of the Unix socket: beside the data, or a short one where that path would be too long.
func socketDir(at string, as *syscall.Credential) (string, error) {
	if len(filepath.Join(at, ".s.PGSQL.65535.lock")) <= longestSocket {
		return at, nil
	}
	short := filepath.Join("/tmp", "souk-"+fingerprint(at))
	if err := os.Mkdir(short, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("make the socket's folder: %w", err)
	}
	me := &syscall.Credential{Uid: uint32(os.Geteuid())}
	if as != nil {
		me = as
	}
	if err := ours(short, me); err != nil {
		return "", err
	}
	return short, give(short, as)
}

func give(path string, as *syscall.Credential) error {
	if as == nil {
		return nil
	}
	return os.Chown(path, int(as.Uid), int(as.Gid))
}

// sharedTemp is a folder that every user can reach; /var/tmp outlives a reboot.
func sharedTemp() string {
	if info, err := os.Stat("/var/tmp"); err == nil && info.IsDir() && info.Mode().Perm()&0o001 != 0 {
		return "/var/tmp"
	}
	return "/tmp"
}

func fingerprint(path string) string {
	sum := sha256.Sum256([]byte(path))
	return hex.EncodeToString(sum[:6])
}
