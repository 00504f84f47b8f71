package tee

import (
	"syscall"

	"goatee/driver"
	"goatee/internal/shm"
)

// pageSize is what sizes of allocated memory are rounded up to.
const pageSize = 4096

// SharedMemory is memory of one Context that client and TEE share. It lives until it is released and no call refers to
// it any more, also beyond its context, and has an id by which programs name it.
//
// A *SharedMemory is a driver.Region, so that it can stand in a driver.Param. Reading and writing it is allowed until
// Release.
type SharedMemory struct {
	ctx     *Context
	id      uint64
	region  driver.Region
	free    func()
	charged uint64 // bytes that count against the context's limit

	refs int // the client's and those of calls; guarded by ctx.mu
}

var _ driver.Region = (*SharedMemory)(nil)

// ID is the number by which programs refer to the memory: unique in the device's life, counted from 1.
func (m *SharedMemory) ID() uint64 { return m.id }

// Size is in bytes.
func (m *SharedMemory) Size() uint64 { return m.region.Size() }

// ReadAt and WriteAt access the memory as a Region.
func (m *SharedMemory) ReadAt(p []byte, off int64) (int, error) { return m.region.ReadAt(p, off) }

// WriteAt is the counterpart of ReadAt.
func (m *SharedMemory) WriteAt(p []byte, off int64) (int, error) { return m.region.WriteAt(p, off) }

// Region is the memory itself, for those who must know its kind.
func (m *SharedMemory) Region() driver.Region { return m.region }

// Bytes is the memory as mapped in this process, or nil if it is not. It is valid until Release.
func (m *SharedMemory) Bytes() []byte {
	if b, ok := m.region.(interface{ Bytes() []byte }); ok {
		return b.Bytes()
	}
	return nil
}

// Allocate makes shared memory of at least size bytes, zeroed and rounded up to pages.
//
// # Errors
//
// ENOMEM: size is 0, as in the kernel, or more than the context may have, or the system has no more.
func (ctx *Context) Allocate(size uint64) (*SharedMemory, error) {
	if size > ctx.dev.reg.opt.Limits.SharedBytes { // before rounding, which could wrap around
		return nil, ctx.sharedLimit(size)
	}
	size = (size + pageSize - 1) &^ (pageSize - 1)
	return ctx.addMemory(size, func(m *SharedMemory) error {
		if a := ctx.opt.allocator; a != nil {
			r, err := a.Allocate(size)
			if err != nil {
				return err
			}
			m.region, m.free = r, func() { a.Free(r) }
			return nil
		}
		r, err := shm.New(int(size))
		if err != nil {
			return driver.Errorf(syscall.ENOMEM, "tee: allocating %d bytes of shared memory: %w", size, err)
		}
		m.region, m.free = r, func() {
			if err := r.Close(); err != nil {
				ctx.dev.reg.opt.Log.Error("cannot unmap shared memory", "device", ctx.dev.Name(), "err", err)
			}
		}
		return nil
	})
}

// Register makes memory of the client's own, reached through r, shared memory of the context. r must stay usable until
// the SharedMemory has been released and no call refers to it; closed, if not nil, is called then. It is not called if
// Register fails.
//
// # Errors
//
// ENOMEM: r is empty, or larger than what the context may have. The driver's, if it refuses the memory.
func (ctx *Context) Register(r driver.Region, closed func()) (*SharedMemory, error) {
	return ctx.addMemory(r.Size(), func(m *SharedMemory) error {
		reg := ctx.opt.registrar
		if reg != nil {
			if err := reg.RegisterMemory(r); err != nil {
				return err
			}
		}
		m.region, m.free = r, func() {
			if reg != nil {
				reg.UnregisterMemory(r)
			}
			if closed != nil {
				closed()
			}
		}
		return nil
	})
}

func (ctx *Context) sharedLimit(size uint64) error {
	return driver.Errorf(syscall.ENOMEM, "tee: %d bytes of shared memory: the context may have from 1 to %d bytes in all, which are the operator's limit; release some", size, ctx.dev.reg.opt.Limits.SharedBytes)
}

// addMemory accounts for size bytes, lets make fill in region and free, and gives the memory an id.
func (ctx *Context) addMemory(size uint64, make func(*SharedMemory) error) (*SharedMemory, error) {
	if err := ctx.reserveMemory(size); err != nil {
		return nil, err
	}
	m := &SharedMemory{ctx: ctx, charged: size, refs: 1}
	err := ctx.dev.guard(func() error { return make(m) })
	if err == nil && m.region.Size() < size {
		err = driver.Errorf(syscall.EIO, "tee: the driver of %s allocated %d bytes instead of %d; this is a bug in it", ctx.dev.Name(), m.region.Size(), size)
		ctx.dev.guarded(m.free)
	}
	if err != nil {
		ctx.unreserveMemory(size)
		return nil, err
	}
	m.id = ctx.dev.nextMemory()
	ctx.mu.Lock()
	ctx.memory[m.id] = m
	ctx.mu.Unlock()
	return m, nil
}

// reserveMemory counts size bytes and a reference of the context.
func (ctx *Context) reserveMemory(size uint64) error {
	ctx.mu.Lock()
	defer ctx.mu.Unlock()
	if err := ctx.goneErr; err != nil {
		return err
	}
	if limit := ctx.dev.reg.opt.Limits.SharedBytes; size == 0 || size > limit-ctx.sharedBytes {
		return ctx.sharedLimit(size)
	}
	ctx.sharedBytes += size
	ctx.refs++
	return nil
}

func (ctx *Context) unreserveMemory(size uint64) {
	ctx.mu.Lock()
	ctx.sharedBytes -= size
	ctx.mu.Unlock()
	ctx.drop()
}

// Memory finds shared memory of this context by its id and takes a reference, which the caller gives back with Release.
// The error is EINVAL, also for the id of another context's memory.
func (ctx *Context) Memory(id uint64) (*SharedMemory, error) {
	ctx.mu.Lock()
	defer ctx.mu.Unlock()
	m := ctx.memory[id]
	if m == nil {
		return nil, driver.Errorf(syscall.EINVAL, "tee: %d is not the id of shared memory of this context", id)
	}
	m.refs++
	return m, nil
}

// Retain takes one more reference, for which Release must be called once more.
func (m *SharedMemory) Retain() {
	m.ctx.mu.Lock()
	m.refs++
	m.ctx.mu.Unlock()
}

// Release gives one reference back: the client's own, one of Memory or one of Retain. With the last one, and those of
// calls in flight, the memory and its id are gone.
func (m *SharedMemory) Release() {
	m.ctx.mu.Lock()
	last := m.dropLocked()
	m.ctx.mu.Unlock()
	if last {
		m.gone()
	}
}

// dropLocked gives one reference back. If it was the last, the id is gone and the caller must call gone.
func (m *SharedMemory) dropLocked() bool {
	m.refs--
	if m.refs > 0 {
		return false
	}
	delete(m.ctx.memory, m.id)
	return true
}

// gone frees memory that nobody refers to.
func (m *SharedMemory) gone() {
	m.ctx.dev.guarded(m.free)
	m.ctx.unreserveMemory(m.charged)
}

// nextMemory returns an id that no shared memory of the device has had.
func (d *Device) nextMemory() uint64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lastMemory++
	return d.lastMemory
}
