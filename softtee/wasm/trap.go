package wasm

import (
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"strings"

	"github.com/tetratelabs/wazero/api"

	"goatee/driver"
	"goatee/gp"
	"goatee/softtee/engine"
	"goatee/softtee/wasm/instrument"
)

// exhausted panics the TA, which has called too deep or has used up its stack.
func (i *instance) exhausted(depth int32) {
	if depth == instrument.StackOverflow {
		panic(&engine.Panic{Code: gp.ErrorOverflow, Reason: i.stackOverflow()})
	}
	panic(&engine.Panic{Code: gp.ErrorOverflow, Reason: fmt.Sprintf("call stack exhausted: calls are nested deeper than %d KiB of machine stack", i.module.callStack>>10)})
}

func (i *instance) stackOverflow() string {
	return fmt.Sprintf("stack overflow: TA_STACK_SIZE is %d bytes", i.module.info.StackSize)
}

// died turns the engine's error into a Panic, or into an error that the TA survives if a system call said so.
func (i *instance) died(err error) error {
	var p *engine.Panic
	var stop *engine.Stop
	var bug runtime.Error
	switch {
	case errors.As(err, &p):
	case errors.As(err, &stop):
		p = &engine.Panic{Code: gp.ErrorTargetDead, Stopped: true, Reason: stop.Error(), Err: stop.Err}
	case errors.As(err, &bug):
		i.module.engine.opt.Log.Error("a function of the TEE panicked", "ta", i.module.info.UUID, "err", err)
		p = &engine.Panic{Code: gp.ErrorGeneric, Reason: fmt.Sprintf("internal error of the TEE: %v; this is a bug in it, other TAs go on", bug), Err: driver.Errorf(0, "wasm: %w", bug)}
	default:
		p = &engine.Panic{Code: gp.ErrorGeneric, Reason: i.trap(err.Error())}
	}
	p.TA = i.module.info.UUID
	p.Stack = i.module.frames(err.Error())
	return p
}

// trap says what a trap of WebAssembly is in terms of C. The engine has no types for traps.
func (i *instance) trap(text string) string {
	first, _, _ := strings.Cut(text, "\n")
	switch first = strings.TrimPrefix(first, "wasm error: "); first {
	case "unreachable":
		return "the code reached a place that it must not reach (__builtin_trap, or undefined behaviour)"
	case "out of bounds memory access":
		if g, ok := i.mod.ExportedGlobal(instrument.ExportStack).(api.Global); ok && uint32(g.Get()) < i.mem.stackFloor {
			return i.stackOverflow()
		}
		return "a load or store outside of the TA's memory: a NULL or wild pointer"
	case "invalid table access":
		return "a call through a NULL or wild function pointer"
	case "indirect call type mismatch":
		return "a call through a function pointer of another type"
	case "integer divide by zero":
		return "a division by zero"
	case "integer overflow":
		return "an integer division that overflows"
	case "invalid conversion to integer":
		return "a conversion of a floating-point number that no integer can hold"
	case "stack overflow":
		return "call stack exhausted: calls are nested too deep"
	}
	return "the engine stopped it: " + first
}

// frames reads the stack out of an error of the engine's. Functions are called .f and their number, as the rewriting has
// named them, each followed by its place in the rewritten code.
func (m *Module) frames(text string) []engine.Frame {
	_, trace, ok := strings.Cut(text, "wasm stack trace:\n")
	if !ok {
		return nil
	}
	var frames []engine.Frame
	lines := strings.Split(trace, "\n")
	for n := 0; n+1 < len(lines); n++ {
		name, ok := strings.CutPrefix(lines[n], "\t.f")
		if !ok {
			continue
		}
		number, _, _ := strings.Cut(name, "(")
		fn, err1 := strconv.ParseUint(number, 10, 32)
		place, _, _ := strings.Cut(strings.TrimSpace(lines[n+1]), ":")
		offset, err2 := strconv.ParseUint(strings.TrimPrefix(place, "0x"), 16, 32)
		if err1 != nil || err2 != nil {
			continue
		}
		frames = append(frames, m.locate(uint32(fn), uint32(offset))...)
	}
	return frames
}
