package coreapi

import (
	"encoding/binary"

	"goatee/gp"
	"goatee/softtee/crypto"
	"goatee/softtee/svc"
)

// operation is a cryptographic operation: an algorithm, a mode, later a key, and where in a message it is (6.2, 6.3).
type operation struct {
	alg     *crypto.Algorithm
	mode    crypto.Mode
	maxKey  uint32 // bits
	keySize uint32 // bits, 0 without a key
	usage   crypto.Usage
	state   uint32 // of svc
	active  bool   // a message has begun
	begun   bool   // in the sense of HANDLE_FLAG_INITIALIZED: it can be given data
	partial []byte // of a cipher: less than a block
	tagLen  uint32 // of an AE, bytes
}

// operation finds an operation, or panics.
func (t *TA) operation(handle uint32) *operation {
	op := t.operations.Get(handle)
	if op == nil {
		t.fail(gp.ErrorBadParameters, "0x%x is not a handle of an operation", handle)
	}
	return op
}

// of finds an operation of a class that can be given data, or panics.
func (t *TA) of(handle uint32, class crypto.Class) *operation {
	op := t.operation(handle)
	if op.alg.Class != class {
		t.fail(gp.ErrorBadState, "%s is not an algorithm for this function", op.alg.Name)
	}
	if !op.begun {
		t.fail(gp.ErrorBadState, "the operation has not been initialized")
	}
	return op
}

// keyed finds an operation of a class that has a key, or panics.
func (t *TA) keyed(handle uint32, class crypto.Class) *operation {
	op := t.operation(handle)
	switch {
	case op.alg.Class != class:
		t.fail(gp.ErrorBadState, "%s is not an algorithm for this function", op.alg.Name)
	case op.keySize == 0:
		t.fail(gp.ErrorBadState, "the operation has no key")
	}
	return op
}

// AllocateOperation is TEE_AllocateOperation (6.2.1).
func (t *TA) AllocateOperation(out, alg, mode, maxKey uint32) gp.Result {
	t.out(out, 4)
	a := crypto.Lookup(alg)
	if a == nil {
		return gp.ErrorNotSupported
	}
	usage, ok := a.Usage(crypto.Mode(mode))
	if !ok {
		return gp.ErrorNotSupported
	}
	if a.KeyType != 0 {
		least, most, step, _ := crypto.KeySizes(a.KeyType)
		if maxKey < least || maxKey > most || (maxKey-least)%step != 0 {
			return gp.ErrorNotSupported
		}
	}
	state, r := t.svc.CrypStateAlloc(alg, crypto.Mode(mode))
	if r != gp.Success {
		return r
	}
	op := &operation{alg: a, mode: crypto.Mode(mode), maxKey: maxKey, usage: usage, state: state}
	op.begun = a.Class == crypto.ClassDigest
	h, ok := t.operations.Add(op)
	if !ok {
		t.svc.CrypStateFree(state)
		return gp.ErrorOutOfMemory
	}
	t.writeU32(out, h)
	return gp.Success
}

// FreeOperation is TEE_FreeOperation (6.2.2).
func (t *TA) FreeOperation(handle uint32) {
	if handle == 0 {
		return
	}
	op := t.operation(handle)
	clear(op.partial)
	t.svc.CrypStateFree(op.state)
	t.operations.Remove(handle)
}

// GetOperationInfo is TEE_GetOperationInfo (6.2.3).
func (t *TA) GetOperationInfo(handle, out uint32) {
	op := t.operation(handle)
	flags := uint32(0)
	if op.keySize != 0 || op.alg.Class == crypto.ClassDigest {
		flags |= svc.HandleKeySet
	}
	if op.begun {
		flags |= svc.HandleInitialized
	}
	b := t.out(out, 32)
	for i, v := range []uint32{op.alg.ID, uint32(op.alg.Class), uint32(op.mode), uint32(op.alg.DigestSize()), op.maxKey, op.keySize, op.usage, flags} {
		binary.LittleEndian.PutUint32(b[4*i:], v)
	}
}

// reset puts an operation to the beginning of a message.
func (t *TA) reset(op *operation) {
	op.active = false
	clear(op.partial)
	op.partial = op.partial[:0]
	op.begun = op.alg.Class == crypto.ClassDigest
	if op.begun {
		t.svc.HashInit(op.state)
	}
}

// ResetOperation is TEE_ResetOperation (6.2.5).
func (t *TA) ResetOperation(handle uint32) {
	op := t.operation(handle)
	if op.keySize == 0 && op.alg.Class != crypto.ClassDigest {
		t.fail(gp.ErrorBadState, "the operation has no key")
	}
	t.reset(op)
}

