package svc

// Handles gives numbers to things of one instance. A number is not 0, has its highest bit clear, and is not given out again
// soon after it was given back, so that using it too late is found. The zero value is empty.
type Handles[T any] struct {
	slots []slot[T]
	free  []uint32 // indices of empty slots
	used  int
}

type slot[T any] struct {
	v          *T
	generation uint32
}

const (
	handleBits    = 16 // for the slot
	maxHandles    = 1<<handleBits - 1
	generationMax = 1<<(31-handleBits) - 1
)

// Add returns a number for v, or false if there are too many.
func (h *Handles[T]) Add(v *T) (uint32, bool) {
	if h.used >= maxHandles {
		return 0, false
	}
	var i uint32
	if n := len(h.free); n > 0 {
		i, h.free = h.free[n-1], h.free[:n-1]
	} else {
		i = uint32(len(h.slots))
		h.slots = append(h.slots, slot[T]{})
	}
	h.slots[i].v = v
	h.used++
	return h.slots[i].generation<<handleBits | i + 1, true
}

// find returns the slot of a number that is given out, or nil.
func (h *Handles[T]) find(n uint32) *slot[T] {
	i := n&(1<<handleBits-1) - 1
	if n == 0 || uint64(i) >= uint64(len(h.slots)) {
		return nil
	}
	if s := &h.slots[i]; s.v != nil && s.generation == n>>handleBits {
		return s
	}
	return nil
}

// Get returns what has a number, or nil.
func (h *Handles[T]) Get(n uint32) *T {
	if s := h.find(n); s != nil {
		return s.v
	}
	return nil
}

// Remove takes the number back and returns what had it, or nil.
func (h *Handles[T]) Remove(n uint32) *T {
	s := h.find(n)
	if s == nil {
		return nil
	}
	v := s.v
	s.v = nil
	s.generation = (s.generation + 1) & generationMax
	h.free = append(h.free, n&(1<<handleBits-1)-1)
	h.used--
	return v
}

// Len is how many numbers are given out.
func (h *Handles[T]) Len() int { return h.used }

// Each calls f for everything that has a number.
func (h *Handles[T]) Each(f func(*T)) {
	for i := range h.slots {
		if v := h.slots[i].v; v != nil {
			f(v)
		}
	}
}
