package tee_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"goatee/driver"
	"goatee/driver/drivertest"
	"goatee/gp"
	"goatee/tee"
)

func TestRegistry(t *testing.T) {
	reg := tee.NewRegistry(tee.Options{})
	var devs []*tee.Device
	for i := range tee.MaxDevices {
		d, err := reg.Register(bg, newStub())
		if err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintf("tee%d", i); d.Name() != want || d.Number() != i {
			t.Errorf("device %d is called %s", i, d.Name())
		}
		devs = append(devs, d)
	}
	_, err := reg.Register(bg, newStub())
	wantErrno(t, err, syscall.ENOMEM, "one device too many")
	_, err = reg.RegisterAs(bg, 3, newStub())
	wantErrno(t, err, syscall.EBUSY, "a number that is taken")
	_, err = reg.RegisterAs(bg, tee.MaxDevices, newStub())
	wantErrno(t, err, syscall.EINVAL, "a number that there is not")
	if err := reg.Unregister(bg, devs[3]); err != nil {
		t.Error(err)
	}
	wantErrno(t, reg.Unregister(bg, devs[3]), syscall.ENODEV, "unregistering twice")
	_, err = reg.Device("tee3")
	wantErrno(t, err, syscall.ENODEV, "a device that was unregistered")
	_, err = devs[3].Open(bg)
	wantErrno(t, err, syscall.ENODEV, "opening a device that was unregistered")
	if d, err := reg.Register(bg, newStub()); err != nil || d.Number() != 3 {
		t.Errorf("the lowest free number is %v, %v", d, err)
	}
	if got, err := reg.Device("tee5"); err != nil || got != devs[5] {
		t.Errorf("Device(tee5) = %v, %v", got, err)
	}
	if err := reg.Close(bg); err != nil {
		t.Error(err)
	}
	if n := len(reg.Devices()); n != 0 {
		t.Errorf("%d devices after Close", n)
	}
	_, err = reg.Register(bg, newStub())
	wantErrno(t, err, syscall.ENODEV, "registering after Close")
}

// bare is a connection without options.
type bare struct{ driver.Driver }

type bareConn struct{}

func (bare) Open(context.Context, driver.Host) (driver.Conn, error) { return bareConn{}, nil }
func (bareConn) Release()                                           {}

func TestClaims(t *testing.T) {
	for name, v := range map[string]driver.Version{
		"sessions":   {Name: "x", Caps: driver.CapGP},
		"objects":    {Name: "x", Caps: driver.CapObjref},
		"privileged": {Name: "x", Caps: driver.CapPrivileged},
		"messages":   {Name: "x", Messages: stubMessages},
		"no name":    {},
	} {
		s := newStub()
		s.version = v
		_, err := tee.NewRegistry(tee.Options{}).Register(bg, bare{s})
		wantErrno(t, err, syscall.EINVAL, "claiming "+name)
	}
	s := newStub()
	s.version.Messages = gp.UUID{}
	_, err := tee.NewRegistry(tee.Options{}).Register(bg, s)
	wantErrno(t, err, syscall.EINVAL, "a channel without a format")

	s = newStub()
	s.version = driver.Version{Name: "x"}
	dev := device(t, bare{s}, tee.Options{})
	c := open(t, dev)
	_, _, err = c.OpenSession(bg, &tee.Caller{}, &tee.OpenSession{})
	wantErrno(t, err, syscall.EINVAL, "OpenSession without the option")
	_, err = c.Command(bg, &tee.Caller{}, &tee.Command{})
	wantErrno(t, err, syscall.EINVAL, "Command without the option")
	_, err = c.InvokeObject(bg, &tee.ObjectInvoke{})
	wantErrno(t, err, syscall.EINVAL, "InvokeObject without the option")
	wantErrno(t, c.Cancel(1, 1), syscall.EINVAL, "Cancel without the option")
	_, err = dev.OpenSupplicant(bg)
	wantErrno(t, err, syscall.ENODEV, "OpenSupplicant of a TEE that uses none")
}

// wrapper hides the options of the connection inside it, but for Unwrap.
type wrapper struct{ *stub }

type wrappedConn struct{ inner driver.Conn }

func (w wrapper) Open(ctx context.Context, h driver.Host) (driver.Conn, error) {
	c, err := w.stub.Open(ctx, h)
	return wrappedConn{c}, err
}

func (w wrappedConn) Release()            { w.inner.Release() }
func (w wrappedConn) Unwrap() driver.Conn { return w.inner }

func TestUnwrap(t *testing.T) {
	session(t, open(t, device(t, wrapper{newStub()}, tee.Options{})))
}

