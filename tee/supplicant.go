package tee

import (
	"context"
	"sync"
	"syscall"
	"time"

	"goatee/driver"
	"goatee/gp"
)

// Supplicant is the privileged side of a device: the program that does for the TEE what only the normal world can do. It
// is also a Context, in which the supplicant allocates the memory that requests refer to. Its methods may be called
// concurrently.
type Supplicant struct {
	*Context
}

// SupplicantRequest is one thing that the TEE asks for.
type SupplicantRequest struct {
	ID     uint64
	Func   uint32
	Params []driver.Param
}

// supplicantQueue is what the TEE waits for and the supplicant serves, in the order of asking.
type supplicantQueue struct {
	mu      sync.Mutex
	open    bool // there is a supplicant
	lastID  uint64
	queued  []*pendingRequest
	fetched map[uint64]*pendingRequest
	changed chan struct{} // closed and replaced whenever something above changes
}

// pendingRequest is a request and its answer.
type pendingRequest struct {
	SupplicantRequest
	result gp.Result
	done   chan struct{}
}

func (q *supplicantQueue) changedLocked() {
	close(q.changed)
	q.changed = make(chan struct{})
}

// OpenSupplicant opens the privileged side. ctx bounds the opening only.
//
// # Errors
//
// ENODEV if the TEE has none, or is gone; EBUSY if there is a supplicant already; those of Open.
func (d *Device) OpenSupplicant(ctx context.Context) (*Supplicant, error) {
	if !d.version.Supplicant {
		return nil, driver.Errorf(syscall.ENODEV, "tee: %s uses no supplicant", d.version.Name)
	}
	q := &d.supplicants
	q.mu.Lock()
	if q.open {
		q.mu.Unlock()
		return nil, driver.Errorf(syscall.EBUSY, "tee: %s has a supplicant already", d.Name())
	}
	q.open = true
	q.mu.Unlock()
	c, err := d.Open(ctx)
	if err != nil {
		q.close()
		return nil, err
	}
	q.mu.Lock()
	q.fetched = map[uint64]*pendingRequest{}
	q.changedLocked()
	q.mu.Unlock()
	c.whenGone(q.close)
	return &Supplicant{c}, nil
}

// close answers everything in flight, and lets the next supplicant come.
func (q *supplicantQueue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, r := range q.queued {
		r.answer(gp.ErrorCommunication)
	}
	for _, r := range q.fetched {
		r.answer(gp.ErrorCommunication)
	}
	q.queued, q.fetched, q.open = nil, nil, false
	q.changedLocked()
}

func (r *pendingRequest) answer(result gp.Result) {
	r.result = result
	close(r.done)
}

// callSupplicant is driver.Host.CallSupplicant.
func (d *Device) callSupplicant(ctx context.Context, fn uint32, params []driver.Param) (gp.Result, error) {
	if len(params) > driver.MaxParams {
		return 0, driver.Errorf(syscall.EINVAL, "tee: a request to the supplicant with %d parameters, at most %d are possible", len(params), driver.MaxParams)
	}
	r, err := d.enqueue(ctx, fn, params)
	if r == nil {
		return gp.ErrorCommunication, err
	}
	select {
	case <-r.done:
		for i := range params {
			takeOutput(&params[i], &r.Params[i])
		}
		return r.result, nil
	case <-ctx.Done():
		d.supplicants.forget(r)
		return 0, ctx.Err()
	case <-d.life.Done():
		d.supplicants.forget(r)
		return gp.ErrorCommunication, nil
	}
}

// enqueue waits for a supplicant within the operator's bound and hands it the request. A nil request without an error
// means that none came.
func (d *Device) enqueue(ctx context.Context, fn uint32, params []driver.Param) (*pendingRequest, error) {
	q := &d.supplicants
	timeout := time.NewTimer(d.reg.opt.SupplicantWait)
	defer timeout.Stop()
	for {
		q.mu.Lock()
		if q.fetched != nil {
			q.lastID++
			r := &pendingRequest{SupplicantRequest{q.lastID, fn, append([]driver.Param(nil), params...)}, 0, make(chan struct{})}
			q.queued = append(q.queued, r)
			q.changedLocked()
			q.mu.Unlock()
			return r, nil
		}
		changed := q.changed
		q.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-d.life.Done():
			return nil, nil
		case <-timeout.C:
			d.reg.opt.Log.Warn("no supplicant came", "device", d.Name(), "func", fn, "waited", d.reg.opt.SupplicantWait)
			return nil, nil
		}
	}
}

// forget is for a requester that does not wait any more: a late answer finds nothing.
func (q *supplicantQueue) forget(r *pendingRequest) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.fetched, r.ID)
	for i, o := range q.queued {
		if o == r {
			q.queued = append(q.queued[:i:i], q.queued[i+1:]...)
			return
		}
	}
}

// takeOutput lets the supplicant write what the parameter's type allows, and nothing else.
func takeOutput(p, from *driver.Param) {
	switch {
	case !p.Type.IsOutput():
	case p.Type.IsMemref():
		p.Size = from.Size
	default:
		p.A, p.B, p.C = from.A, from.B, from.C
	}
}

// Receive waits for a request with at most max parameters.
//
// # Errors
//
// EINVAL if the next request has more; it stays the next. ctx's error; ENODEV and EBADF when the device or the supplicant
// is gone.
func (s *Supplicant) Receive(ctx context.Context, max int) (*SupplicantRequest, error) {
	if p := s.opt.supplicant; p != nil {
		params := make([]driver.Param, max)
		id, fn, n, err := p.ReceiveRequest(ctx, params)
		if err != nil {
			return nil, err
		}
		return &SupplicantRequest{id, fn, params[:n]}, nil
	}
	q := &s.dev.supplicants
	for {
		q.mu.Lock()
		if err := s.err(); err != nil {
			q.mu.Unlock()
			return nil, err
		}
		if len(q.queued) > 0 {
			defer q.mu.Unlock()
			r := q.queued[0]
			if len(r.Params) > max {
				return nil, driver.Errorf(syscall.EINVAL, "tee: the next request has %d parameters, the supplicant has room for %d", len(r.Params), max)
			}
			q.queued = q.queued[1:]
			q.fetched[r.ID] = r
			return &SupplicantRequest{r.ID, r.Func, append([]driver.Param(nil), r.Params...)}, nil
		}
		changed := q.changed
		q.mu.Unlock()
		select {
		case <-changed:
		case <-s.gone:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// err is why the supplicant's context has gone, or nil.
func (s *Supplicant) err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.goneErr
}

// Send answers the request with that id. Of params it takes the values and sizes of outputs.
//
// # Errors
//
// ENOENT if there is no such request (any more); EINVAL if it has another number of parameters.
func (s *Supplicant) Send(ctx context.Context, id uint64, result gp.Result, params []driver.Param) error {
	if p := s.opt.supplicant; p != nil {
		return p.SendReply(ctx, id, result, params)
	}
	if err := s.err(); err != nil {
		return err
	}
	q := &s.dev.supplicants
	q.mu.Lock()
	defer q.mu.Unlock()
	r := q.fetched[id]
	if r == nil {
		return driver.Errorf(syscall.ENOENT, "tee: there is no request %d to the supplicant", id)
	}
	if len(params) != len(r.Params) {
		return driver.Errorf(syscall.EINVAL, "tee: request %d has %d parameters, its answer %d", id, len(r.Params), len(params))
	}
	for i := range params {
		takeOutput(&r.Params[i], &params[i])
	}
	delete(q.fetched, id)
	r.answer(result)
	return nil
}
