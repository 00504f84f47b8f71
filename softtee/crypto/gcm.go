package crypto

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/subtle"
	"encoding/binary"
	"errors"
)

// ErrAuth is the error for a tag that does not belong to the message.
var ErrAuth = errors.New("crypto: message authentication failed")

// GCM is AES in Galois/Counter Mode (NIST SP 800-38D) with a key. A message may come at once, which is as fast as Go's
// own, or in pieces, of which the standard library has no form: then the counter mode is Go's and the authentication is
// ours.
type GCM struct {
	mode  Mode
	block cipher.Block

	// The aead for messages that come at once, made when it is first needed, for these lengths.
	aead            cipher.AEAD
	nonceLen        int
	tagLen          int
	nonce           []byte
	aad             []byte
	started         bool // pieces have come
	stream          cipher.Stream
	hash            ghash
	tagMask         [16]byte
	aadLen, dataLen uint64
	scratch         []byte // a tag, or a message on its way
}

// NewGCM makes a GCM with a key.
func NewGCM(m Mode, key []byte) (*GCM, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return &GCM{mode: m, block: block}, nil
}

// Init begins a message. Tags have from 12 to 16 bytes (NIST SP 800-38D section 5.2.1.2), nonces at least 1.
func (g *GCM) Init(nonce []byte, tagLen int) error {
	if len(nonce) == 0 || tagLen < 12 || tagLen > 16 {
		return ErrLength
	}
	if g.aead == nil || len(nonce) != g.nonceLen || tagLen != g.tagLen {
		aead, err := g.newAEAD(len(nonce), tagLen)
		if err != nil {
			return err
		}
		g.aead, g.nonceLen, g.tagLen = aead, len(nonce), tagLen
	}
	g.nonce = append(g.nonce[:0], nonce...)
	g.aad = g.aad[:0]
	g.started, g.stream = false, nil
	return nil
}

// newAEAD makes Go's GCM. It takes either an unusual nonce or an unusual tag; with both, pieces are used.
func (g *GCM) newAEAD(nonceLen, tagLen int) (cipher.AEAD, error) {
	switch {
	case nonceLen == 12:
		return cipher.NewGCMWithTagSize(g.block, tagLen)
	case tagLen == 16:
		return cipher.NewGCMWithNonceSize(g.block, nonceLen)
	}
	return nil, nil
}

// UpdateAAD adds data that is authenticated and not encrypted. It comes before all other data.
func (g *GCM) UpdateAAD(aad []byte) { g.aad = append(g.aad, aad...) }

// Update processes a piece of the message from src into dst, which is as long and is either the same memory or does not
// overlap. What Update has decrypted is not authenticated before Open has succeeded.
func (g *GCM) Update(dst, src []byte) {
	g.start()
	if g.mode == ModeDecrypt {
		g.hash.write(src)
	}
	g.stream.XORKeyStream(dst, src)
	if g.mode == ModeEncrypt {
		g.hash.write(dst[:len(src)])
	}
	g.dataLen += uint64(len(src))
}

// Seal encrypts the last piece from src into dst, as Update does, and returns the tag, which is valid until the next use.
// room says that the 16 bytes behind dst are memory, do not overlap src, and may be overwritten for a moment: they will be
// as they were. It saves a copy.
func (g *GCM) Seal(dst, src []byte, room bool) []byte {
	if g.started || g.aead == nil {
		g.Update(dst, src)
		return g.tag()[:g.tagLen]
	}
	n := len(src)
	if room && cap(dst) >= n+16 {
		behind := dst[n : n+16]
		saved := [16]byte(behind)
		out := g.aead.Seal(dst[:0], g.nonce, src, g.aad)
		g.scratch = append(g.scratch[:0], out[n:]...)
		copy(behind, saved[:])
		return g.scratch
	}
	g.scratch = g.aead.Seal(g.scratch[:0], g.nonce, src, g.aad)
	copy(dst[:n], g.scratch)
	return g.scratch[n:]
}

// Open decrypts the last piece from src into dst and checks the tag, in constant time. The error is ErrAuth; dst then
// holds nothing of this piece. room is as for Seal, but of the 16 bytes behind src, which must not overlap dst.
func (g *GCM) Open(dst, src, tag []byte, room bool) error {
	if len(tag) != g.tagLen {
		return ErrAuth
	}
	if g.started || g.aead == nil {
		g.Update(dst, src)
		if subtle.ConstantTimeCompare(g.tag()[:g.tagLen], tag) != 1 {
			clear(dst[:len(src)])
			return ErrAuth
		}
		return nil
	}
	n := len(src)
	if room && cap(src) >= n+16 {
		behind := src[n : n+16]
		saved := [16]byte(behind)
		copy(behind, tag)
		_, err := g.aead.Open(dst[:0], g.nonce, src[:n+g.tagLen], g.aad)
		copy(behind, saved[:])
		if err != nil {
			clear(dst[:n])
			return ErrAuth
		}
		return nil
	}
	g.scratch = append(append(g.scratch[:0], src...), tag...)
	out, err := g.aead.Open(g.scratch[:0], g.nonce, g.scratch, g.aad)
	if err != nil {
		clear(dst[:n])
		return ErrAuth
	}
	copy(dst, out)
	clear(g.scratch)
	return nil
}

