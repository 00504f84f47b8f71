package softtee

import (
	"errors"
	"sync"
	"time"

	"goatee/driver"
	"goatee/gp"
	"goatee/softtee/engine"
	"goatee/softtee/svc"
)

// kernel is the trusted OS as one instance sees it: svc.Kernel. task is who is inside; nothing else may use it.
type kernel struct {
	inst *instance
	task *task
}

var _ svc.Kernel = (*kernel)(nil)

// Tick implements engine.Env.
func (n *kernel) Tick() error { return n.task.tick() }

// Log implements svc.Kernel: the line goes to the context whose call it is.
func (n *kernel) Log(e driver.TraceEvent) {
	k := n.task
	if k.conn == nil {
		return
	}
	if s := k.frames[0].session; s != nil {
		e.Session = s.id
	}
	k.conn.host.Trace(e)
}

// Wait implements svc.Kernel.
func (n *kernel) Wait(ms uint32) (gp.Result, error) { return n.task.wait(ms) }

// CancellationFlag implements svc.Kernel.
func (n *kernel) CancellationFlag() bool { return n.task.cancelled() }

// MaskCancellation implements svc.Kernel.
func (n *kernel) MaskCancellation(masked bool) bool { return n.task.mask(masked) }

// Work implements svc.Kernel.
func (n *kernel) Work(fn func()) error { return n.task.work(fn) }

// Client implements svc.Kernel: who opened the session that the call is in.
func (n *kernel) Client() engine.Identity {
	if n.task == nil || n.task.depth == 0 {
		return engine.Identity{}
	}
	if s := n.task.top().session; s != nil {
		return s.who
	}
	return engine.Identity{}
}

// SystemTime implements svc.Kernel.
func (n *kernel) SystemTime() time.Duration { return time.Since(n.inst.tee.began) }

// PersistentTime implements svc.Kernel.
func (n *kernel) PersistentTime() (time.Duration, gp.Result) {
	return n.inst.tee.state.time(n.inst.ta.info.UUID)
}

// SetPersistentTime implements svc.Kernel.
func (n *kernel) SetPersistentTime(d time.Duration) gp.Result {
	if err := n.inst.tee.state.setTime(n.inst.ta.info.UUID, d); err != nil {
		n.inst.tee.cfg.Log.Error("the time that a TA has set cannot be kept", "ta", n.inst.ta.info.UUID, "err", err)
		return gp.ErrorStorageNoSpace
	}
	return gp.Success
}

// Properties implements svc.Kernel.
func (n *kernel) Properties() []engine.Property { return n.inst.tee.properties() }

// OpenSession implements svc.Kernel. The other TA's client is this one.
func (n *kernel) OpenSession(u gp.UUID, timeout uint32, params []engine.Param) (svc.Session, driver.Reply, error) {
	k := n.task
	if k.depth >= maxDepth {
		return nil, driver.Reply{Result: gp.ErrorBusy, Origin: gp.OriginTEE, Cause: errDepth}, nil
	}
	s := &session{owner: n.inst, who: engine.Identity{Login: gp.LoginTrustedApp, UUID: n.inst.ta.info.UUID}}
	stop := k.cancelAfter(timeout)
	reply, err := n.inst.tee.openSession(k, u, s, params)
	stop()
	if err != nil {
		reply, err = n.failed(err)
		return nil, reply, err
	}
	err = k.acquire()
	switch {
	case reply.Result != gp.Success:
		return nil, reply, err
	case err != nil:
		s.close(k)
		return nil, reply, err
	}
	return &nested{n, s}, reply, nil
}

var errDepth = errors.New("softtee: TAs are nested as deep as they may be")

// failed is the end of a nested call that has no answer: the calling TA has to be stopped, or it was only the other one
// that could not be reached.
func (n *kernel) failed(err error) (driver.Reply, error) {
	if stop := n.task.mustStop(); stop != nil {
		return driver.Reply{}, stop
	}
	return driver.Reply{Result: gp.ErrorCommunication, Origin: gp.OriginComms, Cause: err}, n.task.acquire()
}

// nested is a session of a TA with another one.
type nested struct {
	kernel  *kernel
	session *session
}

// Invoke implements svc.Session.
func (s *nested) Invoke(command, timeout uint32, params []engine.Param) (driver.Reply, error) {
	k := s.kernel.task
	if k.depth >= maxDepth {
		return driver.Reply{Result: gp.ErrorBusy, Origin: gp.OriginTEE, Cause: errDepth}, nil
	}
	stop := k.cancelAfter(timeout)
	reply, err := s.session.invoke(k, command, params)
	stop()
	if err != nil {
		return s.kernel.failed(err)
	}
	return reply, k.acquire()
}

// Close implements svc.Session.
func (s *nested) Close() { s.session.close(s.kernel.task) }

// cancelAfter requests the cancellation of the next frame when a timeout in milliseconds has passed, unless stop is called
// before.
func (k *task) cancelAfter(timeout uint32) (stop func()) {
	if timeout == svc.Infinite {
		return func() {}
	}
	depth := k.depth
	var mu sync.Mutex
	ended := false
	t := time.AfterFunc(time.Duration(timeout)*time.Millisecond, func() {
		mu.Lock()
		defer mu.Unlock()
		if !ended {
			k.requestCancel(depth)
		}
	})
	return func() {
		mu.Lock()
		ended = true
		mu.Unlock()
		t.Stop()
	}
}
