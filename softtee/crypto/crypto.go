// Package crypto maps the algorithm and key type numbers of the TEE Internal Core API (TEE_ALG_*, TEE_TYPE_*, TEE_ATTR_*)
// to implementations: Go's standard library where it has them, and modes of our own on top of its block ciphers. It knows
// neither handles nor the states of an operation; package svc does.
//
// Buffers belong to the caller and are not kept. Values here are used by one goroutine at a time.
package crypto

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"errors"
	"hash"
)

// Class is the class of an operation, TEE_OPERATION_*. TEE Internal Core API 1.3.1 section 6.1.
type Class uint32

// The classes.
const (
	ClassCipher    Class = 1
	ClassMAC       Class = 3
	ClassAE        Class = 4
	ClassDigest    Class = 5
	ClassAsymCiph  Class = 6
	ClassAsymSign  Class = 7
	ClassKeyDerive Class = 8
)

// Mode is TEE_MODE_*.
type Mode uint32

// The modes of operations.
const (
	ModeEncrypt Mode = 0
	ModeDecrypt Mode = 1
	ModeSign    Mode = 2
	ModeVerify  Mode = 3
	ModeMAC     Mode = 4
	ModeDigest  Mode = 5
	ModeDerive  Mode = 6
)

// Usage is TEE_USAGE_*: what a key may be used for.
type Usage = uint32

// The usages.
const (
	UsageExtractable Usage = 1 << 0
	UsageEncrypt     Usage = 1 << 1
	UsageDecrypt     Usage = 1 << 2
	UsageMAC         Usage = 1 << 3
	UsageSign        Usage = 1 << 4
	UsageVerify      Usage = 1 << 5
	UsageDerive      Usage = 1 << 6
	UsageAll         Usage = 1<<7 - 1
)

// Algorithms. TEE Internal Core API 1.3.1 section 6.10, and OP-TEE's own in its tee_api_defines_extensions.h.
const (
	AlgAESECB           = 0x10000010
	AlgAESCBC           = 0x10000110
	AlgAESCTR           = 0x10000210
	AlgAESGCM           = 0x40000810
	AlgMD5              = 0x50000001
	AlgSHA1             = 0x50000002
	AlgSHA224           = 0x50000003
	AlgSHA256           = 0x50000004
	AlgSHA384           = 0x50000005
	AlgSHA512           = 0x50000006
	AlgHMACMD5          = 0x30000001
	AlgHMACSHA1         = 0x30000002
	AlgHMACSHA224       = 0x30000003
	AlgHMACSHA256       = 0x30000004
	AlgHMACSHA384       = 0x30000005
	AlgHMACSHA512       = 0x30000006
	AlgPBKDF2HMACSHA1   = 0x800020C2
	AlgPBKDF2HMACSHA224 = 0x800030C2
	AlgPBKDF2HMACSHA256 = 0x800040C2
	AlgPBKDF2HMACSHA384 = 0x800050C2
	AlgPBKDF2HMACSHA512 = 0x800060C2
)

// Key types. TEE Internal Core API 1.3.1 section 6.11.
const (
	TypeGenericSecret  = 0xA0000000
	TypeHMACMD5        = 0xA0000001
	TypeHMACSHA1       = 0xA0000002
	TypeHMACSHA224     = 0xA0000003
	TypeHMACSHA256     = 0xA0000004
	TypeHMACSHA384     = 0xA0000005
	TypeHMACSHA512     = 0xA0000006
	TypeAES            = 0xA0000010
	TypeRSAPublicKey   = 0xA0000030
	TypeRSAKeypair     = 0xA1000030
	TypePBKDF2Password = 0xA10000C2
)

