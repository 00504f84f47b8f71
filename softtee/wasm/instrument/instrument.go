// Package instrument rewrites a WebAssembly module so that it cannot keep the process to itself: what it computes burns
// fuel, what it calls takes from a call stack of limited size, and what it touches below a given address is an error. It
// turns bytes into bytes and runs nothing.
//
// # Why
//
// Go cannot preempt the machine code that a module becomes. A module that computes without calling its host stops the
// garbage collector, and with it the whole process. So each loop iteration and each entry of a function that calls others
// takes from a fuel counter as much as there are instructions, and when the counter is below zero the host is called,
// which yields, looks at budgets, and refills or traps.
//
// # What is added
//
// A fuel and a depth counter as globals; an import goatee.refill; a function for the slow path, and functions that copy
// and fill memory piece by piece; one exported function, enter, through which the host reaches all functions that it asks
// for, so that an instance needs one call engine and not five. Functions that neither loop nor call stay as they are and
// are paid for by their callers.
//
// # The hole
//
// Guest addresses below Options.Hole do not exist: memory begins at Hole, and every access subtracts it, so that an
// address below wraps around and is out of bounds. The engine's own check does the rest. No memory is spent on the hole.
//
// # Debug information
//
// Inserting code moves code. Rewrite drops debug information and numbers the functions f0, f1, ... in the name section;
// Locate maps an offset in the new code section to one in the original, where the original's debug information is right.
package instrument

import (
	"fmt"
	"sort"
	"strconv"

	"goatee/softtee/wasm/module"
)

// Names of what the rewritten module imports and exports.
const (
	ImportModule = "goatee"
	// ImportRefill is called with the fuel that is left, which is negative, and the bytes of call stack that are left. It
	// returns the fuel to go on with, or does not return.
	ImportRefill = "refill"
	ExportEnter  = "enter"
	ExportMemory = "memory"
	// ExportStack is the stack pointer of the module's C code, if Options.StackPointer names it.
	ExportStack = "sp"
)

// Options say what to build in.
type Options struct {
	// Hole is the first guest address that exists, a multiple of 16. 0: all do.
	Hole uint32
	// MinPages and MaxPages are the size of the memory, in pages of 64 KiB, without the hole.
	MinPages, MaxPages uint32
	// CallStack is how many bytes of machine stack nested calls may take, as Rewrite estimates them.
	CallStack uint32
	// MaxTable is how many elements a table may have.
	MaxTable uint32
	// Entries are the functions that enter reaches: enter(i, a, b, c, d) calls Entries[i] with as many of a, b, c and d as
	// it has parameters, all of them i32, and returns its i32 or 0.
	Entries []uint32
	// StackPointer is the index of a global that is exported as ExportStack, or -1.
	StackPointer int
	// StackFloor is the least value that StackPointer may get, if that is to be checked whenever it is set. 0: it is not;
	// with a hole the first access below the stack is found anyway.
	StackFloor uint32

	exports bool // for tests: the original's exports stay, and the counters are exported
}

// StackOverflow is what ImportRefill is called with instead of what is left of the call stack, when the stack pointer fell
// below Options.StackFloor.
const StackOverflow = -1 << 31

// Weights. A unit of fuel is about one instruction.
const (
	leafWeight   = 200     // a function up to this is paid for by its caller
	importWeight = 10      // a call of the host
	leafFrame    = 4096    // bytes: a function with more counts for the call stack even if it is in no recursion
	pieceSize    = 1 << 16 // bytes that are copied or filled at a time
	bytesPerUnit = 16      // of copying and filling
	frameBase    = 48      // bytes of an empty machine frame, estimated
)

// rewriter is one rewriting.
type rewriter struct {
	m     *module.Module
	o     Options
	info  []funcInfo
	types []module.FuncType

	fuel, depth uint32 // globals
	refillType  uint32
	slow        uint32 // functions, in the new numbering
	copyFn      uint32
	fillFn      uint32
	chargeFn    uint32
	growFn      uint32
	initFn      map[uint32]uint32 // by data segment
	helpers     []helper
}

