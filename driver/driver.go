// Package driver is the contract between the mid-layer and a TEE: what somebody implements to bring a TEE to Goatee.
//
// Mandatory is what every TEE has: a version, opening, releasing. Everything else is an option, an interface of one or
// two methods that a Conn may also have; its comment says what happens without it. The mid-layer (package tee) is the
// only party that asks for options, and it asks once, when a context is opened. It also does what is the same for every
// TEE: it checks parameters, turns ids into memory, knows who the client is, admits calls, keeps sessions apart, and
// answers for a driver that is gone. A driver translates and transports.
//
// # Errors
//
// There are two planes. A Go error means that the request did not reach the TEE, and carries an errno (see Error). What
// the TEE answers is data, a Reply. A driver never turns one into the other.
//
// # Concurrency
//
// All methods may be called concurrently unless they say otherwise. A call runs on a goroutine of the mid-layer's; the
// driver may block it, and is told through its context when nobody waits for it any more.
//
// This package is not for clients, who use package teec, and holds no mechanism beyond Call.
package driver

import (
	"context"

	"goatee/gp"
)

// Caps are the general capabilities of a TEE, with the bits of TEE_GEN_CAP_* in linux/tee.h.
type Caps uint32

// The capabilities. Those whose comment names an option are held against it at registration.
const (
	CapGP         Caps = 1 << 0 // sessions as GlobalPlatform defines them; needs Sessions
	CapPrivileged Caps = 1 << 1 // set by the mid-layer on the privileged device, never by a driver
	CapRegMem     Caps = 1 << 2 // programs are told to register their own memory
	CapMemrefNull Caps = 1 << 3 // memory references may be NULL; without it the mid-layer refuses them
	CapObjref     Caps = 1 << 4 // objects; needs ObjectInvoker
)

// Version says which TEE this is. It is constant for the driver's life.
type Version struct {
	// Name is what kind of TEE this is, in one lower-case word, for people.
	Name string
	// ImplID and ImplCaps are TEE_IMPL_ID_* and the capabilities that are particular to it. 0 is no known implementation.
	ImplID, ImplCaps uint32
	// Caps are the general capabilities.
	Caps Caps
	// Messages names the format of the messages on the opaque channel. It is the nil UUID exactly if the driver's Conns
	// are no Commander.
	Messages gp.UUID
	// Supplicant says that the TEE calls Host.CallSupplicant: the device gets a privileged side for a supplicant.
	Supplicant bool
	// Simulated says that no hardware protects what is inside. People are told wherever the TEE is named.
	Simulated bool
}

// Driver is one TEE.
type Driver interface {
	// Version is called often and must not block.
	Version() Version
	// Open makes a connection for one context. h is valid until the Conn's Release.
	//
	// # Errors
	//
	// Any error ends the opening of the context with that errno. ctx ends when the client stops waiting.
	Open(ctx context.Context, h Host) (Conn, error)
	// Close is called once, after the device was unregistered: it ends what still runs, and returns when it has. The
	// mid-layer has answered all waiting clients by then, so that a Close that blocks keeps nobody waiting but the
	// caller of Unregister. Methods of Conns and Sessions may still be running and may still be called (Release and
	// Close certainly); they must end, with errors where that is the truth.
	Close() error
}

// Conn is a driver's side of one context. What else it can do it says by having further methods: see Sessions,
// Canceller, Commander, ObjectInvoker, Allocator, MemoryRegistrar, SupplicantProvider and FileCloser. A Conn that wraps
// another has a method Unwrap() Conn, so that the options of the inner one are found.
type Conn interface {
	// Release is called once, when nothing refers to the context any more: its sessions are closed, its calls have
	// returned, its shared memory is gone. It must not block for long.
	Release()
}

// Reviser is an option of a Driver: a line that identifies the TEE's build, at most 128 bytes. Without it people see
// none.
type Reviser interface {
	Revision() string
}

// Host is what the mid-layer is to a driver, per context. Its methods may be called concurrently, until Release.
type Host interface {
	// Memory finds the shared memory of this context that a program named by id inside a value, where the mid-layer
	// cannot see it. The Region is valid until release is called, which must happen exactly once. The error is EINVAL
	// for an id that is not this context's.
	Memory(id uint64) (r Region, release func(), err error)
	// CallSupplicant asks the supplicant of the device to do function fn, and waits. Outputs of params are updated. A
	// missing supplicant is waited for during the time that the operator chose, then the answer is
	// gp.ErrorCommunication, as it is when the supplicant goes away during the call. The error is not nil only when ctx
	// ended first or params are malformed.
	CallSupplicant(ctx context.Context, fn uint32, params []Param) (gp.Result, error)
	// Trace hands over a line that a TA or the TEE wrote for its author. It does not block on slow readers for long and
	// keeps nothing of e after it has returned.
	Trace(e TraceEvent)
	// Gone is closed when the device of the context is closed or unregistered: from then on nobody waits.
	Gone() <-chan struct{}
}

// Level is the weight of a trace line, with the numbers of OP-TEE's trace levels.
type Level int

// The levels.
const (
	LevelError Level = 1
	LevelInfo  Level = 2
	LevelDebug Level = 3
	LevelFlow  Level = 4
)

// String returns the letter that stands for the level in OP-TEE's own traces: E, I, D or F.
func (l Level) String() string {
	switch l {
	case LevelError:
		return "E"
	case LevelInfo:
		return "I"
	case LevelDebug:
		return "D"
	case LevelFlow:
		return "F"
	}
	return "?"
}

// TraceEvent is one line of a TA's trace.
type TraceEvent struct {
	Level   Level
	TA      gp.UUID
	Session uint32 // the mid-layer's id of the session in whose call the line was written; 0 outside of any
	Func    string // of the TA, may be empty
	Line    int    // in its source, 0 if not known
	Text    string // without the newline
}
