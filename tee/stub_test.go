package tee_test

import (
	"context"
	"errors"
	"sync"
	"syscall"
	"testing"
	"time"

	"goatee/driver"
	"goatee/gp"
	"goatee/tee"
)

// bg is for calls that a test does not bound.
var bg = context.Background()

// patience bounds what should happen at once.
const patience = 20 * time.Second

// stub is a driver whose methods a test fills in.
type stub struct {
	version driver.Version
	invoke  func(ctx context.Context, r *driver.InvokeRequest) (driver.Reply, error)
	open    func(ctx context.Context, r *driver.OpenRequest) (driver.Reply, error)
	command func(ctx context.Context, m *driver.Message) ([]byte, error)
	scope   func(m *driver.Message) (driver.Scope, error)
	cancel  func(c *driver.Call)
	object  func(ctx context.Context, r *driver.ObjectRequest) (driver.Reply, error)
	close   func() error
	connect func(h driver.Host) error

	mu       sync.Mutex
	hosts    []driver.Host
	closes   int // of sessions
	releases int
	files    int
}

var stubMessages = gp.MustParseUUID("11111111-2222-4333-8444-555555555555")

func newStub() *stub {
	return &stub{version: driver.Version{Name: "stub", Caps: driver.CapGP | driver.CapMemrefNull | driver.CapObjref, Messages: stubMessages, Supplicant: true}}
}

func (s *stub) Version() driver.Version { return s.version }

func (s *stub) Close() error {
	if s.close != nil {
		return s.close()
	}
	return nil
}

func (s *stub) Open(_ context.Context, h driver.Host) (driver.Conn, error) {
	if s.connect != nil {
		if err := s.connect(h); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	s.hosts = append(s.hosts, h)
	s.mu.Unlock()
	return &stubConn{s}, nil
}

// counts returns how often sessions were closed, files closed and connections released, but for the probe's.
func (s *stub) counts() (closes, files, releases int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closes, s.files, s.releases - 1
}

// host is that of the context opened last.
func (s *stub) host() driver.Host {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.hosts[len(s.hosts)-1]
}

type stubConn struct{ *stub }

func (c *stubConn) Release() {
	c.mu.Lock()
	c.releases++
	c.mu.Unlock()
}

func (c *stubConn) CloseFile() {
	c.mu.Lock()
	c.files++
	c.mu.Unlock()
}

func (c *stubConn) OpenSession(ctx context.Context, r *driver.OpenRequest) (driver.Session, driver.Reply, error) {
	reply := driver.Reply{Origin: gp.OriginTrustedApp}
	if c.stub.open != nil {
		var err error
		if reply, err = c.stub.open(ctx, r); err != nil || reply.Result != gp.Success {
			return nil, reply, err
		}
	}
	return &stubSession{c}, reply, nil
}

func (c *stubConn) Cancel(call *driver.Call) {
	if c.cancel != nil {
		c.cancel(call)
	}
}

func (c *stubConn) Classify(m *driver.Message) (driver.Scope, error) {
	if c.scope != nil {
		return c.scope(m)
	}
	return driver.ScopeUse, nil
}

func (c *stubConn) Command(ctx context.Context, m *driver.Message) ([]byte, error) {
	if c.command != nil {
		return c.command(ctx, m)
	}
	return m.Data, nil
}

func (c *stubConn) InvokeObject(ctx context.Context, r *driver.ObjectRequest) (driver.Reply, error) {
	return c.object(ctx, r)
}

type stubSession struct{ *stubConn }

func (s *stubSession) Invoke(ctx context.Context, r *driver.InvokeRequest) (driver.Reply, error) {
	if s.invoke != nil {
		return s.invoke(ctx, r)
	}
	return driver.Reply{Origin: gp.OriginTrustedApp}, nil
}

func (s *stubSession) Close(context.Context) {
	s.mu.Lock()
	s.closes++
	s.mu.Unlock()
}

// device registers d and unregisters it at the end of the test.
func device(t testing.TB, d driver.Driver, o tee.Options) *tee.Device {
	t.Helper()
	reg := tee.NewRegistry(o)
	dev, err := reg.Register(bg, d)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(bg, patience)
		defer cancel()
		if err := reg.Close(ctx); err != nil && !errors.Is(err, syscall.ENODEV) {
			t.Errorf("closing the registry: %v", err)
		}
	})
	return dev
}

// open opens a context and closes it at the end of the test.
func open(t testing.TB, dev *tee.Device) *tee.Context {
	t.Helper()
	c, err := dev.Open(bg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(bg, patience)
		defer cancel()
		if err := c.Close(ctx); err != nil {
			t.Errorf("closing the context: %v", err)
		}
	})
	return c
}

// session opens a session.
func session(t testing.TB, c *tee.Context) *tee.Session {
	t.Helper()
	s, reply, err := c.OpenSession(bg, &tee.Caller{}, &tee.OpenSession{})
	if err != nil || reply.Result != gp.Success {
		t.Fatalf("OpenSession: %v, %v", reply.Result, err)
	}
	return s
}

// wantErrno checks an error of the plane of errnos.
func wantErrno(t testing.TB, err error, want syscall.Errno, what string) {
	t.Helper()
	if !errors.Is(err, want) || driver.ErrnoOf(err) != want {
		t.Errorf("%s: error %v, want %v", what, err, want)
	}
}

// await receives from c within the patience.
func await[T any](t testing.TB, c <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		t.Fatalf("%s has not happened after %v", what, patience)
		panic("unreachable")
	}
}
