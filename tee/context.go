package tee

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"syscall"

	"goatee/driver"
	"goatee/gp"
)

// Context is what a program has per open device: it holds sessions and shared memory. Its methods may be called
// concurrently; Close may be called during any of them.
type Context struct {
	dev    *Device
	number uint64
	conn   driver.Conn
	opt    options
	gone   chan struct{} // closed when the client or the device has gone
	down   chan struct{} // closed after gone, when the driver has given back every call and session

	mu          sync.Mutex
	goneErr     error // why gone is closed: the answer to everything from then on
	onGone      func()
	sessions    map[uint32]*Session
	lastSession uint32
	memory      map[uint64]*SharedMemory
	sharedBytes uint64
	calls       *call // in flight: a list
	inFlight    int
	spare       []*call
	quiet       chan struct{} // closed when inFlight is 0, if somebody waits for that
	refs        int           // the open file, sessions, calls and shared memory
}

// open connects to the driver.
func (ctx *Context) open(parent context.Context) error {
	var conn driver.Conn
	err := ctx.dev.guard(func() (err error) {
		conn, err = ctx.dev.drv.Open(parent, host{ctx})
		return err
	})
	if err != nil {
		return err
	}
	opt, err := resolve(conn, ctx.dev.version)
	if err != nil {
		ctx.dev.guarded(conn.Release)
		return err
	}
	ctx.conn, ctx.opt = conn, opt
	return nil
}

// Device is the device that the context was opened on.
func (ctx *Context) Device() *Device { return ctx.dev }

// Number identifies the context among all that the device ever had; it is for traces.
func (ctx *Context) Number() uint64 { return ctx.number }

var errContextClosed = errors.New("the context is closed")

// Close ends the context: calls in flight are left and answer EBADF, sessions are closed, and shared memory goes when
// it is released and nothing refers to it any more. Everything afterwards is EBADF. Close waits for calls and sessions
// until parent is done, whose error it then returns; the rest goes on without it. Closing again waits again.
func (ctx *Context) Close(parent context.Context) error {
	ctx.shut(driver.Errorf(syscall.EBADF, "tee: %w", errContextClosed))
	select {
	case <-ctx.down:
		return nil
	default:
	}
	select {
	case <-ctx.down:
		return nil
	case <-parent.Done():
		return fmt.Errorf("tee: the context is closed, but the TEE has not closed its sessions yet: %w", parent.Err())
	}
}

// shut revokes the context with err and starts taking it down. Only the first call has an effect.
func (ctx *Context) shut(err error) {
	ctx.mu.Lock()
	if ctx.goneErr != nil {
		ctx.mu.Unlock()
		return
	}
	ctx.goneErr = err
	onGone := ctx.onGone
	var calls []*call
	for c := ctx.calls; c != nil; c = c.next {
		c.shared = true
		calls = append(calls, c)
	}
	for _, c := range ctx.spare {
		close(c.start)
	}
	ctx.spare = nil
	sessions := make([]*Session, 0, len(ctx.sessions))
	for _, s := range ctx.sessions {
		if s.state != sessionOpening { // that one ends with its call
			sessions = append(sessions, s)
		}
	}
	ctx.mu.Unlock()

	close(ctx.gone)
	if onGone != nil {
		onGone()
	}
	for _, c := range calls {
		c.leave(err, context.Canceled)
	}
	go ctx.takeDown(sessions)
}

// whenGone calls f once, when the context goes or now if it has. There is one f for a context.
func (ctx *Context) whenGone(f func()) {
	ctx.mu.Lock()
	gone := ctx.goneErr != nil
	ctx.onGone = f
	ctx.mu.Unlock()
	if gone {
		f()
	}
}

// closersAtOnce is how many sessions of a context are closed at the same time: one that has to wait for its TA must not
// keep the others.
const closersAtOnce = 32

