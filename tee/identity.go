package tee

import (
	"encoding/binary"
	"fmt"
	"slices"
	"syscall"

	"goatee/driver"
	"goatee/gp"
)

// clientNamespace is the kernel's name space for client UUIDs (drivers/tee/tee_core.c).
var clientNamespace = gp.MustParseUUID("58ac9ca0-2086-4683-a1b8-ec4bc08e01b6")

// Caller is the process that opens a session or sends a command, as the front door knows it from the system and not
// from the process itself.
type Caller struct {
	PID    int
	UID    uint32 // effective
	GID    uint32 // effective
	Groups []uint32
	// Executable returns the SHA-256 of the file that the process executes. It is called for application logins only; nil
	// means that the front door cannot know. An error refuses the login.
	Executable func() ([32]byte, error)
}

// client establishes the identity that login claims.
//
// The errors are those of the kernel: EPERM for logins that are reserved for it and for groups that the caller is not
// in, EINVAL for unknown logins. An executable that cannot be read is EACCES.
func (c *Caller) client(login gp.Login, data [16]byte) (driver.Client, error) {
	cl := driver.Client{Login: login, Data: data, PID: c.PID, UID: c.UID}
	if login >= gp.LoginREEKernelMin && login <= gp.LoginREEKernelMax {
		return cl, driver.Errorf(syscall.EPERM, "tee: login %v is reserved for the kernel's own clients", login)
	}
	var name string
	switch login {
	case gp.LoginPublic:
		return cl, nil
	case gp.LoginApplication:
	case gp.LoginUser, gp.LoginUserApplication:
		name = fmt.Sprintf("uid=%x", c.UID)
	case gp.LoginGroup, gp.LoginGroupApplication:
		gid := binary.NativeEndian.Uint32(data[:4])
		if gid != c.GID && !slices.Contains(c.Groups, gid) {
			return cl, driver.Errorf(syscall.EPERM, "tee: the caller is not in group %d, which its login names", gid)
		}
		name = fmt.Sprintf("gid=%x", gid)
	default:
		return cl, driver.Errorf(syscall.EINVAL, "tee: unknown login %v", login)
	}
	if login == gp.LoginApplication || login == gp.LoginUserApplication || login == gp.LoginGroupApplication {
		digest, err := c.digest()
		if err != nil {
			return cl, err
		}
		if name != "" {
			name += ":"
		}
		name += fmt.Sprintf("exe=%x", digest)
	}
	cl.UUID = gp.NewUUIDv5(clientNamespace, name)
	return cl, nil
}

func (c *Caller) digest() ([32]byte, error) {
	if c.Executable == nil {
		return [32]byte{}, driver.Errorf(syscall.EACCES, "tee: the way that this client came does not tell which program it is, so it cannot have an application login")
	}
	d, err := c.Executable()
	if err != nil {
		return d, driver.Errorf(syscall.EACCES, "tee: the client's program cannot be read, so it cannot have an application login: %w", err)
	}
	return d, nil
}
