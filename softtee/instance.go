package softtee

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"

	"goatee/driver"
	"goatee/gp"
	"goatee/softtee/engine"
	"goatee/softtee/svc"
)

// instance is one instance of a TA.
type instance struct {
	tee    *TEE
	ta     *ta
	kernel *kernel
	svc    *svc.TA
	engine engine.Instance              // nil before it is made
	gate   gate                         // one call at a time is inside
	dead   atomic.Pointer[engine.Panic] // why it has panicked or was stopped; set inside of the gate

	// Guarded by TEE.mu.
	sessions map[*session]struct{}
	refs     int  // sessions, and those being opened
	gone     bool // it is not to be used any more, and not in TEE.shared
}

// single and multi are the TA's flags.
func (i *instance) single() bool { return i.ta.info.Flags&engine.FlagSingleInstance != 0 }
func (i *instance) multi() bool  { return i.ta.info.Flags&engine.FlagMultiSession != 0 }

// keepAlive and keepCrashed count for single instances only.
func (i *instance) keepAlive() bool {
	return i.single() && i.ta.info.Flags&engine.FlagInstanceKeepAlive != 0
}
func (i *instance) keepCrashed() bool {
	return i.keepAlive() && i.ta.info.Flags&engine.FlagInstanceKeepCrashed != 0
}

// servesOthersLocked reports whether a context other than c uses the instance, by itself or through the TAs that have
// sessions with it.
func (i *instance) servesOthersLocked(c *conn, depth int) bool {
	for s := range i.sessions {
		switch {
		case s.owner != nil:
			if depth < maxDepth && s.owner.servesOthersLocked(c, depth+1) {
				return true
			}
		case s.conn != c && !s.conn.gone():
			return true
		}
	}
	return false
}

// session is a session with an instance: of a context, or of another TA.
type session struct {
	inst  *instance
	conn  *conn     // nil if owner is not
	owner *instance // the TA that has opened it
	id    uint32    // the mid-layer's, 0 if owner is set
	who   engine.Identity
	own   uint64 // the TA's session context
}

// gate lets one task at a time into an instance, in the order of their coming. While nobody waits, locking and unlocking
// are one atomic operation.
type gate struct {
	holder  atomic.Pointer[task]
	waiting atomic.Int32 // in line, or about to be

	mu    sync.Mutex
	queue []*waiter
}

// errBusy is the answer to a call that would wait for itself.
var errBusy = errors.New("the TA waits for this very call")

// lock lets a task into the gate of i. If the task holds other gates, what would end in tasks that wait for each other is
// errBusy, and waiting is without a slot. Other errors are those of task.until.
func (g *gate) lock(k *task, i *instance) error {
	w := g.enter(k)
	if w == nil {
		return nil
	}
	if k.gates > 0 {
		k.waitingFor.Store(i)
		defer k.waitingFor.Store(nil)
		if i.waitsFor(k) {
			g.leave(w)
			return errBusy
		}
		k.release()
	}
	if err := k.until(w.ready); err != nil {
		g.leave(w)
		return err
	}
	k.gates++
	return nil
}

// lockAnyway is lock for what has to be done and holds nothing that others wait for.
func (g *gate) lockAnyway(k *task) {
	if w := g.enter(k); w != nil {
		<-w.ready
		k.gates++
	}
}

