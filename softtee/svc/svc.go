// Package svc is the lower layer of the trusted OS: its system calls. It keeps what a TA instance owns inside the TEE
// (objects, crypto states, sessions to other TAs), checks what it is given, and asks the rest of the trusted OS, the
// Kernel, for what is beyond one instance. The TEE_* functions are in package coreapi, on top of this one; a TA that brings
// a library of its own needs only this.
//
// System calls are named after those of OP-TEE's trusted OS (_utee_*). They answer with a gp.Result and never panic for
// what a TA does wrong; whether a Result is a panic of the TA is for the layer above to say. There is one exception: when
// the TEE stops the instance in the middle of a call, the call does not return (it panics with an *engine.Stop, which
// ends the instance).
//
// A TA is used by the goroutine that runs the instance, and by nobody else.
package svc

import (
	"crypto/rand"
	"time"

	"goatee/driver"
	"goatee/gp"
	"goatee/softtee/engine"
)

// Infinite is the timeout that never comes, TEE_TIMEOUT_INFINITE.
const Infinite = ^uint32(0)

// Kernel is the rest of the trusted OS as one TA instance sees it.
type Kernel interface {
	engine.Env

	// Log hands a line of the TA's to its author.
	Log(e driver.TraceEvent)
	// Wait waits for a number of milliseconds, or for ever. It answers gp.ErrorCancel as soon as the current command is
	// cancelled and cancellation is not masked. The error says that the instance is stopped.
	Wait(ms uint32) (gp.Result, error)
	// CancellationFlag tells whether the current command was cancelled; false while cancellation is masked.
	CancellationFlag() bool
	// MaskCancellation masks or unmasks cancellation for the current command and returns what was before.
	MaskCancellation(masked bool) bool
	// OpenSession opens a session to another TA for this one. The timeout is in milliseconds.
	OpenSession(ta gp.UUID, timeout uint32, params []engine.Param) (Session, driver.Reply, error)
	// Work runs fn, which computes for long and cannot be interrupted, so that others go on meanwhile. If the instance is
	// stopped it returns the reason at once, and fn ends by itself later: fn must not touch the TA's memory.
	Work(fn func()) error
	// Client is who opened the session of the current command.
	Client() engine.Identity
	// Properties are those of the TEE.
	Properties() []engine.Property
	// PersistentTime returns the TA's own clock: gp.ErrorTimeNotSet, gp.ErrorTimeNeedsReset, or the time since its zero.
	PersistentTime() (time.Duration, gp.Result)
	// SetPersistentTime sets it to a time since its zero.
	SetPersistentTime(t time.Duration) gp.Result
	// SystemTime is the time since the TEE began.
	SystemTime() time.Duration
}

// Session is a session of a TA with another one.
type Session interface {
	// Invoke runs a command; the timeout is in milliseconds. The error says that the calling instance is stopped.
	Invoke(command, timeout uint32, params []engine.Param) (driver.Reply, error)
	Close()
}

// TA is what one instance owns inside the TEE.
type TA struct {
	Kernel   Kernel
	Info     *engine.Info
	objects  Handles[object]
	states   Handles[state]
	sessions Handles[Session]
}

// New makes the TA of an instance.
func New(k Kernel, info *engine.Info) *TA { return &TA{Kernel: k, Info: info} }

// Tick implements engine.Env.
func (t *TA) Tick() error { return t.Kernel.Tick() }

// stopIf ends the instance if the kernel says so.
func stopIf(err error) {
	if err != nil {
		panic(&engine.Stop{Err: err})
	}
}

// Close closes sessions that the TA has left open, and erases keys.
func (t *TA) Close() {
	t.sessions.Each(func(s *Session) { (*s).Close() })
	t.objects.Each((*object).erase)
	t.states.Each((*state).erase)
	t.sessions, t.objects, t.states = Handles[Session]{}, Handles[object]{}, Handles[state]{}
}

// Objects and States count what the TA holds.
func (t *TA) Objects() int { return t.objects.Len() }

// States counts crypto states.
func (t *TA) States() int { return t.states.Len() }

// Log hands a line to the TA's author.
func (t *TA) Log(level driver.Level, fn string, line int, text string) {
	t.Kernel.Log(driver.TraceEvent{Level: level, TA: t.Info.UUID, Func: fn, Line: line, Text: text})
}

// Wait waits for milliseconds: gp.Success or gp.ErrorCancel.
func (t *TA) Wait(ms uint32) gp.Result {
	r, err := t.Kernel.Wait(ms)
	stopIf(err)
	return r
}

// CrypRandomNumberGenerate fills b with random bytes.
func (t *TA) CrypRandomNumberGenerate(b []byte) { rand.Read(b) }

// OpenTASession opens a session to another TA.
func (t *TA) OpenTASession(ta gp.UUID, timeout uint32, params []engine.Param) (uint32, driver.Reply) {
	s, reply, err := t.Kernel.OpenSession(ta, timeout, params)
	stopIf(err)
	if reply.Result != gp.Success {
		return 0, reply
	}
	h, ok := t.sessions.Add(&s)
	if !ok {
		s.Close()
		return 0, driver.Reply{Result: gp.ErrorOutOfMemory, Origin: gp.OriginTEE}
	}
	return h, reply
}

// InvokeTACommand runs a command in a session that OpenTASession opened. An unknown session is gp.ErrorBadParameters with
// origin API.
func (t *TA) InvokeTACommand(session, timeout, command uint32, params []engine.Param) driver.Reply {
	s := t.sessions.Get(session)
	if s == nil {
		return driver.Reply{Result: gp.ErrorBadParameters, Origin: gp.OriginAPI}
	}
	reply, err := (*s).Invoke(command, timeout, params)
	stopIf(err)
	return reply
}

// CloseTASession ends it. An unknown session is gp.ErrorBadParameters.
func (t *TA) CloseTASession(session uint32) gp.Result {
	s := t.sessions.Remove(session)
	if s == nil {
		return gp.ErrorBadParameters
	}
	(*s).Close()
	return gp.Success
}
