package gp

import (
	"crypto/sha1"
	"encoding/hex"
	"fmt"
)

// UUID is a TA's or a client's identity as 16 octets in the order of RFC 4122, which is also the order in which
// linux/tee.h carries it. The zero value is the nil UUID.
type UUID [16]byte

// ParseUUID reads the usual form with dashes, such as 8aaaf200-2450-11e4-abe2-0002a5d5c51b, in either case.
func ParseUUID(s string) (UUID, error) {
	var u UUID
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return UUID{}, fmt.Errorf("gp: %q is not a UUID: want 8-4-4-4-12 hexadecimal digits", s)
	}
	digits := s[0:8] + s[9:13] + s[14:18] + s[19:23] + s[24:36]
	if _, err := hex.Decode(u[:], []byte(digits)); err != nil {
		return UUID{}, fmt.Errorf("gp: %q is not a UUID: want 8-4-4-4-12 hexadecimal digits", s)
	}
	return u, nil
}

// MustParseUUID is ParseUUID for constants in source code. It panics where ParseUUID fails.
func MustParseUUID(s string) UUID {
	u, err := ParseUUID(s)
	if err != nil {
		panic(err)
	}
	return u
}

// NewUUIDv5 derives a name-based UUID (RFC 4122 section 4.3, SHA-1) from name inside the name space ns.
func NewUUIDv5(ns UUID, name string) UUID {
	h := sha1.New()
	h.Write(ns[:])
	h.Write([]byte(name))
	var u UUID
	copy(u[:], h.Sum(nil))
	u[6] = u[6]&0x0f | 0x50
	u[8] = u[8]&0x3f | 0x80
	return u
}

// IsNil reports whether u is the nil UUID, the identity of a public client.
func (u UUID) IsNil() bool { return u == UUID{} }

// String returns the lower-case form with dashes.
func (u UUID) String() string {
	var b [36]byte
	hex.Encode(b[0:8], u[0:4])
	hex.Encode(b[9:13], u[4:6])
	hex.Encode(b[14:18], u[6:8])
	hex.Encode(b[19:23], u[8:10])
	hex.Encode(b[24:36], u[10:16])
	b[8], b[13], b[18], b[23] = '-', '-', '-', '-'
	return string(b[:])
}

// MarshalText implements encoding.TextMarshaler.
func (u UUID) MarshalText() ([]byte, error) { return []byte(u.String()), nil }

// UnmarshalText implements encoding.TextUnmarshaler.
func (u *UUID) UnmarshalText(text []byte) error {
	v, err := ParseUUID(string(text))
	if err == nil {
		*u = v
	}
	return err
}
