// Package gp holds the numbers and names of the GlobalPlatform TEE specifications that every other
// package speaks: UUID, Result, Origin, Login, ParamType and the panic numbers of the TEE Internal Core API.
//
// It is a vocabulary and nothing else: no I/O, no state, no policy. Values are those of the GlobalPlatform TEE
// Client API 1.0 (GPD_SPE_007) and the TEE Internal Core API 1.3.1 (GPD_SPE_010); the two specifications give the same
// numbers to the same results, so that one type serves a client and a trusted application (TA).
package gp
