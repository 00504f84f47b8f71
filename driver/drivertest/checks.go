package drivertest

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"runtime/pprof"
	"strings"
	"sync"
	"time"

	"goatee/driver"
	"goatee/gp"
	"goatee/tee"
)

// checks is the kit. Each has a driver of its own.
var checks = []check{
	{"version", checkVersion},
	{"options", checkOptions},
	{"open", checkOpen},
	{"unknown-ta", checkUnknownTA},
	{"open-session", checkOpenSession},
	{"values", checkValues},
	{"wrong-parameters", checkWrongParameters},
	{"memory", checkMemory},
	{"null-memory", checkNullMemory},
	{"parallel", checkParallel},
	{"cancel", checkCancel},
	{"cancel-early", checkCancelEarly},
	{"leave", checkLeave},
	{"close-driver", checkCloseDriver},
	{"command", checkCommand},
	{"classify", checkClassify},
	{"malformed-message", checkMalformedMessage},
	{"references", checkReferences},
	{"allocate", checkAllocate},
	{"end-to-end", checkEndToEnd},
	{"leaks", checkLeaks},
}

func checkVersion(k *kit) {
	v := k.drv.Version()
	if v.Name == "" {
		k.errorf("Version has no Name")
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 100 {
				if w := k.drv.Version(); w != v {
					k.errorf("Version changes: %+v, then %+v", v, w)
					return
				}
			}
		})
	}
	wg.Wait()
	if r, ok := k.drv.(driver.Reviser); ok && len(r.Revision()) > 128 {
		k.errorf("Revision has %d bytes, more than 128", len(r.Revision()))
	}
}

// checkOptions registers the driver, since that is where claims and options are compared.
func checkOptions(k *kit) {
	reg := tee.NewRegistry(tee.Options{})
	dev, err := reg.Register(context.Background(), noClose{k.drv})
	if err != nil {
		k.fatalf("Register: %v", err)
	}
	if err := reg.Unregister(context.Background(), dev); err != nil {
		k.errorf("Unregister: %v", err)
	}
}

// noClose leaves closing to the kit.
type noClose struct{ driver.Driver }

func (noClose) Close() error { return nil }

func checkOpen(k *kit) {
	k.open().release()
	a, b := k.open(), k.open()
	b.release()
	c := k.open()
	a.release()
	c.release()
}

func checkUnknownTA(k *kit) {
	if k.cfg.TA.IsNil() {
		k.skip("Config.TA is not set")
	}
	c := k.open()
	s, ok := find[driver.Sessions](c)
	if !ok {
		k.fatalf("Config.TA is set, but connections have no Sessions")
	}
	unknown := gp.MustParseUUID("00000000-dead-4bad-8bad-00000000dead")
	session, reply, err := s.OpenSession(context.Background(), &driver.OpenRequest{Call: new(driver.Call), TA: unknown, Session: 1})
	if err != nil {
		k.fatalf("opening an unknown TA: error %v; it is an answer of the TEE, gp.ErrorItemNotFound", err)
	}
	if session != nil {
		k.errorf("opening an unknown TA gave a session, with result %v", reply.Result)
	}
	if reply.Result != gp.ErrorItemNotFound || reply.Origin != gp.OriginTEE {
		k.errorf("opening an unknown TA: %v, origin %v, want %v, origin %v", reply.Result, reply.Origin, gp.ErrorItemNotFound, gp.OriginTEE)
	}
}

func checkOpenSession(k *kit) {
	c := k.open()
	a := c.session()
	b := c.session()
	k.bounded("Session.Close", func() { a.Close(context.Background()) })
	k.bounded("Session.Close", func() { b.Close(context.Background()) })
	k.bounded("Session.Close", func() { c.session().Close(context.Background()) })
}

