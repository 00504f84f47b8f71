package driver

import (
	"context"

	"goatee/gp"
)

// Client is who opens a session, as the mid-layer has established it.
type Client struct {
	Login gp.Login
	// UUID is the identity that the login proves: see package tee for how it is derived.
	UUID gp.UUID
	// Data is the connection data as the client gave it: for the group logins the group id in the first four octets, in
	// the machine's byte order. A driver that hands the login on to another TEE needs it; others use UUID.
	Data [16]byte
	// PID and UID are those of the process that opens the session, for people and for drivers that pass it on. They prove
	// nothing to the TEE: UUID does.
	PID int
	UID uint32
}

// Reply is what the TEE answered.
type Reply struct {
	Result gp.Result
	Origin gp.Origin
	// Cause says for people why Result is what it is, if the TEE knows more than the number: a TA's panic with its
	// stack, a module that does not load. nil is usual. It is no second result: nothing is decided by it.
	Cause error
}

// OpenRequest asks for a session. It belongs to the mid-layer, which uses it again when OpenSession has returned.
type OpenRequest struct {
	*Call
	TA     gp.UUID
	Client Client
	Params []Param
	// Session is the mid-layer's id of the session to be, which is the one programs and people see. A driver uses it in
	// traces and nowhere else.
	Session uint32
}

// InvokeRequest is one command to a session. It belongs to the mid-layer, which uses it again when Invoke has returned.
type InvokeRequest struct {
	*Call
	Func   uint32
	Params []Param
}

// Sessions is an option of a Conn: the TEE has TAs, and sessions to them. Without it opening a session is EINVAL, as for
// a kernel driver without the operation.
type Sessions interface {
	// OpenSession opens a session to a TA, which it loads if that is the TEE's way.
	//
	// # Results
	//
	// The Session is nil if the Reply's Result is not gp.Success, and not nil if it is. An unknown TA is
	// gp.ErrorItemNotFound with gp.OriginTEE.
	//
	// # Cancellation
	//
	// ctx is done when nobody waits any more, its deadline is the client's. The driver should then end the call, unless
	// what it does there serves other contexts as well; a session that comes to be all the same is closed by the
	// mid-layer. Cancelling is something else: see Canceller.
	OpenSession(ctx context.Context, r *OpenRequest) (Session, Reply, error)
}

// Session is a driver's side of one session.
type Session interface {
	// Invoke runs one command. Calls to one session may be concurrent; a TEE that cannot do that queues them. Its ctx is
	// as OpenSession's.
	Invoke(ctx context.Context, r *InvokeRequest) (Reply, error)
	// Close ends the session. It is called once, after all Invokes of this session have returned, and not concurrently
	// with them; ctx is done when the mid-layer stops waiting, and the session is gone for the client either way.
	Close(ctx context.Context)
}

// Canceller is an option of a Conn: calls can be cancelled, which sets the TEE's flag and wakes those waits that the TA
// has opened for it, and nothing else. Without it cancelling is EINVAL for programs, and for Go clients it has no effect.
type Canceller interface {
	// Cancel is called at most once for a call, and not after the call has returned. It must not block. It may come
	// before the driver has looked at the call, whose State is then nil: Call.SetState tells the driver that it did.
	Cancel(c *Call)
}

// Scope is what a message on the opaque channel would do, and so the authority it needs. Each scope contains those before
// it.
type Scope uint8

// The scopes.
const (
	ScopeRead      Scope = 1 + iota // reads state that is nobody's secret
	ScopeUse                        // uses the TEE as every client may
	ScopeConfigure                  // changes what other clients will see
	ScopePlatform                   // changes the platform: ownership, firmware, reset
)

// String returns the scope's name in lower case.
func (s Scope) String() string {
	switch s {
	case ScopeRead:
		return "read"
	case ScopeUse:
		return "use"
	case ScopeConfigure:
		return "configure"
	case ScopePlatform:
		return "platform"
	}
	return "unknown"
}

