package instrument

import (
	"bytes"

	"goatee/softtee/wasm/module"
)

// addHelpers numbers the new globals and adds the functions that the module did not have. enter comes last.
func (w *rewriter) addHelpers() {
	w.fuel = uint32(len(w.m.Globals))
	w.depth = w.fuel + 1
	w.refillType = w.i32s(2, 1)
	w.slow = w.addHelper(w.i32s(1, 0), nil, w.slowPath())
	w.chargeFn = w.addHelper(w.i32s(1, 0), nil, w.charge())
	if len(w.m.Memories) > 0 {
		w.growFn = w.addHelper(w.i32s(1, 1), nil, w.grow())
		w.copyFn = w.addHelper(w.i32s(3, 0), nil, w.pieces(true, func(c *code) {
			c.ops(opPrefixFC, fcMemoryCopy, 0, 0)
		}))
		w.fillFn = w.addHelper(w.i32s(3, 0), nil, w.pieces(false, func(c *code) {
			c.ops(opPrefixFC, fcMemoryFill, 0)
		}))
	}
	for i := range w.info {
		for _, seg := range w.info[i].segments {
			if w.initFn[seg] == 0 && len(w.m.Memories) > 0 {
				w.initFn[seg] = w.addHelper(w.i32s(3, 0), nil, w.initPieces(seg))
			}
		}
	}
	w.addHelper(w.i32s(5, 1), nil, w.enter())
}

// slowPath refills: (depth).
func (w *rewriter) slowPath() code {
	var c code
	c.index(opGlobalGet, w.fuel)
	c.get(0)
	c.index(opCall, uint32(w.m.ImportedFuncs))
	c.index(opGlobalSet, w.fuel)
	c.op(opEnd)
	return c
}

// charge burns for n elements or bytes: (n).
func (w *rewriter) charge() code {
	var c code
	w.burnFor(&c, 0)
	c.op(opEnd)
	return c
}

// burnFor writes the burning of what copying as many bytes as a local says takes.
func (w *rewriter) burnFor(c *code, local uint32) {
	w.burnGlobal(c, func() {
		c.get(local)
		c.i32Const(4) // log2 of bytesPerUnit
		c.op(opI32ShrU)
		c.i32Const(1)
		c.op(opI32Add)
	})
}

// burnGlobal takes what amount pushes off the fuel in the global.
func (w *rewriter) burnGlobal(c *code, amount func()) {
	c.index(opGlobalGet, w.fuel)
	amount()
	c.op(opI32Sub)
	c.index(opGlobalSet, w.fuel)
	c.index(opGlobalGet, w.fuel)
	c.i32Const(0)
	c.ops(opI32LtS, opIf, emptyBlock)
	c.i32Const(0)
	c.index(opCall, w.slow)
	c.op(opEnd)
}

// grow is memory.grow as if the hole were memory: (pages) -> old pages or -1.
func (w *rewriter) grow() code {
	var c code
	c.get(0)
	c.ops(opMemoryGrow, 0)
	c.tee(0)
	c.i32Const(int32(w.o.Hole >> 16))
	c.op(opI32Add)
	c.i32Const(-1)
	c.get(0)
	c.i32Const(-1)
	c.ops(0x47) // i32.ne
	c.ops(opSelect, opEnd)
	return c
}

