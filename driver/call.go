package driver

import (
	"sync"
	"sync/atomic"
)

// Call is one request on its way through a driver: what cancelling it refers to. The mid-layer makes it and puts it into
// every request; when a request has returned, it may use its Call for another one of the same Conn. A driver must not keep
// it after the request has returned.
type Call struct {
	cancelled atomic.Bool

	mu    sync.Mutex
	state any
}

// SetState attaches what the driver wants to find again in Canceller.Cancel, and reports whether cancellation was
// requested already, in which case Cancel has come or comes as well. So a cancellation is either found here or handed to
// Cancel afterwards, and in no order lost.
//
// State stays with the Call: a later request that comes with the same Call finds it. A driver whose state is of one
// request only sets nil at the request's end.
func (c *Call) SetState(v any) (cancelled bool) {
	c.mu.Lock()
	c.state = v
	c.mu.Unlock()
	return c.cancelled.Load()
}

// State returns what SetState attached in this request or in an earlier one, or nil. It is for the goroutine that serves
// the request; all others use WithState.
func (c *Call) State() any { return c.state }

// WithState calls f with what SetState attached, unless that is nil. Meanwhile SetState waits: a driver that takes the
// state away at the end of a call knows that f is not at work on it any more. f must not block.
func (c *Call) WithState(f func(state any)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state != nil {
		f(c.state)
	}
}

// Cancelled reports whether the cancellation of the call was requested.
func (c *Call) Cancelled() bool { return c.cancelled.Load() }

// RequestCancel marks the call as cancelled and reports whether it was not so before. It is for mid-layers, which then
// call Canceller.Cancel.
func (c *Call) RequestCancel() bool { return !c.cancelled.Swap(true) }

// Reuse makes c ready for another request of the same Conn. It is for mid-layers, and for when nobody else can hold it.
func (c *Call) Reuse() {
	if c.cancelled.Load() {
		c.cancelled.Store(false)
	}
}