// helper is a function that is added.
type helper struct {
	typ    uint32
	locals []byte
	code   code
}

// funcInfo is what the first passes find out about a function.
type funcInfo struct {
	weight   int    // of what is outside of loops
	loops    []loop // in the order of their beginnings
	frame    uint32 // estimated bytes of machine stack
	callees  []call // functions of the module that it calls
	indirect bool   // it calls what it does not know
	segments []uint32

	burns  bool // takes fuel at its entry
	stacks bool // takes its frame off the call stack at its entry
	deep   bool // knows what is left of the call stack, for itself or for what it calls
}

// loop is a loop of a function.
type loop struct {
	weight int // of its body without inner loops
}

// call is a call of a known function, which counts for a loop (-1: for none).
type call struct {
	callee uint32 // of the module's own, from 0
	loop   int
}

// marks map offsets in a function's new code to those in the old: pairs in increasing order.
type mark struct{ new, old uint32 }

// Rewrite returns the rewritten module. It does not change m.
//
// The error is a *module.Error for code that cannot be read, and for what a TA may not have: imports other than
// functions, data below the hole, tables larger than allowed.
func Rewrite(m *module.Module, o Options) ([]byte, error) {
	out, _, err := rewrite(m, o)
	return out, err
}

// Locate finds where in the original code section the instruction begins that Rewrite with the same arguments put at
// offset of the new one; both count from the section's content, as DWARF does. It returns false for code that Rewrite
// added as functions. For code that was inserted it returns the instruction that it belongs to.
func Locate(m *module.Module, o Options, offset uint32) (uint32, bool) {
	_, marks, err := rewrite(m, o)
	if err != nil {
		return 0, false
	}
	return locate(marks, offset)
}

// locate finds the last mark up to offset; there is one for each instruction.
func locate(marks []mark, offset uint32) (uint32, bool) {
	i := sort.Search(len(marks), func(i int) bool { return marks[i].new > offset }) - 1
	if i < 0 || marks[i].old == noOriginal {
		return 0, false
	}
	return marks[i].old, true
}

// noOriginal marks code that the original does not have.
const noOriginal = ^uint32(0)

func rewrite(m *module.Module, o Options) ([]byte, []mark, error) {
	w := &rewriter{m: m, o: o, types: append([]module.FuncType(nil), m.Types...), initFn: map[uint32]uint32{}}
	if err := w.checkShape(); err != nil {
		return nil, nil, err
	}
	w.info = make([]funcInfo, len(m.Codes))
	for i := range m.Codes {
		if err := w.analyse(i); err != nil {
			return nil, nil, err
		}
	}
	w.decide()
	w.weigh()
	w.addHelpers()
	return w.encode()
}

// checkShape refuses what a TA may not have.
func (w *rewriter) checkShape() error {
	for _, im := range w.m.Imports {
		if im.Kind != module.KindFunc {
			return fmt.Errorf("it imports %s.%s, which is no function: a TA brings its own memory, tables and globals", im.Module, im.Name)
		}
		if im.Module == ImportModule {
			return fmt.Errorf("it imports %s.%s, a name that is not a TA's to use", im.Module, im.Name)
		}
	}
	for _, t := range w.m.Tables {
		if t.Min > w.o.MaxTable {
			return fmt.Errorf("it has a table of %d elements, at most %d are allowed", t.Min, w.o.MaxTable)
		}
	}
	for i, d := range w.m.Data {
		if d.Mode != module.Active || w.o.Hole == 0 {
			continue
		}
		if d.Offset.Op != module.OpI32Const || uint32(d.Offset.Bits) < w.o.Hole {
			return fmt.Errorf("data segment %d lies below 0x%x, where nothing may be", i, w.o.Hole)
		}
	}
	for _, e := range w.o.Entries {
		if _, ok := w.m.FuncType(e); !ok {
			return fmt.Errorf("there is no function %d", e)
		}
	}
	return nil
}

