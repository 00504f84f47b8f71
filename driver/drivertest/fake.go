package drivertest

import (
	"context"
	"io"
	"sync"
	"syscall"
	"time"

	"goatee/driver"
	"goatee/gp"
)

// Fault is one way in which a Fake breaks the contract.
type Fault string

// The faults. Each is caught by the check of the kit that faultCheck names.
const (
	NoFault            Fault = ""
	VersionChanges     Fault = "version-changes"
	ClaimsSessions     Fault = "claims-sessions"
	ClaimsMessages     Fault = "claims-messages"
	OpenReturnsNothing Fault = "open-returns-nothing"
	UnknownTAOpens     Fault = "unknown-ta-opens"
	UnknownTAOrigin    Fault = "unknown-ta-origin"
	SessionWithFailure Fault = "session-with-failure"
	NilSession         Fault = "nil-session"
	ForgetsOutput      Fault = "forgets-output"
	WritesInput        Fault = "writes-input"
	MixesContexts      Fault = "mixes-contexts"
	IgnoresOffset      Fault = "ignores-offset"
	ReadsOutside       Fault = "reads-outside"
	WritesOutside      Fault = "writes-outside"
	WritesInputMemory  Fault = "writes-input-memory"
	KeepsMemory        Fault = "keeps-memory"
	WrongSize          Fault = "wrong-size"
	PanicsOnNull       Fault = "panics-on-null"
	PanicsOnTypes      Fault = "panics-on-types"
	IgnoresCancel      Fault = "ignores-cancel"
	MissesEarlyCancel  Fault = "misses-early-cancel"
	CancelBlocks       Fault = "cancel-blocks"
	IgnoresLeaving     Fault = "ignores-leaving"
	CloseForgets       Fault = "close-forgets"
	CloseBlocks        Fault = "close-blocks"
	PanicsOnRelease    Fault = "panics-on-release"
	LeaksGoroutine     Fault = "leaks-goroutine"
	ErrorWithoutErrno  Fault = "error-without-errno"
	ClassifyExecutes   Fault = "classify-executes"
	ClassifyChanges    Fault = "classify-changes"
	ClassifyPanics     Fault = "classify-panics"
	UnknownScope       Fault = "unknown-scope"
	ReplyTooLong       Fault = "reply-too-long"
	KeepsReference     Fault = "keeps-reference"
	AllocatesTooLittle Fault = "allocates-too-little"
	AllocatesDirty     Fault = "allocates-dirty"
	AllocatesSame      Fault = "allocates-same"
)

// fakeTA is the TA of a Fake, and fakeMessages the format of its messages: a message is echoed, if its first byte is not
// 0xff. A first byte 'm' is followed by the id of shared memory in one byte, of which the first 16 bytes are the reply.
var (
	fakeTA       = gp.MustParseUUID("6a1e0a4c-3b53-4cf0-8c65-0d8f0e4b9b01")
	fakeMessages = gp.MustParseUUID("6a1e0a4c-3b53-4cf0-8c65-0d8f0e4b9b02")
)

// The commands of the TA of a Fake.
const (
	fakeIncrement = 0 // value inout: adds 1 to a
	fakeCopy      = 1 // memref in, memref out: copies
	fakeWait      = 2 // value in: waits a milliseconds
)

// Fake is a TEE that does little and does it right, but for its Fault. It is what the kit is tested with, and a stand-in
// for a TEE in tests of what lies above drivers.
type Fake struct {
	fault Fault

	mu       sync.Mutex
	versions int
	closed   chan struct{}
	executed int       // messages
	lastConn *fakeConn // whose increment came last, and its result
	last     uint64
	dirty    []byte
}

// NewFake makes a Fake that breaks the contract in one way.
func NewFake(f Fault) *Fake { return &Fake{fault: f, closed: make(chan struct{})} }

// FakeConfig is the kit's Config for a Fake.
func FakeConfig(f Fault) Config {
	return Config{
		New:        func() (driver.Driver, error) { return NewFake(f), nil },
		TA:         fakeTA,
		Increment:  Func(fakeIncrement),
		Copy:       Func(fakeCopy),
		Wait:       Func(fakeWait),
		Message:    []byte("hello"),
		Malformed:  []byte{0xff},
		ReadMemory: func(id uint64) []byte { return []byte{'m', byte(id)} },
		Executed:   func(d driver.Driver) int { return d.(*Fake).Executed() },
		Patience:   300 * time.Millisecond,
	}
}

// Executed counts the messages that were executed.
func (f *Fake) Executed() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.executed
}

