// Package drivertest is the conformance kit for drivers: it tells whether a driver keeps the contract of package driver,
// and reports every misbehaviour and not only the first. A driver's author runs it in a test:
//
//	func TestConformance(t *testing.T) {
//		drivertest.Test(t, drivertest.Config{
//			New: func() (driver.Driver, error) { return loopback.New(), nil },
//			Message: []byte("ping"),
//		})
//	}
//
// What the kit can check depends on what the TEE has: Config names commands of a TA, and messages, that it may use. What
// is left out is skipped, and the skip says so.
//
// The package also has a Fake, a driver that keeps the contract or breaks it in a chosen way. It tests the kit, and
// stands in for a TEE in tests of what lies above drivers. It is not for production, and says nothing about the quality
// of a TEE behind a driver.
package drivertest

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"testing"
	"time"

	"goatee/driver"
	"goatee/gp"
)

// Config says how to get the driver and what the kit may do with it.
type Config struct {
	// New makes a driver; the kit closes it. It is called for every check.
	New func() (driver.Driver, error)

	// TA is a trusted application to which sessions open without parameters, any number at the same time; the nil UUID
	// skips everything about sessions.
	TA gp.UUID
	// Increment is a command of TA with one value inout, whose a is returned plus 1, with gp.Success, and with anything
	// else for other parameter types.
	Increment *uint32
	// Copy is a command of TA with a memref in and a memref out, which copies the first to the second and sets its size;
	// if it does not fit, gp.ErrorShortBuffer and the size that is needed. For NULL references any result will do.
	Copy *uint32
	// Wait is a command of TA with one value in, which waits for a milliseconds with cancellation unmasked.
	Wait *uint32

	// Message is a well-formed message that does no harm, of a scope up to driver.ScopeUse, and Malformed one that is not
	// well-formed. nil skips what needs them.
	Message, Malformed []byte
	// ReadMemory makes a message that refers to shared memory by id, and whose reply depends on its first 16 bytes.
	ReadMemory func(id uint64) []byte
	// Executed counts the messages that the driver has executed, so that the kit can tell whether classifying one
	// executes it.
	Executed func(driver.Driver) int

	// Patience is how long the kit waits for something that should happen at once; default 10 s.
	Patience time.Duration
}

// Func is for Config: a pointer to the number of a command.
func Func(n uint32) *uint32 { return &n }

// Failure is one misbehaviour.
type Failure struct {
	Check string
	Err   error
}

// Error says which check failed and how.
func (f Failure) Error() string { return f.Check + ": " + f.Err.Error() }

// Check runs all checks and returns all misbehaviours.
func Check(cfg Config) []Failure {
	var all []Failure
	for _, c := range checks {
		all = append(all, run(cfg, c).failures...)
	}
	return all
}

// Test runs all checks as subtests of t.
func Test(t *testing.T, cfg Config) {
	for _, c := range checks {
		t.Run(c.name, func(t *testing.T) {
			k := run(cfg, c)
			for _, f := range k.failures {
				t.Error(f.Err)
			}
			if k.skipped != "" {
				t.Skip(k.skipped)
			}
		})
	}
}

// check is one row of the kit.
type check struct {
	name string
	run  func(*kit)
}

// kit is one run of one check.
type kit struct {
	cfg      Config
	name     string
	patience time.Duration
	drv      driver.Driver

	mu       sync.Mutex
	failures []Failure
	skipped  string
	conns    []*conn
}

// stop ends a check early, after a failure or for a skip.
type stop struct{}

func run(cfg Config, c check) (k *kit) {
	k = &kit{cfg: cfg, name: c.name, patience: cfg.Patience}
	if k.patience == 0 {
		k.patience = 10 * time.Second
	}
	defer func() {
		if p := recover(); p != nil {
			if _, ok := p.(stop); !ok {
				k.errorf("panic: %v\n%s", p, debug.Stack())
			}
		}
	}()
	d, err := cfg.New()
	if err != nil {
		k.fatalf("New: %v", err)
	}
	k.drv = d
	defer k.cleanUp()
	c.run(k)
	return k
}

// cleanUp releases what a check has opened and closes the driver.
func (k *kit) cleanUp() {
	if k.name == "close-driver" || k.name == "leaks" || k.name == "end-to-end" {
		return // these have done it themselves
	}
	for _, c := range k.conns {
		c.release()
	}
	k.bounded("Driver.Close", func() {
		if err := k.drv.Close(); err != nil {
			k.errorf("Driver.Close: %v", err)
		}
	})
}

func (k *kit) errorf(format string, args ...any) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.failures = append(k.failures, Failure{k.name, fmt.Errorf(format, args...)})
}

