package coreapi

import (
	"encoding/binary"
	"io"
	"syscall"

	"goatee/driver"
	"goatee/gp"
	"goatee/softtee/engine"
)

// Layout of TEE_Param[4] (4.2.2): for each a buffer and its size, or two numbers.
const (
	NumParams  = engine.MaxParams
	ParamBytes = 8
)

// PackTypes makes the paramTypes of at most four parameters (4.2.1).
func PackTypes(params []engine.Param) uint32 {
	var types uint32
	for i := range params {
		types |= uint32(params[i].Type) & 15 << (4 * i)
	}
	return types
}

// OpenTASession is TEE_OpenTASession (4.9.1).
func (t *TA) OpenTASession(dest, timeout, types, params, sessionPtr, originPtr uint32) gp.Result {
	uuid := t.uuid(dest)
	t.out(sessionPtr, 4)
	var p [NumParams]engine.Param
	t.readParams(types, params, &p)
	session, reply := t.svc.OpenTASession(uuid, timeout, p[:])
	t.writeParams(params, &p)
	t.writeU32(sessionPtr, session)
	return t.origin(originPtr, reply)
}

// CloseTASession is TEE_CloseTASession (4.9.2).
func (t *TA) CloseTASession(session uint32) {
	if session == 0 {
		return
	}
	if t.svc.CloseTASession(session) != gp.Success {
		t.fail(gp.ErrorBadParameters, "0x%x is not an open session", session)
	}
}

// InvokeTACommand is TEE_InvokeTACommand (4.9.3).
func (t *TA) InvokeTACommand(session, timeout, command, types, params, originPtr uint32) gp.Result {
	var p [NumParams]engine.Param
	t.readParams(types, params, &p)
	reply := t.svc.InvokeTACommand(session, timeout, command, p[:])
	if reply.Origin == gp.OriginAPI {
		t.fail(gp.ErrorBadParameters, "0x%x is not an open session", session)
	}
	t.writeParams(params, &p)
	return t.origin(originPtr, reply)
}

// origin hands out where a reply comes from, if the TA wants to know.
func (t *TA) origin(ptr uint32, r driver.Reply) gp.Result {
	if ptr != 0 {
		t.writeU32(ptr, uint32(r.Origin))
	}
	return r.Result
}

// readParams reads the parameters of a call of another TA. Memory is handed over as it is; the engine of the other TA
// copies what it needs, and what it writes comes back.
func (t *TA) readParams(types, addr uint32, p *[NumParams]engine.Param) {
	if types == 0 {
		return
	}
	if types>>16 != 0 {
		t.fail(gp.ErrorBadParameters, "parameter types 0x%x", types)
	}
	raw := t.in(addr, NumParams*ParamBytes)
	for i := range p {
		a, b := binary.LittleEndian.Uint32(raw[ParamBytes*i:]), binary.LittleEndian.Uint32(raw[ParamBytes*i+4:])
		kind := gp.ParamType(types >> (4 * i) & 15)
		p[i].Type = kind
		switch {
		case kind == gp.None:
		case kind.IsValue():
			if kind.IsInput() {
				p[i].A, p[i].B = uint64(a), uint64(b)
			}
		case kind.IsMemref():
			if a == 0 && b == 0 {
				break // NULL
			}
			if kind.IsOutput() {
				t.out(a, b)
			} else {
				t.in(a, b)
			}
			p[i].Region, p[i].Size = &guestRegion{t.mem, a, b}, uint64(b)
		default:
			t.fail(gp.ErrorBadParameters, "parameter %d has the unknown type %d", i, kind)
		}
	}
}

// writeParams hands out what the other TA wrote: values and sizes.
func (t *TA) writeParams(addr uint32, p *[NumParams]engine.Param) {
	for i := range p {
		at := addr + uint32(ParamBytes*i)
		switch {
		case !p[i].Type.IsOutput():
		case p[i].Type.IsMemref():
			t.writeU32(at+4, uint32(min(p[i].Size, 1<<32-1)))
		default:
			t.writeU32(at, uint32(p[i].A))
			t.writeU32(at+4, uint32(p[i].B))
		}
	}
}

// guestRegion is a piece of a TA's memory, for the time of a call that the TA waits for.
type guestRegion struct {
	mem     engine.Memory
	addr, n uint32
}

// Size implements driver.Region.
func (r *guestRegion) Size() uint64 { return uint64(r.n) }

// ReadAt implements driver.Region.
func (r *guestRegion) ReadAt(p []byte, off int64) (int, error) {
	b, err := r.bytes(off)
	if err != nil {
		return 0, err
	}
	if n := copy(p, b); n < len(p) {
		return n, io.EOF
	}
	return len(p), nil
}

// WriteAt implements driver.Region.
func (r *guestRegion) WriteAt(p []byte, off int64) (int, error) {
	b, err := r.bytes(off)
	if err != nil {
		return 0, err
	}
	if n := copy(b, p); n < len(p) {
		return n, io.ErrShortWrite
	}
	return len(p), nil
}

func (r *guestRegion) bytes(off int64) ([]byte, error) {
	if off < 0 || off > int64(r.n) {
		return nil, io.EOF
	}
	b, ok := r.mem.Bytes(r.addr+uint32(off), r.n-uint32(off))
	if !ok {
		return nil, driver.Errorf(syscall.EFAULT, "coreapi: a TA's memory is gone")
	}
	return b, nil
}
