// Package module reads WebAssembly modules, version 1 with the extensions of the 2.0 specification, and the TA header that
// the dev kit puts into them. It gives sections as Go values and code as bytes; what can be read without running anything
// can be read here. It does not validate code (the engine does) and does not write modules (package instrument does).
//
// Every error says at which offset of the file something is wrong.
package module

import (
	"bytes"
	"errors"
	"fmt"
)

// Kinds of imports and exports. WebAssembly 2.0 sections 5.5.5 and 5.5.10.
const (
	KindFunc   = 0
	KindTable  = 1
	KindMemory = 2
	KindGlobal = 3
)

// Value types. WebAssembly 2.0 section 5.3.
const (
	I32       byte = 0x7f
	I64       byte = 0x7e
	F32       byte = 0x7d
	F64       byte = 0x7c
	V128      byte = 0x7b
	FuncRef   byte = 0x70
	ExternRef byte = 0x6f
)

// The limits of what is read, so that a small file cannot ask for much memory. The engine's own are of the same size.
const (
	maxTypes     = 1 << 16
	maxFunctions = 1 << 20
	maxItems     = 1 << 20 // of any other vector
	maxLocals    = 50_000  // of a function
	maxAllLocals = 1 << 22 // of all functions together
	maxParams    = 1000    // and results of a type
)

// FuncType is the type of a function or block.
type FuncType struct{ Params, Results []byte }

// Equal reports whether both types are the same.
func (t FuncType) Equal(u FuncType) bool {
	return bytes.Equal(t.Params, u.Params) && bytes.Equal(t.Results, u.Results)
}

// String returns the type in the text format's manner, such as (i32, i32) -> i32.
func (t FuncType) String() string {
	list := func(vs []byte) string {
		s := "("
		for i, v := range vs {
			if i > 0 {
				s += ", "
			}
			s += ValueName(v)
		}
		return s + ")"
	}
	switch len(t.Results) {
	case 0:
		return list(t.Params)
	case 1:
		return list(t.Params) + " -> " + ValueName(t.Results[0])
	}
	return list(t.Params) + " -> " + list(t.Results)
}

// ValueName is the text format's name of a value type.
func ValueName(v byte) string {
	switch v {
	case I32:
		return "i32"
	case I64:
		return "i64"
	case F32:
		return "f32"
	case F64:
		return "f64"
	case V128:
		return "v128"
	case FuncRef:
		return "funcref"
	case ExternRef:
		return "externref"
	}
	return fmt.Sprintf("type 0x%02x", v)
}

// Limits bound a memory, in pages of 64 KiB, or a table, in elements.
type Limits struct {
	Min, Max uint32
	HasMax   bool
}

// Import is one import. Of the descriptions one counts, by Kind.
type Import struct {
	Module, Name string
	Kind         byte
	Type         uint32 // of a function
	Table        Table
	Memory       Limits
	Global       GlobalType
}

// Table is a table's type.
type Table struct {
	Type byte
	Limits
}

// GlobalType is a global's type.
type GlobalType struct {
	Type    byte
	Mutable bool
}

// Global is a global of the module's own.
type Global struct {
	GlobalType
	Init ConstExpr
}

// ConstExpr is a constant expression of one instruction. Bits holds the value of a number, in its low bits, Index that of
// global.get and ref.func, and RefType that of ref.null.
type ConstExpr struct {
	Op      byte
	Bits    uint64
	V128    [16]byte
	Index   uint32
	RefType byte
}

// Opcodes of constant expressions.
const (
	OpI32Const  byte = 0x41
	OpI64Const  byte = 0x42
	OpF32Const  byte = 0x43
	OpF64Const  byte = 0x44
	OpGlobalGet byte = 0x23
	OpRefNull   byte = 0xd0
	OpRefFunc   byte = 0xd2
	OpPrefixFD  byte = 0xfd
	OpEnd       byte = 0x0b
)

// Export is one export.
type Export struct {
	Name  string
	Kind  byte
	Index uint32
}

// SegmentMode says when a segment is used.
type SegmentMode byte

// The modes of data and element segments.
const (
	Active SegmentMode = iota
	Passive
	Declarative
)

// Element is an element segment.
type Element struct {
	Mode   SegmentMode
	Table  uint32
	Offset ConstExpr // of an active segment
	Type   byte
	Init   []ConstExpr // ref.func or ref.null or global.get
}

// Data is a data segment.
type Data struct {
	Mode   SegmentMode
	Offset ConstExpr // of an active segment
	Bytes  []byte    // of the file
}

