package gp

import (
	"slices"
	"testing"
)

// kernelNS is the name space of the kernel's client UUIDs; the vectors were computed outside Go.
var kernelNS = MustParseUUID("58ac9ca0-2086-4683-a1b8-ec4bc08e01b6")

func TestUUIDv5(t *testing.T) {
	for name, want := range map[string]string{
		"uid=0":   "ef0180a3-13f3-5d1c-b7f5-888c0e21059a",
		"uid=3e8": "fc34275c-d8dd-5ba7-968b-504718363b87",
		"gid=0":   "d93bc168-f863-58d3-a1fe-bb2039421b99",
		"gid=3e8": "0ece43ed-001d-51bd-bab7-480c8954c3cf",
	} {
		if got := NewUUIDv5(kernelNS, name).String(); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
}

func TestParseUUID(t *testing.T) {
	const s = "8AAAF200-2450-11e4-abe2-0002a5d5c51b"
	u, err := ParseUUID(s)
	if err != nil || u.String() != "8aaaf200-2450-11e4-abe2-0002a5d5c51b" || u.IsNil() {
		t.Errorf("ParseUUID(%q) = %v, %v", s, u, err)
	}
	var v UUID
	text, _ := u.MarshalText()
	if err := v.UnmarshalText(text); err != nil || v != u {
		t.Errorf("UnmarshalText(%q) = %v, %v", text, v, err)
	}
	for _, bad := range []string{"", "8aaaf200", "8aaaf200-2450-11e4-abe2-0002a5d5c51", "8aaaf200-2450-11e4-abe2-0002a5d5c51b0",
		"8aaaf200x2450-11e4-abe2-0002a5d5c51b", "8aaaf20g-2450-11e4-abe2-0002a5d5c51b", "8aaaf200-2450-11e4-abe2-0002a5d5c51-"} {
		if _, err := ParseUUID(bad); err == nil {
			t.Errorf("ParseUUID(%q) succeeded", bad)
		}
		if err := v.UnmarshalText([]byte(bad)); err == nil || v != u {
			t.Errorf("UnmarshalText(%q): err %v, value changed to %v", bad, err, v)
		}
	}
}

func TestResults(t *testing.T) {
	rs := Results()
	if !slices.IsSorted(rs) {
		t.Error("Results is not sorted")
	}
	seen := map[string]Result{}
	for _, r := range rs {
		if o, dup := seen[r.Name()]; dup {
			t.Errorf("%s names both %#x and %#x", r.Name(), uint32(o), uint32(r))
		}
		seen[r.Name()] = r
	}
	if got := ErrorTargetDead.String(); got != "TEE_ERROR_TARGET_DEAD (0xffff3024)" {
		t.Error(got)
	}
	if got := Result(0x1234).String(); got != "0x00001234" {
		t.Error(got)
	}
}

func TestParamTypeDirections(t *testing.T) {
	for _, c := range []struct {
		t                       ParamType
		in, out, value, mem, ob bool
	}{
		{None, false, false, false, false, false},
		{ValueInput, true, false, true, false, false},
		{ValueOutput, false, true, true, false, false},
		{ValueInout, true, true, true, false, false},
		{4, false, false, false, false, false},
		{MemrefInput, true, false, false, true, false},
		{MemrefOutput, false, true, false, true, false},
		{MemrefInout, true, true, false, true, false},
		{8, false, false, false, false, false},
		{ObjrefInput, true, false, false, false, true},
		{ObjrefOutput, false, true, false, false, true},
		{ObjrefInout, true, true, false, false, true},
		{14, false, false, false, false, false},
	} {
		if c.t.IsInput() != c.in || c.t.IsOutput() != c.out || c.t.IsValue() != c.value || c.t.IsMemref() != c.mem || c.t.IsObjref() != c.ob {
			t.Errorf("%v: in %v out %v value %v memref %v objref %v", c.t, c.t.IsInput(), c.t.IsOutput(), c.t.IsValue(), c.t.IsMemref(), c.t.IsObjref())
		}
	}
}

func TestLogins(t *testing.T) {
	for _, l := range []Login{LoginPublic, LoginUser, LoginGroup, LoginApplication, LoginUserApplication, LoginGroupApplication} {
		got, err := ParseLogin(l.String())
		if err != nil || got != l {
			t.Errorf("ParseLogin(%q) = %v, %v", l, got, err)
		}
	}
	if _, err := ParseLogin(LoginTrustedApp.String()); err == nil {
		t.Error("a client may ask for trusted-app")
	}
}
