package instrument

import (
	"math"

	"goatee/softtee/wasm/module"
)

// emitter writes one function's new code.
type emitter struct {
	*rewriter
	info  *funcInfo
	c     code
	marks []mark // relative to c and to the old body

	locals []byte // types of all locals: parameters, old and new ones
	temp   map[byte]uint32
	fuelT  uint32 // a local for the fuel
	depth  uint32 // a local for the depth that is left, in functions that take from it
	blocks []bool // for each open block whether it is a loop with blocks of ours around it

	operands // only if there is a hole
}

// codeSection writes all functions. The marks count from the section's content.
func (w *rewriter) codeSection() (code, []mark, error) {
	var out code
	var marks []mark
	out.u32(uint32(len(w.m.Codes) + len(w.helpers)))
	for i := range w.m.Codes {
		e, err := w.emit(i)
		if err != nil {
			return nil, nil, err
		}
		locals := declareLocals(e.locals[len(w.m.Types[w.m.Functions[i]].Params):])
		out.u32(uint32(len(locals) + len(e.c)))
		out = append(out, locals...)
		base := uint32(len(out))
		for _, k := range e.marks {
			marks = append(marks, mark{base + k.new, w.m.Codes[i].Offset + k.old})
		}
		out = append(out, e.c...)
	}
	marks = append(marks, mark{uint32(len(out)), noOriginal})
	for _, h := range w.helpers {
		locals := declareLocals(h.locals)
		out.u32(uint32(len(locals) + len(h.code)))
		out = append(out, locals...)
		out = append(out, h.code...)
	}
	return out, marks, nil
}

// declareLocals writes locals as runs of the same type.
func declareLocals(types []byte) code {
	var runs code
	n := uint32(0)
	for i := 0; i < len(types); n++ {
		j := i
		for j < len(types) && types[j] == types[i] {
			j++
		}
		runs.u32(uint32(j - i))
		runs = append(runs, types[i])
		i = j
	}
	var c code
	c.u32(n)
	return append(c, runs...)
}

// local returns a new local of a type that is used between two instructions only, the same one each time.
func (e *emitter) local(t byte) uint32 {
	if l, ok := e.temp[t]; ok {
		return l
	}
	l := e.newLocal(t)
	e.temp[t] = l
	return l
}

func (e *emitter) newLocal(t byte) uint32 {
	e.locals = append(e.locals, t)
	return uint32(len(e.locals) - 1)
}

// emit writes the new code of a function.
func (w *rewriter) emit(i int) (*emitter, error) {
	c := &w.m.Codes[i]
	typ := w.m.Types[w.m.Functions[i]]
	e := &emitter{rewriter: w, info: &w.info[i], temp: map[byte]uint32{}, blocks: []bool{false}}
	e.locals = append(append(e.locals, typ.Params...), c.Locals...)
	if e.info.burns || len(e.info.loops) > 0 {
		e.fuelT = e.newLocal(module.I32)
	}
	e.mark(0)
	e.enterFunction()
	r := module.NewReader(c.Body, int(c.Offset))
	loop := 0
	for !r.Done() {
		in, err := next(r)
		if err != nil {
			return nil, err
		}
		e.mark(in.start)
		same := c.Body[in.start:in.end]
		if in.op == opLoop {
			e.enterLoop(in, same, e.info.loops[loop].weight)
			loop++
		} else {
			e.instruction(in, same)
		}
		if e.o.Hole != 0 {
			e.track(e, in)
		}
	}
	return e, r.Err()
}

// mark notes that what is written from now on belongs to the old code from offset old.
func (e *emitter) mark(old int) {
	e.marks = append(e.marks, mark{uint32(len(e.c)), uint32(old)})
}

// enterFunction writes the entry: it takes the function's frame off the call stack, and its weight off the fuel.
func (e *emitter) enterFunction() {
	c := &e.c
	if e.info.deep {
		e.depth = e.newLocal(module.I32)
		c.index(opGlobalGet, e.rewriter.depth)
		if e.info.stacks {
			c.i32Const(int32(min(e.info.frame, math.MaxInt32/2)))
			c.op(opI32Sub)
		}
		c.set(e.depth)
	}
	if !e.info.burns {
		return
	}
	c.index(opGlobalGet, e.fuel)
	c.tee(e.fuelT)
	e.takeFuel(e.info.weight)
	c.get(e.fuelT)
	if e.info.deep {
		c.get(e.depth)
		c.op(opI32Or)
	}
	c.i32Const(0)
	c.ops(opI32LtS, opIf, emptyBlock)
	e.callSlow()
	c.op(opEnd)
}

