package module

import (
	"encoding/binary"
	"errors"
	"fmt"
	"unicode/utf8"
)

// Reader reads the binary format's primitives. After the first error it returns zeros, and Err says what it was, so that
// a caller checks once at the end of something.
type Reader struct {
	b    []byte
	pos  int
	base int // offset of b in the file
	err  error

	locals int // declared in the code section so far
}

// NewReader reads b, which stands at offset base of its file.
func NewReader(b []byte, base int) *Reader { return &Reader{b: b, base: base} }

// Err is the first error, an *Error, or nil.
func (r *Reader) Err() error { return r.err }

// Done reports whether everything was read, or there was an error.
func (r *Reader) Done() bool { return r.err != nil || r.pos == len(r.b) }

// Offset is where in the file the next byte stands.
func (r *Reader) Offset() int { return r.base + r.pos }

// Pos is how many bytes were read.
func (r *Reader) Pos() int { return r.pos }

func (r *Reader) fail(at int, what string) {
	if r.err == nil {
		r.err = &Error{at, what}
	}
}

// Take returns the next n bytes.
func (r *Reader) Take(n int) []byte {
	if r.err != nil {
		return nil
	}
	if n < 0 || n > len(r.b)-r.pos {
		r.fail(r.Offset(), fmt.Sprintf("%d bytes are missing: %v", n-(len(r.b)-r.pos), ErrTruncated))
		return nil
	}
	b := r.b[r.pos : r.pos+n : r.pos+n]
	r.pos += n
	return b
}

// Rest returns what is left.
func (r *Reader) Rest() []byte { return r.Take(len(r.b) - r.pos) }

// Sub returns a Reader of the next n bytes, which are what.
func (r *Reader) Sub(n int, what string) *Reader {
	at := r.Offset()
	b := r.Take(n)
	if r.err != nil {
		var e *Error
		if errors.As(r.err, &e) && e.Offset == at {
			e.What = what + ": " + e.What
		}
		return &Reader{err: r.err}
	}
	return NewReader(b, at)
}

// Byte returns the next byte.
func (r *Reader) Byte() byte {
	if r.err == nil && r.pos < len(r.b) {
		r.pos++
		return r.b[r.pos-1]
	}
	r.Take(1)
	return 0
}

// U32 reads an unsigned LEB128 number of 32 bits.
func (r *Reader) U32() uint32 { return uint32(r.leb(32, false)) }

// S32, S33 and S64 read signed ones.
func (r *Reader) S32() int32 { return int32(r.leb(32, true)) }

// S33 reads what a block type is.
func (r *Reader) S33() int64 { return r.leb(33, true) }

// S64 reads a signed number of 64 bits.
func (r *Reader) S64() int64 { return r.leb(64, true) }

// leb reads LEB128 and refuses what is longer or larger than bits allow, as the specification does (section 5.2.2).
func (r *Reader) leb(bits uint, signed bool) int64 {
	at := r.Offset()
	var v uint64
	for shift := uint(0); ; shift += 7 {
		b := r.Byte()
		if r.err != nil {
			return 0
		}
		if shift+7 >= bits { // the last byte that can be
			free := bits - shift // bits of b that count
			rest := b & 0x7f >> free
			sign := byte(0)
			if signed && free > 0 && b>>(free-1)&1 != 0 {
				sign = 0x7f >> free
			}
			if b&0x80 != 0 || rest != sign {
				r.fail(at, fmt.Sprintf("a number of more than %d bits", bits))
				return 0
			}
		}
		v |= uint64(b&0x7f) << shift
		if b&0x80 == 0 {
			if signed && b&0x40 != 0 && shift+7 < 64 {
				v |= ^uint64(0) << (shift + 7)
			}
			return int64(v)
		}
	}
}

// fixed reads n bytes, at most 8, as a little-endian number.
func (r *Reader) fixed(n int) uint64 {
	var b [8]byte
	copy(b[:], r.Take(n))
	return binary.LittleEndian.Uint64(b[:])
}

// Name reads a UTF-8 string.
func (r *Reader) Name() string {
	at := r.Offset()
	b := r.Take(int(r.U32()))
	if !utf8.Valid(b) {
		r.fail(at, "a name that is not UTF-8")
		return ""
	}
	return string(b)
}
