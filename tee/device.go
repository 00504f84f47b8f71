package tee

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strconv"
	"sync"
	"syscall"
	"time"

	"goatee/driver"
)

// revokeGrace is how long Unregister lets sessions close by themselves before it ends the driver.
const revokeGrace = time.Second

// Device is one registered TEE. Its methods may be called concurrently, and go on to answer after it was unregistered:
// with ENODEV where the TEE is needed.
type Device struct {
	reg     *Registry
	number  int
	drv     driver.Driver
	version driver.Version

	life context.Context // until the device is unregistered
	die  context.CancelFunc

	supplicants supplicantQueue

	mu         sync.Mutex
	contexts   map[*Context]struct{}
	opened     uint64 // contexts ever opened
	lastMemory uint64 // id
}

func newDevice(r *Registry, number int, d driver.Driver) *Device {
	dev := &Device{reg: r, number: number, drv: d, version: d.Version(), contexts: map[*Context]struct{}{}}
	dev.life, dev.die = context.WithCancel(context.Background())
	dev.supplicants.changed = make(chan struct{})
	return dev
}

// Name is the device's name, tee0 to tee15.
func (d *Device) Name() string { return "tee" + strconv.Itoa(d.number) }

// Number is the number in Name.
func (d *Device) Number() int { return d.number }

// Version is the driver's.
func (d *Device) Version() driver.Version { return d.version }

// Revision identifies the TEE's build, "" if its driver does not say. It is cut after 128 bytes, as the kernel's.
func (d *Device) Revision() string {
	r, ok := d.drv.(driver.Reviser)
	if !ok {
		return ""
	}
	s := r.Revision()
	return s[:min(len(s), 128)]
}

// Contexts returns how many contexts are open or not quite gone.
func (d *Device) Contexts() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.contexts)
}

// Gone is closed when the device is unregistered.
func (d *Device) Gone() <-chan struct{} { return d.life.Done() }

// errGone is what everything answers after the device was unregistered.
func (d *Device) errGone() error {
	return driver.Errorf(syscall.ENODEV, "tee: %s is no longer there: its driver was unregistered", d.Name())
}

// driverPanic logs a panic of the driver's and makes it an error of the request in which it happened.
func (d *Device) driverPanic(p any) error {
	d.reg.opt.Log.Error("driver panicked", "device", d.Name(), "panic", p, "stack", string(debug.Stack()))
	return driver.Errorf(syscall.EIO, "tee: the driver of %s panicked: %v; this is a bug in it, other calls go on", d.Name(), p)
}

// guard runs one of the driver's methods and makes its panic an error.
func (d *Device) guard(fn func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = d.driverPanic(p)
		}
	}()
	return fn()
}

// guarded is guard for methods without an error: a panic is logged and that is all.
func (d *Device) guarded(fn func()) {
	_ = d.guard(func() error { fn(); return nil })
}

// Open makes a context. ctx bounds the opening only.
//
// # Errors
//
// ENODEV after the device was unregistered; EMFILE if the device has as many contexts as the operator allows; the
// driver's.
func (d *Device) Open(ctx context.Context) (*Context, error) {
	c := &Context{dev: d, refs: 1, gone: make(chan struct{}), down: make(chan struct{}),
		sessions: map[uint32]*Session{}, memory: map[uint64]*SharedMemory{}}
	if err := d.add(c); err != nil {
		return nil, err
	}
	if err := c.open(ctx); err != nil {
		d.remove(c)
		return nil, err
	}
	// The device may have been unregistered while the driver was opening: then nobody has closed c yet.
	if d.life.Err() != nil {
		c.shut(d.errGone())
		return nil, d.errGone()
	}
	return c, nil
}

func (d *Device) add(c *Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.life.Err() != nil {
		return d.errGone()
	}
	if limit := d.reg.opt.Limits.Contexts; len(d.contexts) >= limit {
		return driver.Errorf(syscall.EMFILE, "tee: %s has %d contexts open, which is the limit; close one", d.Name(), limit)
	}
	d.opened++
	c.number = d.opened
	d.contexts[c] = struct{}{}
	return nil
}

func (d *Device) remove(c *Context) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.contexts, c)
}

// revoke answers everybody, closes all contexts and ends the driver.
func (d *Device) revoke(ctx context.Context) error {
	d.mu.Lock()
	d.die()
	contexts := make([]*Context, 0, len(d.contexts))
	for c := range d.contexts {
		contexts = append(contexts, c)
	}
	d.mu.Unlock()
	for _, c := range contexts {
		c.shut(d.errGone())
	}
	grace, cancel := context.WithTimeout(ctx, revokeGrace)
	defer cancel()
	_ = awaitDown(grace, contexts) // what has not ended by then, the driver's Close ends

	closed := make(chan error, 1)
	go func() { closed <- d.guard(d.drv.Close) }()
	select {
	case err := <-closed:
		return errors.Join(err, awaitDown(ctx, contexts))
	case <-ctx.Done():
		return fmt.Errorf("tee: %s is unregistered, but its driver has not ended yet: %w", d.Name(), ctx.Err())
	}
}

// awaitDown waits until the driver has given back all calls and sessions of contexts. Shared memory is not waited for: a
// client may hold it as long as it likes.
func awaitDown(ctx context.Context, contexts []*Context) error {
	for i, c := range contexts {
		select {
		case <-c.down:
		case <-ctx.Done():
			return fmt.Errorf("tee: %s is unregistered, but up to %d contexts have calls or sessions that its driver has not ended: %w", c.dev.Name(), len(contexts)-i, ctx.Err())
		}
	}
	return nil
}
