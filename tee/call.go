package tee

import (
	"context"
	"errors"
	"sync"
	"syscall"
	"time"

	"goatee/driver"
)

// kind is what a call asks of the driver.
type kind uint8

const (
	opening kind = iota
	invoking
	commanding
	objecting
)

// callState tells who answers the client: the first to leave inFlight.
type callState uint8

const (
	inFlight callState = iota
	finished           // the driver has returned
	left               // the client was answered without the driver
)

// call is one request from its admission to the return of the driver. It is also the context.Context that the driver
// gets, which is done when the client has left.
//
// A call has a goroutine of its own, on which the driver runs, so that a client can leave a call that the driver still
// holds. The handing over costs what an unbuffered channel costs. A call that ended as it should waits in its context for
// the next request; nobody but its client and its goroutine may hold a pointer to it without saying so (share).
type call struct {
	driver.Call

	owner    *Context
	session  *Session // of an invoke
	kind     kind
	cancelID uint32
	parent   context.Context // the client's

	// Guarded by owner.mu. A call that somebody else may hold a pointer to is not used again.
	prev, next *call // in the list of calls in flight
	shared     bool
	held       []*SharedMemory // referenced until the end
	heldBuf    [4]*SharedMemory

	params    []driver.Param // private to the call
	paramsBuf [4]driver.Param
	open      driver.OpenRequest
	invoke    driver.InvokeRequest
	object    driver.ObjectRequest
	message   driver.Message

	// Written by the call's goroutine, read by the client's once done has a token and the state is finished.
	reply  driver.Reply
	out    []byte
	opened driver.Session
	err    error

	start chan struct{} // one token: run the driver; closed: there is nothing more to do
	done  chan struct{} // one token: the call has left inFlight

	mu       sync.Mutex
	state    callState
	returned bool // from the driver
	leftErr  error
	stopErr  error // what the driver's context says
	stop     chan struct{}
}

var _ context.Context = (*call)(nil)

// Deadline, Done, Err and Value make the call the driver's context.
func (c *call) Deadline() (time.Time, bool) { return c.parent.Deadline() }

func (c *call) Value(key any) any { return c.parent.Value(key) }

func (c *call) Done() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stop == nil {
		c.stop = make(chan struct{})
		if c.stopErr != nil {
			close(c.stop)
		}
	}
	return c.stop
}

func (c *call) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.stopErr
}

// maxSpareCalls is how many calls a context keeps for the next requests.
const maxSpareCalls = 8

// newCall admits a call: it checks params, takes a reference to what they name, and enters it into the list of calls in
// flight. The caller must run or end it.
func (ctx *Context) newCall(parent context.Context, k kind, s *Session, cancelID uint32, params []driver.Param) (*call, error) {
	if err := parent.Err(); err != nil {
		return nil, leftError(err)
	}
	ctx.mu.Lock()
	defer ctx.mu.Unlock()
	if err := ctx.admissibleLocked(s); err != nil {
		return nil, err
	}
	var c *call
	if n := len(ctx.spare); n > 0 {
		c, ctx.spare = ctx.spare[n-1], ctx.spare[:n-1]
	} else {
		c = &call{owner: ctx, start: make(chan struct{}, 1), done: make(chan struct{}, 1)}
		go c.loop()
	}
	c.parent, c.kind, c.session, c.cancelID = parent, k, s, cancelID
	c.params = append(c.paramsBuf[:0], params...)
	c.held = c.heldBuf[:0]
	if err := ctx.checkParamsLocked(c); err != nil {
		for _, m := range c.held {
			m.refs-- // never the last: it was counted a moment ago
		}
		ctx.putBackLocked(c)
		return nil, err
	}
	ctx.inFlight++
	ctx.refs++
	if s != nil {
		s.calls++
	}
	c.next = ctx.calls
	if c.next != nil {
		c.next.prev = c
	}
	ctx.calls = c
	return c, nil
}

// admissibleLocked says why no call may begin, on session s if it is not nil.
func (ctx *Context) admissibleLocked(s *Session) error {
	if ctx.goneErr != nil {
		return ctx.goneErr
	}
	if limit := ctx.dev.reg.opt.Limits.Calls; ctx.inFlight >= limit {
		return driver.Errorf(syscall.EAGAIN, "tee: the context has %d calls in flight, which is the limit; wait for one to end", limit)
	}
	if s != nil && s.state != sessionOpen {
		return s.unknown()
	}
	return nil
}

// putBackLocked makes c as new and keeps it for another request, or ends its goroutine.
func (ctx *Context) putBackLocked(c *call) {
	if c.shared || c.state == left || c.stop != nil || ctx.goneErr != nil || len(ctx.spare) >= maxSpareCalls {
		close(c.start)
		return
	}
	clear(c.params)
	clear(c.held)
	c.Call.Reuse()
	c.parent, c.session, c.opened, c.out, c.err = nil, nil, nil, nil, nil
	c.reply = driver.Reply{}
	switch c.kind { // each kind writes its own request
	case opening:
		c.open = driver.OpenRequest{}
	case commanding:
		c.message = driver.Message{}
	}
	c.state, c.returned = inFlight, false
	ctx.spare = append(ctx.spare, c)
}

