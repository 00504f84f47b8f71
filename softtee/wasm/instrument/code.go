package instrument

// code is a piece of a module being written.
type code []byte

func (c *code) op(op byte) { *c = append(*c, op) }

func (c *code) u32(v uint32) {
	for v >= 0x80 {
		*c = append(*c, byte(v)|0x80)
		v >>= 7
	}
	*c = append(*c, byte(v))
}

func (c *code) s64(v int64) {
	for {
		b := byte(v & 0x7f)
		v >>= 7
		if v == 0 && b&0x40 == 0 || v == -1 && b&0x40 != 0 {
			*c = append(*c, b)
			return
		}
		*c = append(*c, b|0x80)
	}
}

func (c *code) fixed(v uint64, n int) {
	for range n {
		*c = append(*c, byte(v))
		v >>= 8
	}
}

// bytes writes a vector of bytes.
func (c *code) bytes(b []byte) {
	c.u32(uint32(len(b)))
	*c = append(*c, b...)
}

func (c *code) name(s string) { c.bytes([]byte(s)) }

// section writes content with its id and size; an empty vector is written too, which is the same as no section.
func (c *code) section(id byte, content code) {
	*c = append(*c, id)
	c.bytes(content)
}

// index writes an instruction with one index.
func (c *code) index(op byte, i uint32) {
	c.op(op)
	c.u32(i)
}

func (c *code) i32Const(v int32) {
	c.op(opI32Const)
	c.s64(int64(v))
}

func (c *code) get(local uint32) { c.index(opLocalGet, local) }
func (c *code) set(local uint32) { c.index(opLocalSet, local) }
func (c *code) tee(local uint32) { c.index(opLocalTee, local) }

// ops writes instructions without immediates.
func (c *code) ops(ops ...byte) { *c = append(*c, ops...) }

// emptyBlock is the type of a block without parameters and results.
const emptyBlock = 0x40

// paddedI32 is the length of a constant that can be changed in place.
const paddedI32 = 5

// i32ConstPadded writes a constant in as many bytes as any takes.
func (c *code) i32ConstPadded(v int32) {
	c.op(opI32Const)
	at := len(*c)
	*c = append(*c, make([]byte, paddedI32)...)
	c.patchI32(at, v)
}

// patchI32 changes the padded constant at an offset.
func (c code) patchI32(at int, v int32) {
	for i := range paddedI32 - 1 {
		c[at+i] = byte(v)&0x7f | 0x80
		v >>= 7
	}
	c[at+paddedI32-1] = byte(v) & 0x7f
}