func checkValues(k *kit) {
	c := k.open()
	s := c.session()
	inc := k.command("Increment", k.cfg.Increment)
	for _, v := range []uint64{0, 41, 0x7ffffffe} {
		p := []driver.Param{{Type: gp.ValueInout, A: v, B: 7}}
		if r := k.invoke(s, inc, p...); r.Result != gp.Success {
			k.errorf("Increment: %v, origin %v", r.Result, r.Origin)
		}
		if p[0].A != v+1 {
			k.errorf("Increment of %d gave %d", v, p[0].A)
		}
	}
	if k.cfg.Wait != nil {
		p := []driver.Param{{Type: gp.ValueInput, A: 1, B: 2, C: 3}}
		k.invoke(s, *k.cfg.Wait, p...)
		if p[0] != (driver.Param{Type: gp.ValueInput, A: 1, B: 2, C: 3}) {
			k.errorf("an input value was changed to %+v", p[0])
		}
	}
}

// checkWrongParameters calls a command with parameters that it does not expect: every answer will do but success, a panic
// and silence.
func checkWrongParameters(k *kit) {
	c := k.open()
	s := c.session()
	inc := k.command("Increment", k.cfg.Increment)
	mem := driver.Bytes(make([]byte, 64))
	for i, params := range [][]driver.Param{
		nil,
		{{Type: gp.ValueInput, A: 1}},
		{{Type: gp.MemrefInout, Region: mem, Size: 64}},
		{{Type: gp.MemrefInput, Region: mem, Offset: 64}},
		{{}, {Type: gp.ValueInout}},
		{{Type: gp.ValueInout}, {Type: gp.ValueInout}, {Type: gp.ValueInout}, {Type: gp.ValueInout}},
	} {
		var reply driver.Reply
		var err error
		if !k.bounded("Invoke", func() {
			reply, err = s.Invoke(context.Background(), &driver.InvokeRequest{Call: new(driver.Call), Func: inc, Params: params})
		}) {
			return
		}
		if err == nil && reply.Result == gp.Success {
			k.errorf("Increment with wrong parameters (set %d) succeeded", i)
		}
	}
}

func checkMemory(k *kit) {
	c := k.open()
	s := c.session()
	cp := k.command("Copy", k.cfg.Copy)
	var all []*guarded
	for _, size := range []int{1, 100, 4096, 100_000} {
		in := &guarded{name: "input", data: make([]byte, size+64), lo: 32, hi: uint64(size) + 32}
		out := &guarded{name: "output", data: make([]byte, size+64), lo: 16, hi: uint64(size) + 26, write: true}
		all = append(all, in, out)
		for i := range in.data {
			in.data[i] = byte(rand.Uint32()) | 1
		}
		p := []driver.Param{
			{Type: gp.MemrefInput, Region: in, Offset: 32, Size: uint64(size)},
			{Type: gp.MemrefOutput, Region: out, Offset: 16, Size: uint64(size) + 10},
		}
		r := k.invoke(s, cp, p...)
		in.end()
		out.end()
		if r.Result != gp.Success {
			k.errorf("Copy of %d bytes: %v, origin %v", size, r.Result, r.Origin)
			continue
		}
		if p[1].Size != uint64(size) {
			k.errorf("Copy of %d bytes says that it wrote %d", size, p[1].Size)
		}
		if p[0].Size != uint64(size) {
			k.errorf("Copy changed the size of its input from %d to %d", size, p[0].Size)
		}
		if !bytes.Equal(out.data[16:16+size], in.data[32:32+size]) {
			k.errorf("Copy of %d bytes at offset 32 to offset 16 gave other bytes", size)
		}
	}
	short := []driver.Param{
		{Type: gp.MemrefInput, Region: driver.Bytes(make([]byte, 100)), Size: 100},
		{Type: gp.MemrefOutput, Region: driver.Bytes(make([]byte, 10)), Size: 10},
	}
	if r := k.invoke(s, cp, short...); r.Result != gp.ErrorShortBuffer || short[1].Size != 100 {
		k.errorf("Copy of 100 bytes into 10: %v with size %d, want %v with size 100", r.Result, short[1].Size, gp.ErrorShortBuffer)
	}
	k.bounded("Session.Close", func() { s.Close(context.Background()) })
	c.release()
	for _, g := range all {
		g.report(k)
	}
}

