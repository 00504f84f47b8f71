package driver

import (
	"errors"
	"fmt"
	"syscall"

	"goatee/internal/sys"
)

// Error says why a request did not reach the TEE. Errno is what a program at the device sees; errors.Is finds it:
//
//	errors.Is(err, syscall.ENODEV)
type Error struct {
	Errno syscall.Errno
	// Why tells people what happened and what to do about it.
	Why string
	// Err is what caused it, or nil.
	Err error
}

// Errorf makes an Error. An argument formatted with %w becomes its cause.
func Errorf(errno syscall.Errno, format string, args ...any) *Error {
	wrapped := fmt.Errorf(format, args...)
	return &Error{Errno: errno, Why: wrapped.Error(), Err: errors.Unwrap(wrapped)}
}

// Error returns the reason and the errno's name.
func (e *Error) Error() string { return e.Why + " (" + sys.ErrnoName(e.Errno) + ")" }

// Unwrap gives errors.Is and errors.As both the errno and the cause.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Errno}
	}
	return []error{e.Errno, e.Err}
}

// ErrnoOf returns the errno a program at the device sees for err: the first Errno in its tree, or EIO.
func ErrnoOf(err error) syscall.Errno {
	var n syscall.Errno
	if errors.As(err, &n) {
		return n
	}
	return syscall.EIO
}