func TestParams(t *testing.T) {
	s := newStub()
	var got []driver.Param
	s.invoke = func(_ context.Context, r *driver.InvokeRequest) (driver.Reply, error) {
		got = append([]driver.Param(nil), r.Params...)
		for i := range r.Params {
			p := &r.Params[i]
			p.A, p.B, p.C, p.Size = 71, 72, 73, 74
		}
		return driver.Reply{Result: 0x1234, Origin: gp.OriginTrustedApp}, nil
	}
	dev := device(t, s, tee.Options{})
	c, other := open(t, dev), open(t, dev)
	sess := session(t, c)
	mine, err := c.Allocate(100)
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := other.Allocate(100)
	if err != nil {
		t.Fatal(err)
	}
	buf := driver.Bytes(make([]byte, 100))
	const size = 4096 // of mine: rounded up
	ok := func(name string, in, want, out driver.Param) {
		t.Helper()
		r := &tee.Invoke{Params: []driver.Param{in}}
		reply, err := sess.Invoke(bg, r)
		if err != nil || reply.Result != 0x1234 {
			t.Errorf("%s: %v, %v", name, reply.Result, err)
			return
		}
		if fmt.Sprint(got[0]) != fmt.Sprint(want) {
			t.Errorf("%s: the driver got %+v, want %+v", name, got[0], want)
		}
		if fmt.Sprint(r.Params[0]) != fmt.Sprint(out) {
			t.Errorf("%s: the client got %+v, want %+v", name, r.Params[0], out)
		}
	}
	bad := func(name string, params ...driver.Param) {
		t.Helper()
		got = nil
		_, err := sess.Invoke(bg, &tee.Invoke{Params: params})
		wantErrno(t, err, syscall.EINVAL, name)
		if got != nil {
			t.Errorf("%s: reached the driver", name)
		}
	}
	type P = driver.Param
	ok("none", P{A: 1, Region: buf}, P{}, P{A: 1, Region: buf})
	ok("value in", P{Type: gp.ValueInput, A: 1, B: 2, C: 3}, P{Type: gp.ValueInput, A: 1, B: 2, C: 3}, P{Type: gp.ValueInput, A: 1, B: 2, C: 3})
	ok("value out", P{Type: gp.ValueOutput, A: 1, B: 2, C: 3}, P{Type: gp.ValueOutput}, P{Type: gp.ValueOutput, A: 71, B: 72, C: 73})
	ok("value inout", P{Type: gp.ValueInout, A: 1, B: 2, C: 3}, P{Type: gp.ValueInout, A: 1, B: 2, C: 3}, P{Type: gp.ValueInout, A: 71, B: 72, C: 73})
	ok("value with memory", P{Type: gp.ValueInput, Region: buf, Size: 9}, P{Type: gp.ValueInput}, P{Type: gp.ValueInput, Region: buf, Size: 9})
	ok("object in", P{Type: gp.ObjrefInput, A: 5}, P{Type: gp.ObjrefInput, A: 5}, P{Type: gp.ObjrefInput, A: 5})
	ok("object out", P{Type: gp.ObjrefOutput, A: 5}, P{Type: gp.ObjrefOutput}, P{Type: gp.ObjrefOutput, A: 71, B: 72, C: 73})
	ok("meta is not copied back", P{Type: gp.ValueInout, A: 5, Meta: true}, P{Type: gp.ValueInout, A: 5, Meta: true}, P{Type: gp.ValueInout, A: 5, Meta: true})
	region := mine.Region()
	ok("whole memory", P{Type: gp.MemrefInput, Region: mine, Size: size}, P{Type: gp.MemrefInput, Region: region, Size: size}, P{Type: gp.MemrefInput, Region: mine, Size: size})
	ok("part of memory", P{Type: gp.MemrefInout, Region: mine, Offset: 96, Size: 4000}, P{Type: gp.MemrefInout, Region: region, Offset: 96, Size: 4000}, P{Type: gp.MemrefInout, Region: mine, Offset: 96, Size: 74})
	ok("nothing at the end", P{Type: gp.MemrefOutput, Region: mine, Offset: size}, P{Type: gp.MemrefOutput, Region: region, Offset: size}, P{Type: gp.MemrefOutput, Region: mine, Offset: size, Size: 74})
	ok("buffer", P{Type: gp.MemrefOutput, Region: buf, Offset: 1, Size: 99}, P{Type: gp.MemrefOutput, Region: buf, Offset: 1, Size: 99}, P{Type: gp.MemrefOutput, Region: buf, Offset: 1, Size: 74})
	ok("NULL with a size", P{Type: gp.MemrefInput, Size: 7, Offset: 3}, P{Type: gp.MemrefInput}, P{Type: gp.MemrefInput, Size: 7, Offset: 3})
	bad("unknown type 4", P{Type: 4})
	bad("unknown type 8", P{Type: 8})
	bad("type beyond", P{Type: 0x10})
	bad("end beyond", P{Type: gp.MemrefInput, Region: mine, Offset: 1, Size: size})
	bad("offset beyond", P{Type: gp.MemrefInput, Region: mine, Offset: size + 1})
	bad("wraps around", P{Type: gp.MemrefInput, Region: mine, Offset: math.MaxUint64, Size: 2})
	bad("wraps around by size", P{Type: gp.MemrefInput, Region: mine, Offset: 2, Size: math.MaxUint64})
	bad("buffer, wraps around", P{Type: gp.MemrefInput, Region: buf, Offset: math.MaxUint64 - 1, Size: 3})
	bad("another context's memory", P{Type: gp.MemrefInput, Region: foreign, Size: 1})
	bad("second of two", P{Type: gp.MemrefInput, Region: mine, Size: 1}, P{Type: 4})
	bad("too many", make([]P, driver.MaxParams+1)...)
	mine.Release()
	bad("released memory", P{Type: gp.MemrefInput, Region: mine, Size: 1})
	if _, err := c.Memory(mine.ID()); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("the id of released memory: %v; a refused call has kept a reference", err)
	}
	foreign.Release()

	s.version.Caps = driver.CapGP
	plain := open(t, device(t, s, tee.Options{}))
	sess = session(t, plain)
	bad("NULL without the capability", P{Type: gp.MemrefInput})
	bad("object without the capability", P{Type: gp.ObjrefInput})
}

