package instrument

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"goatee/softtee/wasm/module"
)

// testFunc is a function of a module made for a test. All parameters are i32.
type testFunc struct {
	name    string
	params  int
	results int
	locals  []byte
	body    func(c *code)
}

// testModule writes a module with a memory of pages, data at an address, a stack pointer and functions.
func testModule(pages uint32, at uint32, data string, funcs ...testFunc) []byte {
	var types, decls, exports, codes code
	n := uint32(len(funcs))
	types.u32(n)
	decls.u32(n)
	exports.u32(n)
	codes.u32(n)
	for i, f := range funcs {
		types = append(types, 0x60)
		types.bytes(bytes.Repeat([]byte{module.I32}, f.params))
		types.bytes(bytes.Repeat([]byte{module.I32}, f.results))
		decls.u32(uint32(i))
		exports.name(f.name)
		exports = append(exports, module.KindFunc)
		exports.u32(uint32(i))
		c := declareLocals(f.locals)
		f.body(&c)
		c.op(opEnd)
		codes.bytes(c)
	}
	memory := code{1, 0}
	memory.u32(pages)
	global := code{1, module.I32, 1}
	global.i32Const(int32(at))
	global.op(opEnd)
	seg := code{1, 0}
	seg.i32Const(int32(at))
	seg.op(opEnd)
	seg.bytes([]byte(data))
	table := code{1, module.FuncRef, 0, 8}
	out := code("\x00asm\x01\x00\x00\x00")
	out.section(1, types)
	out.section(3, decls)
	out.section(4, table)
	out.section(5, memory)
	out.section(6, global)
	out.section(7, exports)
	out.section(10, codes)
	out.section(11, seg)
	return out
}

// runner runs the functions of a rewritten module through enter.
type runner struct {
	t       testing.TB
	rt      wazero.Runtime
	mod     api.Module
	enter   api.Function
	index   map[string]int
	quantum uint64
	refills int
	given   int64 // fuel, last time
	burned  int64
	onFuel  func()
}

var errExhausted = errors.New("call stack exhausted")

