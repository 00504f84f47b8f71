package coreapi

import (
	"encoding/binary"

	"goatee/gp"
	"goatee/softtee/crypto"
	"goatee/softtee/svc"
)

// attrBytes is the size of a TEE_Attribute (5.2.1): an id, and a buffer with its length or two numbers.
const attrBytes = 12

// attributes reads an array of TEE_Attribute. Buffers are those of the TA's memory.
func (t *TA) attributes(addr, count uint32) []svc.Attr {
	if count > 1<<16 {
		t.fail(gp.ErrorBadParameters, "%d attributes", count)
	}
	raw := t.in(addr, count*attrBytes)
	attrs := make([]svc.Attr, count)
	for i := range attrs {
		b := raw[i*attrBytes:]
		x, y := binary.LittleEndian.Uint32(b[4:]), binary.LittleEndian.Uint32(b[8:])
		attrs[i].ID = binary.LittleEndian.Uint32(b)
		if attrs[i].ID&crypto.AttrBitValue != 0 {
			attrs[i].A, attrs[i].B = x, y
		} else {
			attrs[i].Buf = t.in(x, y)
		}
	}
	return attrs
}

// noObject is what a bad object handle panics with.
var noObject = map[gp.Result]string{gp.ErrorBadParameters: "not a handle of an object"}

// AllocateTransientObject is TEE_AllocateTransientObject (5.6.1).
func (t *TA) AllocateTransientObject(typ, maxSize, out uint32) gp.Result {
	t.out(out, 4)
	h, r := t.svc.CrypObjAlloc(typ, maxSize)
	if r == gp.Success {
		t.writeU32(out, h)
	}
	return r
}

// FreeTransientObject is TEE_FreeTransientObject (5.6.2).
func (t *TA) FreeTransientObject(obj uint32) {
	if obj != 0 {
		t.check(t.svc.CrypObjClose(obj), noObject)
	}
}

// ResetTransientObject is TEE_ResetTransientObject (5.6.3).
func (t *TA) ResetTransientObject(obj uint32) {
	if obj != 0 {
		t.check(t.svc.CrypObjReset(obj), noObject)
	}
}

// PopulateTransientObject is TEE_PopulateTransientObject (5.6.4).
func (t *TA) PopulateTransientObject(obj, attrs, count uint32) gp.Result {
	r := t.svc.CrypObjPopulate(obj, t.attributes(attrs, count))
	if r == gp.ErrorBadParameters {
		return r
	}
	t.check(r, map[gp.Result]string{
		gp.ErrorNoData:       "not a handle of an object",
		gp.ErrorBadState:     "the object is initialized already",
		gp.ErrorItemNotFound: "the attributes are not those of the object's type: one is missing, unknown or there twice",
	})
	return r
}

// InitRefAttribute is TEE_InitRefAttribute (5.6.5).
func (t *TA) InitRefAttribute(attr, id, buf, n uint32) {
	if id&crypto.AttrBitValue != 0 {
		t.fail(gp.ErrorBadParameters, "attribute 0x%x is a value and no buffer", id)
	}
	t.writeAttribute(attr, id, buf, n)
}

// InitValueAttribute is TEE_InitValueAttribute (5.6.5).
func (t *TA) InitValueAttribute(attr, id, a, b uint32) {
	if id&crypto.AttrBitValue == 0 {
		t.fail(gp.ErrorBadParameters, "attribute 0x%x is a buffer and no value", id)
	}
	t.writeAttribute(attr, id, a, b)
}

func (t *TA) writeAttribute(attr, id, x, y uint32) {
	b := t.out(attr, attrBytes)
	binary.LittleEndian.PutUint32(b, id)
	binary.LittleEndian.PutUint32(b[4:], x)
	binary.LittleEndian.PutUint32(b[8:], y)
}

// CopyObjectAttributes1 is TEE_CopyObjectAttributes1 (5.6.6).
func (t *TA) CopyObjectAttributes1(dst, src uint32) gp.Result {
	t.check(t.svc.CrypObjCopy(dst, src), map[gp.Result]string{
		gp.ErrorBadParameters: "not handles of objects",
		gp.ErrorBadState:      "the destination is initialized, or the source is not, or the key does not fit",
	})
	return gp.Success
}

// GenerateKey is TEE_GenerateKey (5.6.8).
func (t *TA) GenerateKey(obj, bits, params, count uint32) gp.Result {
	r := t.svc.CrypObjGenerateKey(obj, bits, t.attributes(params, count))
	if r == gp.ErrorBadParameters || r == gp.ErrorNotSupported {
		return r
	}
	t.check(r, map[gp.Result]string{
		gp.ErrorNoData:   "not a handle of an object",
		gp.ErrorBadState: "the object is initialized already, or its maximum size is less than that of the key",
	})
	return r
}

// GetObjectInfo1 is TEE_GetObjectInfo1 (5.5.1).
func (t *TA) GetObjectInfo1(obj, out uint32) gp.Result {
	info, r := t.svc.CrypObjGetInfo(obj)
	t.check(r, noObject)
	b := t.out(out, 28)
	clear(b)
	for i, v := range []uint32{info.Type, info.Size, info.MaxSize, info.Usage} {
		binary.LittleEndian.PutUint32(b[4*i:], v)
	}
	binary.LittleEndian.PutUint32(b[24:], info.Flags)
	return gp.Success
}

// RestrictObjectUsage1 is TEE_RestrictObjectUsage1 (5.5.3).
func (t *TA) RestrictObjectUsage1(obj, usage uint32) gp.Result {
	t.check(t.svc.CrypObjRestrictUsage(obj, usage), noObject)
	return gp.Success
}

// attribute finds an attribute of an object: gp.ErrorItemNotFound, or it panics.
func (t *TA) attribute(obj, id uint32) (svc.Attr, gp.Result) {
	a, r := t.svc.CrypObjGetAttr(obj, id)
	if r == gp.ErrorItemNotFound {
		return a, r
	}
	t.check(r, map[gp.Result]string{
		gp.ErrorBadParameters: "not a handle of an initialized object",
		gp.ErrorAccessDenied:  "the attribute is secret, and the object is not extractable",
	})
	return a, gp.Success
}

// GetObjectBufferAttribute is TEE_GetObjectBufferAttribute (5.5.4).
func (t *TA) GetObjectBufferAttribute(obj, id, buf, lenPtr uint32) gp.Result {
	if id&crypto.AttrBitValue != 0 {
		t.fail(gp.ErrorBadParameters, "attribute 0x%x is a value and no buffer", id)
	}
	a, r := t.attribute(obj, id)
	if r != gp.Success {
		return r
	}
	return t.outbuf(a.Buf, buf, lenPtr)
}

// GetObjectValueAttribute is TEE_GetObjectValueAttribute (5.5.5).
func (t *TA) GetObjectValueAttribute(obj, id, aPtr, bPtr uint32) gp.Result {
	if id&crypto.AttrBitValue == 0 {
		t.fail(gp.ErrorBadParameters, "attribute 0x%x is a buffer and no value", id)
	}
	a, r := t.attribute(obj, id)
	if r != gp.Success {
		return r
	}
	if aPtr != 0 {
		t.writeU32(aPtr, a.A)
	}
	if bPtr != 0 {
		t.writeU32(bPtr, a.B)
	}
	return gp.Success
}
