package module

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"

	"goatee/gp"
	"goatee/softtee/engine"
)

// The TA header as sdk/c/src/ta_header.c lays it out: all fields of 32 bits, but for the UUID.
const (
	headSymbol  = "ta_head"
	headMagic   = 0x41544f47
	headVersion = 1
	headBytes   = 52
	propBytes   = 12 // name, type, value

	maxProperties = 1000
	maxString     = 64 << 10
)

// Layout is where a TA of the dev kit has what in its memory, in guest addresses.
type Layout struct {
	StackPointer uint32 // index of the global
	StackTop     uint32 // its first value: the stack grows down from there, data begins there
	HeapBase     uint32 // behind the data
}

// ReadInfo reads what the module says about its TA. Nothing of the module runs. The digest is not set.
func ReadInfo(m *Module) (*engine.Info, error) {
	at, err := m.address(headSymbol)
	if err != nil {
		return nil, fmt.Errorf("it has no TA header: %w; was it built with the TA dev kit?", err)
	}
	im := &image{m}
	b, err := im.bytes(at, headBytes)
	if err != nil {
		return nil, fmt.Errorf("its TA header: %w", err)
	}
	field := func(i int) uint32 { return binary.LittleEndian.Uint32(b[i:]) }
	if field(0) != headMagic {
		return nil, fmt.Errorf("its TA header begins with 0x%08x and not with 0x%08x", field(0), headMagic)
	}
	if field(4) != headVersion {
		return nil, fmt.Errorf("its TA header has version %d, this program reads version %d", field(4), headVersion)
	}
	info := &engine.Info{UUID: engine.UUIDFromC(b[8:24]), Flags: field(24), StackSize: field(28), DataSize: field(32)}
	if unknown := info.Flags &^ engine.FlagsKnown; unknown != 0 {
		return nil, fmt.Errorf("its TA_FLAGS have the unknown bits 0x%x", unknown)
	}
	if info.Version, err = im.cString(field(36)); err != nil {
		return nil, fmt.Errorf("its TA_VERSION: %w", err)
	}
	if info.Description, err = im.cString(field(40)); err != nil {
		return nil, fmt.Errorf("its TA_DESCRIPTION: %w", err)
	}
	n := field(44)
	if n > maxProperties {
		return nil, fmt.Errorf("it has %d properties, at most %d are possible", n, maxProperties)
	}
	for i := range n {
		p, err := im.property(field(48) + i*propBytes)
		if err != nil {
			return nil, fmt.Errorf("its property %d: %w", i, err)
		}
		info.Properties = append(info.Properties, p)
	}
	return info, nil
}

// ReadLayout finds out where the stack and the heap are. The error says what the dev kit would have exported.
func ReadLayout(m *Module) (Layout, error) {
	var l Layout
	sp, ok := m.Export("__stack_pointer", KindGlobal)
	if !ok || int(sp) < m.ImportedGlobals {
		return l, fmt.Errorf("it does not export __stack_pointer")
	}
	g := m.Globals[int(sp)-m.ImportedGlobals]
	if g.Type != I32 || !g.Mutable || g.Init.Op != OpI32Const {
		return l, fmt.Errorf("its __stack_pointer is not a mutable i32 with a constant value")
	}
	l.StackPointer, l.StackTop = sp, uint32(g.Init.Bits)
	var err error
	if l.HeapBase, err = m.address("__heap_base"); err != nil {
		return l, err
	}
	if l.HeapBase < l.StackTop {
		return l, fmt.Errorf("its data lies below its stack; link with --stack-first")
	}
	return l, nil
}

// address is the value of an exported constant global, as the linker exports C variables.
func (m *Module) address(name string) (uint32, error) {
	i, ok := m.Export(name, KindGlobal)
	if !ok || int(i) < m.ImportedGlobals {
		return 0, fmt.Errorf("it does not export %s", name)
	}
	g := m.Globals[int(i)-m.ImportedGlobals]
	if g.Type != I32 || g.Mutable || g.Init.Op != OpI32Const {
		return 0, fmt.Errorf("its export %s is not the address of a variable", name)
	}
	return uint32(g.Init.Bits), nil
}

