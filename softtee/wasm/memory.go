package wasm

import (
	"fmt"
	"sort"
	"syscall"

	"goatee/driver"
	"goatee/internal/sys"
	"goatee/softtee/engine"
)

const (
	pageSize     = 4096
	wasmPage     = 1 << 16
	windowsLimit = 256 << 20 // bytes of a TA's memory for what clients share with it in a command
)

// layout is where an instance has what, in guest addresses, in the order of the fields. It is the same for all instances
// of a module.
type layout struct {
	hole       uint32 // memory begins here
	stackFloor uint32
	stackTop   uint32
	params     uint32 // TEE_Param[4] and the session context of the entry points
	heap       uint32
	heapSize   uint32
	windows    uint32 // what clients share, a multiple of pageSize
	consts     []span // parts of the data that are constant
}

// paramBytes is the room for four TEE_Param and a session context.
const paramBytes = 64

// span is a piece of memory.
type span struct{ addr, size uint32 }

// memory is an instance's memory: a reservation of address space of which the beginning is memory. It implements
// engine.Memory, and the engine's LinearMemory.
type memory struct {
	*layout
	reserved []byte // from hole
	size     uint64 // of it that is memory
	limit    uint64 // that a module may grow to by itself
	host     bool   // growing for the TEE
	shared   []window
}

// window is a piece of the memory that belongs to a client for the time of a command.
type window struct {
	span
	input bool // and not to be written
}

// newMemory reserves and makes the memory of an instance. secret keeps what is not shared from the kernel.
func newMemory(l *layout, secret bool) (*memory, error) {
	own := uint64(l.windows - l.hole)
	m := &memory{layout: l, limit: own}
	var err error
	if m.reserved, err = sys.Reserve(int(own + windowsLimit)); err != nil {
		return nil, err
	}
	first := wasmRound(own)
	if secret {
		err = sys.CommitSecret(m.reserved[:own])
		if err == nil && first > own {
			err = sys.Commit(m.reserved[own:first])
		}
	} else {
		err = sys.Commit(m.reserved[:first])
	}
	if err != nil {
		m.Free()
		return nil, err
	}
	m.size = first
	return m, nil
}

// wasmRound rounds up to WebAssembly's pages.
func wasmRound(n uint64) uint64 { return (n + wasmPage - 1) &^ (wasmPage - 1) }

// Reallocate implements experimental.LinearMemory. Only the TEE makes the memory larger: a TA's heap is limited by its
// TA_DATA_SIZE and lies inside.
func (m *memory) Reallocate(size uint64) []byte {
	if size > m.size {
		if !m.host || size > uint64(len(m.reserved)) || sys.Commit(m.reserved[m.size:size]) != nil {
			return nil
		}
		m.size = size
	}
	return m.reserved[:size:size]
}

// Free implements experimental.LinearMemory.
func (m *memory) Free() {
	if m.reserved != nil {
		_ = sys.Unmap(m.reserved)
		m.reserved, m.size = nil, 0
	}
}

// Bytes implements engine.Memory.
func (m *memory) Bytes(addr, n uint32) ([]byte, bool) {
	if n == 0 {
		return nil, true
	}
	from := uint64(addr) - uint64(m.hole)
	to := from + uint64(n)
	if addr < m.hole || to > m.size {
		return nil, false
	}
	return m.reserved[from:to:to], true
}

// block is where the parameters of an entry point are.
func (m *memory) block() []byte {
	at := m.params - m.hole
	return m.reserved[at : at+paramBytes]
}

// Heap implements engine.Memory.
func (m *memory) Heap() (addr, size uint32) { return m.heap, m.heapSize }

// Owner implements engine.Memory.
func (m *memory) Owner(addr, n uint32) engine.Owner {
	end := uint64(addr) + uint64(n)
	if addr < m.stackFloor || end > uint64(m.hole)+m.size {
		return engine.OwnerNone
	}
	if end <= uint64(m.windows) {
		i := sort.Search(len(m.consts), func(i int) bool { return uint64(m.consts[i].addr)+uint64(m.consts[i].size) > uint64(addr) })
		if i < len(m.consts) && uint64(m.consts[i].addr) < end {
			return engine.OwnerTAConst
		}
		return engine.OwnerTA
	}
	for _, w := range m.shared {
		if addr >= w.addr && end <= uint64(w.addr)+uint64(w.size) {
			if w.input {
				return engine.OwnerClientIn
			}
			return engine.OwnerClient
		}
	}
	return engine.OwnerNone
}

// piece is a part of a client's memory as it stands in the TA's memory during a command. References that overlap share
// one.
type piece struct {
	region   driver.Region
	off, end uint64
	output   bool
	input    bool   // some reference to it is not to be written
	at       uint32 // guest address
	mapped   bool
	before   []byte // what was there before the command, for outputs that are copied
}

// mapFrom is the size from which memory is mapped instead of copied, where that is possible.
const mapFrom = 64 << 10

// gather finds the pieces that parameters refer to; index says which piece a parameter is in.
func gather(params []engine.Param, pieces []piece, index *[4]int) []piece {
	for i := range params {
		p := &params[i]
		index[i] = -1
		if !p.Type.IsMemref() || p.Region == nil {
			continue
		}
		off, end := p.Offset, p.Offset+p.Size
		for j := range pieces {
			if q := &pieces[j]; p.Size > 0 && sameRegion(q.region, p.Region) && off < q.end && q.off < end {
				q.off, q.end = min(q.off, off), max(q.end, end)
				index[i] = j
				break
			}
		}
		if index[i] < 0 {
			index[i] = len(pieces)
			pieces = append(pieces, piece{region: p.Region, off: off, end: end})
		}
		q := &pieces[index[i]]
		if p.Type.IsOutput() {
			q.output = true
		} else {
			q.input = true
		}
	}
	return pieces
}