// Code is a function's body.
type Code struct {
	// Offset is where Body begins, counted from the content of the code section, as DWARF does.
	Offset uint32
	Locals []byte // value types, one for each local that is not a parameter
	Body   []byte // the instructions with the final end, of the file
}

// Custom is a custom section.
type Custom struct {
	Name  string
	Bytes []byte // of the file
}

// Module is a decoded module. It refers to the file it was decoded from.
type Module struct {
	Types     []FuncType
	Imports   []Import
	Functions []uint32 // types of the module's own functions
	Tables    []Table
	Memories  []Limits
	Globals   []Global
	Exports   []Export
	Start     *uint32
	Elements  []Element
	DataCount bool // there is a data count section
	Codes     []Code
	Data      []Data
	Customs   []Custom

	ImportedFuncs   int
	ImportedGlobals int

	importedTypes []uint32
}

// FuncType returns the type of the function with an index that counts imports first; false if there is none.
func (m *Module) FuncType(index uint32) (FuncType, bool) {
	switch {
	case uint64(index) < uint64(len(m.importedTypes)):
		return m.Types[m.importedTypes[index]], true
	case uint64(index)-uint64(len(m.importedTypes)) < uint64(len(m.Functions)):
		return m.Types[m.Functions[int(index)-len(m.importedTypes)]], true
	}
	return FuncType{}, false
}

// Export finds an export of a kind.
func (m *Module) Export(name string, kind byte) (uint32, bool) {
	for _, e := range m.Exports {
		if e.Name == name && e.Kind == kind {
			return e.Index, true
		}
	}
	return 0, false
}

// Custom finds the first custom section of that name.
func (m *Module) Custom(name string) []byte {
	for _, c := range m.Customs {
		if c.Name == name {
			return c.Bytes
		}
	}
	return nil
}

// Error is what is wrong with a file, and where.
type Error struct {
	Offset int // in the file
	What   string
}

func (e *Error) Error() string { return fmt.Sprintf("offset 0x%x: %s", e.Offset, e.What) }

var magic = []byte("\x00asm\x01\x00\x00\x00")

// Decode reads a module. The result refers to b, which must not change.
func Decode(b []byte) (*Module, error) {
	if len(b) < 8 || !bytes.Equal(b[:4], magic[:4]) {
		return nil, &Error{0, "not a WebAssembly module: it does not begin with \\0asm"}
	}
	if !bytes.Equal(b[4:8], magic[4:]) {
		return nil, &Error{4, fmt.Sprintf("WebAssembly of version %x, and this is version 1", b[4:8])}
	}
	m := &Module{}
	r := NewReader(b[8:], 8)
	last := 0
	for !r.Done() {
		at := r.Offset()
		id := r.Byte()
		size := r.U32()
		body := r.Sub(int(size), fmt.Sprintf("section %d", id))
		if r.Err() != nil {
			return nil, r.Err()
		}
		if id != 0 {
			order := sectionOrder(id)
			if order == 0 {
				return nil, &Error{at, fmt.Sprintf("unknown section %d", id)}
			}
			if order <= last {
				return nil, &Error{at, fmt.Sprintf("section %d is not where it belongs, or there twice", id)}
			}
			last = order
		}
		m.section(id, body)
		if body.Err() != nil {
			return nil, body.Err()
		}
		if !body.Done() {
			return nil, &Error{body.Offset(), fmt.Sprintf("section %d is longer than its content", id)}
		}
	}
	if len(m.Functions) != len(m.Codes) {
		return nil, &Error{len(b), fmt.Sprintf("%d functions are declared and %d have code: the file is cut off or damaged", len(m.Functions), len(m.Codes))}
	}
	return m, m.check(len(b))
}

// check looks at what later stages take for granted.
func (m *Module) check(end int) error {
	funcs := m.ImportedFuncs + len(m.Functions)
	globals := m.ImportedGlobals + len(m.Globals)
	for _, t := range m.Functions {
		if int(t) >= len(m.Types) {
			return &Error{end, fmt.Sprintf("a function has type %d of %d", t, len(m.Types))}
		}
	}
	for _, im := range m.Imports {
		if im.Kind == KindFunc && int(im.Type) >= len(m.Types) {
			return &Error{end, fmt.Sprintf("import %s.%s has type %d of %d", im.Module, im.Name, im.Type, len(m.Types))}
		}
	}
	for _, e := range m.Exports {
		if e.Kind == KindFunc && int(e.Index) >= funcs || e.Kind == KindGlobal && int(e.Index) >= globals {
			return &Error{end, fmt.Sprintf("export %q refers to something that there is not", e.Name)}
		}
	}
	if len(m.Memories) > 1 {
		return &Error{end, "more than one memory"}
	}
	return nil
}