// image is a module's memory before anything has run.
type image struct{ m *Module }

// bytes reads n bytes. What no segment sets is zero, as long as it is memory.
func (im *image) bytes(addr, n uint32) ([]byte, error) {
	if len(im.m.Memories) == 0 || uint64(addr)+uint64(n) > uint64(im.m.Memories[0].Min)<<16 {
		return nil, fmt.Errorf("%d bytes at 0x%x are outside of its memory", n, addr)
	}
	out := make([]byte, n)
	for _, d := range im.m.Data {
		if d.Mode != Active || d.Offset.Op != OpI32Const {
			continue
		}
		at := uint32(d.Offset.Bits)
		from := max(uint64(addr), uint64(at))
		to := min(uint64(addr)+uint64(n), uint64(at)+uint64(len(d.Bytes)))
		if from < to {
			copy(out[from-uint64(addr):to-uint64(addr)], d.Bytes[from-uint64(at):])
		}
	}
	return out, nil
}

func (im *image) cString(addr uint32) (string, error) {
	var s []byte
	for len(s) < maxString {
		at := addr + uint32(len(s))
		n := uint32(256)
		if len(im.m.Memories) > 0 { // perhaps the memory ends before
			n = uint32(min(uint64(n), max(uint64(im.m.Memories[0].Min)<<16, uint64(at)+1)-uint64(at)))
		}
		b, err := im.bytes(at, n)
		if err != nil {
			return "", err
		}
		if i := bytes.IndexByte(b, 0); i >= 0 {
			return string(append(s, b[:i]...)), nil
		}
		s = append(s, b...)
	}
	return "", fmt.Errorf("a string of more than %d bytes", maxString)
}

func (im *image) property(addr uint32) (engine.Property, error) {
	b, err := im.bytes(addr, propBytes)
	if err != nil {
		return engine.Property{}, err
	}
	p := engine.Property{Type: engine.PropertyType(binary.LittleEndian.Uint32(b[4:]))}
	if p.Name, err = im.cString(binary.LittleEndian.Uint32(b)); err != nil {
		return p, err
	}
	p.Value, err = im.value(p.Type, binary.LittleEndian.Uint32(b[8:]))
	if err != nil {
		return p, fmt.Errorf("%s: %w", p.Name, err)
	}
	return p, nil
}

func (im *image) value(t engine.PropertyType, addr uint32) (any, error) {
	size := map[engine.PropertyType]uint32{engine.PropertyBool: 1, engine.PropertyU32: 4, engine.PropertyUUID: 16,
		engine.PropertyIdentity: 20, engine.PropertyU64: 8}[t]
	b, err := im.bytes(addr, size)
	if err != nil {
		return nil, err
	}
	switch t {
	case engine.PropertyBool:
		return b[0] != 0, nil
	case engine.PropertyU32:
		return binary.LittleEndian.Uint32(b), nil
	case engine.PropertyU64:
		return binary.LittleEndian.Uint64(b), nil
	case engine.PropertyUUID:
		return engine.UUIDFromC(b), nil
	case engine.PropertyIdentity:
		return engine.Identity{Login: gp.Login(binary.LittleEndian.Uint32(b)), UUID: engine.UUIDFromC(b[4:])}, nil
	case engine.PropertyString:
		return im.cString(addr)
	case engine.PropertyBinaryBlock:
		s, err := im.cString(addr)
		if err != nil {
			return nil, err
		}
		block, err := base64.StdEncoding.DecodeString(s)
		if err != nil {
			return nil, fmt.Errorf("its binary block is not base64: %w", err)
		}
		return block, nil
	}
	return nil, fmt.Errorf("type %d is unknown", t)
}