func TestIdentity(t *testing.T) {
	s := newStub()
	var got driver.Client
	s.open = func(_ context.Context, r *driver.OpenRequest) (driver.Reply, error) {
		got = r.Client
		return driver.Reply{}, nil
	}
	c := open(t, device(t, s, tee.Options{}))
	gid := func(g uint32) (d [16]byte) {
		binary.NativeEndian.PutUint32(d[:], g)
		return d
	}
	exe := func() ([32]byte, error) { return [32]byte{0xab, 31: 0xcd}, nil }
	const digest = "ab000000000000000000000000000000000000000000000000000000000000cd"
	ns := gp.MustParseUUID("58ac9ca0-2086-4683-a1b8-ec4bc08e01b6")
	caller := &tee.Caller{PID: 42, UID: 1000, GID: 1000, Groups: []uint32{4, 0}, Executable: exe}
	for _, x := range []struct {
		login gp.Login
		data  [16]byte
		want  string
		errno syscall.Errno
	}{
		{gp.LoginPublic, gid(77), gp.UUID{}.String(), 0},
		{gp.LoginUser, [16]byte{}, "fc34275c-d8dd-5ba7-968b-504718363b87", 0},
		{gp.LoginGroup, gid(1000), "0ece43ed-001d-51bd-bab7-480c8954c3cf", 0},
		{gp.LoginGroup, gid(0), "d93bc168-f863-58d3-a1fe-bb2039421b99", 0},
		{gp.LoginGroup, gid(5), "", syscall.EPERM},
		{gp.LoginApplication, [16]byte{}, gp.NewUUIDv5(ns, "exe="+digest).String(), 0},
		{gp.LoginUserApplication, [16]byte{}, gp.NewUUIDv5(ns, "uid=3e8:exe="+digest).String(), 0},
		{gp.LoginGroupApplication, gid(4), gp.NewUUIDv5(ns, "gid=4:exe="+digest).String(), 0},
		{gp.LoginGroupApplication, gid(9), "", syscall.EPERM},
		{3, [16]byte{}, "", syscall.EINVAL},
		{7, [16]byte{}, "", syscall.EINVAL},
		{gp.LoginREEKernelMin, [16]byte{}, "", syscall.EPERM},
		{gp.LoginREEKernelMax, [16]byte{}, "", syscall.EPERM},
		{gp.LoginREEKernelMax + 1, [16]byte{}, "", syscall.EINVAL},
		{gp.LoginTrustedApp, [16]byte{}, "", syscall.EINVAL},
	} {
		got = driver.Client{}
		_, _, err := c.OpenSession(bg, caller, &tee.OpenSession{Login: x.login, Data: x.data})
		if x.errno != 0 {
			wantErrno(t, err, x.errno, x.login.String())
			continue
		}
		if err != nil || got.UUID.String() != x.want || got.Login != x.login || got.Data != x.data || got.PID != 42 || got.UID != 1000 {
			t.Errorf("login %v: %+v, %v, want UUID %s", x.login, got, err, x.want)
		}
	}
	_, _, err := c.OpenSession(bg, &tee.Caller{}, &tee.OpenSession{Login: gp.LoginApplication})
	wantErrno(t, err, syscall.EACCES, "application login without a program")
	if n := c.Sessions(); n != 7 {
		t.Errorf("%d sessions are open, 7 were opened; refused ones must not count", n)
	}
}

func TestSessions(t *testing.T) {
	s := newStub()
	dev := device(t, s, tee.Options{Limits: tee.Limits{Sessions: 2}})
	c, other := open(t, dev), open(t, dev)
	a, b := session(t, c), session(t, c)
	if a.ID() == b.ID() || a.ID() == 0 || b.ID() == 0 {
		t.Errorf("ids %d and %d", a.ID(), b.ID())
	}
	if got, err := c.Session(b.ID()); err != nil || got != b {
		t.Errorf("Session(%d) = %v, %v", b.ID(), got, err)
	}
	_, err := other.Session(b.ID())
	wantErrno(t, err, syscall.EINVAL, "a session of another context")
	_, _, err = c.OpenSession(bg, &tee.Caller{}, &tee.OpenSession{})
	wantErrno(t, err, syscall.ENOMEM, "one session too many")
	if err := a.Close(bg); err != nil {
		t.Error(err)
	}
	if err := a.Close(bg); err != nil {
		t.Errorf("closing again: %v", err)
	}
	_, err = a.Invoke(bg, &tee.Invoke{})
	wantErrno(t, err, syscall.EINVAL, "invoking a closed session")
	_, err = c.Session(a.ID())
	wantErrno(t, err, syscall.EINVAL, "the id of a closed session")
	session(t, c)
	if err := c.Close(bg); err != nil {
		t.Error(err)
	}
	if closes, files, releases := s.counts(); closes != 3 || files != 1 || releases != 1 {
		t.Errorf("%d sessions and %d files closed, %d connections released; want 3, 1, 1", closes, files, releases)
	}
	_, err = b.Invoke(bg, &tee.Invoke{})
	wantErrno(t, err, syscall.EBADF, "invoking after the context was closed")
	_, _, err = c.OpenSession(bg, &tee.Caller{}, &tee.OpenSession{})
	wantErrno(t, err, syscall.EBADF, "opening a session after the context was closed")
	_, err = c.Allocate(1)
	wantErrno(t, err, syscall.EBADF, "allocating after the context was closed")
	wantErrno(t, c.Cancel(1, 0), syscall.EBADF, "cancelling after the context was closed")
	if err := c.Close(bg); err != nil {
		t.Errorf("closing again: %v", err)
	}
}

// blocker is an invoke that tells when it has begun, and returns when it is let go or its client has left.
type blocker struct {
	begun chan struct{}
	free  chan struct{} // closed: everybody returns
	left  chan error    // what contexts said
}

func newBlocker() *blocker {
	return &blocker{make(chan struct{}, 100), make(chan struct{}), make(chan error, 100)}
}

// stubborn ignores that its client has left.
func (b *blocker) stubborn(context.Context, *driver.InvokeRequest) (driver.Reply, error) {
	b.begun <- struct{}{}
	<-b.free
	return driver.Reply{Origin: gp.OriginTrustedApp}, nil
}

// polite returns when its client has left.
func (b *blocker) polite(ctx context.Context, _ *driver.InvokeRequest) (driver.Reply, error) {
	b.begun <- struct{}{}
	select {
	case <-b.free:
	case <-ctx.Done():
		b.left <- ctx.Err()
	}
	return driver.Reply{Origin: gp.OriginTrustedApp}, nil
}

