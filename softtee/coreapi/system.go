package coreapi

import (
	"encoding/binary"
	"time"

	"goatee/gp"
)

// GetCancellationFlag is TEE_GetCancellationFlag (4.10.1).
func (t *TA) GetCancellationFlag() bool { return t.svc.Kernel.CancellationFlag() }

// UnmaskCancellation is TEE_UnmaskCancellation (4.10.2): whether cancellation was masked before.
func (t *TA) UnmaskCancellation() bool { return t.svc.Kernel.MaskCancellation(false) }

// MaskCancellation is TEE_MaskCancellation (4.10.3): whether it was masked before.
func (t *TA) MaskCancellation() bool { return t.svc.Kernel.MaskCancellation(true) }

// Wait is TEE_Wait (7.2.2).
func (t *TA) Wait(ms uint32) gp.Result { return t.svc.Wait(ms) }

// writeTime writes a TEE_Time (7.1.1): seconds and milliseconds.
func (t *TA) writeTime(addr uint32, d time.Duration) {
	b := t.out(addr, 8)
	binary.LittleEndian.PutUint32(b, uint32(d/time.Second))
	binary.LittleEndian.PutUint32(b[4:], uint32(d%time.Second/time.Millisecond))
}

// GetSystemTime is TEE_GetSystemTime (7.2.1): the time since the TEE began.
func (t *TA) GetSystemTime(addr uint32) { t.writeTime(addr, t.svc.Kernel.SystemTime()) }

// GetREETime is TEE_GetREETime (7.2.5): what the normal world's clock says, in seconds since 1970.
func (t *TA) GetREETime(addr uint32) { t.writeTime(addr, time.Duration(time.Now().UnixNano())) }

// GetTAPersistentTime is TEE_GetTAPersistentTime (7.2.3): gp.ErrorTimeNotSet, gp.ErrorTimeNeedsReset, or
// gp.ErrorOverflow with as much of the time as fits.
func (t *TA) GetTAPersistentTime(addr uint32) gp.Result {
	d, r := t.svc.Kernel.PersistentTime()
	if r != gp.Success && r != gp.ErrorTimeNeedsReset {
		return r
	}
	t.writeTime(addr, d)
	if r == gp.Success && d/time.Second > 1<<32-1 {
		return gp.ErrorOverflow
	}
	return r
}

// SetTAPersistentTime is TEE_SetTAPersistentTime (7.2.4).
func (t *TA) SetTAPersistentTime(addr uint32) gp.Result {
	b := t.in(addr, 8)
	s, ms := binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[4:])
	if ms >= 1000 {
		t.fail(gp.ErrorBadParameters, "a time with %d milliseconds", ms)
	}
	return t.svc.Kernel.SetPersistentTime(time.Duration(s)*time.Second + time.Duration(ms)*time.Millisecond)
}

// GenerateRandom is TEE_GenerateRandom (6.9.1).
func (t *TA) GenerateRandom(buf, n uint32) {
	b := t.out(buf, n)
	t.pieces(n, func(i, j uint32) { t.svc.CrypRandomNumberGenerate(b[i:j]) })
}