func checkNullMemory(k *kit) {
	c := k.open()
	if k.drv.Version().Caps&driver.CapMemrefNull == 0 {
		k.skip("the TEE does not claim NULL memory references")
	}
	s := c.session()
	cp := k.command("Copy", k.cfg.Copy)
	k.invoke(s, cp, driver.Param{Type: gp.MemrefInput}, driver.Param{Type: gp.MemrefOutput})
	k.invoke(s, cp, driver.Param{Type: gp.MemrefInput, Region: driver.Bytes("x"), Size: 1}, driver.Param{Type: gp.MemrefOutput})
}

// checkParallel lets several contexts work at the same time, each with numbers of its own.
func checkParallel(k *kit) {
	inc := k.command("Increment", k.cfg.Increment)
	var wg sync.WaitGroup
	for i := range 4 {
		s := k.open().session()
		wg.Go(func() {
			for n := range 100 {
				v := uint64(i*1000 + n)
				p := []driver.Param{{Type: gp.ValueInout, A: v}}
				reply, err := s.Invoke(context.Background(), &driver.InvokeRequest{Call: new(driver.Call), Func: inc, Params: p})
				if err != nil || reply.Result != gp.Success || p[0].A != v+1 {
					k.errorf("Increment of %d beside others gave %d, %v, error %v", v, p[0].A, reply.Result, err)
					return
				}
			}
		})
	}
	k.bounded("four contexts in parallel", wg.Wait)
}

// startWait runs the Wait command for a minute and returns the way to its end.
func (k *kit) startWait(ctx context.Context, c *conn, call *driver.Call) <-chan string {
	s := c.session()
	wait := k.command("Wait", k.cfg.Wait)
	done := make(chan string, 1)
	go func() {
		r, err := s.Invoke(ctx, &driver.InvokeRequest{Call: call, Func: wait, Params: []driver.Param{{Type: gp.ValueInput, A: 60_000}}})
		if err != nil {
			done <- "error " + err.Error()
			return
		}
		done <- r.Result.Name()
	}()
	return done
}

// await waits for the end of startWait's command.
func (k *kit) await(done <-chan string, what string) string {
	select {
	case r := <-done:
		return r
	case <-time.After(k.patience):
		k.fatalf("a waiting command has not returned %v after %s", k.patience, what)
		return ""
	}
}

func (k *kit) canceller(c *conn) driver.Canceller {
	can, ok := find[driver.Canceller](c)
	if !ok {
		k.skip("connections cannot cancel")
	}
	return can
}

func checkCancel(k *kit) {
	c := k.open()
	can := k.canceller(c)
	call := new(driver.Call)
	done := k.startWait(context.Background(), c, call)
	// The driver has looked at the call when it has attached something to it; without that Cancel comes early.
	looked := false
	for end := time.Now().Add(k.patience / 4); !looked && time.Now().Before(end); {
		call.WithState(func(any) { looked = true })
		time.Sleep(100 * time.Microsecond)
	}
	call.RequestCancel()
	k.bounded("Cancel", func() { can.Cancel(call) })
	if r := k.await(done, "it was cancelled"); r != gp.ErrorCancel.Name() {
		k.errorf("a cancelled wait answered %s, want %s", r, gp.ErrorCancel.Name())
	}
}

// checkCancelEarly cancels before the driver has seen the call.
func checkCancelEarly(k *kit) {
	c := k.open()
	can := k.canceller(c)
	call := new(driver.Call)
	call.RequestCancel()
	k.bounded("Cancel", func() { can.Cancel(call) })
	if r := k.await(k.startWait(context.Background(), c, call), "it was cancelled before it began"); r != gp.ErrorCancel.Name() {
		k.errorf("a wait that was cancelled before it began answered %s, want %s", r, gp.ErrorCancel.Name())
	}
}

