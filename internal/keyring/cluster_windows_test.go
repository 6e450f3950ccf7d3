package keyring

import "syscall"

func asServer(string) (*syscall.SysProcAttr, error) { return nil, nil }