// SetOperationKey is TEE_SetOperationKey (6.2.6).
func (t *TA) SetOperationKey(handle, key uint32) gp.Result {
	op := t.operation(handle)
	switch {
	case op.alg.Class == crypto.ClassDigest:
		t.fail(gp.ErrorBadParameters, "a digest has no key")
	case op.active:
		t.fail(gp.ErrorBadState, "a message has begun; reset the operation first")
	}
	op.begun = false
	if key == 0 {
		t.svc.CrypStateSetKey(op.state, 0)
		op.keySize = 0
		return gp.Success
	}
	info, r := t.svc.CrypObjGetInfo(key)
	t.check(r, noObject)
	switch {
	case info.Flags&svc.HandleInitialized == 0:
		t.fail(gp.ErrorBadParameters, "the object has no key")
	case info.Type != op.alg.KeyType:
		t.fail(gp.ErrorBadParameters, "an object of type 0x%x is not a key for %s", info.Type, op.alg.Name)
	case info.Usage&op.usage != op.usage:
		t.fail(gp.ErrorBadParameters, "the key's usage 0x%x does not allow 0x%x", info.Usage, op.usage)
	case info.Size > op.maxKey:
		t.fail(gp.ErrorBadParameters, "the key has %d bits, the operation takes %d", info.Size, op.maxKey)
	}
	t.check(t.svc.CrypStateSetKey(op.state, key), map[gp.Result]string{gp.ErrorBadState: "the key is not for this operation"})
	op.keySize = info.Size
	return gp.Success
}

// DigestUpdate is TEE_DigestUpdate (6.3.1).
func (t *TA) DigestUpdate(handle, chunk, n uint32) {
	op := t.of(handle, crypto.ClassDigest)
	t.update(op, chunk, n)
}

// update feeds a digest or MAC.
func (t *TA) update(op *operation, chunk, n uint32) {
	b := t.in(chunk, n)
	op.active = true
	t.pieces(n, func(i, j uint32) { t.svc.HashUpdate(op.state, b[i:j]) })
}

// DigestDoFinal is TEE_DigestDoFinal (6.3.2).
func (t *TA) DigestDoFinal(handle, chunk, n, hash, lenPtr uint32) gp.Result {
	op := t.of(handle, crypto.ClassDigest)
	return t.final(op, chunk, n, hash, lenPtr)
}

// final feeds the rest and gives the digest or MAC, unless the buffer is too short: then nothing has happened.
func (t *TA) final(op *operation, chunk, n, out, lenPtr uint32) gp.Result {
	size := uint32(op.alg.DigestSize())
	if t.readU32(lenPtr) < size {
		t.writeU32(lenPtr, size)
		return gp.ErrorShortBuffer
	}
	to := t.out(out, size)
	t.update(op, chunk, n)
	var buf [64]byte
	sum, _ := t.svc.HashFinal(op.state, nil, buf[:0])
	copy(to, sum)
	t.writeU32(lenPtr, size)
	t.reset(op)
	return gp.Success
}

// CipherInit is TEE_CipherInit (6.4.1).
func (t *TA) CipherInit(handle, iv, n uint32) {
	op := t.keyed(handle, crypto.ClassCipher)
	t.reset(op)
	vector := t.in(iv, n)
	if !op.alg.IV {
		vector = nil // ignored, as the specification says
	}
	t.check(t.svc.CipherInit(op.state, vector), map[gp.Result]string{gp.ErrorBadParameters: "the initialization vector has a wrong length"})
	op.active, op.begun = true, true
}

// CipherUpdate is TEE_CipherUpdate (6.4.2).
func (t *TA) CipherUpdate(handle, src, n, dst, lenPtr uint32) gp.Result {
	op := t.of(handle, crypto.ClassCipher)
	return t.crypt(op, src, n, dst, lenPtr)
}

// CipherDoFinal is TEE_CipherDoFinal (6.4.3).
func (t *TA) CipherDoFinal(handle, src, n, dst, lenPtr uint32) gp.Result {
	op := t.of(handle, crypto.ClassCipher)
	if total := uint64(len(op.partial)) + uint64(n); total%uint64(op.alg.BlockSize) != 0 {
		t.fail(gp.ErrorBadParameters, "%d bytes are left at the end, and %s takes whole blocks of %d", total%uint64(op.alg.BlockSize), op.alg.Name, op.alg.BlockSize)
	}
	r := t.crypt(op, src, n, dst, lenPtr)
	if r == gp.Success {
		t.reset(op)
	}
	return r
}