func checkLeave(k *kit) {
	c := k.open()
	ctx, leave := context.WithTimeout(context.Background(), time.Millisecond)
	defer leave()
	done := k.startWait(ctx, c, new(driver.Call))
	if r := k.await(done, "its client left"); r == gp.Success.Name() {
		k.errorf("a wait of a minute answered success when its client left")
	}
}

// checkCloseDriver closes the driver while a command waits.
func checkCloseDriver(k *kit) {
	c := k.open()
	var done <-chan string
	if k.cfg.Wait != nil {
		done = k.startWait(context.Background(), c, new(driver.Call))
	}
	if !k.bounded("Driver.Close", func() {
		if err := k.drv.Close(); err != nil {
			k.errorf("Driver.Close: %v", err)
		}
	}) {
		return
	}
	if done != nil {
		k.await(done, "the driver was closed")
	}
	c.release()
}

func (k *kit) commander(c *conn) driver.Commander {
	if k.cfg.Message == nil {
		k.skip("Config.Message is not set")
	}
	com, ok := find[driver.Commander](c)
	if !ok {
		k.fatalf("Config.Message is set, but connections are no Commander")
	}
	return com
}

func (k *kit) message(data []byte, c *conn) *driver.Message {
	return &driver.Message{Call: new(driver.Call), Format: k.drv.Version().Messages, Data: bytes.Clone(data), MaxReply: 4096, Memory: &references{conn: c}}
}

func checkCommand(k *kit) {
	c := k.open()
	com := k.commander(c)
	for _, max := range []int{4096, 0, 1} {
		m := k.message(k.cfg.Message, c)
		m.MaxReply = max
		if scope, err := com.Classify(m); err != nil || scope < driver.ScopeRead || scope > driver.ScopePlatform {
			k.fatalf("Classify of Config.Message: scope %d, error %v", scope, err)
		}
		var out []byte
		var err error
		k.bounded("Command", func() { out, err = com.Command(context.Background(), m) })
		if len(out) > max {
			k.errorf("a reply of %d bytes to a client that takes %d", len(out), max)
		}
		if err != nil && max == 4096 {
			k.errorf("Command: %v", err)
		}
		if err != nil {
			k.checkErrno("Command", err)
		}
	}
}

func checkClassify(k *kit) {
	c := k.open()
	com := k.commander(c)
	before := 0
	if k.cfg.Executed != nil {
		before = k.cfg.Executed(k.drv)
	}
	m := k.message(k.cfg.Message, c)
	first, err := com.Classify(m)
	if err != nil {
		k.fatalf("Classify of Config.Message: %v", err)
	}
	if first < driver.ScopeRead || first > driver.ScopePlatform {
		k.errorf("Classify gave the unknown scope %d", first)
	}
	if !bytes.Equal(m.Data, k.cfg.Message) {
		k.errorf("Classify changed the message, so that what is executed is not what was decided upon")
	}
	if again, err := com.Classify(m); again != first || err != nil {
		k.errorf("Classify of the same message: first %v, then %v, error %v", first, again, err)
	}
	if k.cfg.Executed != nil && k.cfg.Executed(k.drv) != before {
		k.errorf("Classify executed the message")
	}
}