// enterLoop writes the beginning of a loop. The loop is put into blocks, so that the slow path is outside of it:
//
//	block (results)
//	  loop
//	    block
//	      loop (results)         the original's
//	        if fuel < 0: branch to the end of the inner block
//	        fuel -= weight
//	        ...
//	      end
//	      branch to the end of all
//	    end
//	    slow path
//	    branch to the outer loop
//	  end
//	end
//
// A call inside of the original's loop would make the engine store, in each iteration, all that lives across it. Loops
// that take operands cannot be entered again, and have the slow path inside. Looking at the fuel before taking from it
// lets the loop go on after any refill, however small.
func (e *emitter) enterLoop(in instr, same []byte, weight int) {
	c := &e.c
	params, _ := e.blockType(in.block)
	wrapped := params == 0
	if wrapped {
		c.op(opBlock)
		*c = append(*c, same[1:]...)
		c.ops(opLoop, emptyBlock, opBlock, emptyBlock)
	}
	*c = append(*c, same...)
	e.blocks = append(e.blocks, wrapped)
	c.index(opGlobalGet, e.fuel)
	c.tee(e.fuelT)
	c.i32Const(0)
	c.op(opI32LtS)
	if wrapped {
		c.index(opBrIf, 1)
	} else {
		c.ops(opIf, emptyBlock)
		e.callSlow()
		c.index(opGlobalGet, e.fuel)
		c.set(e.fuelT)
		c.op(opEnd)
	}
	c.get(e.fuelT)
	e.takeFuel(weight)
}

// wrappers is how many blocks enterLoop puts around a loop.
const wrappers = 3

// checkStack reports a stack pointer that was set too low.
func (e *emitter) checkStack() {
	c := &e.c
	c.index(opGlobalGet, uint32(e.o.StackPointer))
	c.i32Const(int32(e.o.StackFloor))
	c.ops(opI32LtU, opIf, emptyBlock)
	c.i32Const(StackOverflow)
	c.index(opCall, e.slow)
	c.op(opEnd)
}

// end writes the end of a block, and of what enterLoop has put around a loop.
func (e *emitter) end() {
	last := len(e.blocks) - 1
	c := &e.c
	c.op(opEnd)
	if e.blocks[last] {
		c.index(opBr, 2)
		c.op(opEnd)
		e.callSlow()
		c.index(opBr, 0)
		c.ops(opEnd, opUnreachable, opEnd)
	}
	e.blocks = e.blocks[:last]
}

// takeFuel takes weight off the fuel, which is on the stack.
func (e *emitter) takeFuel(weight int) {
	e.c.i32Const(int32(min(weight, 1<<20)))
	e.c.op(opI32Sub)
	e.c.index(opGlobalSet, e.fuel)
}

// callSlow calls the slow path with what is left of the call stack.
func (e *emitter) callSlow() {
	if e.info.deep {
		e.c.get(e.depth)
	} else {
		e.c.i32Const(0)
	}
	e.c.index(opCall, e.slow)
}

// instruction writes one instruction of the original, changed where it must be.
func (e *emitter) instruction(in instr, same []byte) {
	c := &e.c
	switch {
	case in.op == opBlock || in.op == opIf:
		e.blocks = append(e.blocks, false)
		*c = append(*c, same...)
	case in.op == opEnd:
		e.end()
	case in.op == opBr || in.op == opBrIf:
		c.index(in.op, e.label(uint32(in.a)))
	case in.op == opBrTable:
		e.brTable(same)
	case in.op == opCall && int(in.a) >= e.m.ImportedFuncs:
		if e.rewriter.info[int(in.a)-e.m.ImportedFuncs].deep {
			e.passDepth()
		}
		c.index(opCall, e.newIndex(uint32(in.a)))
	case in.op == opCallIndirect:
		if e.info.deep {
			e.passDepth()
		}
		*c = append(*c, same...)
	case in.op == opRefFunc:
		c.index(opRefFunc, e.newIndex(uint32(in.a)))
	case in.op == opPrefixFC:
		e.bulk(in, same)
	case in.op == opGlobalSet && e.o.StackFloor != 0 && int(in.a) == e.o.StackPointer:
		*c = append(*c, same...)
		e.checkStack()
	case e.o.Hole == 0:
		*c = append(*c, same...)
	case in.op == opMemorySize:
		*c = append(*c, same...)
		c.i32Const(int32(e.o.Hole >> 16))
		c.op(opI32Add)
	case in.op == opMemoryGrow:
		c.index(opCall, e.growFn)
	case in.imm == immMemarg || in.imm == immMemLane:
		e.access(in, same)
	case in.op == opI32Const:
		c.i32ConstPadded(int32(uint32(in.a)))
	default:
		*c = append(*c, same...)
	}
}

