package tee

import (
	"context"
	"fmt"
	"syscall"

	"goatee/driver"
	"goatee/gp"
)

// Session is a session of one Context with a TA. Its methods may be called concurrently; commands to one session are
// queued by the TEE if it cannot run them at the same time.
type Session struct {
	ctx *Context
	id  uint32
	ta  gp.UUID
	drv driver.Session

	// Guarded by ctx.mu.
	state sessionState
	calls int
	idle  chan struct{} // closed when calls is 0, if somebody waits for that

	closed chan struct{} // closed when the driver has closed it
}

// sessionState only ever goes forward.
type sessionState uint8

const (
	sessionOpening sessionState = iota // has an id, but is not to be found
	sessionOpen
	sessionClosing
)

// OpenSession is what a client asks of Context.OpenSession.
type OpenSession struct {
	TA    gp.UUID
	Login gp.Login
	// Data is the connection data of the login: for the group logins the group id in the first four octets, in the
	// machine's byte order.
	Data     [16]byte
	CancelID uint32 // see Context.Cancel
	Params   []driver.Param
}

// OpenSession opens a session for caller, the process that asks for it now. Outputs are written back into r.Params if
// the error is nil. The Session is nil unless the Reply's Result is gp.Success.
//
// # Errors
//
// EINVAL: the TEE has no sessions, a parameter is malformed or names what is not this context's, the login is unknown.
// EPERM: the login is reserved for the kernel, or the caller is not in the group. EAGAIN and ENOMEM: a limit is reached.
// ETIMEDOUT and ECANCELED: parent ended and the client left; a session that comes to be afterwards is closed. ENODEV,
// EBADF: the device or the context has gone. Others are the driver's.
func (ctx *Context) OpenSession(parent context.Context, caller *Caller, r *OpenSession) (*Session, driver.Reply, error) {
	if ctx.opt.sessions == nil {
		return nil, driver.Reply{}, driver.Errorf(syscall.EINVAL, "tee: %s has no sessions", ctx.dev.version.Name)
	}
	c, err := ctx.newCall(parent, opening, nil, r.CancelID, r.Params)
	if err != nil {
		return nil, driver.Reply{}, err
	}
	s, reply, err := ctx.openSession(c, caller, r)
	if err != nil {
		return nil, driver.Reply{}, err
	}
	return s, reply, nil
}

// openSession runs c, which is ended when it returns or by its worker.
func (ctx *Context) openSession(c *call, caller *Caller, r *OpenSession) (*Session, driver.Reply, error) {
	client, err := caller.client(r.Login, r.Data)
	if err != nil {
		c.end()
		return nil, driver.Reply{}, err
	}
	s := &Session{ctx: ctx, ta: r.TA, closed: make(chan struct{})}
	if err := ctx.reserve(s); err != nil {
		c.end()
		return nil, driver.Reply{}, err
	}
	c.open.TA, c.open.Client, c.open.Session = r.TA, client, s.id
	if err := c.run(); err != nil {
		ctx.unreserve(s)
		return nil, driver.Reply{}, err
	}
	defer c.end()
	reply, err := c.reply, c.err
	if err == nil && (c.opened != nil) != (reply.Result == gp.Success) {
		err = driver.Errorf(syscall.EIO, "tee: the driver of %s answered %v and a session at the same time, or neither; this is a bug in it", ctx.dev.Name(), reply.Result)
	}
	if err != nil || reply.Result != gp.Success {
		ctx.unreserve(s)
		if c.opened != nil {
			ctx.closeDriverSession(c.opened)
		}
		if err == nil {
			c.copyOut(r.Params)
		}
		return nil, reply, err
	}
	s.drv = c.opened
	if err := ctx.commit(s); err != nil {
		ctx.closeDriverSession(s.drv)
		ctx.unreserve(s)
		return nil, driver.Reply{}, err
	}
	c.copyOut(r.Params)
	return s, reply, nil
}

// reserve gives s an id that no other session of the context has, and a place within the limit.
func (ctx *Context) reserve(s *Session) error {
	ctx.mu.Lock()
	defer ctx.mu.Unlock()
	if limit := ctx.dev.reg.opt.Limits.Sessions; len(ctx.sessions) >= limit {
		return driver.Errorf(syscall.ENOMEM, "tee: the context has %d sessions open, which is the limit; close one", limit)
	}
	for s.id == 0 || ctx.sessions[s.id] != nil {
		ctx.lastSession++
		s.id = ctx.lastSession
	}
	ctx.sessions[s.id] = s
	ctx.refs++
	return nil
}