// newIndex is a function's index in the new numbering, in which the added import comes after the others.
func (w *rewriter) newIndex(f uint32) uint32 {
	if int(f) < w.m.ImportedFuncs {
		return f
	}
	return f + 1
}

// typeIndex finds or adds a type.
func (w *rewriter) typeIndex(t module.FuncType) uint32 {
	for i, u := range w.types {
		if u.Equal(t) {
			return uint32(i)
		}
	}
	w.types = append(w.types, t)
	return uint32(len(w.types) - 1)
}

// i32s is the type of functions with n parameters and r results of i32.
func (w *rewriter) i32s(n, r int) uint32 {
	list := func(n int) (l []byte) {
		for range n {
			l = append(l, module.I32)
		}
		return l
	}
	return w.typeIndex(module.FuncType{Params: list(n), Results: list(r)})
}

// addHelper adds a function and returns its index.
func (w *rewriter) addHelper(typ uint32, locals []byte, c code) uint32 {
	w.helpers = append(w.helpers, helper{typ, locals, c})
	return uint32(w.m.ImportedFuncs + 1 + len(w.m.Functions) + len(w.helpers) - 1)
}

// encode writes the new module.
func (w *rewriter) encode() ([]byte, []mark, error) {
	codes, marks, err := w.codeSection() // first: it adds types
	if err != nil {
		return nil, nil, err
	}
	out := code("\x00asm\x01\x00\x00\x00")
	out.section(1, w.typeSection())
	out.section(2, w.importSection())
	out.section(3, w.functionSection())
	out.section(4, w.tableSection())
	out.section(5, w.memorySection())
	out.section(6, w.globalSection())
	out.section(7, w.exportSection())
	out.section(9, w.elementSection())
	if w.m.DataCount {
		var c code
		c.u32(uint32(len(w.m.Data)))
		out.section(12, c)
	}
	out.section(10, codes)
	out.section(11, w.dataSection())
	out.section(0, w.nameSection())
	for _, s := range dwarfSections() {
		out.section(0, s)
	}
	return out, marks, nil
}

func (w *rewriter) typeSection() code {
	var c code
	c.u32(uint32(len(w.types)))
	for _, t := range w.types {
		c = append(c, 0x60)
		c.bytes(t.Params)
		c.bytes(t.Results)
	}
	return c
}

func (w *rewriter) importSection() code {
	var c code
	c.u32(uint32(len(w.m.Imports) + 1))
	for _, im := range w.m.Imports {
		c.name(im.Module)
		c.name(im.Name)
		c = append(c, module.KindFunc)
		c.u32(im.Type)
	}
	c.name(ImportModule)
	c.name(ImportRefill)
	c = append(c, module.KindFunc)
	c.u32(w.refillType)
	return c
}

func (w *rewriter) functionSection() code {
	var c code
	c.u32(uint32(len(w.m.Functions) + len(w.helpers)))
	for _, t := range w.m.Functions {
		c.u32(t)
	}
	for _, h := range w.helpers {
		c.u32(h.typ)
	}
	return c
}

func (w *rewriter) tableSection() code {
	var c code
	c.u32(uint32(len(w.m.Tables)))
	for _, t := range w.m.Tables {
		most := w.o.MaxTable
		if t.HasMax {
			most = min(most, t.Max)
		}
		c = append(c, t.Type, 1)
		c.u32(t.Min)
		c.u32(most)
	}
	return c
}

func (w *rewriter) memorySection() code {
	var c code
	c.u32(uint32(len(w.m.Memories)))
	for range w.m.Memories {
		c = append(c, 1)
		c.u32(w.o.MinPages)
		c.u32(w.o.MaxPages)
	}
	return c
}