// sectionOrder is the place of a section, from 1; 0 if it is unknown.
func sectionOrder(id byte) int {
	// type import function table memory global export start element datacount code data
	return bytes.IndexByte([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 10, 11}, id)
}

func (m *Module) section(id byte, r *Reader) {
	switch id {
	case 0:
		m.Customs = append(m.Customs, Custom{r.Name(), r.Rest()})
	case 1:
		vec(r, maxTypes, func() { m.Types = append(m.Types, r.funcType()) })
	case 2:
		vec(r, maxItems, func() { m.addImport(r) })
	case 3:
		vec(r, maxFunctions, func() { m.Functions = append(m.Functions, r.U32()) })
	case 4:
		vec(r, maxItems, func() { m.Tables = append(m.Tables, r.table()) })
	case 5:
		vec(r, maxItems, func() { m.Memories = append(m.Memories, r.limits()) })
	case 6:
		vec(r, maxItems, func() { m.Globals = append(m.Globals, Global{r.globalType(), r.constExpr()}) })
	case 7:
		vec(r, maxItems, func() { m.Exports = append(m.Exports, Export{r.Name(), r.Byte(), r.U32()}) })
	case 8:
		start := r.U32()
		m.Start = &start
	case 9:
		vec(r, maxItems, func() { m.Elements = append(m.Elements, r.element()) })
	case 10:
		base := r.Offset()
		vec(r, maxFunctions, func() { m.Codes = append(m.Codes, r.code(base)) })
	case 11:
		vec(r, maxItems, func() { m.Data = append(m.Data, r.data()) })
	case 12:
		r.U32()
		m.DataCount = true
	}
}

// vec reads a vector of at most limit elements.
func vec(r *Reader, limit uint32, element func()) {
	at := r.Offset()
	n := r.U32()
	if n > limit {
		r.fail(at, fmt.Sprintf("a vector of %d elements, more than the %d that are possible", n, limit))
	}
	for range n {
		if r.Err() != nil {
			return
		}
		element()
	}
}

func (m *Module) addImport(r *Reader) {
	im := Import{Module: r.Name(), Name: r.Name()}
	at := r.Offset()
	im.Kind = r.Byte()
	switch im.Kind {
	case KindFunc:
		im.Type = r.U32()
		m.importedTypes = append(m.importedTypes, im.Type)
		m.ImportedFuncs++
	case KindTable:
		im.Table = r.table()
	case KindMemory:
		im.Memory = r.limits()
	case KindGlobal:
		im.Global = r.globalType()
		m.ImportedGlobals++
	default:
		r.fail(at, fmt.Sprintf("import %s.%s is of unknown kind %d", im.Module, im.Name, im.Kind))
	}
	m.Imports = append(m.Imports, im)
}

func (r *Reader) funcType() FuncType {
	if at := r.Offset(); r.Byte() != 0x60 {
		r.fail(at, "not a function type")
	}
	var t FuncType
	for _, list := range []*[]byte{&t.Params, &t.Results} {
		vec(r, maxParams, func() { *list = append(*list, r.valueType()) })
	}
	return t
}

func (r *Reader) valueType() byte {
	at := r.Offset()
	t := r.Byte()
	switch t {
	case I32, I64, F32, F64, V128, FuncRef, ExternRef:
	default:
		r.fail(at, fmt.Sprintf("unknown value type 0x%02x", t))
	}
	return t
}

func (r *Reader) refType() byte {
	at := r.Offset()
	t := r.valueType()
	if t != FuncRef && t != ExternRef {
		r.fail(at, fmt.Sprintf("%s is not a reference type", ValueName(t)))
	}
	return t
}

func (r *Reader) limits() Limits {
	at := r.Offset()
	var l Limits
	switch flags := r.Byte(); flags {
	case 0:
		l.Min = r.U32()
	case 1:
		l.Min, l.HasMax = r.U32(), true
		l.Max = r.U32()
	default:
		r.fail(at, fmt.Sprintf("limits of kind %d: shared and 64-bit memories are not supported", flags))
	}
	return l
}

func (r *Reader) table() Table { return Table{r.refType(), r.limits()} }

func (r *Reader) globalType() GlobalType {
	g := GlobalType{Type: r.valueType()}
	at := r.Offset()
	switch r.Byte() {
	case 0:
	case 1:
		g.Mutable = true
	default:
		r.fail(at, "a global that is neither constant nor mutable")
	}
	return g
}

