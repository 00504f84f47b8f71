package softtee

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"

	"goatee/driver"
	"goatee/gp"
	"goatee/softtee/engine"
)

// conn is a context.
type conn struct {
	tee      *TEE
	host     driver.Host
	released chan struct{}
}

// newConn watches for the end of the context, since abandoned calls may wait for it.
func (t *TEE) newConn(h driver.Host) *conn {
	c := &conn{tee: t, host: h, released: make(chan struct{})}
	go func() {
		select {
		case <-h.Gone():
			t.contextEnded()
		case <-c.released:
		}
	}()
	return c
}

// gone reports whether the client or the device has gone.
func (c *conn) gone() bool {
	select {
	case <-c.host.Gone():
		return true
	default:
		return false
	}
}

// Release implements driver.Conn.
func (c *conn) Release() { close(c.released) }

// Cancel implements driver.Canceller.
func (c *conn) Cancel(call *driver.Call) {
	call.WithState(func(state any) { state.(*task).requestCancel(0) })
}

// OpenSession implements driver.Sessions.
func (c *conn) OpenSession(ctx context.Context, r *driver.OpenRequest) (driver.Session, driver.Reply, error) {
	if err := checkParams(r.Params); err != nil {
		return nil, driver.Reply{}, err
	}
	k := c.task(ctx, r.Call)
	defer k.finish()
	s := &session{conn: c, id: r.Session, who: engine.Identity{Login: r.Client.Login, UUID: r.Client.UUID}}
	reply, err := c.tee.openSession(k, r.TA, s, r.Params)
	if err != nil || reply.Result != gp.Success {
		return nil, reply, err
	}
	return s, reply, nil
}

// task returns the task of a client's request. Each driver.Call has one, which it keeps: nobody but that call's own
// cancellation can hit it.
func (c *conn) task(ctx context.Context, call *driver.Call) *task {
	k, ok := call.State().(*task)
	if !ok {
		k = &task{tee: c.tee, conn: c}
		call.SetState(k)
	}
	k.ctx, k.from = ctx, call
	return k
}

// checkParams checks what the mid-layer cannot know: what a TA takes.
func checkParams(p []driver.Param) error {
	if len(p) > engine.MaxParams {
		return driver.Errorf(syscall.EINVAL, "softtee: %d parameters, and a TA takes %d", len(p), engine.MaxParams)
	}
	for i := range p {
		if p[i].Meta || p[i].Type.IsObjref() {
			return driver.Errorf(syscall.EINVAL, "softtee: parameter %d is not one that a TA takes", i)
		}
		if p[i].Type.IsMemref() && (p[i].Size > 1<<32-1 || p[i].Offset > 1<<62) {
			return driver.Errorf(syscall.EINVAL, "softtee: parameter %d refers to %d bytes, and a TA can address less than 4 GiB", i, p[i].Size)
		}
	}
	return nil
}

// openSession opens s. The error is one of the plane of errnos; nothing is left behind unless the result is a success.
func (t *TEE) openSession(k *task, u gp.UUID, s *session, params []engine.Param) (driver.Reply, error) {
	for {
		i, made, err := t.attach(k, u)
		if err != nil {
			return openFailed(k, err)
		}
		s.inst = i
		reply, again, err := i.openSession(k, s, made, params)
		if !again {
			return reply, err
		}
	}
}

// openFailed is the reply to a session that found no instance.
func openFailed(k *task, err error) (driver.Reply, error) {
	var p *engine.Panic
	reply := driver.Reply{Origin: gp.OriginTEE, Cause: err}
	switch {
	case k.ctx.Err() != nil:
		return driver.Reply{}, driver.Errorf(syscall.ECANCELED, "softtee: the client left while its TA was loaded: %w", k.ctx.Err())
	case errors.As(err, &p):
		return deadReply(p), nil
	case errors.Is(err, errUnknown):
		reply.Result = gp.ErrorItemNotFound
	case errors.Is(err, errBusy):
		reply.Result = gp.ErrorBusy
		reply.Cause = errors.New("softtee: the TA has a single instance that takes one session, and it is open")
	default:
		reply.Result = gp.ErrorBadFormat
	}
	return reply, nil
}