// Version implements driver.Driver.
func (f *Fake) Version() driver.Version {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.versions++
	v := driver.Version{Name: "fake", Caps: driver.CapGP | driver.CapMemrefNull, Messages: fakeMessages}
	if f.fault == VersionChanges {
		v.ImplCaps = uint32(f.versions)
	}
	return v
}

// Open implements driver.Driver.
func (f *Fake) Open(_ context.Context, h driver.Host) (driver.Conn, error) {
	c := &fakeConn{fake: f, host: h}
	switch f.fault {
	case OpenReturnsNothing:
		return nil, nil
	case ClaimsSessions:
		return struct {
			driver.Conn
			driver.Commander
		}{c, c}, nil
	case ClaimsMessages:
		return struct {
			driver.Conn
			driver.Sessions
		}{c, c}, nil
	}
	return c, nil
}

// Close implements driver.Driver.
func (f *Fake) Close() error {
	switch f.fault {
	case CloseBlocks:
		select {}
	case CloseForgets:
	default:
		close(f.closed)
	}
	return nil
}

type fakeConn struct {
	fake *Fake
	host driver.Host

	mu   sync.Mutex
	kept driver.Region
	refs driver.Resolver
}

func (c *fakeConn) Release() {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch c.fake.fault {
	case KeepsMemory:
		if c.kept != nil {
			_, _ = c.kept.ReadAt(make([]byte, 1), 0)
		}
	case KeepsReference:
		if c.refs != nil {
			_, _ = c.refs.Region(driver.Ref{Kind: driver.RefID, Value: 1})
		}
	case PanicsOnRelease:
		panic("not open")
	case LeaksGoroutine:
		go func() { select {} }()
	}
}

func (c *fakeConn) OpenSession(ctx context.Context, r *driver.OpenRequest) (driver.Session, driver.Reply, error) {
	s := &fakeSession{conn: c}
	if r.TA != fakeTA {
		reply := driver.Reply{Result: gp.ErrorItemNotFound, Origin: gp.OriginTEE}
		switch c.fake.fault {
		case UnknownTAOpens:
			return s, driver.Reply{}, nil
		case UnknownTAOrigin:
			reply.Origin = 0
		case SessionWithFailure:
			return s, reply, nil
		}
		return nil, reply, nil
	}
	if c.fake.fault == NilSession {
		return nil, driver.Reply{}, nil
	}
	return s, driver.Reply{Origin: gp.OriginTrustedApp}, nil
}

type fakeSession struct{ conn *fakeConn }

func (s *fakeSession) Close(context.Context) {}

func (s *fakeSession) Invoke(ctx context.Context, r *driver.InvokeRequest) (driver.Reply, error) {
	answer := func(result gp.Result) (driver.Reply, error) {
		return driver.Reply{Result: result, Origin: gp.OriginTrustedApp}, nil
	}
	p := r.Params
	types := [4]gp.ParamType{}
	for i := range min(len(p), 4) {
		types[i] = p[i].Type
	}
	switch r.Func {
	case fakeIncrement:
		if types != [4]gp.ParamType{gp.ValueInout} {
			if s.conn.fake.fault == PanicsOnTypes {
				panic("increment: wrong parameters")
			}
			return answer(gp.ErrorBadParameters)
		}
		s.increment(&p[0])
		return answer(gp.Success)
	case fakeCopy:
		if types != [4]gp.ParamType{gp.MemrefInput, gp.MemrefOutput} {
			return answer(gp.ErrorBadParameters)
		}
		return answer(s.copy(&p[0], &p[1]))
	case fakeWait:
		if types != [4]gp.ParamType{gp.ValueInput} {
			return answer(gp.ErrorBadParameters)
		}
		if s.conn.fake.fault == WritesInput {
			p[0].A++
		}
		return answer(s.wait(ctx, r.Call, time.Duration(p[0].A)*time.Millisecond))
	}
	return answer(gp.ErrorNotSupported)
}

func (s *fakeSession) increment(p *driver.Param) {
	f := s.conn.fake
	switch f.fault {
	case ForgetsOutput:
		return
	case MixesContexts:
		f.mu.Lock()
		defer f.mu.Unlock()
		mine := p.A + 1
		p.A = mine
		if f.lastConn != nil && f.lastConn != s.conn {
			p.A = f.last
		}
		f.lastConn, f.last = s.conn, mine
		return
	}
	p.A++
}

