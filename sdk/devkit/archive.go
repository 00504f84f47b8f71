package devkit

import (
	"bytes"
	"encoding/binary"
	"fmt"

	"goatee/softtee/wasm/module"
)

// object is one object file of a library.
type object struct {
	name string
	data []byte
}

// archive makes a static library with the index that the linker wants. LLVM's own archiver does not come with the
// compiler's package, and GNU's knows no WebAssembly.
func archive(objects []object) ([]byte, error) {
	var names bytes.Buffer
	var owners []int // of each name
	for i, o := range objects {
		symbols, err := definedSymbols(o.data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", o.name, err)
		}
		for _, s := range symbols {
			names.WriteString(s + "\x00")
			owners = append(owners, i)
		}
	}
	const magic = "!<arch>\n"
	const header = 60
	index := 4 + 4*len(owners) + names.Len()
	at := make([]int, len(objects))
	next := len(magic) + header + index + index&1
	for i, o := range objects {
		at[i] = next
		next += header + len(o.data) + len(o.data)&1
	}
	var out bytes.Buffer
	out.WriteString(magic)
	member := func(name string, data []byte) {
		fmt.Fprintf(&out, "%-16s%-12d%-6d%-6d%-8s%-10d`\n", name, 0, 0, 0, "644", len(data))
		out.Write(data)
		if len(data)&1 != 0 {
			out.WriteByte('\n')
		}
	}
	symtab := binary.BigEndian.AppendUint32(nil, uint32(len(owners)))
	for _, o := range owners {
		symtab = binary.BigEndian.AppendUint32(symtab, uint32(at[o]))
	}
	member("/", append(symtab, names.Bytes()...))
	for _, o := range objects {
		member(o.name+"/", o.data)
	}
	return out.Bytes(), nil
}

// Symbols of an object file: kinds and flags of the tool conventions' linking section.
const (
	symFunction  = 0
	symData      = 1
	symSection   = 3
	symLocal     = 0x02
	symUndefined = 0x10
	symExplicit  = 0x40
	symbolTable  = 8
)

// definedSymbols lists what an object file defines for others.
func definedSymbols(obj []byte) ([]string, error) {
	m, err := module.Decode(obj)
	if err != nil {
		return nil, err
	}
	r := module.NewReader(m.Custom("linking"), 0)
	if v := r.U32(); v != 2 {
		return nil, fmt.Errorf("an object file with a linking section of version %d", v)
	}
	var names []string
	for !r.Done() {
		id := r.Byte()
		sub := r.Sub(int(r.U32()), "linking")
		if id != symbolTable || sub.Err() != nil {
			continue
		}
		for n := sub.U32(); n > 0 && sub.Err() == nil; n-- {
			kind, flags := sub.Byte(), sub.U32()
			name := ""
			switch kind {
			case symData:
				name = sub.Name()
				if flags&symUndefined == 0 {
					sub.U32()
					sub.U32()
					sub.U32()
				}
			case symSection:
				sub.U32()
			default:
				sub.U32()
				if flags&symUndefined == 0 || flags&symExplicit != 0 {
					name = sub.Name()
				}
			}
			if name != "" && flags&(symUndefined|symLocal) == 0 {
				names = append(names, name)
			}
		}
		if sub.Err() != nil {
			return nil, sub.Err()
		}
	}
	return names, r.Err()
}
