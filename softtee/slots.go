package softtee

import (
	"sync"
	"sync/atomic"
	"time"
)

// slots bounds how many calls compute inside the TEE at the same time. Who finds none free waits in line, and who has one
// for longer than a time slice gives it to the first in line and goes to the end. Calls that wait for something else hold
// none. While nobody waits, taking and giving are one atomic operation.
type slots struct {
	free    atomic.Int32
	waiting atomic.Int32 // in line, or about to be

	mu    sync.Mutex
	queue []*waiter
}

// slice is how long a call may compute while others wait.
const slice = time.Millisecond

// waiter is somebody in line for a slot, or for an instance.
type waiter struct {
	task  *task
	ready chan struct{} // closed when it is its turn
}

// leaveQueue takes w out of a line and reports whether it was there.
func leaveQueue(queue *[]*waiter, w *waiter) bool {
	for i, v := range *queue {
		if v == w {
			*queue = append((*queue)[:i:i], (*queue)[i+1:]...)
			return true
		}
	}
	return false
}

// grab takes a free slot, if there is one.
func (s *slots) grab() bool {
	for n := s.free.Load(); n > 0; n = s.free.Load() {
		if s.free.CompareAndSwap(n, n-1) {
			return true
		}
	}
	return false
}

// take takes a slot or gets into line; in the latter case it returns the waiter.
func (s *slots) take() *waiter {
	if s.waiting.Load() == 0 && s.grab() {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waiting.Add(1) // from here on, giving looks into the line
	if len(s.queue) == 0 && s.grab() {
		s.waiting.Add(-1)
		return nil
	}
	w := &waiter{ready: make(chan struct{})}
	s.queue = append(s.queue, w)
	return w
}

// give gives a slot back, to the first in line.
func (s *slots) give() {
	s.free.Add(1)
	if s.waiting.Load() == 0 {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.queue) > 0 && s.grab() {
		s.nextLocked()
	}
}

// nextLocked lets the first in line have a slot that was taken for it.
func (s *slots) nextLocked() {
	close(s.queue[0].ready)
	s.queue[0] = nil
	s.queue = s.queue[1:]
	s.waiting.Add(-1)
}

// leave takes w out of the line. It returns false if w has got a slot meanwhile.
func (s *slots) leave(w *waiter) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !leaveQueue(&s.queue, w) {
		return false
	}
	s.waiting.Add(-1)
	return true
}

// pass gives a slot to the first in line and returns the place at its end, or nil if nobody waits.
func (s *slots) pass() *waiter {
	if s.waiting.Load() == 0 {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.queue) == 0 {
		return nil
	}
	w := &waiter{ready: make(chan struct{})}
	s.queue = append(s.queue, w)
	s.waiting.Add(1)
	s.nextLocked()
	return w
}