// copy is a TA that reads one buffer and writes another.
func (s *fakeSession) copy(in, out *driver.Param) gp.Result {
	f := s.conn.fake
	if in.Region == nil || out.Region == nil {
		if f.fault == PanicsOnNull {
			panic("NULL memory reference")
		}
		return gp.ErrorBadParameters
	}
	size, capacity := in.Size, out.Size
	out.Size = size
	if f.fault == WrongSize {
		out.Size = capacity
	}
	if size > capacity {
		return gp.ErrorShortBuffer
	}
	read, inOff, outOff := size, int64(in.Offset), int64(out.Offset)
	switch f.fault {
	case IgnoresOffset:
		inOff = 0
	case ReadsOutside:
		read++
	}
	buf := make([]byte, read)
	if n, err := in.Region.ReadAt(buf, inOff); err != nil && uint64(n) < size {
		return gp.ErrorGeneric
	}
	buf = buf[:size]
	if f.fault == WritesOutside {
		buf = append(buf, make([]byte, capacity-size+1)...)
	}
	if n, err := out.Region.WriteAt(buf, outOff); err != nil && uint64(n) < size {
		return gp.ErrorGeneric
	}
	switch f.fault {
	case WritesInputMemory:
		_, _ = in.Region.WriteAt(buf[:1], inOff)
	case KeepsMemory:
		s.conn.mu.Lock()
		s.conn.kept = in.Region
		s.conn.mu.Unlock()
	}
	return gp.Success
}

// wait is a TA that waits with cancellation unmasked.
func (s *fakeSession) wait(ctx context.Context, c *driver.Call, d time.Duration) gp.Result {
	f := s.conn.fake
	cancelled := make(chan struct{})
	defer c.SetState(nil)
	if f.fault != IgnoresCancel && c.SetState(cancelled) && f.fault != MissesEarlyCancel {
		return gp.ErrorCancel
	}
	left := ctx.Done()
	if f.fault == IgnoresLeaving {
		left = nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return gp.Success
	case <-cancelled:
		return gp.ErrorCancel
	case <-left:
		return gp.ErrorTargetDead
	case <-f.closed:
		return gp.ErrorTargetDead
	}
}

func (c *fakeConn) Cancel(call *driver.Call) {
	if c.fake.fault == CancelBlocks {
		time.Sleep(time.Second)
	}
	call.WithState(func(state any) { close(state.(chan struct{})) })
}

func (c *fakeConn) Classify(m *driver.Message) (driver.Scope, error) {
	switch c.fake.fault {
	case ClassifyExecutes:
		c.fake.mu.Lock()
		c.fake.executed++
		c.fake.mu.Unlock()
	case ClassifyChanges:
		if len(m.Data) > 0 {
			m.Data[0]++
		}
	case ClassifyPanics:
		_ = m.Data[3]
	}
	if len(m.Data) == 0 || m.Data[0] == 0xff || m.Data[0] == 'm' && len(m.Data) != 2 {
		if c.fake.fault == ErrorWithoutErrno {
			return 0, io.ErrUnexpectedEOF
		}
		return 0, driver.Errorf(syscall.EINVAL, "fake: malformed message of %d bytes", len(m.Data))
	}
	if c.fake.fault == UnknownScope {
		return 77, nil
	}
	return driver.ScopeUse, nil
}

func (c *fakeConn) Command(_ context.Context, m *driver.Message) ([]byte, error) {
	c.fake.mu.Lock()
	c.fake.executed++
	c.fake.mu.Unlock()
	reply := m.Data
	if m.Data[0] == 'm' && len(m.Data) == 2 {
		r, err := m.Memory.Region(driver.Ref{Kind: driver.RefID, Value: uint64(m.Data[1])})
		if err != nil {
			return nil, err
		}
		reply = make([]byte, min(16, r.Size()))
		if _, err := r.ReadAt(reply, 0); err != nil {
			return nil, err
		}
		c.mu.Lock()
		c.refs = m.Memory
		c.mu.Unlock()
	}
	if len(reply) > m.MaxReply && c.fake.fault != ReplyTooLong {
		return nil, driver.Errorf(syscall.EMSGSIZE, "fake: the reply has %d bytes, the client takes %d", len(reply), m.MaxReply)
	}
	return reply, nil
}

// Allocate implements driver.Allocator.
func (c *fakeConn) Allocate(size uint64) (driver.Region, error) {
	f := c.fake
	f.mu.Lock()
	defer f.mu.Unlock()
	b := make([]byte, size)
	switch f.fault {
	case AllocatesTooLittle:
		b = b[:size/2]
	case AllocatesDirty:
		b[size-1] = 1
	case AllocatesSame:
		if f.dirty == nil {
			f.dirty = b
		}
		b = f.dirty
	}
	return &fakeMemory{b}, nil
}

// fakeMemory is comparable, as a Region that a driver is given back must be.
type fakeMemory struct{ driver.Bytes }

// Free implements driver.Allocator.
func (c *fakeConn) Free(driver.Region) {}
