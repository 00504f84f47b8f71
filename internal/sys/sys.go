// Package sys is the one door to the system calls that the standard library does not have. It translates nothing and
// decides nothing: errors are errnos, numbers are the kernel's.
package sys

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// ErrnoName returns the C name of n, such as EINVAL, or "" if it has none.
func ErrnoName(n syscall.Errno) string { return unix.ErrnoName(n) }

// Sealed makes a memory file of size bytes that can neither shrink nor grow nor be sealed any further, so that whoever
// maps it is safe from the others. name is for people who read /proc.
func Sealed(name string, size int64) (*os.File, error) {
	fd, err := unix.MemfdCreate(name, unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return nil, fmt.Errorf("memfd_create: %w", err)
	}
	f := os.NewFile(uintptr(fd), name)
	if err := f.Truncate(size); err != nil {
		f.Close()
		return nil, err
	}
	if _, err := unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS, unix.F_SEAL_SHRINK|unix.F_SEAL_GROW|unix.F_SEAL_SEAL); err != nil {
		f.Close()
		return nil, fmt.Errorf("sealing a memory file: %w", err)
	}
	return f, nil
}

// MapShared maps the first size bytes of f for reading and writing, shared. Unmap undoes it.
func MapShared(f *os.File, size int) ([]byte, error) {
	var b []byte
	err := control(f, func(fd int) (err error) {
		b, err = unix.Mmap(fd, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("mmap of %d bytes: %w", size, err)
	}
	return b, nil
}

// Unmap undoes a mapping of this package.
func Unmap(b []byte) error { return unix.Munmap(b) }

// control runs fn with f's descriptor, which stays open meanwhile and stays on the runtime's poller.
func control(f *os.File, fn func(fd int) error) error {
	rc, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var ferr error
	if err := rc.Control(func(fd uintptr) { ferr = fn(int(fd)) }); err != nil {
		return err
	}
	return ferr
}

// Reserve takes size bytes of address space that cannot be touched yet and cost nothing. Commit makes parts of it memory.
// Unmap gives all of it back.
func Reserve(size int) ([]byte, error) {
	b, err := unix.Mmap(-1, 0, size, unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_NORESERVE)
	if err != nil {
		return nil, fmt.Errorf("reserving %d bytes of address space: %w", size, err)
	}
	return b, nil
}

// Commit makes a part of a reservation, in whole pages, readable and writable. It is zero until it is written.
func Commit(b []byte) error {
	if err := unix.Mprotect(b, unix.PROT_READ|unix.PROT_WRITE); err != nil {
		return fmt.Errorf("making %d bytes memory: %w", len(b), err)
	}
	return nil
}

// CommitSecret is Commit with memory that no other process and not even the kernel can read (memfd_secret). It fails where
// the kernel was built or booted without it, and when the limit of locked memory is reached.
func CommitSecret(b []byte) error {
	fd, err := unix.MemfdSecret(unix.O_CLOEXEC)
	if err != nil {
		if err == unix.ENOSYS {
			return fmt.Errorf("memfd_secret: %w: this kernel has no secret memory; it needs CONFIG_SECRETMEM, and before Linux 6.5 secretmem.enable=1 on its command line", err)
		}
		return fmt.Errorf("memfd_secret: %w", err)
	}
	defer unix.Close(fd)
	if err := unix.Ftruncate(fd, int64(len(b))); err != nil {
		return fmt.Errorf("memfd_secret of %d bytes: %w", len(b), err)
	}
	err = mmapFixed(b, unix.MAP_SHARED, fd, 0)
	if err == unix.EAGAIN {
		return fmt.Errorf("memfd_secret of %d bytes: %w: the limit of locked memory is reached; raise it with ulimit -l", len(b), err)
	}
	if err != nil {
		return fmt.Errorf("memfd_secret of %d bytes: %w", len(b), err)
	}
	return nil
}

// MapOver maps a file shared over a part of a reservation, in whole pages. Uncover undoes it.
func MapOver(b []byte, fd int, offset int64) error {
	if err := mmapFixed(b, unix.MAP_SHARED, fd, offset); err != nil {
		return fmt.Errorf("mapping %d bytes of shared memory: %w", len(b), err)
	}
	return nil
}

// Uncover makes a part of a reservation fresh memory again, whatever was mapped over it.
func Uncover(b []byte) error {
	if err := mmapFixed(b, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_NORESERVE, -1, 0); err != nil {
		return fmt.Errorf("making %d bytes memory: %w", len(b), err)
	}
	return nil
}

// Discard gives the pages of b back to the system: they read as zero afterwards.
func Discard(b []byte) error { return unix.Madvise(b, unix.MADV_DONTNEED) }

// KernelVersion returns the first two numbers of the running kernel's release.
func KernelVersion() (major, minor int) {
	var u unix.Utsname
	if unix.Uname(&u) != nil {
		return 0, 0
	}
	rel := unix.ByteSliceToString(u.Release[:])
	parts := strings.SplitN(rel, ".", 3)
	if len(parts) < 2 {
		return 0, 0
	}
	major, _ = strconv.Atoi(parts[0])
	minor, _ = strconv.Atoi(strings.TrimRightFunc(parts[1], func(r rune) bool { return r < '0' || r > '9' }))
	return major, minor
}

// FD returns f's descriptor without taking f off the runtime's poller. It is valid while f is open.
func FD(f *os.File) int {
	n := -1
	_ = control(f, func(fd int) error { n = fd; return nil })
	return n
}
