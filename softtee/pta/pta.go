// Package pta runs pseudo TAs: trusted applications that are part of the trusted OS and written in Go. A pseudo TA is one
// interface, which users of the library can implement too; to its clients it looks like any other TA.
//
// A pseudo TA has no memory of its own that needs protection from it, no budget and no panics but Go's: a Go panic in it
// is the panic of the one session in which it happened.
package pta

import (
	"fmt"
	"runtime/debug"

	"goatee/gp"
	"goatee/softtee/engine"
)

// TA is a pseudo TA. Its methods are called concurrently for different sessions, one at a time for each.
type TA interface {
	// Info says who it is. UUID and Description count, and the flag engine.FlagDeviceEnum.
	Info() engine.Info
	// OpenSession admits a client. The Session is nil unless the result is gp.Success.
	OpenSession(client engine.Identity, params *[engine.MaxParams]engine.Param) (Session, gp.Result)
}

// Session is a session with a pseudo TA.
type Session interface {
	// Invoke runs a command. Outputs are written into params; memory is reached through their Regions.
	Invoke(command uint32, params *[engine.MaxParams]engine.Param) gp.Result
	// Close ends the session.
	Close()
}

// Client is what a pseudo TA's Env knows about who opens a session. An Env without it is a public client.
type Client interface {
	Client() engine.Identity
}

// Module makes an engine's module of a pseudo TA.
func Module(t TA) engine.Module {
	info := t.Info()
	info.Flags = info.Flags & engine.FlagDeviceEnum // an instance for each session
	return &pseudo{t, &info}
}

type pseudo struct {
	ta   TA
	info *engine.Info
}

func (p *pseudo) Info() *engine.Info { return p.info }
func (p *pseudo) Close() error       { return nil }

// Instantiate implements engine.Module.
func (p *pseudo) Instantiate(env engine.Env) (engine.Instance, error) {
	return &instance{pseudo: p, env: env}, nil
}

// instance is a pseudo TA with one session.
type instance struct {
	*pseudo
	env     engine.Env
	session Session
}

// guard turns a Go panic into the instance's.
func (i *instance) guard(err *error) {
	if r := recover(); r != nil {
		*err = &engine.Panic{TA: i.info.UUID, Code: gp.ErrorGeneric,
			Reason: fmt.Sprintf("the pseudo TA panicked: %v", r), Err: fmt.Errorf("%v\n%s", r, debug.Stack())}
	}
}

func (i *instance) Create() (gp.Result, error) { return gp.Success, nil }

func (i *instance) OpenSession(params []engine.Param) (_ uint64, r gp.Result, err error) {
	defer i.guard(&err)
	var four [engine.MaxParams]engine.Param
	copy(four[:], params)
	var who engine.Identity
	if c, ok := i.env.(Client); ok {
		who = c.Client()
	}
	i.session, r = i.ta.OpenSession(who, &four)
	copy(params, four[:])
	return 0, r, nil
}

func (i *instance) InvokeCommand(_ uint64, command uint32, params []engine.Param) (r gp.Result, err error) {
	defer i.guard(&err)
	var four [engine.MaxParams]engine.Param
	copy(four[:], params)
	r = i.session.Invoke(command, &four)
	copy(params, four[:])
	return r, nil
}

func (i *instance) CloseSession(uint64) (err error) {
	defer i.guard(&err)
	if i.session != nil {
		i.session.Close()
	}
	return nil
}

func (i *instance) Destroy() error { return nil }
func (i *instance) Close() error   { return nil }