// pieces is memory.copy (dst, src, n) or memory.fill (dst, value, n), done piece by piece. What is out of bounds traps
// before anything is written, as the whole instruction would, because the instruction itself is then given everything.
func (w *rewriter) pieces(copying bool, op func(*code)) code {
	const dst, src, n = 0, 1, 2
	var c code
	w.leaveHole(&c, dst, n)
	if copying {
		w.leaveHole(&c, src, n)
	}
	all := func() { // the instruction on all that is left
		c.get(dst)
		c.get(src)
		c.get(n)
		op(&c)
	}
	// if n <= piece: burn, do it, return
	c.get(n)
	c.i32Const(pieceSize)
	c.ops(opI32LeU, opIf, emptyBlock)
	w.burnFor(&c, n)
	all()
	c.ops(opReturn, opEnd)
	// if out of bounds: let the instruction trap
	outOfBounds(&c, dst, n)
	if copying {
		outOfBounds(&c, src, n)
		c.op(opI32Or)
	}
	c.ops(opIf, emptyBlock)
	all()
	c.ops(opReturn, opEnd)
	if copying {
		// if dst > src: from the end, since the two may overlap
		c.get(dst)
		c.get(src)
		c.ops(opI32GtU, opIf, emptyBlock)
		w.pieceLoop(&c, n, func() {
			c.get(n)
			c.i32Const(pieceSize)
			c.op(opI32Sub)
			c.set(n)
			for _, l := range []uint32{dst, src} {
				c.get(l)
				c.get(n)
				c.op(opI32Add)
			}
			c.i32Const(pieceSize)
			op(&c)
		})
		all()
		c.ops(opReturn, opEnd)
	}
	w.pieceLoop(&c, n, func() {
		c.get(dst)
		c.get(src)
		c.i32Const(pieceSize)
		op(&c)
		advance(&c, dst, pieceSize)
		if copying {
			advance(&c, src, pieceSize)
		}
		advance(&c, n, -pieceSize)
	})
	all()
	c.op(opEnd)
	return c
}

// initPieces is memory.init of one segment: (dst, offset in the segment, n). It burns for everything and copies at once:
// a segment is a part of the file, whose size is limited.
func (w *rewriter) initPieces(seg uint32) code {
	var c code
	w.leaveHole(&c, 0, 2)
	w.burnFor(&c, 2)
	c.get(0)
	c.get(1)
	c.get(2)
	c.ops(opPrefixFC, fcMemoryInit)
	c.u32(seg)
	c.ops(0, opEnd)
	return c
}

// leaveHole turns the guest address in a local into one of the memory. An address in the hole becomes a very large one,
// unless nothing is accessed there: the address of nothing may lie in the hole, as it may lie in memory.
func (w *rewriter) leaveHole(c *code, addr, n uint32) {
	if w.o.Hole == 0 {
		return
	}
	c.i32Const(int32(w.o.Hole))
	c.get(addr)
	c.get(n)
	c.op(opI32Eqz)
	c.get(addr)
	c.i32Const(int32(w.o.Hole))
	c.ops(opI32LtU, opI32And, opSelect)
	c.i32Const(int32(w.o.Hole))
	c.op(opI32Sub)
	c.set(addr)
}

// outOfBounds pushes whether n bytes from addr go beyond the memory.
func outOfBounds(c *code, addr, n uint32) {
	c.get(addr)
	c.op(opI64ExtendU)
	c.get(n)
	c.ops(opI64ExtendU, opI64Add)
	c.ops(opMemorySize, 0, opI64ExtendU)
	c.op(opI64Const)
	c.s64(16)
	c.ops(opI64Shl, opI64GtU)
}

// pieceLoop repeats body, which takes a piece off n, while there is more than a piece.
func (w *rewriter) pieceLoop(c *code, n uint32, body func()) {
	c.ops(opLoop, emptyBlock)
	w.burnGlobal(c, func() { c.i32Const(pieceSize / bytesPerUnit) })
	body()
	c.get(n)
	c.i32Const(pieceSize)
	c.op(opI32GtU)
	c.index(opBrIf, 0)
	c.op(opEnd)
}

// advance adds a constant to a local.
func advance(c *code, local uint32, by int32) {
	c.get(local)
	c.i32Const(by)
	c.op(opI32Add)
	c.set(local)
}

// enter calls one of the entries with a fresh call stack: (which, a, b, c, d) -> result.
func (w *rewriter) enter() code {
	var c code
	c.i32Const(int32(w.o.CallStack))
	c.index(opGlobalSet, w.depth)
	for i, f := range w.o.Entries {
		t, _ := w.m.FuncType(f)
		c.get(0)
		c.i32Const(int32(i))
		c.ops(0x46, opIf, emptyBlock) // i32.eq
		for p := range t.Params {
			c.get(uint32(1 + p))
		}
		c.index(opCall, w.newIndex(f))
		if !bytes.Equal(t.Results, []byte{module.I32}) {
			c.i32Const(0)
		}
		c.ops(opReturn, opEnd)
	}
	c.ops(opUnreachable, opEnd)
	return c
}