// openSession opens s in an instance for which a reference was taken. again is true if the instance has gone meanwhile.
func (i *instance) openSession(k *task, s *session, made bool, params []engine.Param) (_ driver.Reply, again bool, _ error) {
	t := i.tee
	if !made {
		if err := i.gate.lock(k, i); err != nil {
			go s.forget()
			return t.notEntered(k, err)
		}
	}
	defer i.gate.unlock()
	t.mu.Lock()
	dead, gone := i.dead.Load(), i.gone
	t.mu.Unlock()
	if dead != nil || gone {
		i.detach(s)
		if dead != nil && i.keepCrashed() {
			return deadReply(dead), false, nil
		}
		return driver.Reply{}, true, nil
	}
	reply, err := i.open(k, s, made, params)
	if err != nil || reply.Result != gp.Success {
		if i.detach(s) {
			i.destroy(k)
		}
		return reply, false, err
	}
	return reply, false, nil
}

// open runs the entry points of a new session. The task is inside of the gate.
func (i *instance) open(k *task, s *session, made bool, params []engine.Param) (driver.Reply, error) {
	t := i.tee
	if err := k.acquire(); err != nil {
		reply, _, err := t.notEntered(k, err)
		return reply, err
	}
	t.mu.Lock()
	i.sessions[s] = struct{}{} // so that it is known who uses the instance
	t.mu.Unlock()
	if made {
		if r, err := i.create(k); err != nil || r != gp.Success {
			t.mu.Lock()
			if i.dead.Load() == nil || !i.keepCrashed() {
				i.goneLocked()
			}
			t.mu.Unlock()
			i.free(k)
			return k.reply(r, err)
		}
	}
	var r gp.Result
	_, err := i.enter(k, s, func() (_ gp.Result, err error) {
		s.own, r, err = i.engine.OpenSession(params)
		return r, err
	})
	return k.reply(r, err)
}

// notEntered is the answer to a call that did not get to its instance.
func (t *TEE) notEntered(k *task, err error) (driver.Reply, bool, error) {
	switch {
	case errors.Is(err, errBusy):
		return driver.Reply{Result: gp.ErrorBusy, Origin: gp.OriginTEE, Cause: err}, false, nil
	case k.depth > 0:
		return driver.Reply{}, false, err // the calling TA is stopped
	case errors.Is(err, errClosed):
		return driver.Reply{}, false, driver.Errorf(syscall.ENODEV, "softtee: %w", err)
	}
	return driver.Reply{}, false, driver.Errorf(syscall.ECANCELED, "softtee: the client left before the call got to its TA: %w", err)
}

// forget gives back the reference of a session that was not opened, as soon as the instance can be entered.
func (s *session) forget() {
	s.later(func(k *task) {
		if s.inst.detach(s) {
			s.inst.destroy(k)
		}
	})
}

// later does something inside of the gate that no caller can wait for.
func (s *session) later(f func(*task)) {
	ctx, cancel := context.WithTimeout(context.Background(), closeGrace)
	defer cancel()
	k := &task{tee: s.inst.tee, conn: s.conn, ctx: ctx}
	defer k.finish()
	s.inst.gate.lockAnyway(k)
	defer s.inst.gate.unlock()
	f(k)
}

