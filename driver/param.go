package driver

import (
	"io"

	"goatee/gp"
)

// MaxParams is the largest number of parameters a request may have: what fits into the kernel ABI's argument of 4096
// bytes (TEE_MAX_ARG_SIZE) beside the smallest header. GlobalPlatform requests have four.
const MaxParams = 127

// Param is one parameter of a request, and the only form in which parameters exist inside Goatee. The mid-layer has
// checked it before a driver sees it: the type is known, Offset+Size lies inside the Region, the memory belongs to the
// context.
//
// A driver writes outputs into the Param it was given: A, B and C of a value or an object reference, Size of a memory
// reference. It may write any Size; one that is larger than before means "this much is needed"
// (gp.ErrorShortBuffer) and never that more was written.
type Param struct {
	Type gp.ParamType
	// Meta marks a parameter that belongs to the TEE's own protocol and not to the client (TEE_IOCTL_PARAM_ATTR_META).
	Meta bool

	// A, B and C are a value's numbers. GlobalPlatform uses the lower 32 bits of A and B; linux/tee.h carries three
	// times 64 bits. An object reference has its id in A and its flags in B. Values that are only output arrive as 0.
	A, B, C uint64

	// Region is a memory reference's memory. nil is the NULL reference, whose Size may be anything.
	Region Region
	// Offset and Size are in bytes, Offset from the start of Region.
	Offset, Size uint64
}

// Region is memory that client and TEE share. It is neither a TA's memory nor addresses of a program: both are
// translated into Regions by whoever owns them.
//
// A Region that a driver got in a Param is valid until the call has returned, however long that takes and whoever has
// stopped waiting. Its content may change at any time: a driver reads what it decides upon once. Methods may be called
// concurrently, and reads and writes of different callers are not atomic.
type Region interface {
	// Size is in bytes and constant.
	Size() uint64
	// ReadAt fills p from off, as io.ReaderAt does. Its error is EFAULT when the program behind the memory is gone or
	// took the memory away.
	ReadAt(p []byte, off int64) (int, error)
	// WriteAt writes p at off, as io.WriterAt does, with ReadAt's errors. It never writes outside of the Region.
	WriteAt(p []byte, off int64) (int, error)
}

// Mappable is an option of a Region: memory that a driver may map shared instead of copying. Without it a driver copies.
type Mappable interface {
	// MapFD returns a file descriptor and the offset in it at which the Region begins, or false if it must be copied
	// after all. The descriptor belongs to the Region and lives as long as it; the file cannot shrink.
	MapFD() (fd int, offset int64, ok bool)
}

// Bytes is a Region over Go memory, for drivers and clients in this process. Whoever made it takes care that nobody else
// uses the slice while the Region is in use.
type Bytes []byte

// Size returns the length of the slice.
func (b Bytes) Size() uint64 { return uint64(len(b)) }

// ReadAt copies from the slice; reading beyond its end gives io.EOF with what there was.
func (b Bytes) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 || off > int64(len(b)) {
		return 0, io.EOF
	}
	n := copy(p, b[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// WriteAt copies into the slice; writing beyond its end gives io.ErrShortWrite, with as much written as fits.
func (b Bytes) WriteAt(p []byte, off int64) (int, error) {
	if off < 0 || off > int64(len(b)) {
		return 0, io.ErrShortWrite
	}
	n := copy(b[off:], p)
	if n < len(p) {
		return n, io.ErrShortWrite
	}
	return n, nil
}