// label returns the new number of a label, in which the blocks count that were put around loops in between.
func (e *emitter) label(old uint32) uint32 {
	n := old
	for i := range min(int(old), len(e.blocks)) {
		if e.blocks[len(e.blocks)-1-i] {
			n += wrappers
		}
	}
	return n
}

// brTable writes br_table with its labels changed.
func (e *emitter) brTable(same []byte) {
	r := module.NewReader(same[1:], 0)
	n := r.U32()
	e.c.index(opBrTable, n)
	for range uint64(n) + 1 {
		e.c.u32(e.label(r.U32()))
	}
}

// passDepth leaves for the callee what is left of the call stack.
func (e *emitter) passDepth() {
	e.c.get(e.depth)
	e.c.index(opGlobalSet, e.rewriter.depth)
}

// access writes a load or store with the hole taken off its address. If the offset alone is beyond the hole, as that of
// a C variable is, the offset is reduced. Otherwise the address is, and one that lies in the hole becomes so large that it
// is out of bounds. A reduced pointer is kept for the next access through it.
func (e *emitter) access(in instr, same []byte) {
	c := &e.c
	offset := uint32(in.b)
	value, below := storedType(in)
	depth := 0
	if below {
		depth = 1
	}
	switch {
	case offset >= e.o.Hole:
		offset -= e.o.Hole
	case e.reduceConstant(e, depth):
	default:
		var l uint32
		if below {
			l = e.local(value)
			c.set(l)
		}
		e.reduce(depth)
		if below {
			c.get(l)
		}
	}
	c.op(in.op)
	if in.op == opPrefixFD {
		c.u32(in.sub)
	}
	c.u32(uint32(in.a))
	c.u32(offset)
	if in.imm == immMemLane {
		*c = append(*c, same[len(same)-1])
	}
}

// reduce takes the hole off the address on the stack, of which operands knows it at depth.
func (e *emitter) reduce(depth int) {
	c := &e.c
	if reduced, ok := e.reduced(depth); ok {
		c.op(opDrop)
		c.get(reduced)
		return
	}
	c.i32Const(-int32(e.o.Hole))
	c.op(opI32Add)
	if keep, ok := e.keep(e, depth); ok {
		c.tee(keep)
	}
}

// storedType is the type of the operand that lies above the address, if there is one.
func storedType(in instr) (byte, bool) {
	if in.pop != 2 {
		return 0, false
	}
	switch {
	case in.op == opPrefixFD:
		return module.V128, true
	case in.op == opF32Store:
		return module.F32, true
	case in.op == opF64Store:
		return module.F64, true
	case in.op == opI64Store, in.op >= 0x3c && in.op <= opI64Store32:
		return module.I64, true
	}
	return module.I32, true
}

// bulk writes an instruction with prefix 0xfc. Those that may take long go piece by piece, or burn first.
func (e *emitter) bulk(in instr, same []byte) {
	c := &e.c
	switch in.sub {
	case fcMemoryCopy:
		c.index(opCall, e.copyFn)
	case fcMemoryFill:
		c.index(opCall, e.fillFn)
	case fcMemoryInit:
		c.index(opCall, e.initFn[uint32(in.a)])
	case fcTableInit, fcTableCopy, fcTableGrow, fcTableFill:
		n := e.local(module.I32)
		c.tee(n)
		c.get(n)
		c.index(opCall, e.chargeFn)
		*c = append(*c, same...)
	default:
		*c = append(*c, same...)
	}
}