// reply is the answer of an entry point. What a TA says comes from the TA; that it died comes from the TEE. A client that
// has left, for which the TA was stopped, gets no answer.
func (k *task) reply(r gp.Result, err error) (driver.Reply, error) {
	if err == nil {
		return driver.Reply{Result: r, Origin: gp.OriginTrustedApp}, nil
	}
	var p *engine.Panic
	switch {
	case errors.As(err, &p) && k.depth == 0 && errors.Is(p.Err, errLeft):
		return driver.Reply{}, k.leftError()
	case errors.As(err, &p):
		return deadReply(p), nil
	}
	var e *driver.Error
	if errors.As(err, &e) {
		return driver.Reply{}, err
	}
	return driver.Reply{Result: gp.ErrorOutOfMemory, Origin: gp.OriginTEE, Cause: err}, nil
}

// leftError is what is returned to a client that is not there any more.
func (k *task) leftError() error {
	if errors.Is(k.ctx.Err(), context.Canceled) {
		return driver.Errorf(syscall.ECANCELED, "softtee: the client left, and its TA was stopped: %w", context.Canceled)
	}
	return driver.Errorf(syscall.ETIMEDOUT, "softtee: the client's deadline passed, and its TA was stopped: %w", context.DeadlineExceeded)
}

// Invoke implements driver.Session.
func (s *session) Invoke(ctx context.Context, r *driver.InvokeRequest) (driver.Reply, error) {
	if err := checkParams(r.Params); err != nil {
		return driver.Reply{}, err
	}
	k := s.conn.task(ctx, r.Call)
	defer k.finish()
	return s.invoke(k, r.Func, r.Params)
}

// invoke runs a command. The error is one of the plane of errnos, or says that the calling TA is stopped.
func (s *session) invoke(k *task, command uint32, params []engine.Param) (driver.Reply, error) {
	i := s.inst
	if err := i.gate.lock(k, i); err != nil {
		reply, _, err := i.tee.notEntered(k, err)
		return reply, err
	}
	defer i.gate.unlock()
	if dead := i.dead.Load(); dead != nil {
		return deadReply(dead), nil
	}
	if err := k.acquire(); err != nil {
		reply, _, err := i.tee.notEntered(k, err)
		return reply, err
	}
	r, err := i.invoke(k, s, command, params)
	return k.reply(r, err)
}

// invoke is enter for a command, without a closure on the hot path.
func (i *instance) invoke(k *task, s *session, command uint32, params []engine.Param) (gp.Result, error) {
	k.push(i, s)
	r, err := i.engine.InvokeCommand(s.own, command, params)
	k.pop()
	if err != nil {
		var p *engine.Panic
		if errors.As(err, &p) {
			i.die(k, p)
		}
	}
	return r, err
}

// closeGrace is how long a TA may take to close a session whose client has gone, before it is stopped if it serves nobody
// else.
const closeGrace = time.Second

// Close implements driver.Session. The TA is told also if its client has gone.
func (s *session) Close(ctx context.Context) {
	if s.conn.gone() {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, closeGrace)
		defer cancel()
	}
	k := &task{tee: s.inst.tee, conn: s.conn, ctx: ctx}
	defer k.finish()
	s.close(k)
}

// close ends the session: now, or later if the instance cannot be waited for.
func (s *session) close(k *task) {
	if s.inst.gate.lock(k, s.inst) != nil {
		go s.later(s.closeInside)
		return
	}
	s.closeInside(k)
	s.inst.gate.unlock()
}

// closeInside tells the TA, unless it is dead, and destroys it if this was the last session. The task is inside of the
// gate.
func (s *session) closeInside(k *task) {
	i := s.inst
	if i.dead.Load() == nil && k.acquire() == nil {
		_, err := i.enter(k, s, func() (gp.Result, error) { return gp.Success, i.engine.CloseSession(s.own) })
		if err != nil {
			i.tee.cfg.Log.Info("a TA did not survive the closing of a session", "ta", i.ta.info.UUID, "err", err)
		}
	}
	if i.detach(s) {
		i.destroy(k)
	}
}

// String is for people.
func (s *session) String() string {
	return fmt.Sprintf("session %d of TA %v", s.id, s.inst.ta.info.UUID)
}
