//go:build unix

package keyring

import (
	"os"
	"os/user"
	"strconv"
	"syscall"
)

// asServer tells how to start PostgreSQL's programs, which refuse to run as
// root, and gives the folder to them.
func asServer(folder string) (*syscall.SysProcAttr, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return nil, err
	}
	attr := &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
	return attr, os.Chown(folder, uid, gid)
}
