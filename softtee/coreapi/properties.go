package coreapi

import (
	"encoding/base64"
	"encoding/binary"
	"strconv"
	"strings"

	"goatee/gp"
	"goatee/softtee/engine"
)

// Property sets. Section 4.4.1.
const (
	propsetTEE    = 0xFFFFFFFD
	propsetClient = 0xFFFFFFFE
	propsetTA     = 0xFFFFFFFF
)

// enumerator is a property enumerator (4.4.8 and following).
type enumerator struct {
	properties []engine.Property
	at         int // -1: not started
}

// propset returns the properties of a pseudo handle, or false.
func (t *TA) propset(set uint32) ([]engine.Property, bool) {
	switch set {
	case propsetTEE:
		return t.svc.Kernel.Properties(), true
	case propsetClient:
		return []engine.Property{
			{Name: "gpd.client.identity", Type: engine.PropertyIdentity, Value: t.svc.Kernel.Client()},
			{Name: "gpd.client.endian", Type: engine.PropertyU32, Value: uint32(0)},
		}, true
	case propsetTA:
		return TAProperties(t.svc.Info), true
	}
	return nil, false
}

// TAProperties are the standard properties of a TA (4.5) and its own.
func TAProperties(i *engine.Info) []engine.Property {
	flag := func(name string, bit uint32) engine.Property {
		return engine.Property{Name: name, Type: engine.PropertyBool, Value: i.Flags&bit != 0}
	}
	return append([]engine.Property{
		{Name: "gpd.ta.appID", Type: engine.PropertyUUID, Value: i.UUID},
		flag("gpd.ta.singleInstance", engine.FlagSingleInstance),
		flag("gpd.ta.multiSession", engine.FlagMultiSession),
		flag("gpd.ta.instanceKeepAlive", engine.FlagInstanceKeepAlive),
		flag("optee.ta.instanceKeepCrashed", engine.FlagInstanceKeepCrashed),
		{Name: "gpd.ta.dataSize", Type: engine.PropertyU32, Value: i.DataSize},
		{Name: "gpd.ta.stackSize", Type: engine.PropertyU32, Value: i.StackSize},
		{Name: "gpd.ta.version", Type: engine.PropertyString, Value: i.Version},
		{Name: "gpd.ta.description", Type: engine.PropertyString, Value: i.Description},
		{Name: "gpd.ta.endian", Type: engine.PropertyU32, Value: uint32(0)},
		flag("gpd.ta.doesNotCloseHandleOnCorruptObject", engine.FlagDontCloseOnCorrupt),
	}, i.Properties...)
}

// property finds a property by its name in a set, or the one that an enumerator is at. gp.ErrorItemNotFound if there is
// none; a handle that is neither panics.
func (t *TA) property(handle, name uint32) (engine.Property, gp.Result) {
	if set, ok := t.propset(handle); ok {
		n := t.cString(name)
		for _, p := range set {
			if p.Name == n {
				return p, gp.Success
			}
		}
		return engine.Property{}, gp.ErrorItemNotFound
	}
	e := t.enumerator(handle)
	if e.at < 0 || e.at >= len(e.properties) {
		return engine.Property{}, gp.ErrorItemNotFound
	}
	return e.properties[e.at], gp.Success
}

func (t *TA) enumerator(handle uint32) *enumerator {
	e := t.enumerators.Get(handle)
	if e == nil {
		t.fail(gp.ErrorBadParameters, "0x%x is no property set and no enumerator", handle)
	}
	return e
}

// text is a property as a string, as TEE_GetPropertyAsString gives it (4.4.1).
func text(p engine.Property) string {
	switch v := p.Value.(type) {
	case bool:
		return strconv.FormatBool(v)
	case uint32:
		return strconv.FormatUint(uint64(v), 10)
	case uint64:
		return strconv.FormatUint(v, 10)
	case gp.UUID:
		return v.String()
	case engine.Identity:
		return v.String()
	case []byte:
		return base64.StdEncoding.EncodeToString(v)
	case string:
		return v
	}
	return ""
}

// GetPropertyAsString is TEE_GetPropertyAsString (4.4.1).
func (t *TA) GetPropertyAsString(set, name, buf, lenPtr uint32) gp.Result {
	p, r := t.property(set, name)
	if r != gp.Success {
		return r
	}
	return t.outbuf(append([]byte(text(p)), 0), buf, lenPtr)
}

// GetPropertyAsBool is TEE_GetPropertyAsBool (4.4.2).
func (t *TA) GetPropertyAsBool(set, name, out uint32) gp.Result {
	p, r := t.property(set, name)
	if r != gp.Success {
		return r
	}
	v, err := strconv.ParseBool(text(p))
	if _, is := p.Value.(bool); !is && (err != nil || len(text(p)) == 1) {
		return gp.ErrorBadFormat
	}
	t.out(out, 1)[0] = byte(boolU32(v))
	return gp.Success
}

