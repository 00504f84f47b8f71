package tee

import (
	"context"
	"syscall"

	"goatee/driver"
)

// ObjectInvoke is what a client asks of Context.InvokeObject.
type ObjectInvoke struct {
	ID       uint64
	Op       uint32
	CancelID uint32
	Params   []driver.Param
}

// InvokeObject performs an operation on one of the TEE's objects. Outputs are written back into r.Params if the error is
// nil.
//
// # Errors
//
// EINVAL: the TEE has no objects, or a parameter is malformed. Others as OpenSession's.
func (ctx *Context) InvokeObject(parent context.Context, r *ObjectInvoke) (driver.Reply, error) {
	if ctx.opt.objects == nil {
		return driver.Reply{}, driver.Errorf(syscall.EINVAL, "tee: %s has no objects", ctx.dev.version.Name)
	}
	c, err := ctx.newCall(parent, objecting, nil, r.CancelID, r.Params)
	if err != nil {
		return driver.Reply{}, err
	}
	c.object.ID, c.object.Op = r.ID, r.Op
	if err := c.run(); err != nil {
		return driver.Reply{}, err
	}
	reply, err := c.reply, c.err
	if err == nil {
		c.copyOut(r.Params)
	}
	c.end()
	return reply, err
}
