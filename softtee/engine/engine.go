// Package engine is what the trusted OS of the software TEE and an engine are to each other. An engine turns the image of
// a trusted application (TA) into instances, runs their entry points, and holds their memory. The trusted OS decides what
// is loaded, when it runs and for how long, and what it is told.
//
// It is a leaf: contract and vocabulary, no mechanism. The engine for WebAssembly is softtee/wasm; pseudo TAs in Go are
// run by softtee/pta.
package engine

import (
	"context"
	"encoding/binary"
	"fmt"
	"strings"

	"goatee/driver"
	"goatee/gp"
)

// TA flags, as user_ta_header_defines.h gives them.
const (
	FlagSingleInstance              = 1 << 2
	FlagMultiSession                = 1 << 3
	FlagInstanceKeepAlive           = 1 << 4
	FlagSecureDataPath              = 1 << 5
	FlagCacheMaintenance            = 1 << 7
	FlagConcurrent                  = 1 << 8
	FlagDeviceEnum                  = 1 << 9
	FlagDeviceEnumSupp              = 1 << 10
	FlagDontCloseOnCorrupt          = 1 << 11
	FlagDeviceEnumTEEStorage        = 1 << 12
	FlagInstanceKeepCrashed         = 1 << 13
	FlagsKnown               uint32 = 0x3fff
)

// flagNames are for people.
var flagNames = []struct {
	bit  uint32
	name string
}{
	{FlagSingleInstance, "single-instance"},
	{FlagMultiSession, "multi-session"},
	{FlagInstanceKeepAlive, "keep-alive"},
	{FlagSecureDataPath, "secure-data-path"},
	{FlagCacheMaintenance, "cache-maintenance"},
	{FlagConcurrent, "concurrent"},
	{FlagDeviceEnum, "device-enum"},
	{FlagDeviceEnumSupp, "device-enum-supp"},
	{FlagDontCloseOnCorrupt, "dont-close-handle-on-corrupt-object"},
	{FlagDeviceEnumTEEStorage, "device-enum-tee-storage-private"},
	{FlagInstanceKeepCrashed, "keep-crashed"},
}

// FlagNames returns the names of the flags that are set, in the order of their bits.
func FlagNames(flags uint32) []string {
	var names []string
	for _, f := range flagNames {
		if flags&f.bit != 0 {
			names = append(names, f.name)
		}
	}
	return names
}

// PropertyType is the type of a property's value. TEE Internal Core API 1.3.1 section 4.4.
type PropertyType uint32

// The property types, numbered as in user_ta_header.h.
const (
	PropertyBool PropertyType = iota
	PropertyU32
	PropertyUUID
	PropertyIdentity
	PropertyString
	PropertyBinaryBlock
	PropertyU64
)

// String returns the type's name in lower case.
func (t PropertyType) String() string {
	names := []string{"bool", "u32", "uuid", "identity", "string", "binary-block", "u64"}
	if int(t) < len(names) {
		return names[t]
	}
	return fmt.Sprintf("type-%d", uint32(t))
}

// UUIDFromC turns a TEE_UUID in a TA's memory, which has its numbers in the machine's order, into a UUID. b has at least 16
// bytes. TEE Internal Core API 1.3.1 section 3.2.3.
func UUIDFromC(b []byte) (u gp.UUID) {
	binary.BigEndian.PutUint32(u[0:], binary.LittleEndian.Uint32(b[0:]))
	binary.BigEndian.PutUint16(u[4:], binary.LittleEndian.Uint16(b[4:]))
	binary.BigEndian.PutUint16(u[6:], binary.LittleEndian.Uint16(b[6:]))
	copy(u[8:], b[8:16])
	return u
}

// UUIDToC is the reverse.
func UUIDToC(b []byte, u gp.UUID) {
	binary.LittleEndian.PutUint32(b[0:], binary.BigEndian.Uint32(u[0:]))
	binary.LittleEndian.PutUint16(b[4:], binary.BigEndian.Uint16(u[4:]))
	binary.LittleEndian.PutUint16(b[6:], binary.BigEndian.Uint16(u[6:]))
	copy(b[8:16], u[8:])
}

// Identity is a login and the UUID that it proves.
type Identity struct {
	Login gp.Login
	UUID  gp.UUID
}

// String returns login and UUID as the specification writes them: login:uuid.
func (i Identity) String() string { return fmt.Sprintf("%d:%v", uint32(i.Login), i.UUID) }

// Property is one property of a TA, a client or the TEE.
type Property struct {
	Name string
	Type PropertyType
	// Value is a bool, uint32, gp.UUID, Identity, string, []byte or uint64, according to Type.
	Value any
}

// Info is what an image says about its TA.
type Info struct {
	UUID        gp.UUID
	Flags       uint32
	StackSize   uint32 // bytes
	DataSize    uint32 // bytes of heap
	Version     string
	Description string
	Properties  []Property // of its own, beside the standard ones
	Digest      [32]byte   // SHA-256 of the image
}

