package svc

import (
	"crypto/rand"
	"slices"

	"goatee/gp"
	"goatee/softtee/crypto"
)

// Flags of objects, TEE_HANDLE_FLAG_*. TEE Internal Core API 1.3.1 section 5.4.
const (
	HandleInitialized   = 0x00020000
	HandleKeySet        = 0x00040000
	HandleExpectTwoKeys = 0x00080000
)

// Attr is one attribute of a key or an operation: a buffer, or two numbers if its id has crypto.AttrBitValue.
type Attr struct {
	ID   uint32
	Buf  []byte
	A, B uint32
}

// object is a transient object. TEE Internal Core API 1.3.1 section 5.6.
type object struct {
	typ   uint32
	max   uint32 // bits
	size  uint32 // bits of the key, 0 until there is one
	usage crypto.Usage
	attrs []Attr // private copies
}

// ObjectInfo is what CrypObjGetInfo tells.
type ObjectInfo struct {
	Type, Size, MaxSize, Usage, Flags uint32
}

func (o *object) erase() {
	for i := range o.attrs {
		clear(o.attrs[i].Buf)
	}
	o.attrs, o.size = nil, 0
}

func (o *object) attr(id uint32) *Attr {
	for i := range o.attrs {
		if o.attrs[i].ID == id {
			return &o.attrs[i]
		}
	}
	return nil
}

// secret is the value of a symmetric key.
func (o *object) secret() []byte {
	id, _ := crypto.SecretAttr(o.typ)
	if a := o.attr(id); a != nil {
		return a.Buf
	}
	return nil
}

// CrypObjAlloc makes an empty object for a key of a type of up to max bits: gp.ErrorNotSupported if there are no such
// keys.
func (t *TA) CrypObjAlloc(typ, max uint32) (uint32, gp.Result) {
	least, most, step, ok := crypto.KeySizes(typ)
	if !ok || max < least || max > most || (max-least)%step != 0 {
		return 0, gp.ErrorNotSupported
	}
	h, ok := t.objects.Add(&object{typ: typ, max: max, usage: crypto.UsageAll})
	if !ok {
		return 0, gp.ErrorOutOfMemory
	}
	return h, gp.Success
}

// CrypObjClose erases and forgets an object: gp.ErrorBadParameters if there is none.
func (t *TA) CrypObjClose(h uint32) gp.Result {
	o := t.objects.Remove(h)
	if o == nil {
		return gp.ErrorBadParameters
	}
	o.erase()
	return gp.Success
}

// CrypObjReset empties an object: gp.ErrorBadParameters if there is none.
func (t *TA) CrypObjReset(h uint32) gp.Result {
	o := t.objects.Get(h)
	if o == nil {
		return gp.ErrorBadParameters
	}
	o.erase()
	o.usage = crypto.UsageAll
	return gp.Success
}

// CrypObjGetInfo tells about an object: gp.ErrorBadParameters if there is none.
func (t *TA) CrypObjGetInfo(h uint32) (ObjectInfo, gp.Result) {
	o := t.objects.Get(h)
	if o == nil {
		return ObjectInfo{}, gp.ErrorBadParameters
	}
	info := ObjectInfo{Type: o.typ, Size: o.size, MaxSize: o.max, Usage: o.usage}
	if o.size != 0 {
		info.Flags |= HandleInitialized
	}
	return info, gp.Success
}

// CrypObjRestrictUsage takes away what is not in usage: gp.ErrorBadParameters if there is no such object.
func (t *TA) CrypObjRestrictUsage(h, usage uint32) gp.Result {
	o := t.objects.Get(h)
	if o == nil {
		return gp.ErrorBadParameters
	}
	o.usage &= usage
	return gp.Success
}

// CrypObjGetAttr finds an attribute. The buffer is the object's own. gp.ErrorBadParameters: no such object, or it has no
// key; gp.ErrorItemNotFound: no such attribute; gp.ErrorAccessDenied: it is a secret, and the object is not extractable.
func (t *TA) CrypObjGetAttr(h, id uint32) (Attr, gp.Result) {
	o := t.objects.Get(h)
	if o == nil || o.size == 0 {
		return Attr{}, gp.ErrorBadParameters
	}
	if id&crypto.AttrBitPublic == 0 && o.usage&crypto.UsageExtractable == 0 {
		return Attr{}, gp.ErrorAccessDenied
	}
	a := o.attr(id)
	if a == nil {
		return Attr{}, gp.ErrorItemNotFound
	}
	return *a, gp.Success
}

