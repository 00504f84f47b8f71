// Package shm makes the shared memory that the mid-layer hands out where a TEE has none of its own: a memory file, sealed
// in size, mapped into this process. Programs and TAs map the same file. It is not for a TA's own memory.
package shm

import (
	"io"
	"os"

	"goatee/internal/sys"
)

// Memory is mapped shared memory. It implements driver.Region and driver.Mappable.
type Memory struct {
	file *os.File
	fd   int
	data []byte
}

// New makes size bytes of zeroed shared memory; size must be more than 0.
func New(size int) (*Memory, error) {
	f, err := sys.Sealed("goatee-shm", int64(size))
	if err != nil {
		return nil, err
	}
	data, err := sys.MapShared(f, size)
	if err != nil {
		f.Close()
		return nil, err
	}
	return &Memory{file: f, fd: sys.FD(f), data: data}, nil
}

// Close unmaps the memory. Nobody may use it any more.
func (m *Memory) Close() error {
	if err := sys.Unmap(m.data); err != nil {
		return err
	}
	m.data = nil
	return m.file.Close()
}

// Bytes is the mapping, valid until Close.
func (m *Memory) Bytes() []byte { return m.data }

// Size is in bytes.
func (m *Memory) Size() uint64 { return uint64(len(m.data)) }

// MapFD returns the file and the offset 0.
func (m *Memory) MapFD() (fd int, offset int64, ok bool) { return m.fd, 0, true }

// ReadAt copies from the memory.
func (m *Memory) ReadAt(p []byte, off int64) (int, error) {
	if off < 0 || off > int64(len(m.data)) {
		return 0, io.EOF
	}
	n := copy(p, m.data[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// WriteAt copies into the memory.
func (m *Memory) WriteAt(p []byte, off int64) (int, error) {
	if off < 0 || off > int64(len(m.data)) {
		return 0, io.ErrShortWrite
	}
	n := copy(m.data[off:], p)
	if n < len(p) {
		return n, io.ErrShortWrite
	}
	return n, nil
}
