package svc

import (
	"crypto/subtle"
	"errors"
	"hash"

	"goatee/gp"
	"goatee/softtee/crypto"
)

// state is a crypto state: an algorithm in a mode, later with a key, at some point of a message.
type state struct {
	alg    *crypto.Algorithm
	mode   crypto.Mode
	key    []byte // private copy, for what needs it later than at once
	hash   hash.Hash
	cipher *crypto.Cipher
	gcm    *crypto.GCM
}

func (s *state) erase() {
	clear(s.key)
	s.key, s.hash, s.cipher, s.gcm = nil, nil, nil, nil
}

// CrypStateAlloc makes a state: gp.ErrorNotSupported if there is no such algorithm or mode.
func (t *TA) CrypStateAlloc(alg uint32, mode crypto.Mode) (uint32, gp.Result) {
	a := crypto.Lookup(alg)
	if a == nil {
		return 0, gp.ErrorNotSupported
	}
	if _, ok := a.Usage(mode); !ok {
		return 0, gp.ErrorNotSupported
	}
	s := &state{alg: a, mode: mode}
	if a.Class == crypto.ClassDigest {
		s.hash = a.Digest()
	}
	h, ok := t.states.Add(s)
	if !ok {
		return 0, gp.ErrorOutOfMemory
	}
	return h, gp.Success
}

// CrypStateFree erases and forgets a state: gp.ErrorBadParameters if there is none.
func (t *TA) CrypStateFree(h uint32) gp.Result {
	s := t.states.Remove(h)
	if s == nil {
		return gp.ErrorBadParameters
	}
	s.erase()
	return gp.Success
}

// CrypStateSetKey gives a state the key of an object; 0 takes the key away. gp.ErrorBadParameters: no such state or
// object; gp.ErrorBadState: the object has no key, or not of the algorithm's type, or it must not be used for this.
func (t *TA) CrypStateSetKey(h, obj uint32) gp.Result {
	s := t.states.Get(h)
	if s == nil {
		return gp.ErrorBadParameters
	}
	s.erase()
	if obj == 0 {
		return gp.Success
	}
	o := t.objects.Get(obj)
	if o == nil {
		return gp.ErrorBadParameters
	}
	usage, _ := s.alg.Usage(s.mode)
	if o.size == 0 || o.typ != s.alg.KeyType || o.usage&usage != usage {
		return gp.ErrorBadState
	}
	var err error
	switch s.alg.Class {
	case crypto.ClassMAC:
		s.hash = s.alg.NewMAC(o.secret())
	case crypto.ClassCipher:
		s.cipher, err = s.alg.NewCipher(s.mode, o.secret())
	case crypto.ClassAE:
		s.gcm, err = crypto.NewGCM(s.mode, o.secret())
	default:
		s.key = append([]byte(nil), o.secret()...)
	}
	if err != nil {
		return gp.ErrorBadState
	}
	return gp.Success
}

// CrypStateCopy makes dst, of the same algorithm, what src is now. gp.ErrorNotSupported: the state cannot be copied in the
// middle of a message.
func (t *TA) CrypStateCopy(dst, src uint32) gp.Result {
	d, s := t.states.Get(dst), t.states.Get(src)
	if d == nil || s == nil || d.alg != s.alg || d.mode != s.mode {
		return gp.ErrorBadParameters
	}
	if s.hash == nil {
		return gp.ErrorNotSupported
	}
	c, ok := s.hash.(hash.Cloner)
	if !ok {
		return gp.ErrorNotSupported
	}
	h, err := c.Clone()
	if err != nil {
		return gp.ErrorNotSupported
	}
	d.hash = h
	return gp.Success
}

// HashInit begins a digest or MAC. The three are gp.ErrorBadParameters for something else, or without a key.
func (t *TA) HashInit(h uint32) gp.Result {
	s := t.states.Get(h)
	if s == nil || s.hash == nil {
		return gp.ErrorBadParameters
	}
	s.hash.Reset()
	return gp.Success
}

// HashUpdate adds data.
func (t *TA) HashUpdate(h uint32, data []byte) gp.Result {
	s := t.states.Get(h)
	if s == nil || s.hash == nil {
		return gp.ErrorBadParameters
	}
	s.hash.Write(data)
	return gp.Success
}

// HashFinal adds data and appends the digest or MAC to out.
func (t *TA) HashFinal(h uint32, data, out []byte) ([]byte, gp.Result) {
	s := t.states.Get(h)
	if s == nil || s.hash == nil {
		return nil, gp.ErrorBadParameters
	}
	s.hash.Write(data)
	return s.hash.Sum(out), gp.Success
}