func TestCloseWaitsForRunningCall(t *testing.T) {
	s, b := newStub(), newBlocker()
	s.invoke = b.stubborn
	c := open(t, device(t, s, tee.Options{}))
	sess := session(t, c)
	result := make(chan error, 1)
	go func() {
		_, err := sess.Invoke(bg, &tee.Invoke{})
		result <- err
	}()
	await(t, b.begun, "the call")
	ctx, cancel := context.WithCancel(bg)
	cancel()
	if err := sess.Close(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Close with a context that is done: %v", err)
	}
	if closes, _, _ := s.counts(); closes != 0 {
		t.Error("the session was closed under a running call")
	}
	_, err := sess.Invoke(bg, &tee.Invoke{})
	wantErrno(t, err, syscall.EINVAL, "invoking while it closes")
	close(b.free)
	if err := await(t, result, "the call's end"); err != nil {
		t.Errorf("the running call: %v", err)
	}
	if err := sess.Close(bg); err != nil {
		t.Error(err)
	}
	if closes, _, _ := s.counts(); closes != 1 {
		t.Errorf("closed %d times", closes)
	}
}

func TestLeaveByDeadline(t *testing.T) {
	s, b := newStub(), newBlocker()
	s.invoke = func(ctx context.Context, r *driver.InvokeRequest) (driver.Reply, error) {
		reply, err := b.stubborn(ctx, r)
		b.left <- ctx.Err()
		r.Params[1].A = 99 // too late for the client
		return reply, err
	}
	dev := device(t, s, tee.Options{})
	c := open(t, dev)
	sess := session(t, c)
	m, err := c.Allocate(1)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(bg, time.Millisecond)
	defer cancel()
	params := []driver.Param{{Type: gp.MemrefInout, Region: m, Size: 1}, {Type: gp.ValueOutput}}
	_, err = sess.Invoke(ctx, &tee.Invoke{Params: params})
	wantErrno(t, err, syscall.ETIMEDOUT, "a call whose deadline passed")
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v is not context.DeadlineExceeded", err)
	}
	m.Release()
	if got, err := c.Memory(m.ID()); err != nil {
		t.Errorf("memory of a call that the driver still has: %v", err)
	} else {
		got.Release()
	}
	close(b.free)
	if err := await(t, b.left, "the driver's end"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the driver's context says %v", err)
	}
	if err := sess.Close(bg); err != nil { // waits for the call
		t.Error(err)
	}
	if params[1].A != 0 {
		t.Error("a call that was left wrote into its client's parameters")
	}
	_, err = c.Memory(m.ID())
	wantErrno(t, err, syscall.EINVAL, "memory after the last call that used it")
}

func TestLeaveWhileOpening(t *testing.T) {
	s, b := newStub(), newBlocker()
	s.open = func(context.Context, *driver.OpenRequest) (driver.Reply, error) {
		return b.stubborn(nil, nil)
	}
	c := open(t, device(t, s, tee.Options{}))
	ctx, cancel := context.WithTimeout(bg, time.Millisecond)
	defer cancel()
	_, _, err := c.OpenSession(ctx, &tee.Caller{}, &tee.OpenSession{})
	wantErrno(t, err, syscall.ETIMEDOUT, "an open whose deadline passed")
	if n := c.Sessions(); n != 0 {
		t.Errorf("%d sessions after leaving", n)
	}
	close(b.free)
	if err := c.Close(bg); err != nil {
		t.Error(err)
	}
	if closes, _, releases := s.counts(); closes != 1 || releases != 1 {
		t.Errorf("a session that came too late: closed %d times, released %d", closes, releases)
	}
}

func TestCancel(t *testing.T) {
	s := newStub()
	begun := make(chan *driver.Call, 10)
	run := func(c *driver.Call) (driver.Reply, error) {
		cancelled := make(chan struct{})
		c.SetState(cancelled)
		defer c.SetState(nil)
		begun <- c
		if !c.Cancelled() {
			<-cancelled
		}
		return driver.Reply{Result: gp.ErrorCancel, Origin: gp.OriginTrustedApp}, nil
	}
	s.invoke = func(_ context.Context, r *driver.InvokeRequest) (driver.Reply, error) {
		if r.Func == 1 {
			return driver.Reply{}, nil
		}
		return run(r.Call)
	}
	opens := false
	s.open = func(_ context.Context, r *driver.OpenRequest) (driver.Reply, error) {
		if opens {
			return run(r.Call)
		}
		return driver.Reply{}, nil
	}
	s.cancel = func(c *driver.Call) {
		c.WithState(func(state any) { close(state.(chan struct{})) })
	}
	dev := device(t, s, tee.Options{})
	c, other := open(t, dev), open(t, dev)
	a, b := session(t, c), session(t, c)
	done := make(chan string, 10)
	invoke := func(name string, sess *tee.Session, id uint32) {
		t.Helper()
		go func() {
			reply, err := sess.Invoke(bg, &tee.Invoke{CancelID: id})
			if err != nil || reply.Result != gp.ErrorCancel {
				t.Errorf("%s: %v, %v", name, reply.Result, err)
			}
			done <- name
		}()
		await(t, begun, name)
	}
	cancel := func(ctx *tee.Context, session, id uint32) {
		t.Helper()
		if err := ctx.Cancel(session, id); err != nil {
			t.Errorf("Cancel(%d, %d): %v", session, id, err)
		}
	}
	ended := func(want string) {
		t.Helper()
		if got := await(t, done, want); got != want {
			t.Errorf("%s ended, want %s", got, want)
		}
	}

	wantErrno(t, c.Cancel(0, 0), syscall.EINVAL, "both 0")
	wantErrno(t, c.Cancel(99, 1), syscall.EINVAL, "unknown session")
	wantErrno(t, other.Cancel(a.ID(), 0), syscall.EINVAL, "another context's session")
	cancel(c, a.ID(), 5) // nothing is in flight

	invoke("a5", a, 5)
	invoke("b5", b, 5)
	invoke("a6", a, 6)
	invoke("a0", a, 0)
	cancel(c, a.ID(), 7) // matches no 5, no 6, but the 0
	ended("a0")
	cancel(c, 0, 5) // opens only
	cancel(c, a.ID(), 6)
	ended("a6")
	cancel(c, b.ID(), 0) // all of b
	ended("b5")
	cancel(c, a.ID(), 5)
	ended("a5")

	opens = true
	go func() {
		_, reply, err := c.OpenSession(bg, &tee.Caller{}, &tee.OpenSession{CancelID: 9})
		if err != nil || reply.Result != gp.ErrorCancel {
			t.Errorf("a cancelled open: %v, %v", reply.Result, err)
		}
		done <- "open"
	}()
	await(t, begun, "the open")
	cancel(other, 0, 9)
	cancel(c, 0, 8)
	cancel(c, 0, 9)
	ended("open")

	// A context.Context cancels as well, and the call's own answer counts.
	ctx, stop := context.WithCancel(bg)
	go func() { <-begun; stop() }()
	reply, err := a.Invoke(ctx, &tee.Invoke{})
	if err != nil || reply.Result != gp.ErrorCancel {
		t.Errorf("a call whose context was cancelled: %v, %v", reply.Result, err)
	}
	_, err = a.Invoke(ctx, &tee.Invoke{Func: 1})
	wantErrno(t, err, syscall.ECANCELED, "a call whose context was cancelled before")
	if reply, err := a.Invoke(bg, &tee.Invoke{Func: 1}); err != nil || reply.Result != gp.Success {
		t.Errorf("the next call: %v, %v", reply.Result, err)
	}
}