// loop is the call's goroutine.
func (c *call) loop() {
	for range c.start {
		if !c.execute() {
			return
		}
		c.done <- struct{}{} // from here on the call is its client's again
	}
}

// run executes c and waits until the driver has returned or the client leaves. An error is the client's answer, and the
// call is not its any more. Without one the results are there, and the client must end the call.
func (c *call) run() error {
	c.start <- struct{}{}
	if done := c.parent.Done(); done == nil {
		<-c.done
	} else {
		select {
		case <-c.done:
		case <-done:
			c.interrupt()
			<-c.done
		}
	}
	if c.state == left { // final, and written before done's token
		return c.leftErr
	}
	return nil
}

// interrupt is for a client whose context is done: it cancels the call, or leaves it.
func (c *call) interrupt() {
	err := c.parent.Err()
	if !errors.Is(err, context.Canceled) || c.owner.opt.canceller == nil {
		c.leave(leftError(err), err)
		return
	}
	c.cancel()
	deadline, ok := c.parent.Deadline()
	if !ok {
		return
	}
	c.share() // with the timer, which may fire while the call ends
	// The caller goes on to wait for done's token, which either of the two brings.
	t := time.AfterFunc(time.Until(deadline), func() {
		c.leave(leftError(context.DeadlineExceeded), context.DeadlineExceeded)
	})
	<-c.done
	t.Stop()
	c.done <- struct{}{}
}

// share keeps c from being used for another request, since somebody else holds a pointer to it.
func (c *call) share() {
	c.owner.mu.Lock()
	c.shared = true
	c.owner.mu.Unlock()
}

// cancel asks the driver to cancel the call, unless it has returned.
func (c *call) cancel() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.returned && c.RequestCancel() {
		c.owner.dev.guarded(func() { c.owner.opt.canceller.Cancel(&c.Call) })
	}
}

// leave answers the client with err, unless it was answered, and lets the driver know through its context.
func (c *call) leave(err, stopErr error) {
	c.mu.Lock()
	first := c.state == inFlight
	if first {
		c.state, c.leftErr, c.stopErr = left, err, stopErr
		if c.stop != nil {
			close(c.stop)
		}
	}
	c.mu.Unlock()
	if first {
		c.done <- struct{}{}
	}
}

// execute runs the driver. It reports whether the client waits for the results; if not, it has ended the call.
func (c *call) execute() bool {
	c.enterDriver()
	c.mu.Lock()
	c.returned = true
	answered := c.state == inFlight
	if answered {
		c.state = finished
	}
	c.mu.Unlock()
	if !answered {
		if c.opened != nil {
			c.owner.closeDriverSession(c.opened)
		}
		c.end()
	}
	return answered
}

// enterDriver calls the driver's method. A panic there is an error of this call and of nothing else.
func (c *call) enterDriver() {
	defer func() {
		if p := recover(); p != nil {
			c.opened, c.reply, c.err = nil, driver.Reply{}, c.owner.dev.driverPanic(p)
		}
	}()
	o := &c.owner.opt
	switch c.kind {
	case opening:
		c.open.Call, c.open.Params = &c.Call, c.params
		c.opened, c.reply, c.err = o.sessions.OpenSession(c, &c.open)
	case invoking:
		c.invoke.Call, c.invoke.Params = &c.Call, c.params
		c.reply, c.err = c.session.drv.Invoke(c, &c.invoke)
	case commanding:
		defer c.message.Memory.(*resolver).end()
		c.out, c.err = o.commander.Command(c, &c.message)
	case objecting:
		c.object.Call, c.object.Params = &c.Call, c.params
		c.reply, c.err = o.objects.InvokeObject(c, &c.object)
	}
}

// copyOut gives the client what the driver wrote: values, sizes and object references of outputs.
func (c *call) copyOut(params []driver.Param) {
	for i := range params {
		p, q := &params[i], &c.params[i]
		if p.Meta || !p.Type.IsOutput() {
			continue
		}
		if p.Type.IsMemref() {
			p.Size = q.Size
		} else {
			p.A, p.B, p.C = q.A, q.B, q.C
		}
	}
}

// end takes the call out of the list and drops what it held. It comes after the driver has returned, exactly once.
func (c *call) end() {
	ctx := c.owner
	ctx.mu.Lock()
	if c.prev != nil {
		c.prev.next = c.next
	} else {
		ctx.calls = c.next
	}
	if c.next != nil {
		c.next.prev = c.prev
	}
	c.prev, c.next = nil, nil
	ctx.callEndedLocked()
	if s := c.session; s != nil {
		s.callEndedLocked()
	}
	var freed []*SharedMemory
	for _, m := range c.held {
		if m.dropLocked() {
			freed = append(freed, m)
		}
	}
	ctx.putBackLocked(c)
	release := ctx.dropLocked()
	ctx.mu.Unlock()
	for _, m := range freed {
		m.gone()
	}
	if release {
		ctx.release()
	}
}

// leftError is what a client gets whose context ended.
func leftError(err error) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return driver.Errorf(syscall.ETIMEDOUT, "tee: the client's deadline passed and it left the call: %w", err)
	}
	return driver.Errorf(syscall.ECANCELED, "tee: the client left the call: %w", err)
}
