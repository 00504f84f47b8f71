package instrument

import (
	"fmt"

	"goatee/softtee/wasm/module"
)

// Instructions that the rewriting knows by name. WebAssembly 2.0 section 5.4.
const (
	opUnreachable  = 0x00
	opBlock        = 0x02
	opLoop         = 0x03
	opIf           = 0x04
	opElse         = 0x05
	opEnd          = 0x0b
	opBr           = 0x0c
	opBrIf         = 0x0d
	opBrTable      = 0x0e
	opReturn       = 0x0f
	opCall         = 0x10
	opCallIndirect = 0x11
	opLocalGet     = 0x20
	opLocalSet     = 0x21
	opLocalTee     = 0x22
	opGlobalGet    = 0x23
	opGlobalSet    = 0x24
	opI32Load      = 0x28
	opI32Store     = 0x36
	opI64Store     = 0x37
	opF32Store     = 0x38
	opF64Store     = 0x39
	opI64Store32   = 0x3e
	opMemorySize   = 0x3f
	opMemoryGrow   = 0x40
	opI32Const     = 0x41
	opI64Const     = 0x42
	opI32Eqz       = 0x45
	opI32LtS       = 0x48
	opI32LtU       = 0x49
	opI32GtU       = 0x4b
	opI32LeU       = 0x4d
	opI32GeU       = 0x4f
	opI64GtU       = 0x56
	opI32Add       = 0x6a
	opI32Sub       = 0x6b
	opI32And       = 0x71
	opI32Or        = 0x72
	opI32Shl       = 0x74
	opI32ShrU      = 0x76
	opI64Add       = 0x7c
	opI64Shl       = 0x86
	opI64ExtendU   = 0xad
	opDrop         = 0x1a
	opSelect       = 0x1b
	opRefFunc      = 0xd2
	opPrefixFC     = 0xfc
	opPrefixFD     = 0xfd

	fcMemoryInit = 8
	fcMemoryCopy = 10
	fcMemoryFill = 11
	fcTableInit  = 12
	fcTableCopy  = 14
	fcTableGrow  = 15
	fcTableFill  = 17

	fdStore = 11
)

// imm is the form of an instruction's immediates.
type imm byte

const (
	immNone      imm = iota
	immBlock         // block type
	immU32           // one index
	immU32U32        // two
	immBrTable       // vector of labels, label
	immMemarg        // alignment, offset
	immLane          // one byte
	immMemLane       // memarg and one byte
	immS32           // a number
	immS64           //
	immF32           // four bytes
	immF64           // eight
	immV128          // sixteen
	immByte          // a type
	immTypes         // vector of types
	immReserved      // memory index 0
	immReserved2     // two of them
	immInvalid
)

// shape is what an instruction reads, pops and pushes. Those whose effect depends on types have it computed.
type shape struct {
	imm       imm
	pop, push int8
}

// shapeOf returns the shape of a one-byte instruction.
func shapeOf(op byte) shape {
	switch {
	case op <= 0x01: // unreachable, nop
		return shape{immNone, 0, 0}
	case op == opBlock, op == opLoop:
		return shape{immBlock, 0, 0}
	case op == opIf:
		return shape{immBlock, 1, 0}
	case op == opElse, op == opEnd, op == opReturn:
		return shape{immNone, 0, 0}
	case op == opBr:
		return shape{immU32, 0, 0}
	case op == opBrIf:
		return shape{immU32, 1, 0}
	case op == opBrTable:
		return shape{immBrTable, 1, 0}
	case op == opCall:
		return shape{immU32, 0, 0}
	case op == opCallIndirect:
		return shape{immU32U32, 1, 0}
	case op == opDrop:
		return shape{immNone, 1, 0}
	case op == opSelect:
		return shape{immNone, 3, 1}
	case op == 0x1c: // select with types
		return shape{immTypes, 3, 1}
	case op == opLocalGet, op == opGlobalGet:
		return shape{immU32, 0, 1}
	case op == opLocalSet, op == opGlobalSet:
		return shape{immU32, 1, 0}
	case op == opLocalTee, op == 0x25: // table.get
		return shape{immU32, 1, 1}
	case op == 0x26: // table.set
		return shape{immU32, 2, 0}
	case op >= opI32Load && op < opI32Store:
		return shape{immMemarg, 1, 1}
	case op >= opI32Store && op <= opI64Store32:
		return shape{immMemarg, 2, 0}
	case op == opMemorySize:
		return shape{immReserved, 0, 1}
	case op == opMemoryGrow:
		return shape{immReserved, 1, 1}
	case op == opI32Const:
		return shape{immS32, 0, 1}
	case op == opI64Const:
		return shape{immS64, 0, 1}
	case op == 0x43:
		return shape{immF32, 0, 1}
	case op == 0x44:
		return shape{immF64, 0, 1}
	case op == 0x45, op == 0x50, op >= 0x67 && op <= 0x69, op >= 0x79 && op <= 0x7b, op >= 0x8b && op <= 0x91,
		op >= 0x99 && op <= 0x9f, op >= 0xa7 && op <= 0xc4: // tests, counts, unary, conversions
		return shape{immNone, 1, 1}
	case op >= 0x46 && op <= 0xa6: // comparisons and arithmetic
		return shape{immNone, 2, 1}
	case op == 0xd0: // ref.null
		return shape{immByte, 0, 1}
	case op == 0xd1: // ref.is_null
		return shape{immNone, 1, 1}
	case op == opRefFunc:
		return shape{immU32, 0, 1}
	}
	return shape{imm: immInvalid}
}

