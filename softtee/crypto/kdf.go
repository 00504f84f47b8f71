package crypto

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"encoding/binary"
	"errors"
	"hash"
	"math/big"
)

// PBKDF2 fills out with the key that password, salt and a number of iterations give (RFC 8018 section 5.2). It calls tick
// every few hundred iterations and ends with its error.
func PBKDF2(out []byte, digest func() hash.Hash, password, salt []byte, iterations uint32, tick func() error) error {
	if iterations == 0 {
		return ErrLength
	}
	prf := hmac.New(digest, password)
	sum := make([]byte, 0, prf.Size())
	block := make([]byte, prf.Size())
	const often = 256
	for i := uint32(1); len(out) > 0; i++ {
		prf.Reset()
		prf.Write(salt)
		prf.Write(binary.BigEndian.AppendUint32(nil, i))
		sum = prf.Sum(sum[:0])
		copy(block, sum)
		for n := uint32(1); n < iterations; n++ {
			if n%often == 0 {
				if err := tick(); err != nil {
					return err
				}
			}
			prf.Reset()
			prf.Write(sum)
			sum = prf.Sum(sum[:0])
			for j := range block {
				block[j] ^= sum[j]
			}
		}
		if err := tick(); err != nil {
			return err
		}
		out = out[copy(out, block):]
	}
	clear(sum[:cap(sum)])
	clear(block)
	return nil
}

// KeySizes says which sizes keys of a type may have, in bits: from min to max in steps; false for an unknown type.
// TEE Internal Core API 1.3.1 table 5-9.
func KeySizes(keyType uint32) (min, max, step uint32, ok bool) {
	switch keyType {
	case TypeAES:
		return 128, 256, 64, true
	case TypeHMACMD5:
		return 64, 512, 8, true
	case TypeHMACSHA1:
		return 80, 512, 8, true
	case TypeHMACSHA224:
		return 112, 512, 8, true
	case TypeHMACSHA256:
		return 192, 1024, 8, true
	case TypeHMACSHA384:
		return 256, 1024, 8, true
	case TypeHMACSHA512:
		return 256, 1024, 8, true
	case TypeGenericSecret, TypePBKDF2Password:
		return 8, 4096, 8, true
	case TypeRSAPublicKey, TypeRSAKeypair:
		return 256, 4096, 2, true
	}
	return 0, 0, 0, false
}

// SecretAttr is the attribute in which symmetric keys of a type have their value, and whether the type is symmetric.
func SecretAttr(keyType uint32) (uint32, bool) {
	switch keyType {
	case TypeRSAPublicKey, TypeRSAKeypair:
		return 0, false
	case TypePBKDF2Password:
		return AttrPBKDF2Password, true
	}
	_, _, _, ok := KeySizes(keyType)
	return AttrSecretValue, ok
}

// ErrKeySize is the error for a size that keys of a type cannot have.
var ErrKeySize = errors.New("crypto: no key of this type has this size")

// RSA public exponents that may be asked for. NIST SP 800-56B allows odd ones from 65537 on; the standard library makes
// keys with 65537.
const rsaExponent = 65537

// GenerateRSA makes a key pair and returns its attributes. It can take seconds and cannot be interrupted. Sizes below
// 1024 bits, which the TEE API has and nobody should use, are not generated.
func GenerateRSA(bits int, exponent uint64) (map[uint32][]byte, error) {
	if exponent != 0 && exponent != rsaExponent || bits < 1024 {
		return nil, ErrKeySize
	}
	k, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		return nil, err
	}
	size := (bits + 7) / 8
	half := (size + 1) / 2
	fixed := func(n *big.Int, size int) []byte { return n.FillBytes(make([]byte, size)) }
	return map[uint32][]byte{
		AttrRSAModulus:         fixed(k.N, size),
		AttrRSAPublicExponent:  big.NewInt(int64(k.E)).Bytes(),
		AttrRSAPrivateExponent: fixed(k.D, size),
		AttrRSAPrime1:          fixed(k.Primes[0], half),
		AttrRSAPrime2:          fixed(k.Primes[1], half),
		AttrRSAExponent1:       fixed(k.Precomputed.Dp, half),
		AttrRSAExponent2:       fixed(k.Precomputed.Dq, half),
		AttrRSACoefficient:     fixed(k.Precomputed.Qinv, half),
	}, nil
}
