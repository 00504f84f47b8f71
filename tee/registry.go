package tee

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"syscall"
	"time"

	"goatee/driver"
	"goatee/gp"
)

// MaxDevices is how many devices a Registry holds, as many as the kernel has minors for tee0 to tee15.
const MaxDevices = 16

// Limits bound what clients can take. A zero field means its default.
type Limits struct {
	Contexts    int    // open contexts of a device; default 4096
	Sessions    int    // open sessions of a context; default 1024
	SharedBytes uint64 // shared memory of a context, in bytes rounded up to pages; default 256 MiB
	Calls       int    // calls in flight of a context; default 1024
}

func (l Limits) withDefaults() Limits {
	if l.Contexts == 0 {
		l.Contexts = 4096
	}
	if l.Sessions == 0 {
		l.Sessions = 1024
	}
	if l.SharedBytes == 0 {
		l.SharedBytes = 256 << 20
	}
	if l.Calls == 0 {
		l.Calls = 1024
	}
	return l
}

// Options are what the operator decides for a Registry. The zero value is usable.
type Options struct {
	Limits Limits
	// Scope is the widest scope that opaque commands may have, unless Policy is set; default driver.ScopeUse.
	Scope driver.Scope
	// Policy decides about an opaque command before it is executed; nil compares with Scope. It runs on the caller's
	// time, concurrently, and its error refuses the command.
	Policy func(CommandInfo) error
	// SupplicantWait is how long a request waits for a supplicant when there is none; default 1 s.
	SupplicantWait time.Duration
	// Trace takes the lines that TAs write for their authors; nil drops them. It is called concurrently and should not
	// block for long, since TAs wait for it.
	Trace func(TraceRecord)
	// Log takes what the operator should know; nil drops it.
	Log *slog.Logger
}

// TraceRecord is a line of a TA's trace with where it came from.
type TraceRecord struct {
	Device  string
	Context uint64 // number of the context, unique in the device's life
	driver.TraceEvent
}

// Registry holds the devices of this process. Its methods may be called concurrently.
type Registry struct {
	opt Options

	mu      sync.Mutex
	closed  bool
	devices [MaxDevices]*Device
}

// NewRegistry makes an empty Registry. Close ends it.
func NewRegistry(o Options) *Registry {
	o.Limits = o.Limits.withDefaults()
	if o.Scope == 0 {
		o.Scope = driver.ScopeUse
	}
	if o.SupplicantWait == 0 {
		o.SupplicantWait = time.Second
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Registry{opt: o}
}

// Register makes d a device with the lowest free number. From then on the Registry owns d and closes it.
//
// # Errors
//
// EINVAL if what the driver's version claims and what a probe connection can do are not the same; whatever opening the
// probe gives; ENOMEM if all numbers are taken. d is not closed then.
func (r *Registry) Register(ctx context.Context, d driver.Driver) (*Device, error) {
	return r.register(ctx, d, -1)
}

// RegisterAs is Register with a number of the caller's choice; EBUSY if it is taken, EINVAL if there is no such number.
func (r *Registry) RegisterAs(ctx context.Context, number int, d driver.Driver) (*Device, error) {
	if number < 0 || number >= MaxDevices {
		return nil, driver.Errorf(syscall.EINVAL, "tee: device number %d is outside of 0 to %d", number, MaxDevices-1)
	}
	return r.register(ctx, d, number)
}

func (r *Registry) register(ctx context.Context, d driver.Driver, number int) (*Device, error) {
	if err := probe(ctx, d); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, driver.Errorf(syscall.ENODEV, "tee: the registry is closed")
	}
	if number < 0 {
		number = slices.Index(r.devices[:], nil)
		if number < 0 {
			return nil, driver.Errorf(syscall.ENOMEM, "tee: all %d device numbers are taken; unregister a device first", MaxDevices)
		}
	}
	if r.devices[number] != nil {
		return nil, driver.Errorf(syscall.EBUSY, "tee: device number %d is taken by %s", number, r.devices[number].version.Name)
	}
	dev := newDevice(r, number, d)
	r.devices[number] = dev
	return dev, nil
}

// Unregister takes dev out of the Registry and revokes it: nothing can be opened, calls in flight end with ENODEV, and so
// does whatever clients try with contexts they still hold. Sessions are closed and the driver is ended.
//
// # Errors
//
// ENODEV if dev is not registered (any more). If ctx ends before the driver has given everything back, ctx's error; the
// rest goes on in the background and keeps nobody waiting. An error of the driver's Close.
func (r *Registry) Unregister(ctx context.Context, dev *Device) error {
	r.mu.Lock()
	if r.devices[dev.number] != dev {
		r.mu.Unlock()
		return driver.Errorf(syscall.ENODEV, "tee: %s is not registered", dev.Name())
	}
	r.devices[dev.number] = nil
	r.mu.Unlock()
	return dev.revoke(ctx)
}

// Devices returns the registered devices in the order of their numbers.
func (r *Registry) Devices() []*Device {
	r.mu.Lock()
	defer r.mu.Unlock()
	var ds []*Device
	for _, d := range r.devices {
		if d != nil {
			ds = append(ds, d)
		}
	}
	return ds
}

// Device finds a device by its name, such as tee0. The error is ENODEV.
func (r *Registry) Device(name string) (*Device, error) {
	for _, d := range r.Devices() {
		if d.Name() == name {
			return d, nil
		}
	}
	return nil, driver.Errorf(syscall.ENODEV, "tee: there is no device %s", name)
}

// Close unregisters all devices. Its errors are those of Unregister.
func (r *Registry) Close(ctx context.Context) error {
	r.mu.Lock()
	r.closed = true
	r.mu.Unlock()
	ds := r.Devices()
	errs := make([]error, len(ds))
	var wg sync.WaitGroup
	for i, d := range ds {
		wg.Go(func() { errs[i] = r.Unregister(ctx, d) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

// probe opens a connection to see whether the driver can do what it claims. A driver that panics is refused.
func probe(ctx context.Context, d driver.Driver) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = driver.Errorf(syscall.EIO, "tee: probing a driver of type %T: it panicked: %v", d, p)
		}
	}()
	v := d.Version()
	if v.Name == "" {
		return driver.Errorf(syscall.EINVAL, "tee: a driver of type %T has no name in its version", d)
	}
	conn, err := d.Open(ctx, probeHost{})
	if err != nil {
		return fmt.Errorf("tee: probing driver %s: %w", v.Name, err)
	}
	if conn == nil {
		return driver.Errorf(syscall.EINVAL, "tee: driver %s: Open returned neither a connection nor an error", v.Name)
	}
	defer conn.Release()
	_, err = resolve(conn, v)
	return err
}

// probeHost is a context without a client.
type probeHost struct{}

func (probeHost) Memory(uint64) (driver.Region, func(), error) {
	return nil, nil, driver.Errorf(syscall.EINVAL, "tee: a probe has no shared memory")
}

func (probeHost) CallSupplicant(context.Context, uint32, []driver.Param) (r gp.Result, err error) {
	return gp.ErrorCommunication, nil
}

func (probeHost) Trace(driver.TraceEvent) {}
func (probeHost) Gone() <-chan struct{}   { return closedChan() }

func closedChan() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}
