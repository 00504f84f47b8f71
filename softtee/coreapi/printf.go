package coreapi

import (
	"encoding/binary"
	"math"
	"strconv"
	"strings"

	"goatee/driver"
	"goatee/gp"
)

// maxFormatted bounds what one call formats, in bytes; the rest is cut off.
const maxFormatted = 64 << 10

// TracePrintf is trace_printf of OP-TEE's trace.h: a line for the TA's author, with level, function and line. args is
// where the variable arguments lie.
func (t *TA) TracePrintf(fn, line, level, levelOK, format, args uint32) {
	text := strings.TrimRight(t.format(format, args), "\n")
	l := driver.Level(level)
	if levelOK == 0 {
		l = driver.LevelInfo
	}
	name := ""
	if fn != 0 {
		name = t.cString(fn)
	}
	t.svc.Log(l, name, int(line), text)
}

// Printf is printf and vprintf: a line for the TA's author, without a level of its own.
func (t *TA) Printf(format, args uint32) int32 {
	s := t.format(format, args)
	t.print(s)
	return int32(len(s))
}

// Puts is puts.
func (t *TA) Puts(s uint32) int32 {
	t.print(t.cString(s))
	return 0
}

// Putchar is putchar. A character is a line.
func (t *TA) Putchar(c uint32) int32 {
	if c != '\n' {
		t.print(string(rune(byte(c))))
	}
	return int32(c)
}

func (t *TA) print(s string) {
	for _, line := range strings.Split(strings.TrimRight(s, "\n"), "\n") {
		t.svc.Log(driver.LevelInfo, "", 0, line)
	}
}

// Snprintf is snprintf and vsnprintf: it writes at most size bytes, a zero at the end included, and returns how long the
// text is without it.
func (t *TA) Snprintf(buf, size, format, args uint32) int32 {
	s := t.format(format, args)
	if size > 0 {
		n := min(uint32(len(s)), size-1)
		out := t.out(buf, n+1)
		copy(out, s[:n])
		out[n] = 0
	}
	return int32(len(s))
}

// varArgs reads variable arguments as clang lays them out for wasm32: one after the other, each at a multiple of its size.
type varArgs struct {
	t  *TA
	at uint32
}

func (v *varArgs) u32() uint32 {
	n := v.t.readU32(v.at)
	v.at += 4
	return n
}

func (v *varArgs) u64() uint64 {
	v.at = (v.at + 7) &^ 7
	n := binary.LittleEndian.Uint64(v.t.in(v.at, 8))
	v.at += 8
	return n
}

// verb is one conversion of a format.
type verb struct {
	minus, plus, space, alt, zero bool
	width, precision              int // precision -1: none
	length                        string
	conv                          byte
}

// format does what printf does. Conversions are those of C for numbers, characters, strings and pointers, and OP-TEE's
// %pUl for a TEE_UUID.
func (t *TA) format(format, args uint32) string {
	f := t.cString(format)
	v := &varArgs{t, args}
	var out strings.Builder
	for f != "" && out.Len() < maxFormatted {
		i := strings.IndexByte(f, '%')
		if i < 0 {
			i = len(f)
		}
		out.WriteString(f[:i])
		if f = f[i:]; f == "" {
			break
		}
		var c verb
		c, f = parseVerb(f[1:], v)
		if c.conv == 'p' && len(f) >= 2 && f[0] == 'U' {
			c.conv, f = 'U', f[2:]
		}
		out.WriteString(t.convert(c, v))
	}
	s := out.String()
	return s[:min(len(s), maxFormatted)]
}

// parseVerb reads a conversion and returns the rest of the format.
func parseVerb(f string, v *varArgs) (verb, string) {
	c := verb{precision: -1}
	for flags := true; flags && f != ""; {
		switch f[0] {
		case '-':
			c.minus = true
		case '+':
			c.plus = true
		case ' ':
			c.space = true
		case '#':
			c.alt = true
		case '0':
			c.zero = true
		default:
			flags = false
			continue
		}
		f = f[1:]
	}
	number := func() int {
		if strings.HasPrefix(f, "*") {
			f = f[1:]
			return int(int32(v.u32()))
		}
		n := 0
		for f != "" && f[0] >= '0' && f[0] <= '9' && n < maxFormatted {
			n, f = n*10+int(f[0]-'0'), f[1:]
		}
		return n
	}
	if c.width = number(); c.width < 0 {
		c.minus, c.width = true, -c.width
	}
	if strings.HasPrefix(f, ".") {
		f = f[1:]
		c.precision = max(number(), -1)
	}
	for f != "" && strings.IndexByte("hlzjtL", f[0]) >= 0 {
		c.length += f[:1]
		f = f[1:]
	}
	if f != "" {
		c.conv, f = f[0], f[1:]
	}
	c.width, c.precision = min(c.width, maxFormatted), min(c.precision, maxFormatted)
	return c, f
}

