package tee

import (
	"context"
	"sync"
	"syscall"

	"goatee/driver"
	"goatee/gp"
)

// MaxMessage is the most that a message or a reply on the opaque channel may have, in bytes.
const MaxMessage = 1 << 20

// Command is what a client asks of Context.Command.
type Command struct {
	// Format is what Data is written in; it must be the device's Version.Messages.
	Format gp.UUID
	// Data is the message. It is copied once; the client may do with it what it likes afterwards.
	Data []byte
	// MaxReply is the most that the client takes, in bytes, at most MaxMessage.
	MaxReply int
	CancelID uint32
	// Translate finds the memory behind a reference of a kind that the context does not know itself, such as a file
	// descriptor of the client's. nil refuses them. It is called once for each reference.
	Translate func(driver.Ref) (driver.Region, error)
}

// CommandInfo is what a policy decides upon.
type CommandInfo struct {
	Device string
	Caller *Caller
	Scope  driver.Scope
	Format gp.UUID
	Size   int
}

// Command sends an opaque message for caller and returns the reply, which is the client's to keep. The driver classifies
// the message, the policy decides, and the same private copy is then executed: nothing that the client changes in
// between matters.
//
// # Errors
//
// EINVAL: the TEE has no opaque channel, Format is not its, or the message is malformed. EMSGSIZE: the message, or what
// the client would take, is larger than MaxMessage, or the reply larger than MaxReply; in the last case the command was
// executed. EPERM: the policy refuses. Others as OpenSession's. What the TEE answered, failure included, is in the reply.
func (ctx *Context) Command(parent context.Context, caller *Caller, r *Command) ([]byte, error) {
	v := ctx.dev.version
	if ctx.opt.commander == nil {
		return nil, driver.Errorf(syscall.EINVAL, "tee: %s has no opaque command channel", v.Name)
	}
	if r.Format != v.Messages {
		return nil, driver.Errorf(syscall.EINVAL, "tee: messages of format %v are not what %s speaks, which is %v", r.Format, v.Name, v.Messages)
	}
	if len(r.Data) > MaxMessage || r.MaxReply > MaxMessage {
		return nil, driver.Errorf(syscall.EMSGSIZE, "tee: a message of %d bytes with a reply of up to %d: each may have %d", len(r.Data), r.MaxReply, MaxMessage)
	}
	c, err := ctx.newCall(parent, commanding, nil, r.CancelID, nil)
	if err != nil {
		return nil, err
	}
	c.message = driver.Message{Call: &c.Call, Format: r.Format, Data: append([]byte(nil), r.Data...), MaxReply: max(r.MaxReply, 0),
		Memory: &resolver{call: c, translate: r.Translate}}
	if err := ctx.authorize(c, caller); err != nil {
		c.end()
		return nil, err
	}
	if err := c.run(); err != nil {
		return nil, err
	}
	out, err := c.out, c.err
	if err == nil && len(out) > r.MaxReply {
		out, err = nil, driver.Errorf(syscall.EMSGSIZE, "tee: the reply has %d bytes and the client takes %d; the command was executed", len(out), r.MaxReply)
	}
	out = append([]byte(nil), out...)
	c.end()
	return out, err
}

// authorize lets the driver classify the message and the policy decide.
func (ctx *Context) authorize(c *call, caller *Caller) error {
	scope, err := ctx.classify(c)
	if err != nil {
		return err
	}
	opt := &ctx.dev.reg.opt
	if opt.Policy != nil {
		return opt.Policy(CommandInfo{Device: ctx.dev.Name(), Caller: caller, Scope: scope, Format: c.message.Format, Size: len(c.message.Data)})
	}
	if scope > opt.Scope {
		return driver.Errorf(syscall.EPERM, "tee: the command has scope %v, and the operator allows up to %v on %s", scope, opt.Scope, ctx.dev.Name())
	}
	return nil
}

// classify asks the driver. A panic there is an error of this message.
func (ctx *Context) classify(c *call) (scope driver.Scope, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = ctx.dev.driverPanic(p)
		}
	}()
	scope, err = ctx.opt.commander.Classify(&c.message)
	if err == nil && (scope < driver.ScopeRead || scope > driver.ScopePlatform) {
		err = driver.Errorf(syscall.EIO, "tee: the driver of %s gave a command the unknown scope %d; this is a bug in it", ctx.dev.Name(), scope)
	}
	return scope, err
}

// resolver translates the references of one message. It is used by the driver's goroutines until Command has returned.
type resolver struct {
	call      *call
	translate func(driver.Ref) (driver.Region, error)

	mu    sync.Mutex
	ended bool
	known map[driver.Ref]driver.Region
}

// Region implements driver.Resolver.
func (r *resolver) Region(ref driver.Ref) (driver.Region, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended {
		return nil, driver.Errorf(syscall.EINVAL, "tee: a driver used the references of a message after it had answered it")
	}
	if region := r.known[ref]; region != nil {
		return region, nil
	}
	region, err := r.find(ref)
	if err != nil {
		return nil, err
	}
	if r.known == nil {
		r.known = map[driver.Ref]driver.Region{}
	}
	r.known[ref] = region
	return region, nil
}

// find looks a reference up for the first time and holds the memory until the call ends.
func (r *resolver) find(ref driver.Ref) (driver.Region, error) {
	if ref.Kind != driver.RefID {
		if r.translate == nil {
			return nil, driver.Errorf(syscall.EINVAL, "tee: a message refers to memory in a way (kind %d) that this client's way to the device cannot translate", ref.Kind)
		}
		return r.translate(ref)
	}
	m, err := r.call.owner.Memory(ref.Value)
	if err != nil {
		return nil, err
	}
	ctx := r.call.owner
	ctx.mu.Lock()
	r.call.held = append(r.call.held, m)
	ctx.mu.Unlock()
	return m.region, nil
}

// Ref implements driver.Resolver.
func (r *resolver) Ref(region driver.Region) (driver.Ref, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for ref, known := range r.known {
		if known == region {
			return ref, nil
		}
	}
	ctx := r.call.owner
	ctx.mu.Lock()
	defer ctx.mu.Unlock()
	for id, m := range ctx.memory {
		if m.region == region {
			return driver.Ref{Kind: driver.RefID, Value: id}, nil
		}
	}
	return driver.Ref{}, driver.Errorf(syscall.EINVAL, "tee: memory that is not this context's has no reference in it")
}

// end makes the resolver refuse what a driver asks too late.
func (r *resolver) end() {
	r.mu.Lock()
	r.ended = true
	r.mu.Unlock()
}