// takeDown closes the sessions and gives the file's reference back.
func (ctx *Context) takeDown(sessions []*Session) {
	next := make(chan *Session)
	var wg sync.WaitGroup
	for range min(closersAtOnce, len(sessions)) {
		wg.Go(func() {
			for s := range next {
				_ = s.Close(context.Background()) // cannot fail; a driver that never returns is nobody's to wait for but ours
			}
		})
	}
	for _, s := range sessions {
		next <- s
	}
	close(next)
	wg.Wait()
	<-ctx.awaitCalls()
	if ctx.opt.fileCloser != nil {
		ctx.dev.guarded(ctx.opt.fileCloser.CloseFile)
	}
	close(ctx.down)
	ctx.drop()
}

// awaitCalls returns a channel that is closed when no call is in flight. It comes after the context has gone, so that
// none can begin.
func (ctx *Context) awaitCalls() <-chan struct{} {
	ctx.mu.Lock()
	defer ctx.mu.Unlock()
	ctx.quiet = make(chan struct{})
	if ctx.inFlight == 0 {
		close(ctx.quiet)
	}
	return ctx.quiet
}

// callEndedLocked is the counterpart of admitLocked.
func (ctx *Context) callEndedLocked() {
	ctx.inFlight--
	if ctx.inFlight == 0 && ctx.quiet != nil {
		close(ctx.quiet)
	}
}

// drop gives one reference back.
func (ctx *Context) drop() {
	ctx.mu.Lock()
	last := ctx.dropLocked()
	ctx.mu.Unlock()
	if last {
		ctx.release()
	}
}

// dropLocked is drop for holders of the lock, who must call release if it returns true.
func (ctx *Context) dropLocked() bool {
	ctx.refs--
	return ctx.refs == 0
}

// release is the end of the driver's connection.
func (ctx *Context) release() {
	ctx.dev.guarded(ctx.conn.Release)
	ctx.dev.remove(ctx)
}

// Cancel cancels calls in flight of this context, as TEE_IOC_CANCEL does: with a session, that session's commands whose
// cancel id is cancelID, where 0 on either side matches all; without one (session 0), the opens in flight with that
// cancel id. It returns at once, whether or not a call was found.
//
// # Errors
//
// EINVAL if both are 0, if the session is not this context's, or if the TEE cannot cancel; ENODEV and EBADF as
// everywhere.
func (ctx *Context) Cancel(session, cancelID uint32) error {
	if session == 0 && cancelID == 0 {
		return driver.Errorf(syscall.EINVAL, "tee: cancelling needs a session or a cancel id")
	}
	if ctx.opt.canceller == nil {
		return driver.Errorf(syscall.EINVAL, "tee: %s cannot cancel calls", ctx.dev.version.Name)
	}
	ctx.mu.Lock()
	if err := ctx.goneErr; err != nil {
		ctx.mu.Unlock()
		return err
	}
	s := ctx.sessions[session]
	if session != 0 && (s == nil || s.state != sessionOpen) {
		ctx.mu.Unlock()
		return unknownSession(session)
	}
	var hit []*call
	for c := ctx.calls; c != nil; c = c.next {
		if s != nil && c.session == s && (cancelID == 0 || c.cancelID == 0 || c.cancelID == cancelID) ||
			s == nil && c.kind == opening && c.cancelID == cancelID {
			c.shared = true
			hit = append(hit, c)
		}
	}
	ctx.mu.Unlock()
	for _, c := range hit {
		c.cancel()
	}
	return nil
}

// host is the Context as its driver sees it.
type host struct{ ctx *Context }

func (h host) Memory(id uint64) (driver.Region, func(), error) {
	m, err := h.ctx.Memory(id)
	if err != nil {
		return nil, nil, err
	}
	return m.region, sync.OnceFunc(m.Release), nil
}

func (h host) CallSupplicant(ctx context.Context, fn uint32, params []driver.Param) (gp.Result, error) {
	return h.ctx.dev.callSupplicant(ctx, fn, params)
}

func (h host) Trace(e driver.TraceEvent) {
	if trace := h.ctx.dev.reg.opt.Trace; trace != nil {
		trace(TraceRecord{Device: h.ctx.dev.Name(), Context: h.ctx.number, TraceEvent: e})
	}
}

func (h host) Gone() <-chan struct{} { return h.ctx.gone }
