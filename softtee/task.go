package softtee

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"goatee/driver"
	"goatee/gp"
)

// maxDepth is how many TAs a call may be inside of, as in OP-TEE: a TA that was called by a client calls another one, and
// so on.
const maxDepth = 4

// task is one call of a client from its arrival to its end, through all the TAs that it leads into. What lies behind it
// has one as well, when a session is closed or an instance is freed.
type task struct {
	tee  *TEE
	conn *conn           // of the client; nil for what the TEE does by itself
	ctx  context.Context // done when the client has left
	from *driver.Call    // what brought it; nil if nobody can cancel it

	slot  bool // computing
	since time.Time
	turn  time.Time // since when it has the slot without having passed it on
	used  time.Duration

	gates      int                      // that it holds; guarded by the mutex of each while it changes hands
	waitingFor atomic.Pointer[instance] // for the cycle check: whose gate it waits at while it holds others

	frames [maxDepth + 2]frame // entered instances, outermost first
	depth  int                 // how many of them there are

	// flags has for each frame whether cancellation was requested (bit n) and whether it is unmasked (bit n+16).
	flags atomic.Uint32

	mu   sync.Mutex
	wake chan struct{} // closed when something may have changed for a wait; nil if nobody waits
}

// frame is one TA that a task is in.
type frame struct {
	inst    *instance
	session *session // nil in Create and Destroy
}

const unmaskedBit = 16

// finish ends a task, which is in no instance any more. Its driver.Call may use it again.
func (k *task) finish() {
	k.release()
	k.ctx = nil
	k.used, k.since, k.turn = 0, time.Time{}, time.Time{}
}

// errLeft, errBudget and errClosed are why an instance is stopped.
var (
	errLeft   = errors.New("its client has left, and no other context uses it")
	errClosed = errors.New("the TEE is being closed")
)

// budgetError says that the operator's budget is used up.
type budgetError struct{ budget time.Duration }

func (e budgetError) Error() string {
	return "it has computed for " + e.budget.String() + ", which is the operator's budget for a call"
}

// mustStop says why the innermost instance has to be stopped, or nil.
func (k *task) mustStop() error {
	select {
	case <-k.tee.closed:
		return errClosed
	default:
	}
	if k.left() && !k.servesOthers() {
		return errLeft
	}
	if b := k.tee.cfg.Budget; b > 0 && k.used > b {
		return budgetError{b}
	}
	return nil
}

// left reports whether nobody waits for the task.
func (k *task) left() bool {
	if k.ctx.Err() != nil {
		return true
	}
	d, ok := k.ctx.Deadline()
	return ok && !time.Now().Before(d)
}

// servesOthers reports whether the innermost instance is used by another context as well.
func (k *task) servesOthers() bool {
	if k.depth == 0 {
		return false
	}
	t := k.tee
	t.mu.Lock()
	defer t.mu.Unlock()
	return k.top().inst.servesOthersLocked(k.conn, 0)
}

// tick is called about every 100 µs of computing: it counts, lets others run, and says whether the instance must be
// stopped.
func (k *task) tick() error {
	now := time.Now()
	if !k.since.IsZero() {
		k.used += now.Sub(k.since)
	}
	if k.turn.IsZero() {
		k.turn = now
	}
	if err := k.mustStop(); err != nil {
		return err
	}
	if now.Sub(k.turn) > slice {
		if w := k.tee.slots.pass(); w != nil {
			k.slot = false
			if err := k.await(w); err != nil {
				return err
			}
		}
		k.turn = time.Time{}
	}
	runtime.Gosched()
	k.since = time.Now()
	return nil
}

// acquire takes a slot, in which the task may compute. The error says why its instance must be stopped instead; a task
// without a frame ends with its client.
func (k *task) acquire() error {
	if k.slot {
		return nil
	}
	w := k.tee.slots.take()
	if w == nil {
		k.slot = true
		return nil
	}
	return k.await(w)
}

// await waits in line for a slot.
func (k *task) await(w *waiter) error {
	err := k.until(w.ready)
	if err != nil && k.tee.slots.leave(w) {
		return err
	}
	k.slot, k.turn, k.since = true, time.Time{}, time.Time{}
	return err
}

// release gives the slot back, if the task has one.
func (k *task) release() {
	if !k.slot {
		return
	}
	if !k.since.IsZero() {
		k.used += time.Since(k.since)
		k.since = time.Time{}
	}
	k.slot = false
	k.tee.slots.give()
}

// until waits for a channel to be closed. It ends early when the instance has to be stopped; a task without a frame ends
// early when its client has left.
func (k *task) until(ready <-chan struct{}) error {
	select {
	case <-ready:
		return nil
	default:
	}
	left := k.ctx.Done()
	for {
		wake := k.sleeping()
		if err := k.mustStop(); err != nil {
			return err
		}
		select {
		case <-ready:
			return nil
		case <-k.tee.closed:
			return errClosed
		case <-left:
			left = nil // it has left: what counts from now on is who else uses the instance
			k.tee.watch(k, true)
			defer k.tee.watch(k, false)
		case <-wake:
		}
	}
}

// sleeping returns a channel that is closed when cancellation is requested or a context has ended.
func (k *task) sleeping() <-chan struct{} {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.wake == nil {
		k.wake = make(chan struct{})
	}
	return k.wake
}

