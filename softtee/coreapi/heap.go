package coreapi

import (
	"sort"

	"goatee/gp"
	"goatee/softtee/engine"
)

// heap allocates from a part of the TA's memory. What is where is known here and not in the TA's memory, so that a TA
// that overwrites its own memory cannot confuse it.
type heap struct {
	base, size uint32
	free       []span            // sorted by address, never adjacent
	used       map[uint32]uint32 // size by address
	stats      HeapStats
}

// span is a piece of the heap.
type span struct{ addr, size uint32 }

// HeapStats counts what a TA has allocated, in bytes.
type HeapStats struct {
	Size        uint32
	Allocated   uint32
	MaxUsed     uint32
	Failed      uint32 // allocations that did not fit
	FailedBytes uint32 // the largest of them
}

const heapAlign = 16

func (h *heap) init(base, size uint32) {
	start := (base + heapAlign - 1) &^ (heapAlign - 1)
	size -= min(start-base, size)
	h.base, h.size = start, size&^(heapAlign-1)
	h.stats.Size = h.size
	if h.size > 0 {
		h.free = []span{{h.base, h.size}}
	}
}

// alloc returns the address of size bytes, or 0. The first piece that is large enough gives them.
func (h *heap) alloc(size uint32) uint32 {
	n := (max(size, 1) + heapAlign - 1) &^ (heapAlign - 1)
	if n < size || n > h.size {
		return h.failed(size)
	}
	for i := range h.free {
		f := &h.free[i]
		if f.size < n {
			continue
		}
		addr := f.addr
		f.addr += n
		f.size -= n
		if f.size == 0 {
			h.free = append(h.free[:i], h.free[i+1:]...)
		}
		if h.used == nil {
			h.used = map[uint32]uint32{}
		}
		h.used[addr] = n
		h.stats.Allocated += n
		h.stats.MaxUsed = max(h.stats.MaxUsed, h.stats.Allocated)
		return addr
	}
	return h.failed(size)
}

func (h *heap) failed(size uint32) uint32 {
	h.stats.Failed++
	h.stats.FailedBytes = max(h.stats.FailedBytes, size)
	return 0
}

// release frees what was allocated at addr and returns its size, or false if nothing was.
func (h *heap) release(addr uint32) (uint32, bool) {
	n, ok := h.used[addr]
	if !ok {
		return 0, false
	}
	delete(h.used, addr)
	h.stats.Allocated -= n
	i := sort.Search(len(h.free), func(i int) bool { return h.free[i].addr > addr })
	h.free = append(h.free, span{})
	copy(h.free[i+1:], h.free[i:])
	h.free[i] = span{addr, n}
	h.join(i)
	if i > 0 {
		h.join(i - 1)
	}
	return n, true
}

// join makes one of a piece and the next if they touch.
func (h *heap) join(i int) {
	if i+1 < len(h.free) && h.free[i].addr+h.free[i].size == h.free[i+1].addr {
		h.free[i].size += h.free[i+1].size
		h.free = append(h.free[:i+1], h.free[i+2:]...)
	}
}

// allocated reports whether n bytes at addr touch no part of the heap that is free.
func (h *heap) allocated(addr, n uint32) bool {
	i := sort.Search(len(h.free), func(i int) bool { return uint64(h.free[i].addr)+uint64(h.free[i].size) > uint64(addr) })
	return i == len(h.free) || uint64(h.free[i].addr) >= uint64(addr)+uint64(n)
}

// HeapStats tells what the TA has allocated.
func (t *TA) HeapStats() HeapStats { return t.heap.stats }

// Hints of TEE_Malloc. Section 4.11.4; the last is OP-TEE's.
const (
	mallocFillZero   = 0
	mallocNoFill     = 1
	mallocNoShare    = 2
	mallocUserNoFill = 0x80000000
)

