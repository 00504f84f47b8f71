package pta

import (
	"slices"

	"goatee/gp"
	"goatee/softtee/engine"
)

// DeviceUUID is the pseudo TA that the kernel's TEE bus asks for TAs that are devices (drivers/tee/optee/device.c).
var DeviceUUID = gp.MustParseUUID("7011a688-ddde-4053-a5a9-7b3c4ddf13b8")

// Commands of the device pseudo TA: both fill a memref out with UUIDs of 16 octets. The second one's TAs need a supplicant.
const (
	DeviceGet     = 0
	DeviceGetSupp = 1
)

// Device lists the TAs that ask for it with engine.FlagDeviceEnum or engine.FlagDeviceEnumSupp.
type Device struct {
	// List returns the TAs with a flag.
	List func(flag uint32) []gp.UUID
}

// Info implements TA.
func (Device) Info() engine.Info {
	return engine.Info{UUID: DeviceUUID, Version: "1.0", Description: "enumerates the TAs that are devices"}
}

// OpenSession implements TA. Parameters there are none.
func (d Device) OpenSession(_ engine.Identity, params *[engine.MaxParams]engine.Param) (Session, gp.Result) {
	if *params != ([engine.MaxParams]engine.Param{}) {
		return nil, gp.ErrorBadParameters
	}
	return d, gp.Success
}

// Invoke implements Session.
func (d Device) Invoke(command uint32, params *[engine.MaxParams]engine.Param) gp.Result {
	flag, ok := map[uint32]uint32{DeviceGet: engine.FlagDeviceEnum, DeviceGetSupp: engine.FlagDeviceEnumSupp}[command]
	if !ok {
		return gp.ErrorNotImplemented
	}
	p := &params[0]
	if p.Type != gp.MemrefOutput || slices.ContainsFunc(params[1:], func(q engine.Param) bool { return q.Type != gp.None }) {
		return gp.ErrorBadParameters
	}
	var out []byte
	for _, u := range d.List(flag) {
		out = append(out, u[:]...)
	}
	have := p.Size
	p.Size = uint64(len(out))
	if have < p.Size {
		return gp.ErrorShortBuffer
	}
	if len(out) > 0 {
		if n, err := p.Region.WriteAt(out, int64(p.Offset)); n < len(out) || err != nil {
			return gp.ErrorGeneric
		}
	}
	return gp.Success
}

// Close implements Session.
func (Device) Close() {}
