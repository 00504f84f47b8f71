package crypto

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"testing"
)

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func randomBytes(r *rand.Rand, n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	return b
}

// TestGCM compares all ways through a GCM with the standard library, for nonces, tags and pieces of many lengths.
func TestGCM(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for range 400 {
		key := randomBytes(r, 16+8*r.IntN(3))
		nonce := randomBytes(r, 12)
		tagLen := 16
		if r.IntN(2) == 0 {
			nonce = randomBytes(r, 1+r.IntN(40))
		} else {
			tagLen = 12 + r.IntN(5)
		}
		aad, data := randomBytes(r, r.IntN(60)), randomBytes(r, r.IntN(300))
		block, _ := aes.NewCipher(key)
		ref, err := cipher.NewGCMWithNonceSize(block, len(nonce))
		if len(nonce) == 12 {
			ref, err = cipher.NewGCMWithTagSize(block, tagLen)
		}
		if err != nil {
			t.Fatal(err)
		}
		want := ref.Seal(nil, nonce, data, aad)

		enc, err := NewGCM(ModeEncrypt, key)
		if err != nil {
			t.Fatal(err)
		}
		for _, pieces := range []bool{false, true} {
			for _, room := range []bool{false, true} {
				if err := enc.Init(nonce, tagLen); err != nil {
					t.Fatal(err)
				}
				enc.UpdateAAD(aad[:len(aad)/2])
				enc.UpdateAAD(aad[len(aad)/2:])
				out := make([]byte, len(data)+16)
				copy(out[len(data):], "0123456789abcdef")
				at := 0
				for pieces && at < len(data) && r.IntN(5) > 0 {
					n := r.IntN(len(data)-at) + 1
					enc.Update(out[at:at+n], data[at:at+n])
					at += n
				}
				tag := enc.Seal(out[at:len(data)], data[at:], room)
				if !bytes.Equal(append(out[:len(data):len(data)], tag...), want) {
					t.Fatalf("nonce %d, tag %d, aad %d, data %d, pieces %v: wrong", len(nonce), tagLen, len(aad), len(data), pieces)
				}
				if string(out[len(data):]) != "0123456789abcdef" {
					t.Fatal("what is behind the output was changed")
				}
			}
		}
		dec, _ := NewGCM(ModeDecrypt, key)
		for i := range 8 {
			pieces, damage, room := i&1 != 0, i&2 != 0, i&4 != 0
			sealed := bytes.Clone(want)
			if damage {
				sealed[r.IntN(len(sealed))] ^= 1 << r.IntN(8)
			}
			ct, tag := append(bytes.Clone(sealed[:len(data)]), "0123456789abcdef"...), sealed[len(data):]
			ct = ct[:len(data)]
			_ = dec.Init(nonce, tagLen)
			dec.UpdateAAD(aad)
			out := make([]byte, len(data))
			at := 0
			for pieces && at < len(data) && r.IntN(5) > 0 {
				n := r.IntN(len(data)-at) + 1
				dec.Update(out[at:at+n], ct[at:at+n])
				at += n
			}
			err := dec.Open(out[at:], ct[at:], tag, room)
			if string(ct[:len(ct)+16][len(ct):]) != "0123456789abcdef" {
				t.Fatal("what is behind the input was changed")
			}
			if damage != errors.Is(err, ErrAuth) || !damage && !bytes.Equal(out, data) {
				t.Fatalf("pieces %v, damage %v: %v", pieces, damage, err)
			}
			if damage && !bytes.Equal(out[at:], make([]byte, len(out)-at)) {
				t.Fatal("a piece that was not authenticated was given out")
			}
		}
	}
}

// TestGCMCounterWraps uses a nonce whose first counter is the last but one.
func TestGCMCounterWraps(t *testing.T) {
	block, _ := aes.NewCipher(make([]byte, 16))
	iv := [16]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 0xff, 0xff, 0xff, 0xfe}
	got := make([]byte, 64)
	c := newCTR32(block, iv)
	c.XORKeyStream(got[:10], got[:10])
	c.XORKeyStream(got[10:], got[10:])
	var want []byte
	for _, n := range []byte{0xfe, 0xff, 0, 1} {
		b := iv
		if n < 2 {
			copy(b[12:], []byte{0, 0, 0, n})
		} else {
			b[15] = n
		}
		block.Encrypt(b[:], b[:])
		want = append(want, b[:]...)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%x, want %x", got, want)
	}
}

func TestGCMLengths(t *testing.T) {
	g, _ := NewGCM(ModeEncrypt, make([]byte, 16))
	for _, tag := range []int{0, 11, 17, 128} {
		if err := g.Init(make([]byte, 12), tag); !errors.Is(err, ErrLength) {
			t.Errorf("a tag of %d bytes: %v", tag, err)
		}
	}
	if err := g.Init(nil, 16); !errors.Is(err, ErrLength) {
		t.Errorf("no nonce: %v", err)
	}
	if _, err := NewGCM(ModeEncrypt, make([]byte, 17)); err == nil {
		t.Error("a key of 17 bytes")
	}
}