// wakeUp wakes whoever sleeps.
func (k *task) wakeUp() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.wake != nil {
		close(k.wake)
		k.wake = nil
	}
}

// watch lets a task be woken when a context ends, or not any more.
func (t *TEE) watch(k *task, on bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if on {
		t.waiting[k] = struct{}{}
	} else {
		delete(t.waiting, k)
	}
}

// contextEnded wakes tasks whose instance may serve nobody now.
func (t *TEE) contextEnded() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for k := range t.waiting {
		k.wakeUp()
	}
}

// push enters an instance. The outermost frame is cancelled if its call was before; the others inherit what is passed on.
func (k *task) push(i *instance, s *session) {
	n := k.depth
	k.frames[n] = frame{i, s}
	k.depth++
	i.kernel.task = k
	if n > 0 {
		inherited := uint32(0)
		if k.cancelledAt(n - 1) {
			inherited = 1
		}
		k.setFlags(n, inherited)
		return
	}
	if k.flags.Load() != 0 { // of an earlier request, or of a cancellation that came before
		k.flags.Store(0)
	}
	if k.from != nil && k.from.Cancelled() {
		k.requestCancel(0)
	}
}

// pop leaves it.
func (k *task) pop() {
	k.depth--
	k.frames[k.depth].inst.kernel.task = nil
	k.frames[k.depth] = frame{}
}

// top is the innermost frame. It is for the task's own goroutine, as depth and frames are.
func (k *task) top() *frame { return &k.frames[k.depth-1] }

// setFlags gives a frame new flags: bit 0 for cancelled, masked in any case.
func (k *task) setFlags(n int, cancelled uint32) {
	for {
		old := k.flags.Load()
		if k.flags.CompareAndSwap(old, old&^(1<<n|1<<(n+unmaskedBit))|cancelled<<n) {
			return
		}
	}
}

// requestCancel requests the cancellation of a frame, and of those inside of it as far as it is passed on.
func (k *task) requestCancel(n int) {
	for {
		old := k.flags.Load()
		set := old
		for i := n; i < len(k.frames); i++ {
			set |= 1 << i
			if old>>(i+unmaskedBit)&1 == 0 {
				break
			}
		}
		if k.flags.CompareAndSwap(old, set) {
			break
		}
	}
	k.wakeUp()
}

// cancelledAt reports whether a frame is cancelled and cancellation is not masked.
func (k *task) cancelledAt(n int) bool {
	f := k.flags.Load()
	return f>>n&(f>>(n+unmaskedBit))&1 != 0
}

// cancelled is cancelledAt of the innermost frame.
func (k *task) cancelled() bool { return k.cancelledAt(k.depth - 1) }

// mask masks or unmasks cancellation in the innermost frame and returns whether it was masked.
func (k *task) mask(masked bool) bool {
	bit := uint32(1) << (k.depth - 1 + unmaskedBit)
	if masked {
		return k.flags.And(^bit)&bit == 0
	}
	return k.flags.Or(bit)&bit == 0
}

// wait waits for a number of milliseconds (all ones: for ever), without a slot. Cancellation ends it early.
func (k *task) wait(ms uint32) (gp.Result, error) {
	k.release()
	expired := make(chan struct{})
	if ms != ^uint32(0) {
		t := time.AfterFunc(time.Duration(ms)*time.Millisecond, func() { close(expired) })
		defer t.Stop()
	}
	result := gp.Success
	left := k.ctx.Done()
	for waiting := true; waiting; {
		wake := k.sleeping()
		if k.cancelled() {
			result = gp.ErrorCancel
			break
		}
		if err := k.mustStop(); err != nil {
			return 0, err
		}
		select {
		case <-expired:
			waiting = false
		case <-wake:
		case <-k.tee.closed:
			return 0, errClosed
		case <-left:
			left = nil
			k.tee.watch(k, true)
			defer k.tee.watch(k, false)
		}
	}
	return result, k.acquire()
}

// work runs fn, which cannot be interrupted, on another goroutine.
func (k *task) work(fn func()) error {
	k.release()
	select {
	case k.tee.works <- struct{}{}:
	case <-k.tee.closed:
		return errClosed
	case <-k.ctx.Done():
		if !k.servesOthers() {
			return errLeft
		}
		k.tee.works <- struct{}{} // each of them ends
	}
	began := time.Now()
	done := make(chan struct{})
	var panicked any
	go func() {
		defer func() {
			panicked = recover()
			<-k.tee.works
			close(done)
		}()
		fn()
	}()
	over := make(chan struct{})
	if b := k.tee.cfg.Budget; b > 0 {
		t := time.AfterFunc(b-k.used, func() { close(over) })
		defer t.Stop()
	}
	left := k.ctx.Done()
	for {
		wake := k.sleeping()
		select {
		case <-done:
			k.used += time.Since(began)
			if panicked != nil {
				panic(panicked)
			}
			return k.acquire()
		case <-over:
			return budgetError{k.tee.cfg.Budget}
		case <-k.tee.closed:
			return errClosed
		case <-wake:
		case <-left:
			left = nil
			k.tee.watch(k, true)
			defer k.tee.watch(k, false)
		}
		if left == nil && !k.servesOthers() {
			return errLeft
		}
	}
}