func (w *rewriter) globalSection() code {
	var c code
	c.u32(uint32(len(w.m.Globals) + 2))
	for _, g := range w.m.Globals {
		mutable := byte(0)
		if g.Mutable {
			mutable = 1
		}
		c = append(c, g.Type, mutable)
		w.constExpr(&c, g.Init)
	}
	for range 2 { // fuel and depth: the first call refills, and enter sets the depth
		c = append(c, module.I32, 1)
		c.i32Const(0)
		c.op(opEnd)
	}
	return c
}

func (w *rewriter) exportSection() code {
	type export struct {
		name  string
		kind  byte
		index uint32
	}
	all := []export{{ExportEnter, module.KindFunc, uint32(w.m.ImportedFuncs + 1 + len(w.m.Functions) + len(w.helpers) - 1)}}
	if len(w.m.Memories) > 0 {
		all = append(all, export{ExportMemory, module.KindMemory, 0})
	}
	if w.o.StackPointer >= 0 {
		all = append(all, export{ExportStack, module.KindGlobal, uint32(w.o.StackPointer)})
	}
	if w.o.exports {
		all = []export{{"$fuel", module.KindGlobal, w.fuel}, {"$depth", module.KindGlobal, w.depth}}
		for _, e := range w.m.Exports {
			index := e.Index
			if e.Kind == module.KindFunc {
				index = w.newIndex(index)
			}
			all = append(all, export{e.Name, e.Kind, index})
		}
	}
	var c code
	c.u32(uint32(len(all)))
	for _, e := range all {
		c.name(e.name)
		c = append(c, e.kind)
		c.u32(e.index)
	}
	return c
}

func (w *rewriter) constExpr(c *code, e module.ConstExpr) {
	switch e.Op {
	case module.OpI32Const:
		c.i32Const(int32(uint32(e.Bits)))
	case module.OpI64Const:
		c.op(opI64Const)
		c.s64(int64(e.Bits))
	case module.OpF32Const:
		c.op(e.Op)
		c.fixed(e.Bits, 4)
	case module.OpF64Const:
		c.op(e.Op)
		c.fixed(e.Bits, 8)
	case module.OpGlobalGet:
		c.op(e.Op)
		c.u32(e.Index)
	case module.OpRefFunc:
		c.op(e.Op)
		c.u32(w.newIndex(e.Index))
	case module.OpRefNull:
		c.op(e.Op)
		*c = append(*c, e.RefType)
	case module.OpPrefixFD:
		*c = append(*c, e.Op, 12)
		*c = append(*c, e.V128[:]...)
	}
	c.op(opEnd)
}

func (w *rewriter) elementSection() code {
	var c code
	c.u32(uint32(len(w.m.Elements)))
	for _, e := range w.m.Elements {
		// The forms with expressions and an explicit type say everything: 4+1 passive, 4+2 active, 4+3 declarative.
		switch e.Mode {
		case module.Active:
			c.u32(6)
			c.u32(e.Table)
			w.constExpr(&c, e.Offset)
		case module.Passive:
			c.u32(5)
		case module.Declarative:
			c.u32(7)
		}
		c = append(c, e.Type)
		c.u32(uint32(len(e.Init)))
		for _, x := range e.Init {
			w.constExpr(&c, x)
		}
	}
	return c
}

func (w *rewriter) dataSection() code {
	var c code
	c.u32(uint32(len(w.m.Data)))
	for _, d := range w.m.Data {
		if d.Mode == module.Passive {
			c.u32(1)
		} else {
			c.u32(0)
			offset := d.Offset
			if w.o.Hole != 0 {
				offset.Bits = uint64(uint32(offset.Bits) - w.o.Hole)
			}
			w.constExpr(&c, offset)
		}
		c.bytes(d.Bytes)
	}
	return c
}

// nameSection gives each function its number in the original, and added ones none.
func (w *rewriter) nameSection() code {
	var names code
	names.u32(uint32(len(w.m.Functions)))
	for i := range w.m.Functions {
		names.u32(uint32(w.m.ImportedFuncs + 1 + i))
		names.name("f" + strconv.Itoa(w.m.ImportedFuncs+i))
	}
	var c code
	c.name("name")
	c.section(1, names)
	return c
}