// TestCancelThenLeave cancels a call that masks cancellation: it goes on until its deadline.
func TestCancelThenLeave(t *testing.T) {
	s, b := newStub(), newBlocker()
	s.invoke = b.polite
	c := open(t, device(t, s, tee.Options{}))
	sess := session(t, c)
	ctx, cancel := context.WithTimeout(bg, 20*time.Millisecond)
	go func() { <-b.begun; cancel() }()
	_, err := sess.Invoke(ctx, &tee.Invoke{})
	wantErrno(t, err, syscall.ETIMEDOUT, "a cancelled call whose deadline passed")
	if err := await(t, b.left, "the driver's end"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the driver's context says %v", err)
	}
}

// TestCancelWithoutCanceller: where nothing can be cancelled, cancelling a context leaves the call.
func TestCancelWithoutCanceller(t *testing.T) {
	s, b := newStub(), newBlocker()
	s.invoke = b.polite
	c := open(t, device(t, noCanceller{s}, tee.Options{}))
	sess := session(t, c)
	ctx, cancel := context.WithCancel(bg)
	go func() { <-b.begun; cancel() }()
	_, err := sess.Invoke(ctx, &tee.Invoke{})
	wantErrno(t, err, syscall.ECANCELED, "a call whose context was cancelled")
}

type noCanceller struct{ *stub }

type sessionsOnly struct {
	driver.Conn
	driver.Sessions
	driver.Commander
	driver.ObjectInvoker
}

func (d noCanceller) Open(ctx context.Context, h driver.Host) (driver.Conn, error) {
	c, err := d.stub.Open(ctx, h)
	sc := c.(*stubConn)
	return sessionsOnly{sc, sc, sc, sc}, err
}

func TestCloseContextWithCallsInFlight(t *testing.T) {
	s, b := newStub(), newBlocker()
	s.invoke = b.polite
	c := open(t, device(t, s, tee.Options{}))
	result := make(chan error, 10)
	for range 10 {
		sess := session(t, c)
		go func() {
			_, err := sess.Invoke(bg, &tee.Invoke{})
			result <- err
		}()
		await(t, b.begun, "a call")
	}
	if err := c.Close(bg); err != nil {
		t.Fatal(err)
	}
	for range 10 {
		wantErrno(t, await(t, result, "a call's end"), syscall.EBADF, "a call whose context was closed")
		await(t, b.left, "the driver being told")
	}
	if closes, files, releases := s.counts(); closes != 10 || files != 1 || releases != 1 {
		t.Errorf("%d sessions and %d files closed, %d connections released; want 10, 1, 1", closes, files, releases)
	}
}

// TestUnregister has a driver that returns nothing until it is let go: nobody else may hang.
func TestUnregister(t *testing.T) {
	s, b := newStub(), newBlocker()
	s.invoke = b.stubborn
	closed := make(chan struct{})
	s.close = func() error {
		close(closed)
		<-b.free
		return errors.New("closed late")
	}
	reg := tee.NewRegistry(tee.Options{})
	dev, err := reg.Register(bg, s)
	if err != nil {
		t.Fatal(err)
	}
	c, err := dev.Open(bg)
	if err != nil {
		t.Fatal(err)
	}
	sess := session(t, c)
	m, err := c.Allocate(1)
	if err != nil {
		t.Fatal(err)
	}
	result := make(chan error, 1)
	go func() {
		_, err := sess.Invoke(bg, &tee.Invoke{})
		result <- err
	}()
	await(t, b.begun, "the call")
	ctx, cancel := context.WithCancel(bg)
	unregistered := make(chan error, 1)
	go func() { unregistered <- reg.Unregister(ctx, dev) }()
	wantErrno(t, await(t, result, "the call's end"), syscall.ENODEV, "a call in flight")
	await(t, dev.Gone(), "the device going")
	_, err = sess.Invoke(bg, &tee.Invoke{})
	wantErrno(t, err, syscall.ENODEV, "a later call")
	_, _, err = c.OpenSession(bg, &tee.Caller{}, &tee.OpenSession{})
	wantErrno(t, err, syscall.ENODEV, "a later open")
	_, err = c.Command(bg, &tee.Caller{}, &tee.Command{Format: stubMessages})
	wantErrno(t, err, syscall.ENODEV, "a later command")
	_, err = dev.Open(bg)
	wantErrno(t, err, syscall.ENODEV, "a later context")
	await(t, closed, "the driver being closed")
	cancel()
	if err := await(t, unregistered, "Unregister"); !errors.Is(err, context.Canceled) {
		t.Errorf("Unregister with a driver that does not end: %v", err)
	}
	m.Bytes()[0] = 1 // still ours
	close(b.free)
	if err := c.Close(bg); err != nil {
		t.Error(err)
	}
	if _, _, releases := s.counts(); releases != 0 {
		t.Error("released while shared memory is held")
	}
	m.Release()
	if _, _, releases := s.counts(); releases != 1 {
		t.Errorf("released %d times", releases)
	}
}