// convert formats one argument.
func (t *TA) convert(c verb, v *varArgs) string {
	switch c.conv {
	case '%':
		return "%"
	case 'd', 'i':
		n := c.signed(v)
		sign := ""
		switch {
		case n < 0:
			sign = "-"
		case c.plus:
			sign = "+"
		case c.space:
			sign = " "
		}
		return c.number(sign, strconv.FormatUint(magnitude(n), 10))
	case 'u':
		return c.number("", strconv.FormatUint(c.unsigned(v), 10))
	case 'o':
		s := strconv.FormatUint(c.unsigned(v), 8)
		if c.alt && s != "0" {
			s = "0" + s
		}
		return c.number("", s)
	case 'x', 'X':
		n := c.unsigned(v)
		s, prefix := strconv.FormatUint(n, 16), ""
		if c.alt && n != 0 {
			prefix = "0x"
		}
		if c.conv == 'X' {
			s, prefix = strings.ToUpper(s), strings.ToUpper(prefix)
		}
		return c.number(prefix, s)
	case 'p':
		return c.pad("0x" + strconv.FormatUint(uint64(v.u32()), 16))
	case 'U':
		return c.pad(t.uuid(v.u32()).String())
	case 'c':
		return c.pad(string([]byte{byte(v.u32())}))
	case 's':
		return c.pad(t.stringArg(v.u32(), c.precision))
	case 'f', 'F', 'e', 'E', 'g', 'G':
		precision := c.precision
		if precision < 0 {
			precision = 6
		}
		x := math.Float64frombits(v.u64())
		sign := ""
		if x < 0 {
			sign, x = "-", -x
		} else if c.plus {
			sign = "+"
		}
		c.precision = -1
		return c.number(sign, strconv.FormatFloat(x, c.conv|0x20, precision, 64))
	case 'n':
		t.fail(gp.ErrorBadParameters, "%%n in a format")
	}
	return "%" + string(rune(c.conv))
}

// stringArg reads a string of at most limit bytes, if limit is not negative: it then need not end with a zero.
func (t *TA) stringArg(addr uint32, limit int) string {
	if addr == 0 {
		return "(null)"
	}
	if limit < 0 {
		return t.cString(addr)
	}
	var s []byte
	for len(s) < limit {
		b := t.in(addr+uint32(len(s)), 1)[0]
		if b == 0 {
			break
		}
		s = append(s, b)
	}
	return string(s)
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

func (c *verb) wide() bool { return c.length == "ll" || c.length == "j" }

func (c *verb) signed(v *varArgs) int64 {
	switch {
	case c.wide():
		return int64(v.u64())
	case c.length == "hh":
		return int64(int8(v.u32()))
	case c.length == "h":
		return int64(int16(v.u32()))
	}
	return int64(int32(v.u32()))
}

func (c *verb) unsigned(v *varArgs) uint64 {
	switch {
	case c.wide():
		return v.u64()
	case c.length == "hh":
		return uint64(uint8(v.u32()))
	case c.length == "h":
		return uint64(uint16(v.u32()))
	}
	return uint64(v.u32())
}

// number puts sign or prefix, zeros and digits together.
func (c *verb) number(sign, digits string) string {
	if c.precision == 0 && digits == "0" {
		digits = ""
	}
	if n := c.precision - len(digits); n > 0 {
		digits = strings.Repeat("0", n) + digits
	}
	if c.zero && !c.minus && c.precision < 0 {
		if n := c.width - len(sign) - len(digits); n > 0 {
			digits = strings.Repeat("0", n) + digits
		}
	}
	return c.pad(sign + digits)
}

func (c *verb) pad(s string) string {
	n := c.width - len(s)
	switch {
	case n <= 0:
		return s
	case c.minus:
		return s + strings.Repeat(" ", n)
	}
	return strings.Repeat(" ", n) + s
}
