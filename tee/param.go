package tee

import (
	"syscall"

	"goatee/driver"
	"goatee/gp"
)

// checkParamsLocked is the one place where parameters are checked: their number and types, offset and size against the
// memory, and whether the memory belongs to this context, in which case a reference is taken into c.held. It turns
// SharedMemory into the Region that the driver knows and clears what the TEE must not see. The error is EINVAL; the
// references in c.held then have to be given back.
func (ctx *Context) checkParamsLocked(c *call) error {
	if len(c.params) > driver.MaxParams {
		return driver.Errorf(syscall.EINVAL, "tee: %d parameters, at most %d are possible", len(c.params), driver.MaxParams)
	}
	for i := range c.params {
		p := &c.params[i]
		switch {
		case p.Type == gp.None:
			*p = driver.Param{Meta: p.Meta}
		case p.Type.IsValue():
			clearUnread(p)
		case p.Type.IsObjref():
			if ctx.dev.version.Caps&driver.CapObjref == 0 {
				return driver.Errorf(syscall.EINVAL, "tee: parameter %d is an object reference, and %s has no objects", i, ctx.dev.version.Name)
			}
			clearUnread(p)
		case p.Type.IsMemref():
			if err := ctx.checkMemrefLocked(c, i, p); err != nil {
				return err
			}
		default:
			return driver.Errorf(syscall.EINVAL, "tee: parameter %d has the unknown type %d", i, uint32(p.Type))
		}
	}
	return nil
}

// clearUnread takes the numbers out of p that only the TEE writes.
func clearUnread(p *driver.Param) {
	p.Region, p.Offset, p.Size = nil, 0, 0
	if !p.Type.IsInput() {
		p.A, p.B, p.C = 0, 0, 0
	}
}

func (ctx *Context) checkMemrefLocked(c *call, i int, p *driver.Param) error {
	p.A, p.B, p.C = 0, 0, 0
	m, ours := p.Region.(*SharedMemory)
	if p.Region == nil || ours && m == nil {
		if ctx.dev.version.Caps&driver.CapMemrefNull == 0 {
			return driver.Errorf(syscall.EINVAL, "tee: parameter %d is a NULL memory reference, which %s does not take", i, ctx.dev.version.Name)
		}
		p.Region, p.Offset, p.Size = nil, 0, 0 // as the kernel: a size without memory does not reach the TA
		return nil
	}
	if ours {
		if m.ctx != ctx || m.refs <= 0 {
			return driver.Errorf(syscall.EINVAL, "tee: parameter %d refers to shared memory that is not this context's, or was released", i)
		}
	}
	if size := p.Region.Size(); p.Offset > size || p.Size > size-p.Offset {
		return driver.Errorf(syscall.EINVAL, "tee: parameter %d refers to %d bytes at offset %d of memory that has %d", i, p.Size, p.Offset, size)
	}
	if ours {
		m.refs++
		c.held = append(c.held, m)
		p.Region = m.region
	}
	return nil
}