func (ctx *Context) unreserve(s *Session) {
	ctx.mu.Lock()
	delete(ctx.sessions, s.id)
	ctx.mu.Unlock()
	ctx.drop()
}

// commit lets s be found, unless the context has gone meanwhile.
func (ctx *Context) commit(s *Session) error {
	ctx.mu.Lock()
	defer ctx.mu.Unlock()
	if ctx.goneErr == nil {
		s.state = sessionOpen
	}
	return ctx.goneErr
}

// Session finds an open session by its id. The error is EINVAL, as drivers in the kernel answer.
func (ctx *Context) Session(id uint32) (*Session, error) {
	ctx.mu.Lock()
	defer ctx.mu.Unlock()
	if err := ctx.goneErr; err != nil {
		return nil, err
	}
	if s := ctx.sessions[id]; s != nil && s.state == sessionOpen {
		return s, nil
	}
	return nil, unknownSession(id)
}

// Sessions returns how many sessions are open or opening.
func (ctx *Context) Sessions() int {
	ctx.mu.Lock()
	defer ctx.mu.Unlock()
	return len(ctx.sessions)
}

func unknownSession(id uint32) error {
	return driver.Errorf(syscall.EINVAL, "tee: session %d is not open in this context", id)
}

func (s *Session) unknown() error { return unknownSession(s.id) }

// ID is what programs call the session: unique among the open sessions of its context, not 0.
func (s *Session) ID() uint32 { return s.id }

// TA is what the session was opened to.
func (s *Session) TA() gp.UUID { return s.ta }

// Invoke is what a client asks of Session.Invoke.
type Invoke struct {
	Func     uint32
	CancelID uint32 // see Context.Cancel
	Params   []driver.Param
}

// Invoke runs one command of the TA. Outputs are written back into r.Params if the error is nil, whatever the Result.
//
// # Errors
//
// As OpenSession's; EINVAL also for a session that was closed.
func (s *Session) Invoke(parent context.Context, r *Invoke) (driver.Reply, error) {
	c, err := s.ctx.newCall(parent, invoking, s, r.CancelID, r.Params)
	if err != nil {
		return driver.Reply{}, err
	}
	c.invoke.Func = r.Func
	if err := c.run(); err != nil {
		return driver.Reply{}, err
	}
	reply, err := c.reply, c.err
	if err == nil {
		c.copyOut(r.Params)
	}
	c.end()
	return reply, err
}

// Close ends the session: its id is unknown from now on, commands that run are waited for, and then the TA is told. If
// parent is done first, its error is returned and the closing goes on without the caller. Closing again waits again.
func (s *Session) Close(parent context.Context) error {
	if s.beginClose() {
		go s.close()
	}
	select {
	case <-s.closed:
		return nil
	case <-parent.Done():
		return fmt.Errorf("tee: session %d is closed, but the TEE has not ended it yet: %w", s.id, parent.Err())
	}
}

// beginClose makes the session unknown and reports whether it is the first to do so.
func (s *Session) beginClose() bool {
	s.ctx.mu.Lock()
	defer s.ctx.mu.Unlock()
	if s.state != sessionOpen {
		return false
	}
	s.state = sessionClosing
	s.idle = make(chan struct{})
	if s.calls == 0 {
		close(s.idle)
	}
	return true
}

// close tells the driver once the last command has returned.
func (s *Session) close() {
	<-s.idle
	s.ctx.closeDriverSession(s.drv)
	s.ctx.unreserve(s)
	close(s.closed)
}

// closeDriverSession tells the driver. Nobody waits for it but for the unregistering of the device.
func (ctx *Context) closeDriverSession(s driver.Session) {
	ctx.dev.guarded(func() { s.Close(ctx.dev.life) })
}

// callEndedLocked is for the end of a command.
func (s *Session) callEndedLocked() {
	s.calls--
	if s.calls == 0 && s.idle != nil {
		close(s.idle)
	}
}