// CipherInit begins a message. gp.ErrorBadParameters: no cipher with a key, or the initialisation vector has a wrong
// length.
func (t *TA) CipherInit(h uint32, iv []byte) gp.Result {
	s := t.states.Get(h)
	if s == nil || s.cipher == nil || s.cipher.Init(iv) != nil {
		return gp.ErrorBadParameters
	}
	return gp.Success
}

// CipherUpdate processes src into dst, as crypto.Cipher.Crypt does.
func (t *TA) CipherUpdate(h uint32, dst, src []byte) gp.Result {
	s := t.states.Get(h)
	if s == nil || s.cipher == nil || s.cipher.Crypt(dst, src) != nil {
		return gp.ErrorBadParameters
	}
	return gp.Success
}

// AuthencInit begins a message with a tag of tagLen bytes. gp.ErrorBadParameters: no AE with a key, or an empty nonce;
// gp.ErrorNotSupported: no tags of this length.
func (t *TA) AuthencInit(h uint32, nonce []byte, tagLen int) gp.Result {
	s := t.states.Get(h)
	switch {
	case s == nil || s.gcm == nil || len(nonce) == 0:
		return gp.ErrorBadParameters
	case s.gcm.Init(nonce, tagLen) != nil:
		return gp.ErrorNotSupported
	}
	return gp.Success
}

// AuthencUpdateAAD adds data that is only authenticated.
func (t *TA) AuthencUpdateAAD(h uint32, aad []byte) gp.Result {
	s := t.states.Get(h)
	if s == nil || s.gcm == nil {
		return gp.ErrorBadParameters
	}
	s.gcm.UpdateAAD(aad)
	return gp.Success
}

// AuthencUpdatePayload processes a piece of the message.
func (t *TA) AuthencUpdatePayload(h uint32, dst, src []byte) gp.Result {
	s := t.states.Get(h)
	if s == nil || s.gcm == nil {
		return gp.ErrorBadParameters
	}
	s.gcm.Update(dst, src)
	return gp.Success
}

// AuthencEncFinal encrypts the last piece; the tag is valid until the next call. room is that of crypto.GCM.Seal.
func (t *TA) AuthencEncFinal(h uint32, dst, src []byte, room bool) ([]byte, gp.Result) {
	s := t.states.Get(h)
	if s == nil || s.gcm == nil {
		return nil, gp.ErrorBadParameters
	}
	return s.gcm.Seal(dst, src, room), gp.Success
}

// AuthencDecFinal decrypts the last piece and checks the tag: gp.ErrorMACInvalid. room is that of crypto.GCM.Open.
func (t *TA) AuthencDecFinal(h uint32, dst, src, tag []byte, room bool) gp.Result {
	s := t.states.Get(h)
	if s == nil || s.gcm == nil {
		return gp.ErrorBadParameters
	}
	if s.gcm.Open(dst, src, tag, room) != nil {
		return gp.ErrorMACInvalid
	}
	return gp.Success
}

// MACEqual compares in constant time.
func MACEqual(a, b []byte) bool { return subtle.ConstantTimeCompare(a, b) == 1 }

// CrypDeriveKey derives a key into an empty object. gp.ErrorBadParameters: no such state or object, or attributes that make
// no sense; gp.ErrorItemNotFound: an attribute is missing or unknown; gp.ErrorBadState: the object has a key or is too
// small, or the state has none; gp.ErrorNotSupported: not built yet.
func (t *TA) CrypDeriveKey(h uint32, params []Attr, obj uint32) gp.Result {
	s, o := t.states.Get(h), t.objects.Get(obj)
	switch {
	case s == nil || o == nil || s.alg.Class != crypto.ClassKeyDerive:
		return gp.ErrorBadParameters
	case s.key == nil || o.size != 0:
		return gp.ErrorBadState
	}
	var salt []byte
	var count, length uint32
	for _, p := range params {
		switch p.ID {
		case crypto.AttrPBKDF2Salt:
			salt = p.Buf
		case crypto.AttrPBKDF2IterationCount:
			count = p.A
		case crypto.AttrPBKDF2KeyLength:
			length = p.A
		default:
			return gp.ErrorItemNotFound
		}
	}
	if count == 0 || length == 0 {
		return gp.ErrorItemNotFound
	}
	id, symmetric := crypto.SecretAttr(o.typ)
	if !symmetric || uint64(length)*8 > uint64(o.max) {
		return gp.ErrorBadState
	}
	key := make([]byte, length)
	defer clear(key)
	var stopped error
	err := crypto.PBKDF2(key, s.alg.Digest, s.key, salt, count, func() error {
		stopped = t.Kernel.Tick()
		return stopped
	})
	if stopped != nil && errors.Is(err, stopped) {
		stopIf(stopped)
	}
	if err != nil {
		return gp.ErrorBadParameters
	}
	return o.set([]Attr{{ID: id, Buf: key}}, length*8)
}