// shapeOfFC returns the shape of an instruction with prefix 0xfc.
func shapeOfFC(sub uint32) shape {
	switch {
	case sub <= 7: // saturating truncations
		return shape{immNone, 1, 1}
	case sub == fcMemoryInit:
		return shape{immU32U32, 3, 0}
	case sub == 9, sub == 13: // data.drop, elem.drop
		return shape{immU32, 0, 0}
	case sub == fcMemoryCopy:
		return shape{immReserved2, 3, 0}
	case sub == fcMemoryFill:
		return shape{immReserved, 3, 0}
	case sub == fcTableInit, sub == fcTableCopy:
		return shape{immU32U32, 3, 0}
	case sub == fcTableGrow:
		return shape{immU32, 2, 1}
	case sub == 16: // table.size
		return shape{immU32, 0, 1}
	case sub == fcTableFill:
		return shape{immU32, 3, 0}
	}
	return shape{imm: immInvalid}
}

// shapeOfFD returns the shape of a vector instruction, prefix 0xfd.
func shapeOfFD(sub uint32) shape {
	switch {
	case sub <= 10, sub == 92, sub == 93: // loads
		return shape{immMemarg, 1, 1}
	case sub == fdStore:
		return shape{immMemarg, 2, 0}
	case sub == 12:
		return shape{immV128, 0, 1}
	case sub == 13: // shuffle
		return shape{immV128, 2, 1}
	case sub >= 21 && sub <= 34: // lanes
		switch sub {
		case 23, 26, 28, 30, 32, 34:
			return shape{immLane, 2, 1}
		}
		return shape{immLane, 1, 1}
	case sub == 82: // bitselect
		return shape{immNone, 3, 1}
	case sub >= 84 && sub <= 87:
		return shape{immMemLane, 2, 1}
	case sub >= 88 && sub <= 91:
		return shape{immMemLane, 2, 0}
	case sub >= 15 && sub <= 20, sub == 77, sub == 83, sub >= 94 && sub <= 100, sub >= 103 && sub <= 106, sub == 116, sub == 117,
		sub == 122, sub >= 124 && sub <= 129, sub == 131, sub == 132, sub >= 135 && sub <= 138, sub == 148, sub == 160,
		sub == 161, sub == 163, sub == 164, sub >= 167 && sub <= 170, sub == 192, sub == 193, sub == 195, sub == 196,
		sub >= 199 && sub <= 202, sub == 224, sub == 225, sub == 227, sub == 236, sub == 237, sub == 239, sub >= 248 && sub <= 255:
		return shape{immNone, 1, 1}
	case sub <= 255:
		return shape{immNone, 2, 1}
	}
	return shape{imm: immInvalid}
}

// instr is one instruction of a function's code.
type instr struct {
	start, end int    // in the code
	op         byte   // first byte
	sub        uint32 // after a prefix
	shape
	a, b  uint64 // numbers among the immediates: indices, or alignment and offset
	block int64  // block type
}

// next reads an instruction. Its errors are the Reader's.
func next(r *module.Reader) (in instr, err error) {
	at := r.Offset()
	in.start = r.Pos()
	in.op = r.Byte()
	switch in.op {
	case opPrefixFC:
		in.sub = r.U32()
		in.shape = shapeOfFC(in.sub)
	case opPrefixFD:
		in.sub = r.U32()
		in.shape = shapeOfFD(in.sub)
	default:
		in.shape = shapeOf(in.op)
	}
	switch in.imm {
	case immBlock:
		in.block = r.S33()
	case immU32:
		in.a = uint64(r.U32())
	case immU32U32, immMemarg:
		in.a, in.b = uint64(r.U32()), uint64(r.U32())
	case immMemLane:
		in.a, in.b = uint64(r.U32()), uint64(r.U32())
		r.Byte()
	case immBrTable:
		n := r.U32()
		for i := uint32(0); i <= n && r.Err() == nil; i++ {
			r.U32()
		}
	case immLane, immByte, immReserved:
		r.Byte()
	case immReserved2:
		r.Take(2)
	case immS32:
		in.a = uint64(uint32(r.S32()))
	case immS64:
		r.S64()
	case immF32:
		r.Take(4)
	case immF64:
		r.Take(8)
	case immV128:
		r.Take(16)
	case immTypes:
		r.Take(int(r.U32()))
	case immInvalid:
		if r.Err() == nil {
			return in, &module.Error{Offset: at, What: fmt.Sprintf("unknown or unsupported instruction 0x%02x %d", in.op, in.sub)}
		}
	}
	in.end = r.Pos()
	return in, r.Err()
}
