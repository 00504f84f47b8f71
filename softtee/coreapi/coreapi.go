// Package coreapi is the upper layer of the trusted OS: the functions of the TEE Internal Core API, on top of the system
// calls of package svc. It reads and writes the TA's memory, keeps the states that the specification gives to operations,
// and decides what is a result and what is a panic. It knows no engine: an engine binds the names of a TA's imports to
// the methods of TA.
//
// Methods are named after the functions without TEE_, and take and return what those do: numbers, guest addresses of 32
// bits, and handles. Structures have the layout that a C compiler gives them on a machine of 32 bits, little endian.
// Section numbers are those of the TEE Internal Core API 1.3.1 (GPD_SPE_010).
//
// A method that must panic the TA panics with an *engine.Panic, which the engine turns into the death of the instance; one
// during which the TEE stops the instance panics with an *engine.Stop. A TA is used by the goroutine that runs the
// instance, and by nobody else.
package coreapi

import (
	"encoding/binary"
	"fmt"

	"goatee/gp"
	"goatee/softtee/engine"
	"goatee/softtee/svc"
)

// TA is the Core API of one instance.
type TA struct {
	svc *svc.TA
	mem engine.Memory

	fn          string // that runs, for panics
	heap        heap
	data        uint32 // TEE_SetInstanceData
	operations  svc.Handles[operation]
	enumerators svc.Handles[enumerator]
}

// New makes the Core API of an instance on its system calls and its memory.
func New(s *svc.TA, mem engine.Memory) *TA {
	t := &TA{svc: s, mem: mem}
	t.heap.init(mem.Heap())
	return t
}

// Enter says which function is called next: its name stands in the TA's panics.
func (t *TA) Enter(fn string) { t.fn = fn }

// fail panics the TA.
func (t *TA) fail(code gp.Result, format string, args ...any) {
	panic(&engine.Panic{Code: code, Func: t.fn, Reason: fmt.Sprintf(format, args...)})
}

// check panics the TA if a system call did not succeed. why tells what the results mean that people will see.
func (t *TA) check(r gp.Result, why map[gp.Result]string) {
	if r == gp.Success {
		return
	}
	if s := why[r]; s != "" {
		t.fail(r, "%s", s)
	}
	t.fail(r, "%v", r)
}

// NotBuilt is every function that there is not yet.
func (t *TA) NotBuilt() { t.fail(gp.ErrorNotImplemented, "%s is not implemented yet", t.fn) }

// Panic is TEE_Panic (4.8.1).
func (t *TA) Panic(code uint32) {
	panic(&engine.Panic{Code: gp.Result(code), Func: t.fn, Reason: "the TA asked for it"})
}

// in returns n bytes of the TA's memory to read. Bad pointers panic the TA (3.4.4, "[in]" and the like).
func (t *TA) in(addr, n uint32) []byte {
	b, ok := t.mem.Bytes(addr, n)
	if !ok {
		t.fail(gp.ErrorBadParameters, "bad pointer: %d bytes at 0x%x are not the TA's memory", n, addr)
	}
	return b
}

// out returns n bytes of the TA's memory to write.
func (t *TA) out(addr, n uint32) []byte {
	b := t.in(addr, n)
	if n > 0 {
		switch t.mem.Owner(addr, n) {
		case engine.OwnerTAConst:
			t.fail(gp.ErrorBadParameters, "bad pointer: %d bytes at 0x%x are constant", n, addr)
		case engine.OwnerClientIn:
			t.fail(gp.ErrorBadParameters, "bad pointer: %d bytes at 0x%x are the client's input, not to be written", n, addr)
		}
	}
	return b
}

func (t *TA) readU32(addr uint32) uint32     { return binary.LittleEndian.Uint32(t.in(addr, 4)) }
func (t *TA) writeU32(addr uint32, v uint32) { binary.LittleEndian.PutUint32(t.out(addr, 4), v) }

// outbuf is an output buffer with its length behind a pointer ("[outbuf]", 3.4.4). It writes data, or says that it does
// not fit, and in both cases how long data is.
func (t *TA) outbuf(data []byte, buf, lenPtr uint32) gp.Result {
	have := t.readU32(lenPtr)
	t.writeU32(lenPtr, uint32(len(data)))
	if uint64(len(data)) > uint64(have) {
		return gp.ErrorShortBuffer
	}
	copy(t.out(buf, uint32(len(data))), data)
	return gp.Success
}

// pieceSize is how much a function processes before it asks whether it may go on.
const pieceSize = 256 << 10

// pieces calls f for all of n bytes, piece by piece.
func (t *TA) pieces(n uint32, f func(from, to uint32)) {
	for from := uint32(0); from < n; {
		to := from + min(pieceSize, n-from)
		f(from, to)
		if from = to; from < n {
			t.tick()
		}
	}
}

func (t *TA) tick() {
	if err := t.svc.Tick(); err != nil {
		panic(&engine.Stop{Err: err})
	}
}

// cString returns the bytes of a string that ends with a zero.
func (t *TA) cString(addr uint32) string {
	var s []byte
	for {
		n := uint32(64)
		b, ok := t.mem.Bytes(addr, n)
		if !ok { // perhaps it ends before the memory does
			n = 1
			b = t.in(addr, n)
		}
		for _, c := range b {
			if c == 0 {
				return string(s)
			}
			s = append(s, c)
		}
		addr += n
		if len(s) > 1<<20 {
			t.fail(gp.ErrorBadParameters, "a string of more than a MiB")
		}
	}
}

// uuid reads a TEE_UUID.
func (t *TA) uuid(addr uint32) gp.UUID { return engine.UUIDFromC(t.in(addr, 16)) }

func boolU32(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}

// private reports whether n bytes are the TA's own, which nobody else sees.
func (t *TA) private(addr, n uint32) bool { return t.mem.Owner(addr, n) == engine.OwnerTA }