// checkMalformedMessage feeds the driver what a hostile client would: it must refuse with an errno and never panic.
func checkMalformedMessage(k *kit) {
	c := k.open()
	com := k.commander(c)
	classify := func(data []byte) (err error) {
		defer func() {
			if p := recover(); p != nil {
				k.fatalf("Classify of %d bytes (%x) panicked: %v", len(data), data[:min(len(data), 16)], p)
			}
		}()
		_, err = com.Classify(k.message(data, c))
		if err != nil {
			k.checkErrno("Classify", err)
		}
		return err
	}
	if k.cfg.Malformed != nil {
		if err := classify(k.cfg.Malformed); err == nil {
			k.errorf("Classify took Config.Malformed")
		}
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	for n := range 64 {
		data := make([]byte, n)
		for range 16 {
			for i := range data {
				data[i] = byte(rnd.Uint32())
			}
			_ = classify(data)
		}
	}
	for n := range k.cfg.Message {
		_ = classify(k.cfg.Message[:n])
	}
}

// references is the Resolver of a message of the kit's.
type references struct {
	conn *conn
	mu   sync.Mutex
	used []string // too late
	over bool
}

func (r *references) Region(ref driver.Ref) (driver.Region, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.over {
		r.used = append(r.used, "a reference of a message was resolved after the command had returned")
	}
	if ref.Kind != driver.RefID {
		return nil, driver.Errorf(errInval, "drivertest: references of kind %d are not known", ref.Kind)
	}
	region, _, err := r.conn.Memory(ref.Value)
	return region, err
}

func (r *references) Ref(region driver.Region) (driver.Ref, error) {
	r.conn.mu.Lock()
	defer r.conn.mu.Unlock()
	for id, m := range r.conn.memory {
		if m == region {
			return driver.Ref{Kind: driver.RefID, Value: id}, nil
		}
	}
	return driver.Ref{}, driver.Errorf(errInval, "drivertest: not memory of this context")
}

func checkReferences(k *kit) {
	if k.cfg.ReadMemory == nil {
		k.skip("Config.ReadMemory is not set")
	}
	c := k.open()
	com := k.commander(c)
	var replies [2][]byte
	var all []*references
	for i := range replies {
		c.memory[1] = &guarded{name: "shared", data: bytes.Repeat([]byte{byte(0x11 * (i + 1))}, 16), hi: 16}
		m := k.message(k.cfg.ReadMemory(1), c)
		refs := m.Memory.(*references)
		all = append(all, refs)
		if _, err := com.Classify(m); err != nil {
			k.fatalf("Classify of Config.ReadMemory: %v", err)
		}
		out, err := com.Command(context.Background(), m)
		if err != nil {
			k.fatalf("Command with a reference: %v", err)
		}
		replies[i] = bytes.Clone(out)
		refs.mu.Lock()
		refs.over = true
		refs.mu.Unlock()
	}
	if bytes.Equal(replies[0], replies[1]) {
		k.errorf("the reply does not depend on the memory that the message refers to")
	}
	m := k.message(k.cfg.ReadMemory(99), c)
	if _, err := com.Classify(m); err == nil {
		if _, err = com.Command(context.Background(), m); err == nil {
			k.errorf("a message that refers to unknown memory was executed")
		} else {
			k.checkErrno("Command with an unknown reference", err)
		}
	}
	c.release()
	for _, r := range all {
		for _, u := range r.used {
			k.errorf("%s", u)
		}
	}
}

func checkAllocate(k *kit) {
	c := k.open()
	a, ok := find[driver.Allocator](c)
	if !ok {
		k.skip("connections have no Allocator")
	}
	var got []driver.Region
	for _, size := range []uint64{4096, 4096, 1 << 20} {
		r, err := a.Allocate(size)
		if err != nil {
			k.fatalf("Allocate(%d): %v", size, err)
		}
		if r.Size() < size {
			k.errorf("Allocate(%d) gave %d bytes", size, r.Size())
		}
		buf := make([]byte, min(size, r.Size()))
		if _, err := r.ReadAt(buf, 0); err != nil {
			k.errorf("reading %d bytes of allocated memory: %v", len(buf), err)
		}
		if bytes.ContainsFunc(buf, func(b rune) bool { return b != 0 }) {
			k.errorf("Allocate(%d) gave memory that is not zero, or that is given out already", size)
		}
		if _, err := r.WriteAt(bytes.Repeat([]byte{0x5a}, len(buf)), 0); err != nil {
			k.errorf("writing %d bytes of allocated memory: %v", len(buf), err)
		}
		got = append(got, r)
	}
	for _, r := range got {
		k.bounded("Free", func() { a.Free(r) })
	}
}

// checkEndToEnd puts the mid-layer on top, as everybody does who uses the driver.
func checkEndToEnd(k *kit) {
	reg := tee.NewRegistry(tee.Options{})
	dev, err := reg.Register(context.Background(), k.drv)
	if err != nil {
		k.fatalf("Register: %v", err)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if err := k.client(dev); err != nil {
				k.errorf("%v", err)
			}
		})
	}
	k.bounded("four clients", wg.Wait)
	ctx, cancel := context.WithTimeout(context.Background(), k.patience)
	defer cancel()
	if err := reg.Close(ctx); err != nil {
		k.errorf("Unregister: %v", err)
	}
}

