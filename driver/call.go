package driver

import "sync"

// Call is one request on its way through a driver: what cancelling it refers to. The mid-layer makes it and puts it into
// every request. A driver must not keep it after the request has returned.
type Call struct {
	mu        sync.Mutex
	cancelled bool
	state     any
}

// SetState attaches what the driver wants to find again in Canceller.Cancel, and reports whether cancellation was
// requested already, in which case Cancel has come or comes as well. So a cancellation is either found here or handed to
// Cancel afterwards, and in no order lost.
func (c *Call) SetState(v any) (cancelled bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state = v
	return c.cancelled
}

// State returns what SetState attached, or nil.
func (c *Call) State() any {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state
}

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
func (c *Call) Cancelled() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cancelled
}

// RequestCancel marks the call as cancelled and reports whether it was not so before. It is for mid-layers, which then
// call Canceller.Cancel.
func (c *Call) RequestCancel() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	first := !c.cancelled
	c.cancelled = true
	return first
}

// Reset makes c as new. It is for mid-layers that use a Call again for another request when nobody else can hold it.
func (c *Call) Reset() { c.cancelled, c.state = false, nil }