// newRunner rewrites and instantiates a module with all its exported functions as entries.
func newRunner(t testing.TB, raw []byte, o Options) *runner {
	t.Helper()
	m, err := module.Decode(raw)
	if err != nil {
		t.Fatal(err)
	}
	r := &runner{t: t, index: map[string]int{}, quantum: 1000}
	for _, e := range m.Exports {
		if e.Kind == module.KindFunc {
			r.index[e.Name] = len(o.Entries)
			o.Entries = append(o.Entries, e.Index)
		}
	}
	if o.MaxPages == 0 {
		o.MaxPages = 1000
	}
	if o.MinPages == 0 {
		o.MinPages = m.Memories[0].Min - o.Hole>>16
	}
	if o.CallStack == 0 {
		o.CallStack = 1 << 16
	}
	o.MaxTable = 1000
	out, err := Rewrite(m, o)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	r.rt = wazero.NewRuntime(ctx)
	t.Cleanup(func() { r.rt.Close(ctx) })
	i32 := api.ValueTypeI32
	_, err = r.rt.NewHostModuleBuilder(ImportModule).NewFunctionBuilder().
		WithGoModuleFunction(api.GoModuleFunc(func(_ context.Context, _ api.Module, stack []uint64) {
			if int32(stack[1]) < 0 {
				panic(errExhausted)
			}
			r.refills++
			r.burned += r.given - int64(int32(stack[0]))
			r.given = int64(r.quantum)
			if r.onFuel != nil {
				r.onFuel()
			}
			stack[0] = r.quantum
		}), []api.ValueType{i32, i32}, []api.ValueType{i32}).Export(ImportRefill).Instantiate(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if r.mod, err = r.rt.Instantiate(ctx, out); err != nil {
		t.Fatal(err)
	}
	r.enter = r.mod.ExportedFunction(ExportEnter)
	return r
}

func (r *runner) call(name string, args ...uint32) (uint32, error) {
	r.t.Helper()
	i, ok := r.index[name]
	if !ok {
		r.t.Fatalf("no function %s", name)
	}
	stack := make([]uint64, 5)
	stack[0] = uint64(i)
	for j, a := range args {
		stack[1+j] = uint64(a)
	}
	out, err := r.enter.Call(context.Background(), stack...)
	if err != nil {
		return 0, err
	}
	return uint32(out[0]), nil
}

func (r *runner) must(name string, args ...uint32) uint32 {
	r.t.Helper()
	v, err := r.call(name, args...)
	if err != nil {
		r.t.Fatalf("%s%v: %v", name, args, err)
	}
	return v
}

func (r *runner) traps(with, name string, args ...uint32) {
	r.t.Helper()
	if v, err := r.call(name, args...); err == nil {
		r.t.Errorf("%s%x = %x, want a trap", name, args, v)
	} else if !strings.Contains(err.Error(), with) {
		r.t.Errorf("%s%x: %v, want the trap %q", name, args, err, with)
	}
}

// memoryFuncs touch memory in all ways.
func memoryFuncs() []testFunc {
	load := func(offset uint32) func(*code) {
		return func(c *code) { c.get(0); c.ops(opI32Load, 0); c.u32(offset) }
	}
	return []testFunc{
		{"load", 1, 1, nil, load(0)},
		{"load8", 1, 1, nil, load(8)},
		{"loadFar", 1, 1, nil, load(0x100010)},
		{"store", 2, 0, nil, func(c *code) { c.get(0); c.get(1); c.ops(opI32Store, 0, 0) }},
		{"store8", 2, 0, nil, func(c *code) { c.get(0); c.get(1); c.ops(opI32Store, 0, 8) }},
		{"storeConst", 1, 0, nil, func(c *code) { c.i32Const(4); c.get(0); c.ops(opI32Store, 0, 0) }},
		{"sum", 2, 1, nil, func(c *code) { // mem[p+16] + mem[p+4] of p = a + b
			c.get(0)
			c.get(1)
			c.op(opI32Add)
			c.tee(0)
			c.ops(opI32Load, 0, 4)
			c.get(0)
			c.ops(opI32Load, 0, 16)
			c.op(opI32Add)
		}},
		{"swap", 2, 0, []byte{module.I32}, func(c *code) { // two pointers, read and written in turn, one changed between
			c.get(0)
			c.ops(opI32Load, 0, 0)
			c.set(2)
			c.get(0)
			c.get(1)
			c.ops(opI32Load, 0, 0)
			c.ops(opI32Store, 0, 0)
			c.get(1)
			c.get(2)
			c.ops(opI32Store, 0, 0)
			c.get(0)
			c.i32Const(4)
			c.op(opI32Add)
			c.set(0)
			c.get(0)
			c.get(2)
			c.ops(opI32Store, 0, 0)
		}},
		{"storeI64", 1, 0, nil, func(c *code) { c.get(0); c.op(opI64Const); c.s64(-2); c.ops(opI64Store, 0, 0) }},
		{"storeF32", 1, 0, nil, func(c *code) { c.get(0); c.ops(0x43, 0, 0, 0x80, 0x3f, opF32Store, 0, 0) }},
		{"storeF64", 1, 0, nil, func(c *code) { c.get(0); c.ops(0x44, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, opF64Store, 0, 0) }},
		{"storeV128", 1, 0, nil, func(c *code) {
			c.get(0)
			c.ops(opPrefixFD, 12, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16)
			c.ops(opPrefixFD, fdStore, 0, 0)
		}},
		{"loadLane", 1, 1, nil, func(c *code) {
			c.get(0)
			c.ops(opPrefixFD, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
			c.ops(opPrefixFD, 84, 0, 0, 2)
			c.ops(opPrefixFD, 22, 2)
		}},
		{"copy", 3, 0, nil, func(c *code) { c.get(0); c.get(1); c.get(2); c.ops(opPrefixFC, fcMemoryCopy, 0, 0) }},
		{"fill", 3, 0, nil, func(c *code) { c.get(0); c.get(1); c.get(2); c.ops(opPrefixFC, fcMemoryFill, 0) }},
		{"size", 0, 1, nil, func(c *code) { c.ops(opMemorySize, 0) }},
		{"grow", 1, 1, nil, func(c *code) { c.get(0); c.ops(opMemoryGrow, 0) }},
	}
}

// TestMemory does the same to a module with a hole and to one without, and compares.
func TestMemory(t *testing.T) {
	const base, pages = 0x100000, 64 // memory begins at base
	raw := testModule(pages, base, "goatee", memoryFuncs()...)
	plain := newRunner(t, raw, Options{StackPointer: -1})
	holed := newRunner(t, raw, Options{StackPointer: -1, Hole: base})
	const end = pages << 16
	all := func(r *runner) []byte {
		m := r.mod.Memory()
		b, _ := m.Read(0, m.Size())
		return b
	}
	do := func(name string, args ...uint32) {
		t.Helper()
		a, errA := plain.call(name, args...)
		b, errB := holed.call(name, args...)
		if a != b || (errA == nil) != (errB == nil) {
			t.Errorf("%s%x = %x, %v; with a hole %x, %v", name, args, a, errA, b, errB)
		}
	}
	for _, at := range []uint32{base, base + 4, base + 16, end - 20, end - 4, end - 3, end - 1, end, 0xfffffff0, 0xffffffff} {
		for _, name := range []string{"load", "load8", "loadFar", "storeI64", "storeF32", "storeF64", "storeV128", "loadLane"} {
			do(name, at)
		}
		do("store", at, 0x12345678)
		do("store8", at, 0x87654321)
		do("sum", at-5, 5)
		do("swap", at, base+100)
	}
	do("size")
	rnd := rand.New(rand.NewPCG(3, 4))
	addr := func() uint32 { return base + uint32(rnd.IntN(end-base+100)) }
	for range 300 {
		n := uint32(rnd.IntN(300_000))
		if rnd.IntN(4) == 0 {
			n = uint32(rnd.IntN(100))
		}
		do("store", addr(), rnd.Uint32())
		do("fill", addr(), rnd.Uint32(), n)
		a := addr()
		do("copy", a, max(a+uint32(rnd.IntN(200_000))-100_000, base), n) // overlapping
		do("copy", addr(), addr(), n)
	}
	do("copy", base, base, 0xffffffff)
	do("fill", end, 1, 0)
	do("fill", end+1, 1, 0)
	do("copy", 0, base, 0)
	do("copy", base, 0, 0)
	do("fill", 0, 0, 0)
	if !bytes.Equal(all(plain)[base:], all(holed)) {
		t.Error("the memories differ")
	}
	if plain.refills == 0 || holed.refills == 0 {
		t.Error("copying burns no fuel")
	}
	do("grow", 3)
	do("size")
	do("grow", 0xffff)
	do("size")
	do("load", end+100)

	for _, at := range []uint32{0, 4, 100, base - 4, base - 5, base - 20} {
		holed.traps("out of bounds", "load", at)
		holed.traps("out of bounds", "store", at, 1)
		holed.traps("out of bounds", "store8", at&^0xf, 1)
		holed.traps("out of bounds", "storeV128", at)
		holed.traps("out of bounds", "storeF64", at)
		holed.traps("out of bounds", "sum", at, 0)
		holed.traps("out of bounds", "swap", at, base)
		holed.traps("out of bounds", "copy", at, base, 1)
		holed.traps("out of bounds", "copy", base, at, 100_000)
		holed.traps("out of bounds", "fill", at, 0, 1)
		holed.traps("out of bounds", "fill", at, 0, 0x200000)
	}
	holed.traps("out of bounds", "storeConst", 1)
	if v, err := holed.call("loadFar", 4); err != nil {
		t.Errorf("a small index and a large offset: %x, %v", v, err)
	}
}

// TestNothingIsWrittenOutOfBounds: a copy or fill that goes out of bounds writes nothing.
func TestNothingIsWrittenOutOfBounds(t *testing.T) {
	r := newRunner(t, testModule(8, 1024, "x", memoryFuncs()...), Options{StackPointer: -1})
	const end = 8 << 16
	r.must("fill", 0, 7, end)
	r.traps("out of bounds", "fill", end-200_000, 9, 200_001)
	r.traps("out of bounds", "copy", end-200_000, 0, 200_001)
	r.traps("out of bounds", "copy", 0, end-200_000, 200_001)
	b, _ := r.mod.Memory().Read(0, end)
	if i := bytes.IndexFunc(b, func(c rune) bool { return c != 7 }); i >= 0 {
		t.Errorf("byte %d is %d", i, b[i])
	}
}

// loops compute for ever, or nearly.
func loopFuncs() []testFunc {
	recurse := func(self uint32) func(*code) {
		return func(c *code) { // f(n) = n == 0 ? 0 : f(n-1) + 1
			c.get(0)
			c.op(opI32Eqz)
			c.ops(opIf, emptyBlock)
			c.i32Const(0)
			c.ops(opReturn, opEnd)
			c.get(0)
			c.i32Const(1)
			c.op(opI32Sub)
			c.index(opCall, self)
			c.i32Const(1)
			c.op(opI32Add)
		}
	}
	return []testFunc{
		{"spin", 0, 0, nil, func(c *code) { c.ops(opLoop, emptyBlock); c.index(opBr, 0); c.op(opEnd) }},
		{"recurse", 1, 1, nil, recurse(1)},
		{"tree", 1, 0, nil, func(c *code) { // calls itself twice, to a depth
			c.get(0)
			c.op(opI32Eqz)
			c.ops(opIf, emptyBlock, opReturn, opEnd)
			for range 2 {
				c.get(0)
				c.i32Const(1)
				c.op(opI32Sub)
				c.index(opCall, 2)
			}
		}},
		{"straight", 0, 0, nil, func(c *code) { // a long piece without branches
			for range 3000 {
				c.i32Const(1)
				c.op(opDrop)
			}
		}},
		{"straights", 0, 0, nil, func(c *code) { c.ops(opLoop, emptyBlock); c.index(opCall, 3); c.index(opBr, 0); c.op(opEnd) }},
		{"fillLoop", 0, 0, nil, func(c *code) {
			c.ops(opLoop, emptyBlock)
			c.i32Const(0)
			c.i32Const(0)
			c.i32Const(4 << 16)
			c.ops(opPrefixFC, fcMemoryFill, 0)
			c.index(opBr, 0)
			c.op(opEnd)
		}},
		{"growTable", 0, 0, nil, func(c *code) {
			c.ops(opLoop, emptyBlock)
			c.ops(0xd0, module.FuncRef)
			c.i32Const(900)
			c.ops(opPrefixFC, fcTableGrow, 0, opDrop)
			c.index(opBr, 0)
			c.op(opEnd)
		}},
		{"doubling", 0, 0, nil, func(c *code) { c.index(opCall, 8); c.index(opCall, 8) }},
		{"doubling2", 0, 0, nil, func(c *code) { c.index(opCall, 9); c.index(opCall, 9) }},
		{"doubling3", 0, 0, nil, func(c *code) { c.index(opCall, 10); c.index(opCall, 10) }},
		{"doubling4", 0, 0, nil, func(c *code) {
			for range 40 {
				c.ops(0x01)
			}
		}},
		{"table", 2, 1, nil, func(c *code) { // br_table out of nested loops, with results
			c.ops(opBlock, module.I32, opLoop, module.I32, opBlock, emptyBlock, opLoop, emptyBlock)
			c.get(1)
			c.i32Const(1)
			c.op(opI32Sub)
			c.tee(1)
			c.ops(opI32Eqz, opIf, emptyBlock)
			c.i32Const(77)
			c.get(0)
			c.ops(opBrTable, 1, 4, 4)
			c.op(opEnd)
			c.get(1)
			c.index(opBrIf, 0)
			c.ops(opEnd, opEnd)
			c.i32Const(88)
			c.ops(opEnd, opEnd)
		}},
	}
}

// TestStop interrupts what would not end.
func TestStop(t *testing.T) {
	stop := errors.New("stopped")
	for _, name := range []string{"spin", "straights", "fillLoop", "growTable"} {
		r := newRunner(t, testModule(4, 0, "", loopFuncs()...), Options{StackPointer: -1})
		r.onFuel = func() {
			if r.refills > 50 {
				panic(stop)
			}
		}
		r.traps("stopped", name)
	}
	r := newRunner(t, testModule(4, 0, "", loopFuncs()...), Options{StackPointer: -1})
	r.onFuel = func() {
		if r.refills > 50 {
			panic(stop)
		}
	}
	r.traps("stopped", "tree", 60)
}

// TestFuelIsProportional: twice the work burns twice the fuel, also where small functions are paid for by their callers.
func TestFuelIsProportional(t *testing.T) {
	count := func(name string, args ...uint32) int64 {
		r := newRunner(t, testModule(4, 0, "", loopFuncs()...), Options{StackPointer: -1})
		r.quantum = 100
		for range 200 {
			r.must(name, args...)
		}
		return r.burned / 200
	}
	// doubling4 has 41 instructions, and each of the others calls the next one twice. Up to doubling2 all together is so
	// small that the caller pays, which the host is not made to.
	if four := count("doubling2"); four != 0 {
		t.Errorf("four calls of 41 instructions burn %d", four)
	}
	if eight := count("doubling"); eight < 8*41 || eight > 8*60 {
		t.Errorf("eight calls of 41 instructions burn %d", eight)
	}
	if small, large := count("tree", 5), count("tree", 8); large < 7*small || large > 9*small {
		t.Errorf("a tree of 2^5 calls burns %d, one of 2^8 %d", small, large)
	}
	if n := count("straight"); n < 6000 || n > 6100 {
		t.Errorf("6000 instructions burn %d", n)
	}
}

func TestCallStack(t *testing.T) {
	r := newRunner(t, testModule(4, 0, "", loopFuncs()...), Options{StackPointer: -1, CallStack: 64 << 10})
	if v := r.must("recurse", 500); v != 500 {
		t.Errorf("recurse(500) = %d", v)
	}
	r.traps("call stack exhausted", "recurse", 5000)
	if v := r.must("recurse", 500); v != 500 {
		t.Errorf("after an overflow recurse(500) = %d", v)
	}
	r = newRunner(t, testModule(4, 0, "", loopFuncs()...), Options{StackPointer: -1, CallStack: 1 << 20})
	if v := r.must("recurse", 5000); v != 5000 {
		t.Errorf("with a larger call stack recurse(5000) = %d", v)
	}
}

func TestBranches(t *testing.T) {
	r := newRunner(t, testModule(4, 0, "", loopFuncs()...), Options{StackPointer: -1})
	r.quantum = 10
	for _, n := range []uint32{1, 2, 100} {
		if v := r.must("table", 0, n); v != 77 {
			t.Errorf("table(0, %d) = %d", n, v)
		}
	}
	if r.refills < 20 {
		t.Errorf("%d refills", r.refills)
	}
}

func TestRefused(t *testing.T) {
	m := func(change func(*module.Module)) error {
		raw := testModule(4, 0x10000, "data", memoryFuncs()...)
		mod, err := module.Decode(raw)
		if err != nil {
			t.Fatal(err)
		}
		change(mod)
		_, err = Rewrite(mod, Options{Hole: 0x10000, MinPages: 4, MaxPages: 10, MaxTable: 100, StackPointer: -1})
		return err
	}
	if err := m(func(*module.Module) {}); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*module.Module){
		"imports env.memory": func(m *module.Module) {
			m.Imports = []module.Import{{Module: "env", Name: "memory", Kind: module.KindMemory}}
		},
		"not a TA's to use":                       func(m *module.Module) { m.Imports = []module.Import{{Module: ImportModule, Name: "x"}} },
		"a table of 101":                          func(m *module.Module) { m.Tables[0].Min = 101 },
		"lies below 0x10000":                      func(m *module.Module) { m.Data[0].Offset.Bits = 0xffff },
		"there is no function":                    func(m *module.Module) { m.Codes[0].Body = []byte{opCall, 99, opEnd} },
		"a call of function 99":                   func(m *module.Module) { m.Codes[0].Body = []byte{opCall, 99, opEnd} },
		"after the end":                           func(m *module.Module) { m.Codes[0].Body = []byte{opEnd, opEnd} },
		"cut off":                                 func(m *module.Module) { m.Codes[0].Body = []byte{opI32Const} },
		"unknown or unsupported instruction 0xff": func(m *module.Module) { m.Codes[0].Body = []byte{0xff, opEnd} },
	} {
		err := m(change)
		if want == "there is no function" {
			continue
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
}

// TestLocate maps every instruction of the rewritten code back: instructions of the original to themselves, and what was
// inserted to something in the same function.
func TestLocate(t *testing.T) {
	dir := suiteDir(t)
	files, _ := filepath.Glob(filepath.Join(dir, "*.wasm"))
	checked := 0
	for i, path := range files {
		if i%20 != 0 {
			continue
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		m, err := module.Decode(raw)
		if err != nil {
			continue // the suite has malformed ones
		}
		o := Options{MaxPages: 1, MaxTable: 1 << 20, StackPointer: -1}
		out, marks, err := rewrite(m, o)
		if err != nil {
			continue
		}
		n, err := module.Decode(out)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		for f, old := range m.Codes {
			back := map[uint32]bool{}
			r := module.NewReader(n.Codes[f].Body, 0)
			for !r.Done() {
				in, err := next(r)
				if err != nil {
					t.Fatal(err)
				}
				at, ok := locate(marks, n.Codes[f].Offset+uint32(in.start))
				if !ok || at < old.Offset || at >= old.Offset+uint32(len(old.Body)) {
					t.Fatalf("%s: function %d: 0x%x maps to 0x%x, %v", path, f, in.start, at, ok)
				}
				back[at] = true
			}
			r = module.NewReader(old.Body, 0)
			for !r.Done() {
				in, _ := next(r)
				if !back[old.Offset+uint32(in.start)] {
					t.Fatalf("%s: function %d: nothing maps to 0x%x", path, f, in.start)
				}
				checked++
			}
		}
		for _, h := range n.Codes[len(m.Codes):] {
			if at, ok := locate(marks, h.Offset); ok {
				t.Fatalf("%s: an added function maps to 0x%x", path, at)
			}
		}
	}
	if checked < 1000 {
		t.Errorf("only %d instructions were checked", checked)
	}
}

// FuzzRewrite: what the engine takes is rewritten into something that the engine takes.
func FuzzRewrite(f *testing.F) {
	f.Add(testModule(64, 0x100000, "goatee", memoryFuncs()...))
	f.Add(testModule(4, 0, "", loopFuncs()...))
	files, _ := filepath.Glob(filepath.Join(suiteDir(f), "*.wasm"))
	for i, path := range files {
		if raw, err := os.ReadFile(path); err == nil && i%10 == 0 && len(raw) < 4096 {
			f.Add(raw)
		}
	}
	ctx := context.Background()
	f.Fuzz(func(t *testing.T, raw []byte) {
		rt := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigInterpreter().WithCoreFeatures(api.CoreFeaturesV2))
		defer rt.Close(ctx)
		if _, err := module.Decode(raw); err != nil {
			return // the engine is not asked: it makes room for as many functions as a file claims to have
		}
		out, ok, err := rewriteForTest(raw)
		var where *module.Error
		if !ok || err != nil && !errors.As(err, &where) {
			return // refused as a TA
		}
		_, invalid := rt.CompileModule(ctx, raw)
		switch {
		case invalid != nil:
			return // anything but a crash will do
		case err != nil:
			t.Fatalf("valid, but cannot be rewritten: %v", err)
		}
		if _, err := rt.CompileModule(ctx, out); err != nil {
			t.Fatalf("rewritten into something invalid: %v", err)
		}
	})
}

// TestNames: functions are numbered as in the original.
func TestNames(t *testing.T) {
	r := newRunner(t, testModule(4, 0, "", loopFuncs()...), Options{StackPointer: 0})
	r.onFuel = func() {
		if r.refills > 3 {
			panic(errors.New("stopped"))
		}
	}
	_, err := r.call("straights")
	if err == nil || !strings.Contains(err.Error(), ".f4()") || !strings.Contains(err.Error(), "0x") {
		t.Errorf("a trap in function 4: %v", err)
	}
	if g := r.mod.ExportedGlobal(ExportStack); g == nil {
		t.Error("the stack pointer is not exported")
	}
	if n := fmt.Sprint(len(r.mod.ExportedFunctionDefinitions())); n != "1" {
		t.Errorf("%s functions are exported", n)
	}
}
