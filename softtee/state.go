package softtee

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"goatee/gp"
	"goatee/internal/sys"
)

// state is what outlives the process: the identity of the TEE, and the clocks that TAs have set. It is a small file in
// the state directory, written anew as a whole; a lock file keeps a second process out. Without a directory it lives as
// long as the TEE.
type state struct {
	dir  string
	lock *os.File

	mu   sync.Mutex
	data stateData
}

// stateVersion is the version of the file's format: JSON with the fields of stateData.
const stateVersion = 1

type stateData struct {
	Version int               `json:"version"`
	Device  []byte            `json:"device"` // 32 random bytes
	Clocks  map[string]*clock `json:"clocks"` // by TA
}

// clock is a TA's own time.
type clock struct {
	Ahead time.Duration `json:"ahead"` // of the system's clock
	Seen  time.Time     `json:"seen"`  // the latest that the system's clock has shown
}

// openState reads the state of a directory, which is made if it is not there.
func openState(dir string) (*state, error) {
	s := &state{dir: dir, data: stateData{Version: stateVersion, Clocks: map[string]*clock{}}}
	if dir == "" {
		s.data.Device = make([]byte, 32)
		rand.Read(s.data.Device)
		return s, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("softtee: the state directory: %w", err)
	}
	var err error
	if s.lock, err = os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600); err != nil {
		return nil, fmt.Errorf("softtee: the state directory: %w", err)
	}
	if err := syscall.Flock(sys.FD(s.lock), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		s.lock.Close()
		return nil, fmt.Errorf("softtee: the state directory %s is in use by another process; use another one, or wait until it has ended", dir)
	}
	if err := s.read(); err != nil {
		s.lock.Close()
		return nil, err
	}
	return s, nil
}

func (s *state) path() string { return filepath.Join(s.dir, "state.json") }

func (s *state) read() error {
	b, err := os.ReadFile(s.path())
	if errors.Is(err, fs.ErrNotExist) {
		s.data.Device = make([]byte, 32)
		rand.Read(s.data.Device)
		return s.write()
	}
	if err != nil {
		return fmt.Errorf("softtee: the state: %w", err)
	}
	if err := json.Unmarshal(b, &s.data); err != nil || len(s.data.Device) != 32 {
		return fmt.Errorf("softtee: %s is damaged (%v); if nothing in it is needed, remove it", s.path(), err)
	}
	if s.data.Version != stateVersion {
		return fmt.Errorf("softtee: %s has version %d, and this program knows %d; use the program that wrote it", s.path(), s.data.Version, stateVersion)
	}
	if s.data.Clocks == nil {
		s.data.Clocks = map[string]*clock{}
	}
	return nil
}

// write replaces the file, so that after a crash it is there whole, as before or as afterwards.
func (s *state) write() error {
	if s.dir == "" {
		return nil
	}
	b, err := json.Marshal(&s.data)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(s.dir, "state-*.tmp")
	if err != nil {
		return fmt.Errorf("softtee: the state: %w", err)
	}
	defer os.Remove(f.Name())
	_, err = f.Write(b)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("softtee: the state: %w", err)
	}
	if err := os.Rename(f.Name(), s.path()); err != nil {
		return fmt.Errorf("softtee: the state: %w", err)
	}
	d, err := os.Open(s.dir)
	if err != nil {
		return fmt.Errorf("softtee: the state: %w", err)
	}
	return errors.Join(d.Sync(), d.Close())
}

func (s *state) close() error {
	clear(s.data.Device)
	if s.lock == nil {
		return nil
	}
	return s.lock.Close()
}

// device is the TEE's identity: derived from what is secret, and the same as long as the state is kept.
func (s *state) device() gp.UUID {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := sha256.Sum256(append([]byte("goatee device id\n"), s.data.Device...))
	return gp.NewUUIDv5(gp.UUID(h[:16]), string(h[16:]))
}

// time returns a TA's own time: gp.ErrorTimeNotSet, or gp.ErrorTimeNeedsReset if the system's clock was set back.
func (s *state) time(u gp.UUID) (time.Duration, gp.Result) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.data.Clocks[u.String()]
	if c == nil {
		return 0, gp.ErrorTimeNotSet
	}
	now := time.Now()
	t := time.Duration(now.UnixNano()) + c.Ahead
	if now.Before(c.Seen) || t < 0 {
		return max(t, 0), gp.ErrorTimeNeedsReset
	}
	c.Seen = now
	return t, gp.Success
}

// setTime sets it.
func (s *state) setTime(u gp.UUID, t time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.data.Clocks[u.String()] = &clock{Ahead: t - time.Duration(now.UnixNano()), Seen: now}
	return s.write()
}
