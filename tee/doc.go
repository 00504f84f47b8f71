// Package tee is the mid-layer: the part of a generic TEE subsystem that is the same for every TEE. It stands between
// the front doors (a device file, a socket, a Go client), which turn what programs say into calls of this package, and
// the drivers, which carry them to a TEE (package driver).
//
// A Registry holds Devices, one for each driver. Opening a Device makes a Context, which is what a program has per open
// file. A Context holds Sessions to trusted applications (TAs) and SharedMemory. What is checked, is checked here and
// once: parameter types, offsets against sizes, ids against their owner, logins against the caller, limits, and the
// policy for opaque commands.
//
// # Cancelling, leaving, stopping
//
// These are three things. Cancelling a call sets the TEE's cancellation flag and wakes those waits that the TA has
// opened for it; the call still ends when the TA ends it. Leaving is what a client does whose deadline passes, who closes
// its Context, or who dies: it gets its answer at once, its call is abandoned, and this package keeps what the call
// refers to until the driver has returned; the TEE stops what serves nobody else. Stopping an instance is the
// operator's, through the budgets of the TEE.
//
// A context.Context maps to the first two: when it is cancelled, the call is cancelled (and left, if the TEE cannot
// cancel); when its deadline passes, the call is left.
//
// # Identity
//
// A session belongs to the process that opens it, whoever opened the device. The client UUID is the nil UUID for public
// logins, and otherwise a version 5 UUID in the kernel's name space 58ac9ca0-2086-4683-a1b8-ec4bc08e01b6:
//
//	user               uid=%x
//	group              gid=%x, of a group that the caller is in
//	application        exe=%x, the SHA-256 of the file that the caller executes
//	user-application   uid=%x:exe=%x
//	group-application  gid=%x:exe=%x
//
// The first two are those of the kernel (tee_session_calc_client_uuid in drivers/tee/tee_core.c), which has no
// application logins. User and group ids are those of this process's user namespace.
//
// # Locks
//
// In this order: Registry.mu, Device.mu, Context.mu, call.mu. No driver method is called with any of them held, except
// Canceller.Cancel, under call.mu.
//
// What this package is not: it knows no device numbers, no ABI, no concrete TEE, and no file of the system.
package tee