func TestLimits(t *testing.T) {
	s, b := newStub(), newBlocker()
	s.invoke = b.stubborn
	defer close(b.free)
	dev := device(t, s, tee.Options{Limits: tee.Limits{Contexts: 2, SharedBytes: 16384, Calls: 3}})
	c := open(t, dev)
	open(t, dev)
	_, err := dev.Open(bg)
	wantErrno(t, err, syscall.EMFILE, "one context too many")

	for _, size := range []uint64{0, 16385, math.MaxUint64, math.MaxUint64 - 100} {
		_, err := c.Allocate(size)
		wantErrno(t, err, syscall.ENOMEM, fmt.Sprintf("%d bytes", size))
	}
	a, err := c.Allocate(8193)
	if err != nil || a.Size() != 12288 {
		t.Fatalf("8193 bytes: %v, %v", a, err)
	}
	_, err = c.Allocate(4097)
	wantErrno(t, err, syscall.ENOMEM, "more than is left")
	if _, err := c.Register(driver.Bytes(make([]byte, 4096)), nil); err != nil {
		t.Error(err)
	}
	_, err = c.Register(driver.Bytes(make([]byte, 1)), nil)
	wantErrno(t, err, syscall.ENOMEM, "registering more than is left")
	a.Release()
	if a, err = c.Allocate(12288); err != nil {
		t.Errorf("after a release: %v", err)
	} else {
		a.Release()
	}

	sess := session(t, c)
	for range 3 {
		go sess.Invoke(bg, &tee.Invoke{})
		await(t, b.begun, "a call")
	}
	_, err = sess.Invoke(bg, &tee.Invoke{})
	wantErrno(t, err, syscall.EAGAIN, "one call too many")
}

func TestSharedMemory(t *testing.T) {
	s := newStub()
	dev := device(t, s, tee.Options{})
	c, other := open(t, dev), open(t, dev)
	a, err := c.Allocate(10)
	if err != nil {
		t.Fatal(err)
	}
	b, err := other.Allocate(10)
	if err != nil {
		t.Fatal(err)
	}
	if a.ID() == 0 || a.ID() == b.ID() {
		t.Errorf("ids %d and %d", a.ID(), b.ID())
	}
	if len(a.Bytes()) != 4096 || !bytes.Equal(a.Bytes(), make([]byte, 4096)) {
		t.Error("allocated memory is not a page of zeros")
	}
	if _, _, ok := a.Region().(driver.Mappable).MapFD(); !ok {
		t.Error("allocated memory cannot be mapped")
	}
	a.Bytes()[9] = 7
	got := make([]byte, 1)
	if _, err := a.ReadAt(got, 9); err != nil || got[0] != 7 {
		t.Errorf("ReadAt: %v, %v", got, err)
	}
	r, release, err := s.hosts[1].Memory(a.ID())
	if err != nil || r != a.Region() {
		t.Errorf("a driver's look-up: %v, %v", r, err)
	}
	_, _, err = s.hosts[1].Memory(b.ID())
	wantErrno(t, err, syscall.EINVAL, "a driver's look-up of another context's memory")
	if err := c.Close(bg); err != nil {
		t.Error(err)
	}
	if _, _, releases := s.counts(); releases != 0 {
		t.Error("the connection was released although memory refers to it")
	}
	a.Release()
	if _, err := r.ReadAt(got, 9); err != nil || got[0] != 7 {
		t.Errorf("memory that a driver holds: %v, %v", got, err)
	}
	release()
	release() // the second time it does nothing
	if _, _, releases := s.counts(); releases != 1 {
		t.Errorf("the connection was released %d times", releases)
	}
	closed := 0
	m, err := other.Register(driver.Bytes("abc"), func() { closed++ })
	if err != nil || m.Size() != 3 || m.Bytes() != nil {
		t.Fatalf("Register: %v, %v", m, err)
	}
	m.Retain()
	m.Release()
	if closed != 0 {
		t.Error("registered memory was given up while referenced")
	}
	m.Release()
	if closed != 1 {
		t.Errorf("registered memory was given up %d times", closed)
	}
	b.Release()
}