// start begins processing in pieces.
func (g *GCM) start() {
	if g.started {
		return
	}
	g.started = true
	g.dataLen, g.aadLen = 0, uint64(len(g.aad))
	var h, j0 [16]byte
	g.block.Encrypt(h[:], h[:])
	g.hash.init(h)
	if len(g.nonce) == 12 {
		copy(j0[:], g.nonce)
		j0[15] = 1
	} else {
		g.hash.write(g.nonce)
		g.hash.pad()
		g.hash.lengths(0, uint64(len(g.nonce)))
		j0 = g.hash.sum()
		g.hash.init(h)
	}
	g.block.Encrypt(g.tagMask[:], j0[:])
	binary.BigEndian.PutUint32(j0[12:], binary.BigEndian.Uint32(j0[12:])+1)
	g.stream = newCTR32(g.block, j0)
	g.hash.write(g.aad)
	g.hash.pad()
}

// tag ends the message.
func (g *GCM) tag() []byte {
	g.hash.pad()
	g.hash.lengths(g.aadLen, g.dataLen)
	t := g.hash.sum()
	subtle.XORBytes(t[:], t[:], g.tagMask[:])
	return t[:]
}

// ctr32 is counter mode with a counter of 32 bits that wraps around without a carry, as GCM has it.
type ctr32 struct {
	block  cipher.Block
	iv     [16]byte
	left   uint64 // bytes until the counter wraps around
	stream cipher.Stream
}

func newCTR32(block cipher.Block, iv [16]byte) *ctr32 {
	c := &ctr32{block: block, iv: iv}
	c.reset()
	return c
}

func (c *ctr32) reset() {
	c.left = (1<<32 - uint64(binary.BigEndian.Uint32(c.iv[12:]))) * 16
	c.stream = cipher.NewCTR(c.block, c.iv[:])
}

// XORKeyStream implements cipher.Stream.
func (c *ctr32) XORKeyStream(dst, src []byte) {
	for uint64(len(src)) > c.left {
		n := c.left
		c.stream.XORKeyStream(dst[:n], src[:n])
		dst, src = dst[n:], src[n:]
		binary.BigEndian.PutUint32(c.iv[12:], 0)
		c.reset()
	}
	c.stream.XORKeyStream(dst, src)
	c.left -= uint64(len(src))
}

// ghash is the universal hash of GCM over GF(2^128), with a table of the multiples of H by all four-bit numbers.
type ghash struct {
	table [16]element
	y     element
	buf   [16]byte
	n     int
}

// element is a field element: the coefficients of low powers are the high bits of hi.
type element struct{ hi, lo uint64 }

func (g *ghash) init(h [16]byte) {
	*g = ghash{}
	x := element{binary.BigEndian.Uint64(h[:8]), binary.BigEndian.Uint64(h[8:])}
	g.table[8] = x
	for i := 4; i > 0; i >>= 1 {
		x = x.double()
		g.table[i] = x
	}
	for i := 2; i < 16; i <<= 1 {
		for j := 1; j < i; j++ {
			g.table[i+j] = element{g.table[i].hi ^ g.table[j].hi, g.table[i].lo ^ g.table[j].lo}
		}
	}
}

// double multiplies by x.
func (e element) double() element {
	carry := e.lo & 1
	return element{e.hi>>1 ^ -carry&0xe1<<56, e.lo>>1 | e.hi<<63}
}

// reduction is what the four bits that are shifted out of an element come back as.
var reduction = func() (t [16]uint64) {
	for i := range t {
		e := element{lo: uint64(i)}
		for range 4 {
			e = e.double()
		}
		t[i] = e.hi
	}
	return t
}()

func (g *ghash) block(b []byte) {
	y := element{g.y.hi ^ binary.BigEndian.Uint64(b), g.y.lo ^ binary.BigEndian.Uint64(b[8:])}
	var z element
	for _, w := range [2]uint64{y.lo, y.hi} {
		for range 16 {
			out := z.lo & 15
			z.lo = z.lo>>4 | z.hi<<60
			z.hi = z.hi>>4 ^ reduction[out]
			t := &g.table[w&15]
			z.hi ^= t.hi
			z.lo ^= t.lo
			w >>= 4
		}
	}
	g.y = z
}

func (g *ghash) write(p []byte) {
	if g.n > 0 {
		n := copy(g.buf[g.n:], p)
		g.n += n
		p = p[n:]
		if g.n < 16 {
			return
		}
		g.block(g.buf[:])
		g.n = 0
	}
	for ; len(p) >= 16; p = p[16:] {
		g.block(p)
	}
	g.n = copy(g.buf[:], p)
}

func (g *ghash) pad() {
	if g.n > 0 {
		clear(g.buf[g.n:])
		g.block(g.buf[:])
		g.n = 0
	}
}

// lengths ends the input with both lengths, which are given in bytes.
func (g *ghash) lengths(a, b uint64) {
	var l [16]byte
	binary.BigEndian.PutUint64(l[:8], a*8)
	binary.BigEndian.PutUint64(l[8:], b*8)
	g.block(l[:])
}

func (g *ghash) sum() (s [16]byte) {
	binary.BigEndian.PutUint64(s[:8], g.y.hi)
	binary.BigEndian.PutUint64(s[8:], g.y.lo)
	return s
}