// enter takes the gate if it is free, or gets into line.
func (g *gate) enter(k *task) *waiter {
	if g.waiting.Load() == 0 && g.holder.CompareAndSwap(nil, k) {
		k.gates++
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.waiting.Add(1) // from here on, unlocking looks into the line
	if len(g.queue) == 0 && g.holder.CompareAndSwap(nil, k) {
		g.waiting.Add(-1)
		k.gates++
		return nil
	}
	w := &waiter{task: k, ready: make(chan struct{})}
	g.queue = append(g.queue, w)
	return w
}

// leave takes a waiter out of the line, or lets the next one in if it was its turn.
func (g *gate) leave(w *waiter) {
	g.mu.Lock()
	there := leaveQueue(&g.queue, w)
	g.mu.Unlock()
	if there {
		g.waiting.Add(-1)
	} else {
		g.next()
	}
}

// unlock lets the next one in.
func (g *gate) unlock() {
	g.holder.Load().gates--
	g.next()
}

// next opens the gate, for the first in line if there is a line.
func (g *gate) next() {
	g.holder.Store(nil)
	if g.waiting.Load() == 0 {
		return
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.queue) == 0 || !g.holder.CompareAndSwap(nil, g.queue[0].task) {
		return // whoever was faster looks into the line when it leaves
	}
	close(g.queue[0].ready)
	g.queue[0] = nil
	g.queue = g.queue[1:]
	g.waiting.Add(-1)
}

// waitsFor reports whether whoever is in the instance waits, through others, for an instance that the task is in. The last
// one of those who wait for each other finds out: what the others wait for does not change any more.
func (i *instance) waitsFor(k *task) bool {
	for range 64 {
		h := i.gate.holder.Load()
		if h == nil {
			return false
		}
		if h == k {
			return true
		}
		if i = h.waitingFor.Load(); i == nil {
			return false
		}
	}
	return false
}

// attach finds or makes the instance for a new session, with a reference for it. made says that it has to be created; its
// gate is then the task's already.
//
// # Errors
//
// errUnknown and others of load; errBusy for a single instance that takes one session; the *engine.Panic of an instance
// that stays crashed.
func (t *TEE) attach(k *task, u gp.UUID) (i *instance, made bool, err error) {
	t.mu.Lock()
	if i := t.shared[u]; i != nil {
		defer t.mu.Unlock()
		switch {
		case i.dead.Load() != nil:
			return nil, false, i.dead.Load()
		case !i.multi() && i.refs > 0:
			return nil, false, errBusy
		}
		i.refs++
		return i, false, nil
	}
	t.mu.Unlock()
	ctx := k.ctx
	if k.depth > 0 { // it is the calling TA that waits, and perhaps not for this client only
		ctx = context.WithoutCancel(ctx)
	}
	a, err := t.load(ctx, u)
	if err != nil {
		return nil, false, err
	}
	i = &instance{tee: t, ta: a, sessions: map[*session]struct{}{}, refs: 1}
	i.kernel = &kernel{inst: i}
	i.svc = svc.New(i.kernel, a.info)
	t.mu.Lock()
	if i.single() {
		if t.shared[u] != nil { // somebody was faster
			t.mu.Unlock()
			t.put(a)
			return t.attach(k, u)
		}
		t.shared[u] = i
	}
	i.gate.enter(k)
	t.instances[i] = struct{}{}
	t.mu.Unlock()
	return i, true, nil
}

// detach gives a reference back and reports whether the instance has to be destroyed: it was the last one, and the
// instance does not stay.
func (i *instance) detach(s *session) bool {
	t := i.tee
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(i.sessions, s)
	i.refs--
	if i.refs > 0 || i.gone || i.keepAlive() && i.dead.Load() == nil || i.keepCrashed() {
		return false
	}
	i.goneLocked()
	return true
}

// goneLocked takes the instance out of those that are found.
func (i *instance) goneLocked() {
	i.gone = true
	if i.tee.shared[i.ta.info.UUID] == i {
		delete(i.tee.shared, i.ta.info.UUID)
	}
}

// die notes that the instance has panicked or was stopped, and frees it. Its sessions answer TARGET_DEAD until they are
// closed. The task is inside of its gate.
func (i *instance) die(k *task, p *engine.Panic) {
	t := i.tee
	i.dead.Store(p)
	t.mu.Lock()
	if !i.keepCrashed() {
		i.goneLocked()
	}
	t.mu.Unlock()
	t.cfg.Log.Info("TA died", "ta", p.TA, "err", p, "stack", p.StackTrace())
	i.free(k)
}

// free frees what the instance holds. The task is inside of its gate. It may be called again.
func (i *instance) free(k *task) {
	t := i.tee
	t.mu.Lock()
	_, there := t.instances[i]
	delete(t.instances, i)
	t.mu.Unlock()
	if i.dead.Load() == nil {
		i.dead.Store(&engine.Panic{TA: i.ta.info.UUID, Code: gp.ErrorTargetDead, Stopped: true, Reason: errClosed.Error(), Err: errClosed})
	}
	if !there {
		return
	}
	i.kernel.task = k
	i.svc.Close() // which closes the sessions that it has left open with others
	i.kernel.task = nil
	if i.engine != nil {
		if err := i.engine.Close(); err != nil {
			t.cfg.Log.Error("freeing an instance", "ta", i.ta.info.UUID, "err", err)
		}
	}
	t.put(i.ta)
}

// enter runs one entry point as a frame of the task, which is inside of the gate and has a slot. A panic kills the
// instance.
func (i *instance) enter(k *task, s *session, f func() (gp.Result, error)) (gp.Result, error) {
	k.push(i, s)
	r, err := f()
	k.pop()
	var p *engine.Panic
	if errors.As(err, &p) {
		i.die(k, p)
	}
	return r, err
}

// create makes the engine's instance and runs the TA's create entry point.
func (i *instance) create(k *task) (gp.Result, error) {
	var err error
	if i.engine, err = i.ta.module.Instantiate(i.env()); err != nil {
		return gp.ErrorOutOfMemory, err
	}
	return i.enter(k, nil, i.engine.Create)
}

// env is what the engine gets: the system calls for an engine of TAs, and the client for one of pseudo TAs.
func (i *instance) env() engine.Env {
	if _, pseudo := i.tee.pseudo[i.ta.info.UUID]; pseudo {
		return i.kernel
	}
	return i.svc
}

// destroy runs the TA's destroy entry point, unless it is dead, and frees it. The task is inside of the gate.
func (i *instance) destroy(k *task) {
	t := i.tee
	if i.dead.Load() == nil && i.engine != nil && k.acquire() == nil {
		_, err := i.enter(k, nil, func() (gp.Result, error) { return gp.Success, i.engine.Destroy() })
		if err != nil {
			t.cfg.Log.Info("a TA did not survive its destruction", "ta", i.ta.info.UUID, "err", err)
		}
	}
	i.free(k)
}

// deadReply is the answer of a dead instance.
func deadReply(p *engine.Panic) driver.Reply {
	return driver.Reply{Result: gp.ErrorTargetDead, Origin: gp.OriginTEE, Cause: p}
}