func (r *Reader) constExpr() ConstExpr {
	at := r.Offset()
	e := ConstExpr{Op: r.Byte()}
	switch e.Op {
	case OpI32Const:
		e.Bits = uint64(uint32(r.S32()))
	case OpI64Const:
		e.Bits = uint64(r.S64())
	case OpF32Const:
		e.Bits = r.fixed(4)
	case OpF64Const:
		e.Bits = r.fixed(8)
	case OpGlobalGet, OpRefFunc:
		e.Index = r.U32()
	case OpRefNull:
		e.RefType = r.refType()
	case OpPrefixFD:
		if r.U32() != 12 {
			r.fail(at, "not a constant expression")
		}
		copy(e.V128[:], r.Take(16))
	default:
		r.fail(at, fmt.Sprintf("instruction 0x%02x in a constant expression", e.Op))
	}
	if at := r.Offset(); r.Byte() != OpEnd {
		r.fail(at, "a constant expression of more than one instruction")
	}
	return e
}

// element reads a segment in one of eight forms. WebAssembly 2.0 section 5.5.12.
func (r *Reader) element() Element {
	at := r.Offset()
	flags := r.U32()
	if flags > 7 {
		r.fail(at, fmt.Sprintf("element segment of unknown kind %d", flags))
		return Element{}
	}
	e := Element{Type: FuncRef}
	switch {
	case flags&1 == 0:
		if flags&2 != 0 {
			e.Table = r.U32()
		}
		e.Offset = r.constExpr()
	case flags&2 != 0:
		e.Mode = Declarative
	default:
		e.Mode = Passive
	}
	if flags&4 != 0 {
		if flags&3 != 0 {
			e.Type = r.refType()
		}
		vec(r, maxItems, func() { e.Init = append(e.Init, r.constExpr()) })
		return e
	}
	if flags&3 != 0 {
		if at := r.Offset(); r.Byte() != 0 {
			r.fail(at, "element segment of something else than functions")
		}
	}
	vec(r, maxItems, func() { e.Init = append(e.Init, ConstExpr{Op: OpRefFunc, Index: r.U32()}) })
	return e
}

func (r *Reader) data() Data {
	at := r.Offset()
	var d Data
	switch flags := r.U32(); flags {
	case 0:
		d.Offset = r.constExpr()
	case 1:
		d.Mode = Passive
	case 2:
		if at := r.Offset(); r.U32() != 0 {
			r.fail(at, "data for a memory that there is not")
		}
		d.Offset = r.constExpr()
	default:
		r.fail(at, fmt.Sprintf("data segment of unknown kind %d", flags))
	}
	d.Bytes = r.Take(int(r.U32()))
	return d
}

func (r *Reader) code(base int) Code {
	body := r.Sub(int(r.U32()), "a function's code")
	if r.Err() != nil {
		return Code{}
	}
	var c Code
	vec(body, maxItems, func() {
		at := body.Offset()
		n := body.U32()
		t := body.valueType()
		r.locals += int(n)
		if n > maxLocals || len(c.Locals)+int(n) > maxLocals || r.locals > maxAllLocals {
			body.fail(at, fmt.Sprintf("more than %d locals in a function, or %d in all", maxLocals, maxAllLocals))
			return
		}
		c.Locals = append(c.Locals, bytes.Repeat([]byte{t}, int(n))...)
	})
	c.Offset = uint32(body.Offset() - base)
	c.Body = body.Rest()
	if body.Err() != nil {
		r.err = body.Err()
	} else if len(c.Body) == 0 || c.Body[len(c.Body)-1] != OpEnd {
		r.fail(body.Offset(), "a function's code does not end with end")
	}
	return c
}

// FunctionNames reads the names of functions, by index with imports first, from the name section. Names that are missing
// or cannot be read are not in the map.
func (m *Module) FunctionNames() map[uint32]string { return m.names(1) }

// SegmentNames reads the names of data segments, such as .rodata, likewise.
func (m *Module) SegmentNames() map[uint32]string { return m.names(9) }

// names reads one of the name section's maps. WebAssembly 2.0 section 7.4.1.
func (m *Module) names(id byte) map[uint32]string {
	names := map[uint32]string{}
	r := NewReader(m.Custom("name"), 0)
	for !r.Done() {
		sub := r.Byte()
		body := r.Sub(int(r.U32()), "names")
		if r.Err() != nil {
			break
		}
		if sub != id {
			continue
		}
		vec(body, maxFunctions, func() {
			index, name := body.U32(), body.Name()
			if body.Err() == nil {
				names[index] = name
			}
		})
	}
	return names
}

// ErrTruncated is wrapped by errors about a file that ends too early.
var ErrTruncated = errors.New("the file is cut off")