// client does with the device what Config allows.
func (k *kit) client(dev *tee.Device) error {
	ctx, cancel := context.WithTimeout(context.Background(), k.patience)
	defer cancel()
	c, err := dev.Open(ctx)
	if err != nil {
		return err
	}
	defer c.Close(ctx)
	caller := &tee.Caller{}
	if k.cfg.Message != nil {
		if _, err := c.Command(ctx, caller, &tee.Command{Format: dev.Version().Messages, Data: k.cfg.Message, MaxReply: 4096}); err != nil {
			return err
		}
	}
	if k.cfg.TA.IsNil() {
		return nil
	}
	s, reply, err := c.OpenSession(ctx, caller, &tee.OpenSession{TA: k.cfg.TA})
	if err != nil || reply.Result != gp.Success {
		return fmt.Errorf("opening a session: %v, error %w", reply.Result, err)
	}
	if k.cfg.Increment != nil {
		in := &tee.Invoke{Func: *k.cfg.Increment, Params: []driver.Param{{Type: gp.ValueInout, A: 1}}}
		if reply, err := s.Invoke(ctx, in); err != nil || reply.Result != gp.Success || in.Params[0].A != 2 {
			return fmt.Errorf("increment of 1 gave %d, %v, error %w", in.Params[0].A, reply.Result, err)
		}
	}
	return s.Close(ctx)
}

// checkLeaks opens and closes everything and looks for goroutines that were started meanwhile and have not ended. It tells
// them from others by a label that goroutines inherit, after a first round for what a driver starts once.
func checkLeaks(k *kit) {
	cycle := func(d driver.Driver) {
		k.drv = d
		c := k.open()
		if !k.cfg.TA.IsNil() {
			s := c.session()
			k.bounded("Session.Close", func() { s.Close(context.Background()) })
		}
		c.release()
		k.bounded("Driver.Close", func() { _ = d.Close() })
	}
	cycle(k.drv)
	d, err := k.cfg.New()
	if err != nil {
		k.fatalf("New: %v", err)
	}
	label := fmt.Sprintf("%d", rand.Uint64())
	pprof.Do(context.Background(), pprof.Labels("drivertest", label), func(context.Context) { cycle(d) })
	var left string
	for end := time.Now().Add(k.patience); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if left = labelled(label); left == "" {
			return
		}
	}
	k.errorf("goroutines are left after the driver was closed:\n%s", left)
}

// labelled returns the stacks of the goroutines with a label of checkLeaks.
func labelled(label string) string {
	var all, mine strings.Builder
	if err := pprof.Lookup("goroutine").WriteTo(&all, 1); err != nil {
		return ""
	}
	for _, g := range strings.Split(all.String(), "\n\n") {
		if strings.Contains(g, `"drivertest":"`+label+`"`) {
			mine.WriteString(g + "\n")
		}
	}
	return mine.String()
}