// Message is what a client sent over the opaque channel. Data is a private copy that the client cannot change any more;
// the driver may overwrite it. The message belongs to the mid-layer when Command has returned.
type Message struct {
	*Call
	// Format is what Data is written in. The mid-layer has checked that it is Version.Messages.
	Format gp.UUID
	Data   []byte
	// MaxReply is the most that the client takes, in bytes.
	MaxReply int
	// Memory translates the references inside Data.
	Memory Resolver
}

// Resolver translates references to shared memory inside a message, both ways, within the context of the message.
type Resolver interface {
	// Region finds the memory behind a reference. It is held until the command has returned, and looked up once: the
	// same Ref gives the same Region, whatever the client does meanwhile. The error is EINVAL for a reference that is
	// not this context's.
	Region(ref Ref) (Region, error)
	// Ref is the reverse, for replies: by which reference the client knows memory that Region gave out or the context
	// holds.
	Ref(r Region) (Ref, error)
}

// Ref is a reference to shared memory as it stands in a message.
type Ref struct {
	Kind  RefKind
	Value uint64 // an id, a file descriptor, or an address
	Size  uint64 // of a range, in bytes
}

// RefKind is what Ref.Value is.
type RefKind uint8

// The kinds of references. Every context knows RefID; the others exist where the front door can translate them, that is,
// for programs that talk to a device file.
const (
	RefID    RefKind = 1 + iota // id of shared memory of the context
	RefFD                       // file descriptor of shared memory, in the client's process
	RefRange                    // address range in the client's process that it has shared
)

// Commander is an option of a Conn: the opaque channel, for a TEE with messages of its own. Without it a command is
// EINVAL.
type Commander interface {
	// Classify tells what m would do, without doing any of it. The mid-layer then asks its policy. The error is EINVAL,
	// or EMSGSIZE, for a message that is not well-formed; such a message is refused.
	Classify(m *Message) (Scope, error)
	// Command executes the same m. The reply is m.Data overwritten or memory of the driver's, at most m.MaxReply
	// bytes, and is copied before the next use of the Conn by the same call. What the TEE answered is inside the reply;
	// the error only says that the message was not delivered. ctx is as OpenSession's.
	Command(ctx context.Context, m *Message) ([]byte, error)
}

// ObjectRequest is one operation on an object.
type ObjectRequest struct {
	*Call
	ID     uint64
	Op     uint32
	Params []Param
}

// ObjectInvoker is an option of a Conn, for TEEs that have objects instead of sessions. Without it invoking an object is
// EINVAL.
type ObjectInvoker interface {
	// InvokeObject performs r.Op on an object. ctx is as OpenSession's.
	InvokeObject(ctx context.Context, r *ObjectRequest) (Reply, error)
}

// Allocator is an option of a Conn, for TEEs that can share only memory of their own. Without it the mid-layer allocates.
type Allocator interface {
	// Allocate returns at least size bytes, zeroed. The mid-layer calls Free when nothing refers to them any more.
	Allocate(size uint64) (Region, error)
	// Free is called once for each Region that Allocate has returned.
	Free(r Region)
}

// MemoryRegistrar is an option of a Conn, for TEEs that must be told of a program's own memory before they can use it.
// Without it registered memory is a Region like any other.
type MemoryRegistrar interface {
	// RegisterMemory is called before r is used in any call; an error refuses the registration.
	RegisterMemory(r Region) error
	// UnregisterMemory is called once for each Region that was registered, when nothing refers to it any more.
	UnregisterMemory(r Region)
}

// SupplicantProvider is an option of a Conn, for TEEs whose supplicant queue is somewhere else, such as behind a device
// of the host. Without it the mid-layer keeps the queue, and the TEE fills it through Host.CallSupplicant.
type SupplicantProvider interface {
	// ReceiveRequest waits for a request to the supplicant. Requests are told apart by the returned id.
	ReceiveRequest(ctx context.Context, params []Param) (id uint64, fn uint32, n int, err error)
	// SendReply answers the request with that id.
	SendReply(ctx context.Context, id uint64, r gp.Result, params []Param) error
}

// FileCloser is an option of a Conn: it is told when the client closes its device, which may be long before Release,
// since shared memory lives on. It is called once, after the sessions were closed. Without it only Release is called.
type FileCloser interface {
	CloseFile()
}