// crypt processes the whole blocks that there are, together with what was left last time, unless the buffer is too short:
// then nothing has happened.
func (t *TA) crypt(op *operation, src, n, dst, lenPtr uint32) gp.Result {
	in := t.in(src, n)
	bs := uint64(op.alg.BlockSize)
	total := uint64(len(op.partial)) + uint64(n)
	size := total - total%bs
	if uint64(t.readU32(lenPtr)) < size {
		t.writeU32(lenPtr, uint32(min(size, 1<<32-1)))
		return gp.ErrorShortBuffer
	}
	out := t.out(dst, uint32(size))
	in = t.disjoint(in, src, out, dst)
	if len(op.partial) > 0 {
		take := min(int(bs)-len(op.partial), len(in))
		op.partial = append(op.partial, in[:take]...)
		in = in[take:]
		if uint64(len(op.partial)) == bs {
			if take > 0 && len(in) > 0 {
				in = append([]byte(nil), in...) // the first block may be written where the next ones are read
			}
			t.svc.CipherUpdate(op.state, out[:bs], op.partial)
			out = out[bs:]
			op.partial = op.partial[:0]
		}
	}
	whole := uint32(uint64(len(in)) - uint64(len(in))%bs)
	t.pieces(whole, func(i, j uint32) { t.svc.CipherUpdate(op.state, out[i:j], in[i:j]) })
	op.partial = append(op.partial, in[whole:]...)
	t.writeU32(lenPtr, uint32(size))
	return gp.Success
}

// disjoint returns in, or a copy of it if it overlaps out without being the same.
func (t *TA) disjoint(in []byte, src uint32, out []byte, dst uint32) []byte {
	if src == dst || uint64(src)+uint64(len(in)) <= uint64(dst) || uint64(dst)+uint64(len(out)) <= uint64(src) {
		return in
	}
	return append([]byte(nil), in...)
}

// MACInit is TEE_MACInit (6.5.1). The MACs that there are have no initialization vector.
func (t *TA) MACInit(handle, _, _ uint32) {
	op := t.keyed(handle, crypto.ClassMAC)
	t.svc.HashInit(op.state)
	op.active, op.begun = true, true
}

// MACUpdate is TEE_MACUpdate (6.5.2).
func (t *TA) MACUpdate(handle, chunk, n uint32) { t.update(t.of(handle, crypto.ClassMAC), chunk, n) }

// MACComputeFinal is TEE_MACComputeFinal (6.5.3).
func (t *TA) MACComputeFinal(handle, chunk, n, mac, lenPtr uint32) gp.Result {
	return t.final(t.of(handle, crypto.ClassMAC), chunk, n, mac, lenPtr)
}

// MACCompareFinal is TEE_MACCompareFinal (6.5.4).
func (t *TA) MACCompareFinal(handle, chunk, n, mac, macLen uint32) gp.Result {
	op := t.of(handle, crypto.ClassMAC)
	want := t.in(mac, macLen)
	t.update(op, chunk, n)
	var buf [64]byte
	sum, _ := t.svc.HashFinal(op.state, nil, buf[:0])
	equal := svc.MACEqual(sum, want)
	t.reset(op)
	if !equal {
		return gp.ErrorMACInvalid
	}
	return gp.Success
}

// AEInit is TEE_AEInit (6.6.1). The tag's length is in bits.
func (t *TA) AEInit(handle, nonce, n, tagBits, _, _ uint32) gp.Result {
	op := t.keyed(handle, crypto.ClassAE)
	if op.active {
		t.fail(gp.ErrorBadState, "a message has begun; reset the operation first")
	}
	if tagBits%8 != 0 {
		return gp.ErrorNotSupported
	}
	r := t.svc.AuthencInit(op.state, t.in(nonce, n), int(tagBits/8))
	if r == gp.ErrorNotSupported {
		return r
	}
	t.check(r, map[gp.Result]string{gp.ErrorBadParameters: "the nonce is empty"})
	op.tagLen, op.active, op.begun = tagBits/8, true, true
	return gp.Success
}

// AEUpdateAAD is TEE_AEUpdateAAD (6.6.2).
func (t *TA) AEUpdateAAD(handle, aad, n uint32) {
	op := t.of(handle, crypto.ClassAE)
	t.svc.AuthencUpdateAAD(op.state, t.in(aad, n))
}

// aeBuffers are the buffers of a function that processes n bytes; false if the output is too short, of which the TA is
// then told.
func (t *TA) aeBuffers(src, n, dst, lenPtr uint32) (in, out []byte, ok bool) {
	in = t.in(src, n)
	have := t.readU32(lenPtr)
	t.writeU32(lenPtr, n)
	if have < n {
		return nil, nil, false
	}
	out = t.out(dst, n)
	return t.disjoint(in, src, out, dst), out, true
}

