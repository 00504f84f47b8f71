package sys

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// mmapFixed maps readable and writable memory over b, which lies in a reservation of this package.
func mmapFixed(b []byte, flags, fd int, offset int64) error {
	_, err := unix.MmapPtr(fd, offset, unsafe.Pointer(unsafe.SliceData(b)), uintptr(len(b)),
		unix.PROT_READ|unix.PROT_WRITE, flags|unix.MAP_FIXED)
	return err
}