// Attributes of keys and operations. TEE Internal Core API 1.3.1 section 6.11.
const (
	AttrSecretValue          = 0xC0000000
	AttrRSAModulus           = 0xD0000130
	AttrRSAPublicExponent    = 0xD0000230
	AttrRSAPrivateExponent   = 0xC0000330
	AttrRSAPrime1            = 0xC0000430
	AttrRSAPrime2            = 0xC0000530
	AttrRSAExponent1         = 0xC0000630
	AttrRSAExponent2         = 0xC0000730
	AttrRSACoefficient       = 0xC0000830
	AttrPBKDF2Password       = 0xC00001C2
	AttrPBKDF2Salt           = 0xD00002C2
	AttrPBKDF2IterationCount = 0xF00003C2
	AttrPBKDF2KeyLength      = 0xF00004C2

	// AttrBitPublic is set in attributes that may be read without UsageExtractable, AttrBitValue in those that are two
	// numbers and not a buffer.
	AttrBitPublic = 1 << 28
	AttrBitValue  = 1 << 29
)

// Algorithm is what is known of an algorithm before there is a key.
type Algorithm struct {
	ID        uint32
	Name      string // after TEE_ALG_
	Class     Class
	KeyType   uint32 // of its key, 0 for digests
	Digest    func() hash.Hash
	BlockSize int  // bytes that a cipher takes at a time; 1 for a stream
	IV        bool // a cipher that has an initialisation vector of a block
}

// algorithms is the table of what is built.
var algorithms = []Algorithm{
	{ID: AlgAESECB, Name: "AES_ECB_NOPAD", Class: ClassCipher, KeyType: TypeAES, BlockSize: aes.BlockSize},
	{ID: AlgAESCBC, Name: "AES_CBC_NOPAD", Class: ClassCipher, KeyType: TypeAES, BlockSize: aes.BlockSize, IV: true},
	{ID: AlgAESCTR, Name: "AES_CTR", Class: ClassCipher, KeyType: TypeAES, BlockSize: 1, IV: true},
	{ID: AlgAESGCM, Name: "AES_GCM", Class: ClassAE, KeyType: TypeAES, BlockSize: 1},
	{ID: AlgMD5, Name: "MD5", Class: ClassDigest, Digest: md5.New},
	{ID: AlgSHA1, Name: "SHA1", Class: ClassDigest, Digest: sha1.New},
	{ID: AlgSHA224, Name: "SHA224", Class: ClassDigest, Digest: sha256.New224},
	{ID: AlgSHA256, Name: "SHA256", Class: ClassDigest, Digest: sha256.New},
	{ID: AlgSHA384, Name: "SHA384", Class: ClassDigest, Digest: sha512.New384},
	{ID: AlgSHA512, Name: "SHA512", Class: ClassDigest, Digest: sha512.New},
	{ID: AlgHMACMD5, Name: "HMAC_MD5", Class: ClassMAC, KeyType: TypeHMACMD5, Digest: md5.New},
	{ID: AlgHMACSHA1, Name: "HMAC_SHA1", Class: ClassMAC, KeyType: TypeHMACSHA1, Digest: sha1.New},
	{ID: AlgHMACSHA224, Name: "HMAC_SHA224", Class: ClassMAC, KeyType: TypeHMACSHA224, Digest: sha256.New224},
	{ID: AlgHMACSHA256, Name: "HMAC_SHA256", Class: ClassMAC, KeyType: TypeHMACSHA256, Digest: sha256.New},
	{ID: AlgHMACSHA384, Name: "HMAC_SHA384", Class: ClassMAC, KeyType: TypeHMACSHA384, Digest: sha512.New384},
	{ID: AlgHMACSHA512, Name: "HMAC_SHA512", Class: ClassMAC, KeyType: TypeHMACSHA512, Digest: sha512.New},
	{ID: AlgPBKDF2HMACSHA1, Name: "PBKDF2_HMAC_SHA1_DERIVE_KEY", Class: ClassKeyDerive, KeyType: TypePBKDF2Password, Digest: sha1.New},
	{ID: AlgPBKDF2HMACSHA224, Name: "PBKDF2_HMAC_SHA224_DERIVE_KEY", Class: ClassKeyDerive, KeyType: TypePBKDF2Password, Digest: sha256.New224},
	{ID: AlgPBKDF2HMACSHA256, Name: "PBKDF2_HMAC_SHA256_DERIVE_KEY", Class: ClassKeyDerive, KeyType: TypePBKDF2Password, Digest: sha256.New},
	{ID: AlgPBKDF2HMACSHA384, Name: "PBKDF2_HMAC_SHA384_DERIVE_KEY", Class: ClassKeyDerive, KeyType: TypePBKDF2Password, Digest: sha512.New384},
	{ID: AlgPBKDF2HMACSHA512, Name: "PBKDF2_HMAC_SHA512_DERIVE_KEY", Class: ClassKeyDerive, KeyType: TypePBKDF2Password, Digest: sha512.New},
}

