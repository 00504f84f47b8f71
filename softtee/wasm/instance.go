package wasm

import (
	"context"
	"encoding/binary"
	"time"

	"github.com/tetratelabs/wazero/api"

	"goatee/gp"
	"goatee/softtee/coreapi"
	"goatee/softtee/engine"
	"goatee/softtee/svc"
)

// The entries of a rewritten TA: arguments of its function enter.
const (
	entryInvoke = iota
	entryOpen
	entryClose
	entryCreate
	entryDestroy
	entryConstructors
	numEntries
)

// The time between two refills of fuel that is aimed at, and the bounds of what a refill gives.
const (
	refillEvery = 100 * time.Microsecond
	minQuantum  = 1000
	maxQuantum  = 100_000_000
	newQuantum  = 20_000
)

// instance is one instance of a TA. It is the context of its own calls, so that host functions find it.
type instance struct {
	context.Context // background: never done

	module *Module
	mod    api.Module
	enter  api.Function
	mem    *memory
	ta     *coreapi.TA
	env    engine.Env
	stack  [5]uint64
	buf    []byte // see scratch

	quantum  uint32
	refilled time.Duration // since the engine began; 0 after an entry: the next refill says nothing about the quantum
}

// Value hides what the background context would look for: there is nothing.
func (i *instance) Value(any) any { return nil }

// Instantiate implements engine.Module. env must be an *svc.TA.
func (m *Module) Instantiate(env engine.Env) (engine.Instance, error) {
	mem, err := newMemory(&m.layout, m.engine.opt.SecretMemory)
	if err != nil {
		return nil, err
	}
	sys := env.(*svc.TA)
	i := &instance{Context: context.Background(), module: m, mem: mem, env: env, quantum: newQuantum}
	if i.mod, err = m.engine.instantiate(m, mem); err != nil {
		mem.Free()
		return nil, err
	}
	i.enter = i.mod.ExportedFunction(exportEnter)
	i.ta = coreapi.New(sys, mem)
	return i, nil
}

// Close implements engine.Instance.
func (i *instance) Close() error { return i.mod.Close(context.Background()) }

// call enters the TA.
func (i *instance) call(entry int, args ...uint32) (uint32, error) {
	i.stack[0] = uint64(entry)
	for j, a := range args { // the others are not looked at
		i.stack[1+j] = uint64(a)
	}
	i.refilled = 0
	if err := i.enter.CallWithStack(i, i.stack[:]); err != nil {
		return 0, i.died(err)
	}
	return uint32(i.stack[0]), nil
}

// refill is called by the TA when its fuel is used up, with what is left of the call stack.
func (i *instance) refill(depth int32) uint32 {
	if depth < 0 {
		i.exhausted(depth)
	}
	if i.refilled != 0 {
		took := i.module.engine.now() - i.refilled
		switch { // by at most a factor of two, since host functions take time as well
		case took > 2*refillEvery:
			i.quantum /= 2
		case took < refillEvery/2:
			i.quantum *= 2
		default:
			i.quantum = uint32(uint64(i.quantum) * uint64(refillEvery) / uint64(max(took, 1)))
		}
		i.quantum = min(max(i.quantum, minQuantum), maxQuantum)
	}
	if err := i.env.Tick(); err != nil {
		panic(&engine.Stop{Err: err})
	}
	i.refilled = i.module.engine.now() // others may have run meanwhile
	return i.quantum
}

// Create implements engine.Instance. C++ constructors come first.
func (i *instance) Create() (gp.Result, error) {
	if _, err := i.call(entryConstructors); err != nil {
		return 0, err
	}
	r, err := i.call(entryCreate)
	return gp.Result(r), err
}

// OpenSession implements engine.Instance. The session context is a pointer of the TA's.
func (i *instance) OpenSession(params []engine.Param) (uint64, gp.Result, error) {
	context := i.mem.params + 4*coreapi.ParamBytes
	slot, _ := i.mem.Bytes(context, 4)
	r, err := i.withParams(params, entryOpen, 0, 0)
	return uint64(binary.LittleEndian.Uint32(slot)), r, err
}

// InvokeCommand implements engine.Instance.
func (i *instance) InvokeCommand(session uint64, command uint32, params []engine.Param) (gp.Result, error) {
	return i.withParams(params, entryInvoke, uint32(session), command)
}

// CloseSession implements engine.Instance.
func (i *instance) CloseSession(session uint64) error {
	_, err := i.call(entryClose, uint32(session))
	return err
}

// Destroy implements engine.Instance.
func (i *instance) Destroy() error {
	_, err := i.call(entryDestroy)
	return err
}

// withParams brings parameters into the TA's memory, enters it, and takes the outputs out again, also when the TA answered
// with an error. A dead TA gives nothing.
func (i *instance) withParams(params []engine.Param, entry int, session, command uint32) (gp.Result, error) {
	for j := range params {
		if params[j].Type.IsMemref() {
			return i.withMemory(params, entry, session, command)
		}
	}
	raw := i.mem.block()
	clear(raw)
	for j := range params {
		putParam(raw, j, uint32(params[j].A), uint32(params[j].B))
	}
	r, err := i.enterWith(entry, session, command, coreapi.PackTypes(params))
	if err != nil {
		return 0, err
	}
	takeOut(params, raw)
	return gp.Result(r), nil
}

// withMemory is withParams for parameters with memory references among them.
func (i *instance) withMemory(params []engine.Param, entry int, session, command uint32) (gp.Result, error) {
	var buf [engine.MaxParams]piece
	var index [engine.MaxParams]int
	pieces := gather(params, buf[:0], &index)
	if err := i.place(pieces); err != nil {
		_ = i.takeAway(pieces)
		return 0, err
	}
	raw := i.mem.block()
	clear(raw)
	for j := range params {
		p := &params[j]
		if !p.Type.IsMemref() {
			putParam(raw, j, uint32(p.A), uint32(p.B))
		} else if k := index[j]; k >= 0 {
			putParam(raw, j, pieces[k].at+uint32(p.Offset-pieces[k].off), uint32(p.Size))
		}
	}
	r, err := i.enterWith(entry, session, command, coreapi.PackTypes(params))
	if err != nil {
		i.mem.shared = i.mem.shared[:0]
		return 0, err
	}
	takeOut(params, raw)
	return gp.Result(r), i.takeAway(pieces)
}

// putParam writes a TEE_Param.
func putParam(raw []byte, j int, a, b uint32) {
	binary.LittleEndian.PutUint32(raw[coreapi.ParamBytes*j:], a)
	binary.LittleEndian.PutUint32(raw[coreapi.ParamBytes*j+4:], b)
}

// takeOut reads the outputs among the TEE_Params.
func takeOut(params []engine.Param, raw []byte) {
	for j := range params {
		p := &params[j]
		if !p.Type.IsOutput() {
			continue
		}
		a, b := binary.LittleEndian.Uint32(raw[coreapi.ParamBytes*j:]), binary.LittleEndian.Uint32(raw[coreapi.ParamBytes*j+4:])
		if p.Type.IsMemref() {
			p.Size = uint64(b)
		} else {
			p.A, p.B = uint64(a), uint64(b)
		}
	}
}

// enterWith calls one of the two entry points that take parameters.
func (i *instance) enterWith(entry int, session, command, types uint32) (uint32, error) {
	block := i.mem.params
	if entry == entryOpen {
		return i.call(entry, types, block, block+4*coreapi.ParamBytes)
	}
	return i.call(entry, session, command, types, block)
}