func TestCommand(t *testing.T) {
	s := newStub()
	message := []byte("use me")
	s.scope = func(m *driver.Message) (driver.Scope, error) {
		copy(message, "misuse") // the client changes its mind after the decision
		switch string(m.Data) {
		case "bad":
			return 0, driver.Errorf(syscall.EINVAL, "stub: bad")
		case "configure":
			return driver.ScopeConfigure, nil
		case "panic":
			panic("stub")
		case "scope":
			return 9, nil
		}
		return driver.ScopeUse, nil
	}
	s.command = func(_ context.Context, m *driver.Message) ([]byte, error) {
		if string(m.Data) == "memory" {
			return memoryCommand(t, m)
		}
		return m.Data, nil
	}
	c := open(t, device(t, s, tee.Options{}))
	send := func(data []byte, max int) ([]byte, error) {
		return c.Command(bg, &tee.Caller{}, &tee.Command{Format: stubMessages, Data: data, MaxReply: max})
	}
	out, err := send(message, 100)
	if err != nil || string(out) != "use me" || string(message) != "misuse" {
		t.Errorf("a message that its client changes: %q, %v", out, err)
	}
	for name, x := range map[string]struct {
		data  []byte
		max   int
		errno syscall.Errno
	}{
		"reply too long":     {[]byte("abc"), 2, syscall.EMSGSIZE},
		"message too long":   {make([]byte, tee.MaxMessage+1), 1, syscall.EMSGSIZE},
		"maximum too large":  {nil, tee.MaxMessage + 1, syscall.EMSGSIZE},
		"malformed":          {[]byte("bad"), 10, syscall.EINVAL},
		"scope too wide":     {[]byte("configure"), 10, syscall.EPERM},
		"panic in Classify":  {[]byte("panic"), 10, syscall.EIO},
		"scope there is not": {[]byte("scope"), 10, syscall.EIO},
	} {
		_, err := send(x.data, x.max)
		wantErrno(t, err, x.errno, name)
	}
	_, err = c.Command(bg, &tee.Caller{}, &tee.Command{Format: gp.UUID{1}})
	wantErrno(t, err, syscall.EINVAL, "another format")

	m, err := c.Allocate(1) // has id 1
	if err != nil {
		t.Fatal(err)
	}
	defer m.Release()
	m.Bytes()[0] = 'x'
	if out, err := send([]byte("memory"), 10); err != nil || string(out) != "x" {
		t.Errorf("a message with references: %q, %v", out, err)
	}

	var info tee.CommandInfo
	policy := func(i tee.CommandInfo) error {
		info = i
		if i.Caller.UID == 0 {
			return driver.Errorf(syscall.EPERM, "not root")
		}
		return nil
	}
	c = open(t, device(t, s, tee.Options{Policy: policy}))
	_, err = send([]byte("configure"), 10)
	wantErrno(t, err, syscall.EPERM, "a policy's refusal")
	if out, err := c.Command(bg, &tee.Caller{UID: 5}, &tee.Command{Format: stubMessages, Data: []byte("configure"), MaxReply: 10}); err != nil || string(out) != "configure" {
		t.Errorf("what a policy allows: %q, %v", out, err)
	}
	if info.Scope != driver.ScopeConfigure || info.Size != 9 || info.Format != stubMessages || info.Device != "tee0" {
		t.Errorf("a policy is told %+v", info)
	}
}

// memoryCommand translates references both ways.
func memoryCommand(t *testing.T, m *driver.Message) ([]byte, error) {
	ref := driver.Ref{Kind: driver.RefID, Value: 1}
	r, err := m.Memory.Region(ref)
	if err != nil {
		return nil, err
	}
	if again, err := m.Memory.Region(ref); err != nil || again != r {
		t.Errorf("resolving twice: %v, %v", again, err)
	}
	if back, err := m.Memory.Ref(r); err != nil || back != ref {
		t.Errorf("the way back: %v, %v", back, err)
	}
	_, err = m.Memory.Region(driver.Ref{Kind: driver.RefID, Value: 77})
	wantErrno(t, err, syscall.EINVAL, "an unknown id")
	_, err = m.Memory.Region(driver.Ref{Kind: driver.RefFD, Value: 0})
	wantErrno(t, err, syscall.EINVAL, "a file descriptor from a client without files")
	_, err = m.Memory.Ref(driver.Bytes(nil))
	wantErrno(t, err, syscall.EINVAL, "memory that nobody knows")
	out := make([]byte, 1)
	_, err = r.ReadAt(out, 0)
	return out, err
}

func TestObjects(t *testing.T) {
	s := newStub()
	s.object = func(_ context.Context, r *driver.ObjectRequest) (driver.Reply, error) {
		r.Params[0].A = r.ID + uint64(r.Op)
		return driver.Reply{Result: 5}, nil
	}
	c := open(t, device(t, s, tee.Options{}))
	r := &tee.ObjectInvoke{ID: 40, Op: 2, Params: []driver.Param{{Type: gp.ObjrefOutput}}}
	if reply, err := c.InvokeObject(bg, r); err != nil || reply.Result != 5 || r.Params[0].A != 42 {
		t.Errorf("InvokeObject: %v, %v, %+v", reply, err, r.Params[0])
	}
}

func TestDriverPanics(t *testing.T) {
	s := newStub()
	s.invoke = func(_ context.Context, r *driver.InvokeRequest) (driver.Reply, error) {
		if r.Func == 1 {
			panic("stub")
		}
		return driver.Reply{Result: 7}, nil
	}
	c := open(t, device(t, s, tee.Options{}))
	sess := session(t, c)
	_, err := sess.Invoke(bg, &tee.Invoke{Func: 1})
	wantErrno(t, err, syscall.EIO, "a driver that panics")
	if reply, err := sess.Invoke(bg, &tee.Invoke{}); err != nil || reply.Result != 7 {
		t.Errorf("the next call: %v, %v", reply, err)
	}
}

func TestTrace(t *testing.T) {
	s := newStub()
	var got tee.TraceRecord
	dev := device(t, s, tee.Options{Trace: func(r tee.TraceRecord) { got = r }})
	c := open(t, dev)
	s.host().Trace(driver.TraceEvent{Level: driver.LevelInfo, Text: "hello"})
	if got.Device != "tee0" || got.Context != c.Number() || got.Text != "hello" {
		t.Errorf("%+v", got)
	}
}