// sameRegion compares regions that can be compared.
func sameRegion(a, b driver.Region) bool {
	if _, slice := a.(driver.Bytes); slice {
		return false
	}
	if _, slice := b.(driver.Bytes); slice {
		return false
	}
	return a == b
}

// place gives each piece its place in the windows and brings its content there.
func (i *instance) place(pieces []piece) error {
	m := i.mem
	at := uint64(m.windows)
	for j := range pieces {
		p := &pieces[j]
		n := p.end - p.off
		fd, base, mappable := mapping(p.region)
		if mappable = mappable && n >= mapFrom; mappable {
			at = (at + pageSize - 1) &^ (pageSize - 1)
			at += (uint64(base) + p.off) % pageSize
		}
		next := (at + n + 15) &^ 15
		if mappable {
			next = (next + pageSize - 1) &^ (pageSize - 1)
		}
		if next > uint64(m.windows)+windowsLimit {
			return driver.Errorf(syscall.ENOMEM, "wasm: a command with more than %d MiB of memory references", windowsLimit>>20)
		}
		if err := i.grow(next); err != nil {
			return err
		}
		p.at = uint32(at)
		content := m.reserved[at-uint64(m.hole) : at+n-uint64(m.hole)]
		if mappable {
			first := at &^ (pageSize - 1)
			over := m.reserved[first-uint64(m.hole) : next-uint64(m.hole)]
			if err := sys.MapOver(over, fd, (base+int64(p.off))&^(pageSize-1)); err != nil {
				return driver.Errorf(syscall.ENOMEM, "wasm: %w", err)
			}
			p.mapped = true
		} else if err := i.copyIn(p, content); err != nil {
			return err
		}
		m.shared = append(m.shared, window{span{p.at, uint32(n)}, p.input && !p.output})
		at = next
	}
	return nil
}

// mapping asks a region for its file.
func mapping(r driver.Region) (fd int, offset int64, ok bool) {
	if m, is := r.(driver.Mappable); is {
		return m.MapFD()
	}
	return 0, 0, false
}

// grow makes the memory reach up to a guest address.
func (i *instance) grow(end uint64) error {
	m := i.mem
	size := wasmRound(end - uint64(m.hole))
	if size <= m.size {
		return nil
	}
	m.host = true
	_, ok := i.mod.Memory().Grow(uint32((size - m.size) / wasmPage))
	m.host = false
	if !ok {
		return driver.Errorf(syscall.ENOMEM, "wasm: no memory for %d bytes that a client shares", end-uint64(m.windows))
	}
	return nil
}

// copyIn brings the content of a piece into the TA's memory. For outputs it keeps what was there, so that afterwards only
// what the TA has changed is written.
func (i *instance) copyIn(p *piece, content []byte) error {
	if n, err := p.region.ReadAt(content, int64(p.off)); n < len(content) {
		return driver.Errorf(syscall.EFAULT, "wasm: a client's memory cannot be read: %w", err)
	}
	if p.output {
		p.before = append(i.scratch(len(content)), content...)
	}
	return nil
}

// scratch returns an empty slice with room for n bytes; small ones share a buffer of the instance's.
func (i *instance) scratch(n int) []byte {
	if n > mapFrom {
		return make([]byte, 0, n)
	}
	if free := cap(i.buf) - len(i.buf); free < n {
		i.buf = make([]byte, 0, max(n, 4096))
	}
	used := len(i.buf)
	i.buf = i.buf[:used+n]
	return i.buf[used:used:cap(i.buf)][:0:n]
}

// takeAway writes back what the TA has changed and takes the pieces out of its memory.
func (i *instance) takeAway(pieces []piece) error {
	m := i.mem
	var first error
	for j := range pieces {
		p := &pieces[j]
		n := p.end - p.off
		if p.at == 0 {
			continue // was not placed
		}
		from := uint64(p.at) - uint64(m.hole)
		content := m.reserved[from : from+n]
		if p.mapped {
			start := from &^ (pageSize - 1)
			end := (from + n + pageSize - 1) &^ (pageSize - 1)
			if err := sys.Uncover(m.reserved[start:end]); err != nil && first == nil {
				first = driver.Errorf(syscall.ENOMEM, "wasm: %w", err)
			}
			continue
		}
		if p.output {
			if err := writeChanges(p, content); err != nil && first == nil {
				first = err
			}
		}
		clear(content)
	}
	m.shared = m.shared[:0]
	i.buf = i.buf[:0]
	return first
}

// block is how finely changes are looked for.
const block = 64

// writeChanges writes those parts of a piece that differ from what was there before.
func writeChanges(p *piece, content []byte) error {
	for from := 0; from < len(content); {
		to := min(from+block, len(content))
		if string(content[from:to]) == string(p.before[from:to]) {
			from = to
			continue
		}
		for to < len(content) {
			next := min(to+block, len(content))
			if string(content[to:next]) == string(p.before[to:next]) {
				break
			}
			to = next
		}
		a, b := from, to // without the equal bytes at both ends
		for content[a] == p.before[a] {
			a++
		}
		for content[b-1] == p.before[b-1] {
			b--
		}
		if n, err := p.region.WriteAt(content[a:b], int64(p.off)+int64(a)); n < b-a {
			return driver.Errorf(syscall.EFAULT, "wasm: a client's memory cannot be written: %w", err)
		}
		from = to
	}
	return nil
}

// String is for people.
func (l *layout) String() string {
	return fmt.Sprintf("hole below 0x%x, stack 0x%x to 0x%x, heap 0x%x to 0x%x", l.hole, l.stackFloor, l.stackTop, l.heap, l.heap+l.heapSize)
}