// CrypObjPopulate gives an object its key. gp.ErrorBadParameters: values that make no key of this type. gp.ErrorBadState:
// the object has a key. gp.ErrorItemNotFound: an attribute is missing, or does not belong to the type. gp.ErrorNoData: no
// such object.
func (t *TA) CrypObjPopulate(h uint32, attrs []Attr) gp.Result {
	o := t.objects.Get(h)
	switch {
	case o == nil:
		return gp.ErrorNoData
	case o.size != 0:
		return gp.ErrorBadState
	}
	secret, symmetric := crypto.SecretAttr(o.typ)
	if symmetric {
		if len(attrs) != 1 || attrs[0].ID != secret {
			return gp.ErrorItemNotFound
		}
		return o.set(attrs, uint32(len(attrs[0].Buf))*8)
	}
	known := []uint32{crypto.AttrRSAModulus, crypto.AttrRSAPublicExponent}
	needed := len(known)
	if o.typ == crypto.TypeRSAKeypair {
		known = append(known, crypto.AttrRSAPrivateExponent)
		needed = len(known)
		known = append(known, crypto.AttrRSAPrime1, crypto.AttrRSAPrime2, crypto.AttrRSAExponent1, crypto.AttrRSAExponent2, crypto.AttrRSACoefficient)
	}
	var modulus []byte
	for i, a := range attrs {
		if !slices.Contains(known, a.ID) || slices.ContainsFunc(attrs[:i], func(b Attr) bool { return b.ID == a.ID }) {
			return gp.ErrorItemNotFound
		}
		if a.ID == crypto.AttrRSAModulus {
			modulus = a.Buf
		}
	}
	for _, id := range known[:needed] {
		if !slices.ContainsFunc(attrs, func(a Attr) bool { return a.ID == id }) {
			return gp.ErrorItemNotFound
		}
	}
	if n := len(attrs); n != needed && n != len(known) {
		return gp.ErrorItemNotFound // the numbers for the Chinese remainder theorem come together
	}
	for len(modulus) > 0 && modulus[0] == 0 {
		modulus = modulus[1:]
	}
	return o.set(attrs, uint32(len(modulus))*8)
}

// set copies attributes that make a key of a size.
func (o *object) set(attrs []Attr, size uint32) gp.Result {
	least, _, step, _ := crypto.KeySizes(o.typ)
	if size < least || size > o.max || (size-least)%step != 0 {
		return gp.ErrorBadParameters
	}
	for _, a := range attrs {
		a.Buf = slices.Clone(a.Buf)
		o.attrs = append(o.attrs, a)
	}
	o.size = size
	return gp.Success
}

// CrypObjCopy gives dst, which is empty, the key of src: the same type, or the public half of a pair. gp.ErrorBadState: dst
// has a key, or src has none, or the key does not fit; gp.ErrorBadParameters: no such objects.
func (t *TA) CrypObjCopy(dst, src uint32) gp.Result {
	d, s := t.objects.Get(dst), t.objects.Get(src)
	if d == nil || s == nil {
		return gp.ErrorBadParameters
	}
	half := d.typ == crypto.TypeRSAPublicKey && s.typ == crypto.TypeRSAKeypair
	if d.size != 0 || s.size == 0 || s.size > d.max || d.typ != s.typ && !half {
		return gp.ErrorBadState
	}
	for _, a := range s.attrs {
		if half && a.ID&crypto.AttrBitPublic == 0 {
			continue
		}
		a.Buf = slices.Clone(a.Buf)
		d.attrs = append(d.attrs, a)
	}
	d.size = s.size
	d.usage &= s.usage
	return gp.Success
}

// CrypObjGenerateKey makes a new key of a number of bits in an empty object. gp.ErrorBadParameters: the parameters make no
// sense; gp.ErrorNotSupported: no such size; gp.ErrorBadState: the object has a key, or is too small; gp.ErrorNoData: no
// such object.
func (t *TA) CrypObjGenerateKey(h, bits uint32, params []Attr) gp.Result {
	o := t.objects.Get(h)
	if o == nil {
		return gp.ErrorNoData
	}
	least, _, step, _ := crypto.KeySizes(o.typ)
	switch {
	case o.size != 0, bits > o.max:
		return gp.ErrorBadState
	case bits < least || (bits-least)%step != 0:
		return gp.ErrorNotSupported
	}
	if id, symmetric := crypto.SecretAttr(o.typ); symmetric {
		if len(params) != 0 {
			return gp.ErrorBadParameters
		}
		key := make([]byte, bits/8)
		rand.Read(key)
		o.attrs, o.size = []Attr{{ID: id, Buf: key}}, bits
		return gp.Success
	}
	if o.typ != crypto.TypeRSAKeypair {
		return gp.ErrorNotSupported
	}
	var exponent uint64
	for _, p := range params {
		if p.ID != crypto.AttrRSAPublicExponent || len(p.Buf) > 8 {
			return gp.ErrorBadParameters
		}
		for _, b := range p.Buf {
			exponent = exponent<<8 | uint64(b)
		}
	}
	return t.generateRSA(o, bits, exponent)
}

// generateRSA lets others go on meanwhile, and can be stopped.
func (t *TA) generateRSA(o *object, bits uint32, exponent uint64) gp.Result {
	type made struct {
		attrs map[uint32][]byte
		err   error
	}
	done := make(chan made, 1)
	stopIf(t.Kernel.Work(func() {
		attrs, err := crypto.GenerateRSA(int(bits), exponent)
		done <- made{attrs, err}
	}))
	m := <-done
	if m.err != nil {
		return gp.ErrorNotSupported
	}
	for id, b := range m.attrs {
		o.attrs = append(o.attrs, Attr{ID: id, Buf: b})
	}
	o.size = bits
	return gp.Success
}