func TestSupplicant(t *testing.T) {
	s := newStub()
	dev := device(t, s, tee.Options{SupplicantWait: time.Millisecond})
	open(t, dev)
	h := s.host()
	ask := func(ctx context.Context, a uint64) <-chan string {
		out := make(chan string, 1)
		go func() {
			params := []driver.Param{{Type: gp.ValueInout, A: a}, {Type: gp.ValueInput, A: 5}}
			r, err := h.CallSupplicant(ctx, uint32(a), params)
			out <- fmt.Sprint(r, err, params[0].A, params[1].A)
		}()
		return out
	}
	comm := fmt.Sprint(gp.ErrorCommunication, nil)
	if got := await(t, ask(bg, 1), "the answer without a supplicant"); got != comm+" 1 5" {
		t.Errorf("without a supplicant: %s", got)
	}
	sup, err := dev.OpenSupplicant(bg)
	if err != nil {
		t.Fatal(err)
	}
	_, err = dev.OpenSupplicant(bg)
	wantErrno(t, err, syscall.EBUSY, "a second supplicant")

	first := ask(bg, 10)
	req, err := sup.Receive(bg, 2)
	if err != nil || req.Func != 10 || req.Params[0].A != 10 {
		t.Fatalf("Receive: %+v, %v", req, err)
	}
	wantErrno(t, sup.Send(bg, req.ID+1, 0, req.Params), syscall.ENOENT, "an unknown request")
	wantErrno(t, sup.Send(bg, req.ID, 0, req.Params[:1]), syscall.EINVAL, "another number of parameters")
	req.Params[0].A, req.Params[1].A = 11, 6
	if err := sup.Send(bg, req.ID, 3, req.Params); err != nil {
		t.Error(err)
	}
	if got := await(t, first, "the answer"); got != fmt.Sprint(gp.Result(3), nil)+" 11 5" {
		t.Errorf("the answer: %s", got)
	}
	wantErrno(t, sup.Send(bg, req.ID, 0, req.Params), syscall.ENOENT, "answering twice")

	queued := ask(bg, 20)
	for {
		if _, err := sup.Receive(bg, 1); errors.Is(err, syscall.EINVAL) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	req, err = sup.Receive(bg, 2)
	if err != nil || req.Func != 20 {
		t.Fatalf("the request after too little room: %+v, %v", req, err)
	}
	ctx, cancel := context.WithCancel(bg)
	left := ask(ctx, 30)
	req30, err := sup.Receive(bg, 2)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	if got := await(t, left, "the end of a requester that left"); got != fmt.Sprint(gp.Result(0), context.Canceled)+" 30 5" {
		t.Errorf("a requester that left: %s", got)
	}
	wantErrno(t, sup.Send(bg, req30.ID, 0, req30.Params), syscall.ENOENT, "answering who left")
	if err := sup.Close(bg); err != nil {
		t.Error(err)
	}
	if got := await(t, queued, "the end of a request in flight"); got != comm+" 20 5" {
		t.Errorf("a request in flight when the supplicant leaves: %s", got)
	}
	_, err = sup.Receive(bg, 2)
	wantErrno(t, err, syscall.EBADF, "receiving after Close")
	wantErrno(t, sup.Send(bg, 1, 0, nil), syscall.EBADF, "sending after Close")
	again, err := dev.OpenSupplicant(bg)
	if err != nil {
		t.Fatalf("the next supplicant: %v", err)
	}
	if err := again.Close(bg); err != nil {
		t.Error(err)
	}
}

// TestHammer lets many goroutines do everything at once on few contexts, which come and go.
func TestHammer(t *testing.T) {
	dev := device(t, drivertest.NewFake(drivertest.NoFault), tee.Options{Limits: tee.Limits{Calls: 50, Sessions: 40}})
	cfg := drivertest.FakeConfig(drivertest.NoFault)
	var calls atomic.Int64
	ctx, stop := context.WithTimeout(bg, 2*time.Second)
	defer stop()
	var current atomic.Pointer[tee.Context]
	current.Store(open(t, dev))
	var wg sync.WaitGroup
	wg.Go(func() {
		for ctx.Err() == nil {
			next, err := dev.Open(bg)
			if err != nil {
				t.Error(err)
				return
			}
			old := current.Swap(next)
			if err := old.Close(bg); err != nil {
				t.Error(err)
			}
			time.Sleep(10 * time.Millisecond)
		}
	})
	for i := range 50 {
		wg.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				c := current.Load()
				s, reply, err := c.OpenSession(bg, &tee.Caller{}, &tee.OpenSession{TA: cfg.TA, CancelID: uint32(i)})
				if err != nil || reply.Result != gp.Success {
					continue // a limit, or the context went
				}
				short, cancel := context.WithTimeout(bg, time.Duration(n%5)*time.Millisecond)
				switch n % 4 {
				case 0:
					p := []driver.Param{{Type: gp.ValueInout, A: uint64(n)}}
					if reply, err := s.Invoke(bg, &tee.Invoke{Func: *cfg.Increment, Params: p}); err == nil && (reply.Result != gp.Success || p[0].A != uint64(n)+1) {
						t.Errorf("increment of %d: %v, %d", n, reply.Result, p[0].A)
					}
				case 1:
					_, _ = s.Invoke(short, &tee.Invoke{Func: *cfg.Wait, Params: []driver.Param{{Type: gp.ValueInput, A: 5}}})
				case 2:
					go c.Cancel(s.ID(), 0)
					_, _ = s.Invoke(bg, &tee.Invoke{Func: *cfg.Wait, Params: []driver.Param{{Type: gp.ValueInput, A: 2}}})
				case 3:
					if m, err := c.Allocate(1); err == nil {
						_, _ = s.Invoke(short, &tee.Invoke{Func: *cfg.Copy, Params: []driver.Param{{Type: gp.MemrefInput, Region: m, Size: 9}, {Type: gp.MemrefOutput, Region: m, Size: 9}}})
						m.Release()
					}
				}
				cancel()
				calls.Add(1)
				if n%2 == 0 {
					_ = s.Close(bg)
				} else {
					go s.Close(bg)
				}
			}
		})
	}
	wg.Wait()
	if err := current.Load().Close(bg); err != nil {
		t.Error(err)
	}
	for end := time.Now().Add(patience); dev.Contexts() != 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d contexts are left", dev.Contexts())
		}
	}
	t.Logf("%d calls", calls.Load())
}

func BenchmarkInvoke(b *testing.B) {
	c := open(b, device(b, drivertest.NewFake(drivertest.NoFault), tee.Options{}))
	s, _, err := c.OpenSession(bg, &tee.Caller{}, &tee.OpenSession{TA: drivertest.FakeConfig("").TA})
	if err != nil {
		b.Fatal(err)
	}
	r := &tee.Invoke{Params: []driver.Param{{Type: gp.ValueInout}}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Invoke(bg, r); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPingPong(b *testing.B) {
	ping, pong := make(chan int), make(chan int)
	go func() {
		for v := range ping {
			pong <- v
		}
	}()
	defer close(ping)
	for b.Loop() {
		ping <- 1
		<-pong
	}
}
