package drivertest

import (
	"fmt"
	"io"
	"sync"
	"syscall"
)

const errInval = syscall.EINVAL

// guarded is a Region that knows which part of it a call may touch, and notes everything else.
type guarded struct {
	name       string
	data       []byte
	lo, hi     uint64 // what may be touched
	write      bool   // whether it may be written
	mu         sync.Mutex
	over       bool // the call has returned
	complaints []string
}

func (g *guarded) Size() uint64 { return uint64(len(g.data)) }

func (g *guarded) access(kind string, n int, off int64) {
	switch {
	case g.over:
		g.complaints = append(g.complaints, fmt.Sprintf("%s memory was %s after the call had returned", g.name, kind))
	case kind == "written" && !g.write:
		g.complaints = append(g.complaints, fmt.Sprintf("%s memory was %s, %d bytes at %d, although it is only input", g.name, kind, n, off))
	case off < int64(g.lo) || uint64(off)+uint64(n) > g.hi:
		g.complaints = append(g.complaints, fmt.Sprintf("%s memory was %s outside of the reference: %d bytes at %d, and it refers to [%d, %d)", g.name, kind, n, off, g.lo, g.hi))
	}
}

func (g *guarded) ReadAt(p []byte, off int64) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.access("read", len(p), off)
	if off < 0 || off > int64(len(g.data)) {
		return 0, io.EOF
	}
	n := copy(p, g.data[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (g *guarded) WriteAt(p []byte, off int64) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.access("written", len(p), off)
	if off < 0 || off > int64(len(g.data)) {
		return 0, io.ErrShortWrite
	}
	n := copy(g.data[off:], p)
	if n < len(p) {
		return n, io.ErrShortWrite
	}
	return n, nil
}

// end says that the call has returned.
func (g *guarded) end() {
	g.mu.Lock()
	g.over = true
	g.mu.Unlock()
}

// report hands the complaints to k.
func (g *guarded) report(k *kit) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, c := range g.complaints {
		k.errorf("%s", c)
	}
	g.complaints = nil
}