// Engine loads TAs. Its methods may be called concurrently.
type Engine interface {
	// Load prepares an image, which is called name in errors. It may take long and ends early when ctx does. The image
	// must not change afterwards. The error says what is wrong with which file.
	Load(ctx context.Context, name string, image []byte) (Module, error)
	// Close frees what the engine holds. No module may be in use.
	Close() error
}

// Module is a loaded TA. Its methods may be called concurrently.
type Module interface {
	Info() *Info
	// Instantiate makes an instance that env serves. The error is of the engine; nothing of the TA has run.
	Instantiate(env Env) (Instance, error)
	// Close frees the module. No instance may exist.
	Close() error
}

// Env is the trusted OS as an instance's engine sees it. What else an engine binds to the TA's imports (the system calls
// and the Core API) it finds behind its Env, by the type that it knows.
type Env interface {
	// Tick is called by the goroutine that runs the TA, about every 100 µs of computing. It may let others run. An error
	// ends the instance: the entry point returns it as the cause of the instance's Panic.
	Tick() error
}

// Param is one parameter of an entry point. The trusted OS owns it; the engine writes outputs into it.
type Param = driver.Param

// MaxParams is how many parameters an entry point has. Missing ones are of type gp.None.
const MaxParams = 4

// Instance is one instance of a TA. It is entered by one goroutine at a time; an entry point may lead into another
// instance before it returns.
//
// The error of an entry point is a *Panic, after which the instance is dead: nothing of it runs again, and Close is all
// that is left. A Result is what the TA returned. The entry points are those of the TEE Internal Core API 1.3.1 section
// 4.3.
type Instance interface {
	Create() (gp.Result, error)
	// OpenSession gives the TA's own session context, to be handed back with each command. It is of no meaning if the
	// Result is not gp.Success.
	OpenSession(params []Param) (session uint64, r gp.Result, err error)
	InvokeCommand(session uint64, command uint32, params []Param) (gp.Result, error)
	CloseSession(session uint64) error
	Destroy() error
	// Close frees the instance's memory. It may be called at any time when no entry point runs.
	Close() error
}

// Memory is an instance's memory as the Core API sees it: guest addresses are 32 bits. It may be used by the goroutine
// that runs the instance and, while that waits inside of a system call, by whoever it waits for.
type Memory interface {
	// Bytes returns n bytes of the memory itself, or false if they are not all memory. They are valid until the entry
	// point returns. n may be 0, with any address.
	Bytes(addr, n uint32) ([]byte, bool)
	// Owner tells whose the bytes are; what belongs to several is OwnerNone.
	Owner(addr, n uint32) Owner
	// Heap is the part of the memory that the trusted OS allocates from for the TA.
	Heap() (addr, size uint32)
}

// Owner is whose a piece of an instance's memory is.
type Owner uint8

// The owners.
const (
	OwnerNone     Owner = iota // outside of memory, or in more than one part
	OwnerTA                    // stack, data and heap
	OwnerTAConst               // data that the TA cannot mean to write
	OwnerClient                // shared with the client, for the time of a command
	OwnerClientIn              // likewise, and not to be written
)

// Panic is the death of an instance. It is an error for people: which TA, why, and where.
type Panic struct {
	TA gp.UUID
	// Code is the panic code: what the TA gave to TEE_Panic, or the result that stands for what went wrong.
	Code gp.Result
	// Func is the function of the Core API that panicked, "" if the TA's own code trapped.
	Func string
	// Reason says what happened.
	Reason string
	// Stopped says that the TEE stopped the instance, which did nothing wrong by itself: Err says why.
	Stopped bool
	Err     error
	// Stack is where it happened, innermost first; empty if the engine does not know.
	Stack []Frame
}

// Frame is a place in a TA's code.
type Frame struct {
	Func string
	File string // "" without debug information
	Line int
}

// String returns the frame in the usual form.
func (f Frame) String() string {
	if f.File == "" {
		return f.Func
	}
	return fmt.Sprintf("%s at %s:%d", f.Func, f.File, f.Line)
}

// Error says in one line what happened and where. The rest of the stack is in Stack.
func (p *Panic) Error() string {
	var b strings.Builder
	if p.Stopped {
		fmt.Fprintf(&b, "TA %v was stopped: %s", p.TA, p.Reason)
	} else {
		fmt.Fprintf(&b, "TA %v panicked with %v", p.TA, p.Code)
		if p.Func != "" {
			fmt.Fprintf(&b, " in %s", p.Func)
		}
		fmt.Fprintf(&b, ": %s", p.Reason)
	}
	if len(p.Stack) > 0 {
		fmt.Fprintf(&b, ", in %v", p.Stack[0])
	}
	return b.String()
}

// Unwrap returns what stopped the instance.
func (p *Panic) Unwrap() error { return p.Err }

// StackTrace returns the frames in lines, for people.
func (p *Panic) StackTrace() []string {
	lines := make([]string, len(p.Stack))
	for i, f := range p.Stack {
		lines[i] = f.String()
	}
	return lines
}

// Stop is what a system call panics with when the TEE stops the instance in the middle of it. The engine turns it into a
// Panic.
type Stop struct{ Err error }

// Error says why.
func (s *Stop) Error() string { return s.Err.Error() }

// Unwrap returns why.
func (s *Stop) Unwrap() error { return s.Err }
