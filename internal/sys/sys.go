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

// MapReserve maps size bytes of private, zeroed memory that costs nothing until it is touched and does not count against
// the machine's commit limit.
func MapReserve(size int) ([]byte, error) {
	b, err := unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_NORESERVE)
	if err != nil {
		return nil, fmt.Errorf("mmap of %d bytes: %w", size, err)
	}
	return b, nil
}

// MapSecret maps size bytes of memory that no other process and not even the kernel can read (memfd_secret). It fails
// where the kernel was built or booted without it, and when the limit of locked memory is reached.
func MapSecret(size int) ([]byte, error) {
	fd, err := unix.MemfdSecret(unix.O_CLOEXEC)
	if err != nil {
		if err == unix.ENOSYS {
			return nil, fmt.Errorf("memfd_secret: %w: the kernel has no secret memory; it needs CONFIG_SECRETMEM, and secretmem.enable=1 on the kernel's command line before Linux 6.5", err)
		}
		return nil, fmt.Errorf("memfd_secret: %w", err)
	}
	defer unix.Close(fd)
	if err := unix.Ftruncate(fd, int64(size)); err != nil {
		return nil, fmt.Errorf("memfd_secret of %d bytes: %w", size, err)
	}
	b, err := unix.Mmap(fd, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		if err == unix.EAGAIN {
			return nil, fmt.Errorf("memfd_secret of %d bytes: %w: the limit of locked memory is reached; raise it with ulimit -l", size, err)
		}
		return nil, fmt.Errorf("memfd_secret of %d bytes: %w", size, err)
	}
	return b, nil
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