// Malloc is TEE_Malloc (4.11.4). Memory is aligned to 16 bytes and zeroed, also where a hint allows not to: nobody finds
// there what somebody else has left. Without memory it returns NULL; unknown hints panic.
func (t *TA) Malloc(size, hint uint32) uint32 {
	switch hint {
	case mallocFillZero, mallocNoShare, mallocNoFill, mallocNoFill | mallocNoShare, mallocUserNoFill:
	default:
		t.fail(gp.ErrorBadParameters, "unknown hint 0x%x", hint)
	}
	addr := t.heap.alloc(size)
	if addr != 0 {
		clear(t.in(addr, size))
	}
	return addr
}

// Realloc is TEE_Realloc (4.11.5). Without memory it returns NULL and leaves the buffer as it was. A buffer that was not
// allocated panics.
func (t *TA) Realloc(buf, size uint32) uint32 {
	if buf == 0 {
		return t.Malloc(size, mallocFillZero)
	}
	old, ok := t.heap.used[buf]
	if !ok {
		t.fail(gp.ErrorBadParameters, "0x%x was not allocated, or was freed", buf)
	}
	if size <= old && size > old-heapAlign {
		return buf
	}
	addr := t.heap.alloc(size)
	if addr == 0 {
		return 0
	}
	to := t.in(addr, size)
	n := copy(to, t.in(buf, old))
	clear(to[n:])
	t.Free(buf)
	return addr
}

// Free is TEE_Free (4.11.6). The memory is erased. What was not allocated panics.
func (t *TA) Free(buf uint32) {
	if buf == 0 {
		return
	}
	n, ok := t.heap.release(buf)
	if !ok {
		t.fail(gp.ErrorBadParameters, "0x%x was not allocated, or was freed already", buf)
	}
	clear(t.in(buf, n))
}

// Access flags of TEE_CheckMemoryAccessRights.
const (
	accessRead     = 1
	accessWrite    = 2
	accessAnyOwner = 4
	accessNonsec   = 0x10000000 // OP-TEE's
	accessSecure   = 0x20000000
)

// CheckMemoryAccessRights is TEE_CheckMemoryAccessRights (4.11.1).
func (t *TA) CheckMemoryAccessRights(flags, addr, size uint32) gp.Result {
	if size == 0 {
		return gp.Success
	}
	owner := t.mem.Owner(addr, size)
	shared := owner == engine.OwnerClient || owner == engine.OwnerClientIn
	switch {
	case owner == engine.OwnerNone,
		owner == engine.OwnerTAConst && flags&accessWrite != 0,
		owner == engine.OwnerClientIn && flags&accessWrite != 0,
		shared && flags&accessAnyOwner == 0,
		shared && flags&accessSecure != 0,
		!shared && flags&accessNonsec != 0,
		!shared && !t.heap.allocated(addr, size):
		return gp.ErrorAccessDenied
	}
	return gp.Success
}

// SetInstanceData is TEE_SetInstanceData (4.11.2).
func (t *TA) SetInstanceData(p uint32) { t.data = p }

// GetInstanceData is TEE_GetInstanceData (4.11.3).
func (t *TA) GetInstanceData() uint32 { return t.data }

// MemMove is TEE_MemMove (4.11.7).
func (t *TA) MemMove(dst, src, n uint32) {
	to, from := t.out(dst, n), t.in(src, n)
	if dst <= src {
		t.pieces(n, func(i, j uint32) { copy(to[i:j], from[i:j]) })
		return
	}
	t.pieces(n, func(i, j uint32) { copy(to[n-j:n-i], from[n-j:n-i]) })
}

// MemCompare is TEE_MemCompare (4.11.8): the sign of the first difference, in a time that does not depend on where it is.
func (t *TA) MemCompare(a, b, n uint32) int32 {
	x, y := t.in(a, n), t.in(b, n)
	first := int32(0)
	t.pieces(n, func(i, j uint32) {
		for k := i; k < j; k++ {
			found := (first | -first) >> 31 // all ones once there was a difference
			first |= (int32(x[k]) - int32(y[k])) &^ found
		}
	})
	return first
}

// MemFill is TEE_MemFill (4.11.9).
func (t *TA) MemFill(addr, value, n uint32) {
	b := t.out(addr, n)
	t.pieces(n, func(i, j uint32) {
		for k := range b[i:j] {
			b[i:j][k] = byte(value)
		}
	})
}