// Lookup finds an algorithm, or nil.
func Lookup(id uint32) *Algorithm {
	for i := range algorithms {
		if algorithms[i].ID == id {
			return &algorithms[i]
		}
	}
	return nil
}

// Usage is what a key must be allowed for an operation of the algorithm in a mode; false if there is no such operation.
func (a *Algorithm) Usage(m Mode) (Usage, bool) {
	switch {
	case a.Class == ClassDigest && m == ModeDigest:
		return 0, true
	case a.Class == ClassMAC && m == ModeMAC:
		return UsageMAC, true
	case a.Class == ClassKeyDerive && m == ModeDerive:
		return UsageDerive, true
	case (a.Class == ClassCipher || a.Class == ClassAE) && m == ModeEncrypt:
		return UsageEncrypt, true
	case (a.Class == ClassCipher || a.Class == ClassAE) && m == ModeDecrypt:
		return UsageDecrypt, true
	}
	return 0, false
}

// DigestSize is the size of a digest or MAC in bytes, 0 for other classes.
func (a *Algorithm) DigestSize() int {
	if a.Class != ClassDigest && a.Class != ClassMAC {
		return 0
	}
	return a.Digest().Size()
}

// ErrLength is the error for data that is not of a length that the algorithm takes.
var ErrLength = errors.New("crypto: wrong length")

// NewMAC makes a MAC with a key.
func (a *Algorithm) NewMAC(key []byte) hash.Hash { return hmac.New(a.Digest, key) }

// Cipher is a cipher with a key, of a mode, between Init and the last Crypt.
type Cipher struct {
	alg    *Algorithm
	mode   Mode
	block  cipher.Block
	blocks cipher.BlockMode
	stream cipher.Stream
}

// NewCipher makes a cipher with a key.
func (a *Algorithm) NewCipher(m Mode, key []byte) (*Cipher, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return &Cipher{alg: a, mode: m, block: block}, nil
}

// Init begins a message. The error is ErrLength for an initialisation vector of a wrong length.
func (c *Cipher) Init(iv []byte) error {
	want := 0
	if c.alg.IV {
		want = c.block.BlockSize()
	}
	if len(iv) != want {
		return ErrLength
	}
	switch {
	case c.alg.ID == AlgAESCTR:
		c.stream = cipher.NewCTR(c.block, iv)
	case c.alg.ID == AlgAESCBC && c.mode == ModeEncrypt:
		c.blocks = cipher.NewCBCEncrypter(c.block, iv)
	case c.alg.ID == AlgAESCBC:
		c.blocks = cipher.NewCBCDecrypter(c.block, iv)
	}
	return nil
}

// Crypt processes src into dst, which is as long and is either the same memory or does not overlap. The error is ErrLength
// if the length is not a multiple of the algorithm's block size.
func (c *Cipher) Crypt(dst, src []byte) error {
	if len(src)%c.alg.BlockSize != 0 {
		return ErrLength
	}
	switch {
	case c.stream != nil:
		c.stream.XORKeyStream(dst, src)
	case c.blocks != nil:
		c.blocks.CryptBlocks(dst, src)
	default:
		for i := 0; i < len(src); i += c.alg.BlockSize {
			if c.mode == ModeEncrypt {
				c.block.Encrypt(dst[i:], src[i:])
			} else {
				c.block.Decrypt(dst[i:], src[i:])
			}
		}
	}
	return nil
}