// parseNumber reads an integer in the form that property strings have: decimal or hexadecimal, perhaps with K or M (4.4).
func parseNumber(s string, bits int) (uint64, bool) {
	unit := uint64(1)
	switch {
	case strings.HasSuffix(s, "K"):
		unit, s = 1<<10, s[:len(s)-1]
	case strings.HasSuffix(s, "M"):
		unit, s = 1<<20, s[:len(s)-1]
	}
	base := 10
	if strings.HasPrefix(s, "0x") || strings.HasPrefix(s, "0X") {
		base, s = 16, s[2:]
	}
	n, err := strconv.ParseUint(s, base, bits)
	if err != nil || n > (1<<bits-1)/unit {
		return 0, false
	}
	return n * unit, true
}

// GetPropertyAsU32 is TEE_GetPropertyAsU32 (4.4.3).
func (t *TA) GetPropertyAsU32(set, name, out uint32) gp.Result {
	p, r := t.property(set, name)
	if r != gp.Success {
		return r
	}
	n, ok := parseNumber(text(p), 32)
	if !ok {
		return gp.ErrorBadFormat
	}
	t.writeU32(out, uint32(n))
	return gp.Success
}

// GetPropertyAsU64 is TEE_GetPropertyAsU64 (4.4.4).
func (t *TA) GetPropertyAsU64(set, name, out uint32) gp.Result {
	p, r := t.property(set, name)
	if r != gp.Success {
		return r
	}
	n, ok := parseNumber(text(p), 63)
	if v, is := p.Value.(uint64); is {
		n, ok = v, true
	}
	if !ok {
		return gp.ErrorBadFormat
	}
	binary.LittleEndian.PutUint64(t.out(out, 8), n)
	return gp.Success
}

// GetPropertyAsBinaryBlock is TEE_GetPropertyAsBinaryBlock (4.4.5).
func (t *TA) GetPropertyAsBinaryBlock(set, name, buf, lenPtr uint32) gp.Result {
	p, r := t.property(set, name)
	if r != gp.Success {
		return r
	}
	b, err := base64.StdEncoding.DecodeString(text(p))
	if err != nil {
		return gp.ErrorBadFormat
	}
	return t.outbuf(b, buf, lenPtr)
}

// GetPropertyAsUUID is TEE_GetPropertyAsUUID (4.4.6).
func (t *TA) GetPropertyAsUUID(set, name, out uint32) gp.Result {
	p, r := t.property(set, name)
	if r != gp.Success {
		return r
	}
	u, err := gp.ParseUUID(text(p))
	if err != nil {
		return gp.ErrorBadFormat
	}
	engine.UUIDToC(t.out(out, 16), u)
	return gp.Success
}

// GetPropertyAsIdentity is TEE_GetPropertyAsIdentity (4.4.7).
func (t *TA) GetPropertyAsIdentity(set, name, out uint32) gp.Result {
	p, r := t.property(set, name)
	if r != gp.Success {
		return r
	}
	login, uuid, found := strings.Cut(text(p), ":")
	n, ok := parseNumber(login, 32)
	u := gp.UUID{}
	if found {
		var err error
		if u, err = gp.ParseUUID(uuid); err != nil {
			ok = false
		}
	}
	if !ok {
		return gp.ErrorBadFormat
	}
	b := t.out(out, 20)
	binary.LittleEndian.PutUint32(b, uint32(n))
	engine.UUIDToC(b[4:], u)
	return gp.Success
}

// AllocatePropertyEnumerator is TEE_AllocatePropertyEnumerator (4.4.8).
func (t *TA) AllocatePropertyEnumerator(out uint32) gp.Result {
	h, ok := t.enumerators.Add(&enumerator{at: -1})
	if !ok {
		return gp.ErrorOutOfMemory
	}
	t.writeU32(out, h)
	return gp.Success
}

// FreePropertyEnumerator is TEE_FreePropertyEnumerator (4.4.9).
func (t *TA) FreePropertyEnumerator(handle uint32) {
	t.enumerator(handle)
	t.enumerators.Remove(handle)
}

// StartPropertyEnumerator is TEE_StartPropertyEnumerator (4.4.10).
func (t *TA) StartPropertyEnumerator(handle, set uint32) {
	e := t.enumerator(handle)
	properties, ok := t.propset(set)
	if !ok {
		t.fail(gp.ErrorBadParameters, "0x%x is no property set", set)
	}
	e.properties, e.at = properties, 0
}

// ResetPropertyEnumerator is TEE_ResetPropertyEnumerator (4.4.11).
func (t *TA) ResetPropertyEnumerator(handle uint32) { t.enumerator(handle).at = -1 }

// GetPropertyName is TEE_GetPropertyName (4.4.12).
func (t *TA) GetPropertyName(handle, buf, lenPtr uint32) gp.Result {
	e := t.enumerator(handle)
	if e.at < 0 || e.at >= len(e.properties) {
		return gp.ErrorItemNotFound
	}
	return t.outbuf(append([]byte(e.properties[e.at].Name), 0), buf, lenPtr)
}

// GetNextProperty is TEE_GetNextProperty (4.4.13).
func (t *TA) GetNextProperty(handle uint32) gp.Result {
	e := t.enumerator(handle)
	if e.at < 0 || e.at >= len(e.properties) {
		return gp.ErrorItemNotFound
	}
	if e.at++; e.at == len(e.properties) {
		return gp.ErrorItemNotFound
	}
	return gp.Success
}
