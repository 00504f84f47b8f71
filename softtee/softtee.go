// Package softtee is the software TEE: a driver whose trusted applications (TAs) run in this process, as WebAssembly or,
// for those that are part of it, in Go. It loads TAs, keeps their instances and sessions by the rules of GlobalPlatform,
// schedules calls, and stops what may not go on.
//
// # Instances
//
// The rules are those of the TEE Internal Core API 1.3.1 section 2.1 as OP-TEE keeps them: a TA has an instance for each
// session, or one for all (single instance), which takes one session at a time (and answers busy otherwise) or several
// (multi session), and lives until the last one is closed or for ever (keep alive). A TA that panicked answers
// TARGET_DEAD in all its sessions; opening a new one makes a new instance, unless the TA is to stay crashed (keep
// crashed). One call at a time is in an instance; others wait in line.
//
// # What ends a call
//
// The TA, by returning or panicking. The operator's budget, which stops the instance. The client that leaves: then the
// instance is stopped as soon as no other context uses it. The TEE's end. Cancellation ends nothing by itself: it sets a
// flag and wakes waits that are not masked.
//
// # Locks
//
// TEE.mu guards the TAs, instances and sessions; slots.mu, instance.gate.mu and task.mu are below it and never held
// together. A task belongs to the goroutine that runs it, but for what its mutex guards.
//
// What this package is not: it knows no clients, no shared memory ids and no limits of contexts; the mid-layer does. It
// protects TAs and the process from each other, but nothing from whoever controls the process: it is simulated, and says
// so in its Version.
package softtee

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"syscall"
	"time"

	"goatee/driver"
	"goatee/gp"
	"goatee/softtee/engine"
	"goatee/softtee/pta"
	"goatee/softtee/wasm"
)

// Config says what the TEE consists of. The zero value is a TEE without TAs.
type Config struct {
	// Dirs are looked through for UUID.ta, in this order, whenever a session is opened. A file that has changed is loaded
	// again for new instances.
	Dirs []string
	// Images are TAs that need no file. They come before Dirs.
	Images [][]byte
	// Pseudo are pseudo TAs beside the TEE's own. They come first.
	Pseudo []pta.TA

	// StateDir is where the TEE keeps what outlives the process; "" keeps nothing.
	StateDir string
	// Engine has the options of the WebAssembly engine.
	Engine wasm.Options

	// Calls is how many calls compute at the same time; default GOMAXPROCS, at least 2.
	Calls int
	// Budget is how long a call may compute before its instance is stopped, not counting what it waits; 0 is for ever.
	Budget time.Duration
	// Log takes what the operator should know; nil drops it.
	Log *slog.Logger
}

// Revision is what the TEE says of its build.
const Revision = "goatee software TEE (simulated: no hardware protects it)"

// implOPTEE is TEE_IMPL_ID_OPTEE: clients of OP-TEE look for it, and this TEE keeps to its rules.
const implOPTEE = 1

// TEE is the software TEE. It implements driver.Driver.
type TEE struct {
	cfg    Config
	engine *wasm.Engine
	slots  slots
	state  *state
	began  time.Time
	closed chan struct{}
	works  chan struct{}

	pseudo map[gp.UUID]engine.Module
	images map[gp.UUID]image

	mu        sync.Mutex
	loaded    map[gp.UUID]*ta
	instances map[*instance]struct{}
	shared    map[gp.UUID]*instance // the single instances
	waiting   map[*task]struct{}    // abandoned tasks to be woken when a context ends
}

// image is a TA without a file.
type image struct{ data []byte }

var _ driver.Driver = (*TEE)(nil)

// New makes a TEE. Nothing is loaded or compiled before it is needed, but the images are read.
//
// # Errors
//
// An image that is no TA, two with the same UUID, a directory that is none, a state directory that cannot be used.
func New(cfg Config) (*TEE, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Engine.Log == nil {
		cfg.Engine.Log = cfg.Log
	}
	if cfg.Calls == 0 {
		cfg.Calls = max(runtime.GOMAXPROCS(0), 2)
	}
	t := &TEE{cfg: cfg, engine: wasm.New(cfg.Engine), began: time.Now(), closed: make(chan struct{}),
		works: make(chan struct{}, runtime.GOMAXPROCS(0)), pseudo: map[gp.UUID]engine.Module{}, images: map[gp.UUID]image{},
		loaded: map[gp.UUID]*ta{}, instances: map[*instance]struct{}{}, shared: map[gp.UUID]*instance{}, waiting: map[*task]struct{}{}}
	t.slots.free.Store(int32(cfg.Calls))
	if err := t.install(); err != nil {
		return nil, err
	}
	var err error
	if t.state, err = openState(cfg.StateDir); err != nil {
		return nil, err
	}
	return t, nil
}

// install registers what needs no directory.
func (t *TEE) install() error {
	all := append([]pta.TA{pta.Device{List: t.enumerate}}, t.cfg.Pseudo...)
	for _, p := range all {
		m := pta.Module(p)
		u := m.Info().UUID
		if t.pseudo[u] != nil {
			return fmt.Errorf("softtee: two pseudo TAs have the UUID %v", u)
		}
		t.pseudo[u] = m
	}
	for i, data := range t.cfg.Images {
		info, err := t.engine.Inspect(data)
		if err != nil {
			return fmt.Errorf("softtee: image %d: %w", i, err)
		}
		if _, twice := t.images[info.UUID]; twice {
			return fmt.Errorf("softtee: two images have the UUID %v", info.UUID)
		}
		t.images[info.UUID] = image{data}
	}
	return checkDirs(t.cfg.Dirs)
}

// Version implements driver.Driver.
func (t *TEE) Version() driver.Version {
	return driver.Version{Name: "softtee", ImplID: implOPTEE, Caps: driver.CapGP | driver.CapMemrefNull, Simulated: true}
}

// Revision implements driver.Reviser.
func (t *TEE) Revision() string { return Revision }

// Open implements driver.Driver.
func (t *TEE) Open(_ context.Context, h driver.Host) (driver.Conn, error) {
	select {
	case <-t.closed:
		return nil, driver.Errorf(syscall.ENODEV, "softtee: the TEE is closed")
	default:
		return t.newConn(h), nil
	}
}

// Close implements driver.Driver: what still runs is stopped, and all instances are freed.
func (t *TEE) Close() error {
	close(t.closed)
	t.mu.Lock()
	var all []*instance
	for i := range t.instances {
		all = append(all, i)
	}
	t.mu.Unlock()
	for _, i := range all {
		k := &task{tee: t, ctx: context.Background()}
		i.gate.lockAnyway(k)
		i.free(k)
		i.gate.unlock()
		k.finish()
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	var errs []error
	for u, a := range t.loaded {
		errs = append(errs, a.module.Close())
		delete(t.loaded, u)
	}
	return errors.Join(append(errs, t.engine.Close(), t.state.close())...)
}

// Instances returns how many instances there are; it is for tests and for the curious.
func (t *TEE) Instances() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.instances)
}