// AEUpdate is TEE_AEUpdate (6.6.3). As many bytes come out as go in.
func (t *TA) AEUpdate(handle, src, n, dst, lenPtr uint32) gp.Result {
	op := t.of(handle, crypto.ClassAE)
	in, out, ok := t.aeBuffers(src, n, dst, lenPtr)
	if !ok {
		return gp.ErrorShortBuffer
	}
	t.pieces(n, func(i, j uint32) { t.svc.AuthencUpdatePayload(op.state, out[i:j], in[i:j]) })
	return gp.Success
}

// atOnce is the largest message that is encrypted in one call of the standard library, which cannot be interrupted: it
// takes less than a millisecond. What is longer comes in pieces.
const atOnce = 4 << 20

// AEEncryptFinal is TEE_AEEncryptFinal (6.6.4).
func (t *TA) AEEncryptFinal(handle, src, n, dst, lenPtr, tag, tagLenPtr uint32) gp.Result {
	op := t.of(handle, crypto.ClassAE)
	if op.mode != crypto.ModeEncrypt {
		t.fail(gp.ErrorBadState, "the operation decrypts")
	}
	in, out, ok := t.aeBuffers(src, n, dst, lenPtr)
	if t.readU32(tagLenPtr) < op.tagLen {
		t.writeU32(tagLenPtr, op.tagLen)
		ok = false
	}
	if !ok {
		return gp.ErrorShortBuffer
	}
	to := t.out(tag, op.tagLen)
	in, out = t.aeRest(op, in, out)
	out, room := t.room(dst+n-uint32(len(out)), out, src+n-uint32(len(in)), len(in))
	sum, r := t.svc.AuthencEncFinal(op.state, out, in, room)
	t.check(r, nil)
	copy(to, sum)
	t.writeU32(tagLenPtr, op.tagLen)
	t.reset(op)
	return gp.Success
}

// aeRest processes all but the end of a long message.
func (t *TA) aeRest(op *operation, in, out []byte) ([]byte, []byte) {
	if len(in) <= atOnce {
		return in, out
	}
	n := uint32(len(in) - pieceSize)
	t.pieces(n, func(i, j uint32) { t.svc.AuthencUpdatePayload(op.state, out[i:j], in[i:j]) })
	t.tick()
	return in[n:], out[n:]
}

// room finds out whether the 16 bytes behind a buffer may be used for a moment: they must be the TA's own, so that nobody
// sees it, and not overlap the other buffer. The result has them in its capacity.
func (t *TA) room(addr uint32, buf []byte, other uint32, otherLen int) ([]byte, bool) {
	const extra = 16
	n := uint32(len(buf))
	wide, ok := t.mem.Bytes(addr, n+extra)
	if !ok || n == 0 || !t.private(addr, n+extra) {
		return buf, false
	}
	if addr != other && uint64(addr)+uint64(n)+extra > uint64(other) && uint64(other)+uint64(otherLen) > uint64(addr) {
		return buf, false
	}
	return wide[:n], true
}

// AEDecryptFinal is TEE_AEDecryptFinal (6.6.5).
func (t *TA) AEDecryptFinal(handle, src, n, dst, lenPtr, tag, tagLen uint32) gp.Result {
	op := t.of(handle, crypto.ClassAE)
	if op.mode != crypto.ModeDecrypt {
		t.fail(gp.ErrorBadState, "the operation encrypts")
	}
	in, out, ok := t.aeBuffers(src, n, dst, lenPtr)
	if !ok {
		return gp.ErrorShortBuffer
	}
	sum := append([]byte(nil), t.in(tag, tagLen)...)
	in, out = t.aeRest(op, in, out)
	at := src + n - uint32(len(in))
	room := false
	if len(in) > 0 && &in[0] == &t.in(at, uint32(len(in)))[0] { // not a copy
		in, room = t.room(at, in, dst+n-uint32(len(out)), len(out))
	}
	r := t.svc.AuthencDecFinal(op.state, out, in, sum, room)
	t.reset(op)
	if r == gp.ErrorMACInvalid {
		return r
	}
	t.check(r, nil)
	return gp.Success
}

// DeriveKey is TEE_DeriveKey (6.8.1).
func (t *TA) DeriveKey(handle, params, count, key uint32) {
	op := t.keyed(handle, crypto.ClassKeyDerive)
	t.check(t.svc.CrypDeriveKey(op.state, t.attributes(params, count), key), map[gp.Result]string{
		gp.ErrorBadParameters: "the parameters make no key of the derived object's type, or it is not an object",
		gp.ErrorItemNotFound:  "a parameter is missing or unknown",
		gp.ErrorBadState:      "the derived object is initialized already, or too small",
	})
}

// IsAlgorithmSupported is TEE_IsAlgorithmSupported (6.2.9).
func (t *TA) IsAlgorithmSupported(alg, element uint32) gp.Result {
	if crypto.Lookup(alg) == nil || element != 0 {
		return gp.ErrorNotSupported
	}
	return gp.Success
}