func (k *kit) fatalf(format string, args ...any) {
	k.errorf(format, args...)
	panic(stop{})
}

func (k *kit) skip(why string) {
	k.skipped = why
	panic(stop{})
}

// bounded runs fn, which should return at once, and reports whether it did. A panic of fn's is a failure.
func (k *kit) bounded(what string, fn func()) bool {
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if p := recover(); p != nil {
				k.errorf("%s panicked: %v\n%s", what, p, debug.Stack())
			}
		}()
		fn()
	}()
	select {
	case <-done:
		return true
	case <-time.After(k.patience):
		k.errorf("%s has not returned after %v", what, k.patience)
		return false
	}
}

// conn is an open connection with the kit as its host.
type conn struct {
	driver.Conn
	k    *kit
	gone chan struct{}

	mu       sync.Mutex
	memory   map[uint64]driver.Region
	released bool
}

// open opens a connection, or ends the check.
func (k *kit) open() *conn {
	c := &conn{k: k, gone: make(chan struct{}), memory: map[uint64]driver.Region{}}
	var err error
	if !k.bounded("Open", func() { c.Conn, err = k.drv.Open(context.Background(), c) }) {
		panic(stop{})
	}
	if err != nil {
		k.fatalf("Open: %v", err)
	}
	if c.Conn == nil {
		k.fatalf("Open returned neither a connection nor an error")
	}
	k.conns = append(k.conns, c)
	return c
}

func (c *conn) release() {
	if c.released {
		return
	}
	c.released = true
	close(c.gone)
	c.k.bounded("Release", c.Conn.Release)
}

// Memory, CallSupplicant, Trace and Gone make the kit a driver.Host.
func (c *conn) Memory(id uint64) (driver.Region, func(), error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.memory[id]
	if r == nil {
		return nil, nil, driver.Errorf(errInval, "drivertest: no memory %d", id)
	}
	return r, func() {}, nil
}

func (c *conn) CallSupplicant(context.Context, uint32, []driver.Param) (gp.Result, error) {
	return gp.ErrorCommunication, nil
}

func (c *conn) Trace(driver.TraceEvent) {}
func (c *conn) Gone() <-chan struct{}   { return c.gone }

// find returns the outermost layer of the connection that has the option T.
func find[T any](c *conn) (T, bool) {
	for inner := c.Conn; inner != nil; {
		if t, ok := inner.(T); ok {
			return t, true
		}
		w, ok := inner.(interface{ Unwrap() driver.Conn })
		if !ok {
			break
		}
		inner = w.Unwrap()
	}
	var none T
	return none, false
}

// session opens a session to the TA of the Config, or ends the check.
func (c *conn) session() driver.Session {
	k := c.k
	if k.cfg.TA.IsNil() {
		k.skip("Config.TA is not set")
	}
	s, ok := find[driver.Sessions](c)
	if !ok {
		k.fatalf("Config.TA is set, but connections have no Sessions")
	}
	var session driver.Session
	var reply driver.Reply
	var err error
	if !k.bounded("OpenSession", func() {
		session, reply, err = s.OpenSession(context.Background(), &driver.OpenRequest{Call: new(driver.Call), TA: k.cfg.TA, Session: 1})
	}) {
		panic(stop{})
	}
	if err != nil {
		k.fatalf("OpenSession: %v", err)
	}
	if reply.Result != gp.Success {
		k.fatalf("OpenSession: %v, origin %v", reply.Result, reply.Origin)
	}
	if session == nil {
		k.fatalf("OpenSession answered gp.Success without a session")
	}
	return session
}

// invoke runs a command that should return at once, or ends the check.
func (k *kit) invoke(s driver.Session, fn uint32, params ...driver.Param) driver.Reply {
	var reply driver.Reply
	var err error
	if !k.bounded("Invoke", func() {
		reply, err = s.Invoke(context.Background(), &driver.InvokeRequest{Call: new(driver.Call), Func: fn, Params: params})
	}) {
		panic(stop{})
	}
	if err != nil {
		k.fatalf("Invoke: %v", err)
	}
	return reply
}

// command returns an optional command of the Config, or skips the check.
func (k *kit) command(name string, fn *uint32) uint32 {
	if fn == nil {
		k.skip("Config." + name + " is not set")
	}
	return *fn
}

// checkErrno reports an error that carries no errno, which a program at the device could not be told.
func (k *kit) checkErrno(what string, err error) {
	var e *driver.Error
	if !errors.As(err, &e) {
		k.errorf("%s: the error %q is not a *driver.Error, so that a program at the device is told EIO", what, err)
	}
}
