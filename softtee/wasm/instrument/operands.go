package instrument

import "goatee/softtee/wasm/module"

// operands follows the operand stack through straight-line code, to know where an address came from. A pointer that was
// reduced by the hole once is then not reduced again, so that the engine can tell that it has checked it already; and a
// constant that was added to make the address is reduced instead of the sum. What is not known costs speed and nothing
// else.
type operands struct {
	stack []operand
	kept  map[uint32]uint32 // for each local the new local with its reduced value, if that is current
	home  map[uint32]uint32 // for each local its new local, once there is one
}

// operand is what is known of a value on the stack.
type operand struct {
	local uint32 // that it is a copy of, or unknown
	konst int    // where in the code the constant stands that it is, or that was added to it last; or 0
}

const unknown = ^uint32(0)

// maxKept is how many pointers of a function are followed.
const maxKept = 64

// at returns an operand; 0 is the top of the stack.
func (o *operands) at(depth int) operand {
	if depth >= len(o.stack) {
		return operand{local: unknown}
	}
	return o.stack[len(o.stack)-1-depth]
}

// reduceConstant takes the hole off the constant in an operand, if there is one. Nothing else uses the operand.
func (o *operands) reduceConstant(e *emitter, depth int) bool {
	at := o.at(depth).konst
	if at == 0 {
		return false
	}
	v := module.NewReader(e.c[at:], 0).S32()
	e.c.patchI32(at, v-int32(e.o.Hole))
	return true
}

// reduced returns the local with the reduced value of an operand, if there is one.
func (o *operands) reduced(depth int) (uint32, bool) {
	l, ok := o.kept[o.at(depth).local]
	return l, ok
}

// keep returns the local in which the reduced value of an operand is to be kept, if it is of use.
func (o *operands) keep(e *emitter, depth int) (uint32, bool) {
	from := o.at(depth).local
	if from == unknown {
		return 0, false
	}
	if o.home == nil {
		o.home, o.kept = map[uint32]uint32{}, map[uint32]uint32{}
	}
	l, ok := o.home[from]
	if !ok {
		if len(o.home) >= maxKept {
			return 0, false
		}
		l = e.newLocal(module.I32)
		o.home[from] = l
	}
	o.kept[from] = l
	return l, true
}

// changed forgets what was known of a local.
func (o *operands) changed(local uint32) {
	delete(o.kept, local)
	for i := range o.stack {
		if o.stack[i].local == local {
			o.stack[i].local = unknown
		}
	}
}

// track follows an instruction that was written. Where control flow meets, everything is forgotten.
func (o *operands) track(e *emitter, in instr) {
	pop, push := int(in.pop), int(in.push)
	switch in.op {
	case opBlock: // straight on
		return
	case opLoop, opElse, opEnd, opBr, opBrTable, opReturn, opUnreachable:
		o.stack = o.stack[:0]
		clear(o.kept)
		return
	case opLocalGet:
		o.push(uint32(in.a), 0)
		return
	case opLocalSet, opLocalTee:
		o.drop(1)
		o.changed(uint32(in.a))
		if in.op == opLocalTee {
			o.push(uint32(in.a), 0)
		}
		return
	case opI32Const:
		o.push(unknown, len(e.c)-paddedI32)
		return
	case opI32Add: // a constant in it may be reduced in place of the sum
		konst := o.at(0).konst
		if konst == 0 {
			konst = o.at(1).konst
		}
		o.drop(2)
		o.push(unknown, konst)
		return
	case opCall:
		if t, ok := e.m.FuncType(uint32(in.a)); ok {
			pop, push = len(t.Params), len(t.Results)
		}
	case opCallIndirect:
		if in.a < uint64(len(e.m.Types)) {
			t := e.m.Types[in.a]
			pop, push = 1+len(t.Params), len(t.Results)
		}
	}
	o.drop(pop)
	for range push {
		o.push(unknown, 0)
	}
}

func (o *operands) push(local uint32, konst int) { o.stack = append(o.stack, operand{local, konst}) }

// drop pops operands; what lies below what is known is not known.
func (o *operands) drop(n int) { o.stack = o.stack[:max(len(o.stack)-n, 0)] }