// TestPBKDF2 has the vectors of RFC 6070 and compares with the standard library.
func TestPBKDF2(t *testing.T) {
	never := func() error { return nil }
	for _, v := range []struct {
		p, s string
		n    uint32
		want string
	}{
		{"password", "salt", 1, "0c60c80f961f0e71f3a9b524af6012062fe037a6"},
		{"password", "salt", 4096, "4b007901b765489abead49d926f721d065a429c1"},
		{"passwordPASSWORDpassword", "saltSALTsaltSALTsaltSALTsaltSALTsalt", 4096, "3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038"},
		{"pass\x00word", "sa\x00lt", 4096, "56fa6aa75548099dcc37d7f03425e0c3"},
	} {
		want := unhex(t, v.want)
		out := make([]byte, len(want))
		if err := PBKDF2(out, sha1.New, []byte(v.p), []byte(v.s), v.n, never); err != nil || !bytes.Equal(out, want) {
			t.Errorf("%q %q %d: %x, %v", v.p, v.s, v.n, out, err)
		}
	}
	r := rand.New(rand.NewPCG(7, 8))
	for range 50 {
		p, s, n, size := randomBytes(r, r.IntN(100)), randomBytes(r, r.IntN(40)), 1+r.IntN(600), 1+r.IntN(100)
		want, err := pbkdf2.Key(sha256.New, string(p), s, n, size)
		if err != nil {
			t.Fatal(err)
		}
		out := make([]byte, size)
		if err := PBKDF2(out, sha256.New, p, s, uint32(n), never); err != nil || !bytes.Equal(out, want) {
			t.Errorf("%d iterations, %d bytes: %v", n, size, err)
		}
	}
	stop := errors.New("stop")
	if err := PBKDF2(make([]byte, 1), sha1.New, nil, nil, 1<<31, func() error { return stop }); !errors.Is(err, stop) {
		t.Errorf("a count that never ends: %v", err)
	}
	if err := PBKDF2(make([]byte, 1), sha1.New, nil, nil, 0, never); !errors.Is(err, ErrLength) {
		t.Errorf("no iterations: %v", err)
	}
}

func TestCiphers(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	for _, id := range []uint32{AlgAESECB, AlgAESCBC, AlgAESCTR} {
		a := Lookup(id)
		key, data := randomBytes(r, 32), randomBytes(r, 160)
		iv := randomBytes(r, 16)
		if !a.IV {
			iv = nil
		}
		enc, err := a.NewCipher(ModeEncrypt, key)
		if err != nil {
			t.Fatal(err)
		}
		dec, _ := a.NewCipher(ModeDecrypt, key)
		if err := enc.Init(iv); err != nil {
			t.Fatal(err)
		}
		if err := dec.Init(iv); err != nil {
			t.Fatal(err)
		}
		out, back := make([]byte, 160), make([]byte, 160)
		for _, cut := range [][2]int{{0, 48}, {48, 160}} {
			if err := enc.Crypt(out[cut[0]:cut[1]], data[cut[0]:cut[1]]); err != nil {
				t.Fatal(err)
			}
		}
		if bytes.Equal(out, data) {
			t.Errorf("%s does not encrypt", a.Name)
		}
		if err := dec.Crypt(back, out); err != nil || !bytes.Equal(back, data) {
			t.Errorf("%s: the way back: %v", a.Name, err)
		}
		if a.BlockSize > 1 {
			if err := enc.Crypt(out[:17], data[:17]); !errors.Is(err, ErrLength) {
				t.Errorf("%s of 17 bytes: %v", a.Name, err)
			}
		}
		if err := enc.Init(make([]byte, 15)); !errors.Is(err, ErrLength) {
			t.Errorf("%s with 15 bytes of IV: %v", a.Name, err)
		}
	}
	// NIST SP 800-38A, F.1.1 and F.2.1 and F.5.1, first block.
	key := unhex(t, "2b7e151628aed2a6abf7158809cf4f3c")
	in := unhex(t, "6bc1bee22e409f96e93d7e117393172a")
	for id, v := range map[uint32][2]string{
		AlgAESECB: {"", "3ad77bb40d7a3660a89ecaf32466ef97"},
		AlgAESCBC: {"000102030405060708090a0b0c0d0e0f", "7649abac8119b246cee98e9b12e9197d"},
		AlgAESCTR: {"f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff", "874d6191b620e3261bef6864990db6ce"},
	} {
		c, _ := Lookup(id).NewCipher(ModeEncrypt, key)
		out := make([]byte, 16)
		if err := c.Init(unhex(t, v[0])); err != nil {
			t.Fatal(err)
		}
		if err := c.Crypt(out, in); err != nil || hex.EncodeToString(out) != v[1] {
			t.Errorf("%s: %x, want %s", Lookup(id).Name, out, v[1])
		}
	}
}

func TestTable(t *testing.T) {
	if Lookup(0) != nil {
		t.Error("there is an algorithm 0")
	}
	for _, a := range algorithms {
		if Lookup(a.ID) == nil || uint32(a.Class) != a.ID>>28 {
			t.Errorf("%s: number %#x and class %d", a.Name, a.ID, a.Class)
		}
		n := 0
		for m := ModeEncrypt; m <= ModeDerive; m++ {
			if _, ok := a.Usage(m); ok {
				n++
			}
		}
		if n == 0 {
			t.Errorf("%s has no mode", a.Name)
		}
		if a.KeyType != 0 {
			if _, _, _, ok := KeySizes(a.KeyType); !ok {
				t.Errorf("%s: keys of type %#x have no sizes", a.Name, a.KeyType)
			}
		}
	}
	if Lookup(AlgSHA384).DigestSize() != 48 || Lookup(AlgHMACSHA1).DigestSize() != 20 || Lookup(AlgAESGCM).DigestSize() != 0 {
		t.Error("wrong digest sizes")
	}
}

func TestGenerateRSA(t *testing.T) {
	attrs, err := GenerateRSA(1024, 0)
	if err != nil || len(attrs) != 8 || len(attrs[AttrRSAModulus]) != 128 {
		t.Fatalf("%d attributes, %v", len(attrs), err)
	}
	for _, bits := range []int{512, 1023} {
		if _, err := GenerateRSA(bits, 0); err == nil {
			t.Errorf("%d bits", bits)
		}
	}
	if _, err := GenerateRSA(1024, 3); err == nil {
		t.Error("exponent 3")
	}
}
