package gp

import (
	"fmt"
	"strconv"
)

// Result is a TEE_Result or TEEC_Result: what a TEE, a TA or the way to them answers. TEE Client API 1.0 section 4.4.2,
// TEE Internal Core API 1.3.1 section 3.3.
type Result uint32

// The results of both specifications, and the few that OP-TEE adds (its tee_api_defines_extensions.h).
const (
	Success                  Result = 0x00000000
	ErrorDeferDriverInit     Result = 0x80000000
	ErrorNodeDisabled        Result = 0x80000001
	ErrorCorruptObject       Result = 0xF0100001
	ErrorCorruptObject2      Result = 0xF0100002
	ErrorStorageNotAvailable Result = 0xF0100003
	ErrorStorageNotAvail2    Result = 0xF0100004
	ErrorUnsupportedVersion  Result = 0xF0100005
	ErrorCiphertextInvalid   Result = 0xF0100006
	ErrorGeneric             Result = 0xFFFF0000
	ErrorAccessDenied        Result = 0xFFFF0001
	ErrorCancel              Result = 0xFFFF0002
	ErrorAccessConflict      Result = 0xFFFF0003
	ErrorExcessData          Result = 0xFFFF0004
	ErrorBadFormat           Result = 0xFFFF0005
	ErrorBadParameters       Result = 0xFFFF0006
	ErrorBadState            Result = 0xFFFF0007
	ErrorItemNotFound        Result = 0xFFFF0008
	ErrorNotImplemented      Result = 0xFFFF0009
	ErrorNotSupported        Result = 0xFFFF000A
	ErrorNoData              Result = 0xFFFF000B
	ErrorOutOfMemory         Result = 0xFFFF000C
	ErrorBusy                Result = 0xFFFF000D
	ErrorCommunication       Result = 0xFFFF000E
	ErrorSecurity            Result = 0xFFFF000F
	ErrorShortBuffer         Result = 0xFFFF0010
	ErrorExternalCancel      Result = 0xFFFF0011
	ErrorTimeout             Result = 0xFFFF3001
	ErrorOverflow            Result = 0xFFFF300F
	ErrorTargetDead          Result = 0xFFFF3024
	ErrorStorageNoSpace      Result = 0xFFFF3041
	ErrorMACInvalid          Result = 0xFFFF3071
	ErrorSignatureInvalid    Result = 0xFFFF3072
	ErrorTimeNotSet          Result = 0xFFFF5000
	ErrorTimeNeedsReset      Result = 0xFFFF5001
)

// resultNames is the one list of results, in the order of their numbers.
var resultNames = []struct {
	r    Result
	name string
}{
	{Success, "TEE_SUCCESS"},
	{ErrorDeferDriverInit, "TEE_ERROR_DEFER_DRIVER_INIT"},
	{ErrorNodeDisabled, "TEE_ERROR_NODE_DISABLED"},
	{ErrorCorruptObject, "TEE_ERROR_CORRUPT_OBJECT"},
	{ErrorCorruptObject2, "TEE_ERROR_CORRUPT_OBJECT_2"},
	{ErrorStorageNotAvailable, "TEE_ERROR_STORAGE_NOT_AVAILABLE"},
	{ErrorStorageNotAvail2, "TEE_ERROR_STORAGE_NOT_AVAILABLE_2"},
	{ErrorUnsupportedVersion, "TEE_ERROR_UNSUPPORTED_VERSION"},
	{ErrorCiphertextInvalid, "TEE_ERROR_CIPHERTEXT_INVALID"},
	{ErrorGeneric, "TEE_ERROR_GENERIC"},
	{ErrorAccessDenied, "TEE_ERROR_ACCESS_DENIED"},
	{ErrorCancel, "TEE_ERROR_CANCEL"},
	{ErrorAccessConflict, "TEE_ERROR_ACCESS_CONFLICT"},
	{ErrorExcessData, "TEE_ERROR_EXCESS_DATA"},
	{ErrorBadFormat, "TEE_ERROR_BAD_FORMAT"},
	{ErrorBadParameters, "TEE_ERROR_BAD_PARAMETERS"},
	{ErrorBadState, "TEE_ERROR_BAD_STATE"},
	{ErrorItemNotFound, "TEE_ERROR_ITEM_NOT_FOUND"},
	{ErrorNotImplemented, "TEE_ERROR_NOT_IMPLEMENTED"},
	{ErrorNotSupported, "TEE_ERROR_NOT_SUPPORTED"},
	{ErrorNoData, "TEE_ERROR_NO_DATA"},
	{ErrorOutOfMemory, "TEE_ERROR_OUT_OF_MEMORY"},
	{ErrorBusy, "TEE_ERROR_BUSY"},
	{ErrorCommunication, "TEE_ERROR_COMMUNICATION"},
	{ErrorSecurity, "TEE_ERROR_SECURITY"},
	{ErrorShortBuffer, "TEE_ERROR_SHORT_BUFFER"},
	{ErrorExternalCancel, "TEE_ERROR_EXTERNAL_CANCEL"},
	{ErrorTimeout, "TEE_ERROR_TIMEOUT"},
	{ErrorOverflow, "TEE_ERROR_OVERFLOW"},
	{ErrorTargetDead, "TEE_ERROR_TARGET_DEAD"},
	{ErrorStorageNoSpace, "TEE_ERROR_STORAGE_NO_SPACE"},
	{ErrorMACInvalid, "TEE_ERROR_MAC_INVALID"},
	{ErrorSignatureInvalid, "TEE_ERROR_SIGNATURE_INVALID"},
	{ErrorTimeNotSet, "TEE_ERROR_TIME_NOT_SET"},
	{ErrorTimeNeedsReset, "TEE_ERROR_TIME_NEEDS_RESET"},
}

// Results returns every result that has a name, in the order of their numbers.
func Results() []Result {
	rs := make([]Result, len(resultNames))
	for i, e := range resultNames {
		rs[i] = e.r
	}
	return rs
}

// Name returns the specification's name, such as TEE_ERROR_BUSY, or "" for a number that has none (a TA may answer with
// results of its own).
func (r Result) Name() string {
	for _, e := range resultNames {
		if e.r == r {
			return e.name
		}
	}
	return ""
}

// String returns name and number, such as "TEE_ERROR_BUSY (0xffff000d)", or the number alone.
func (r Result) String() string {
	hex := fmt.Sprintf("0x%08x", uint32(r))
	if n := r.Name(); n != "" {
		return n + " (" + hex + ")"
	}
	return hex
}

// Origin tells which layer a Result comes from. TEE Client API 1.0 section 4.4.3.
type Origin uint32

// The origins: the client library, the way between client and TEE, the trusted OS, and the TA itself.
const (
	OriginAPI        Origin = 1
	OriginComms      Origin = 2
	OriginTEE        Origin = 3
	OriginTrustedApp Origin = 4
)

// String returns the specification's name after TEEC_ORIGIN_, or the number.
func (o Origin) String() string {
	switch o {
	case OriginAPI:
		return "API"
	case OriginComms:
		return "COMMS"
	case OriginTEE:
		return "TEE"
	case OriginTrustedApp:
		return "TRUSTED_APP"
	}
	return strconv.FormatUint(uint64(o), 10)
}

// Login is how a client proves its identity when it opens a session. TEE Client API 1.0 section 4.4.4; the reserved
// ranges are those of linux/tee.h.
type Login uint32

// The logins. LoginTrustedApp is what a TA sees when another TA called it; a client cannot ask for it.
const (
	LoginPublic           Login = 0
	LoginUser             Login = 1
	LoginGroup            Login = 2
	LoginApplication      Login = 4
	LoginUserApplication  Login = 5
	LoginGroupApplication Login = 6
	LoginREEKernelMin     Login = 0x80000000 // kernel clients only, up to LoginREEKernelMax
	LoginREEKernelMax     Login = 0xBFFFFFFF
	LoginTrustedApp       Login = 0xF0000000
)

// String returns the login's name in lower case, as the command line takes it, or the number.
func (l Login) String() string {
	switch l {
	case LoginPublic:
		return "public"
	case LoginUser:
		return "user"
	case LoginGroup:
		return "group"
	case LoginApplication:
		return "application"
	case LoginUserApplication:
		return "user-application"
	case LoginGroupApplication:
		return "group-application"
	case LoginTrustedApp:
		return "trusted-app"
	}
	return fmt.Sprintf("0x%08x", uint32(l))
}

// ParseLogin is the inverse of Login.String for the logins that a client may ask for.
func ParseLogin(s string) (Login, error) {
	for _, l := range []Login{LoginPublic, LoginUser, LoginGroup, LoginApplication, LoginUserApplication, LoginGroupApplication} {
		if l.String() == s {
			return l, nil
		}
	}
	return 0, fmt.Errorf("gp: %q is not a login: want public, user, group, application, user-application or group-application", s)
}

// ParamType is the type of one of the four parameters of an operation. TEE Client API 1.0 section 4.3.5; the numbers are
// also those of linux/tee.h, which adds the user buffers and object references that GlobalPlatform does not have.
type ParamType uint32

// The parameter types.
const (
	None         ParamType = 0
	ValueInput   ParamType = 1
	ValueOutput  ParamType = 2
	ValueInout   ParamType = 3
	MemrefInput  ParamType = 5
	MemrefOutput ParamType = 6
	MemrefInout  ParamType = 7
	ObjrefInput  ParamType = 11
	ObjrefOutput ParamType = 12
	ObjrefInout  ParamType = 13
)

// IsValue reports whether t carries two numbers.
func (t ParamType) IsValue() bool { return t >= ValueInput && t <= ValueInout }

// IsMemref reports whether t names memory.
func (t ParamType) IsMemref() bool { return t >= MemrefInput && t <= MemrefInout }

// IsObjref reports whether t names an object.
func (t ParamType) IsObjref() bool { return t >= ObjrefInput && t <= ObjrefInout }

// IsInput reports whether the TEE reads what the client put there.
func (t ParamType) IsInput() bool {
	switch t {
	case ValueInput, ValueInout, MemrefInput, MemrefInout, ObjrefInput, ObjrefInout:
		return true
	}
	return false
}

// IsOutput reports whether the client reads what the TEE put there.
func (t ParamType) IsOutput() bool {
	switch t {
	case ValueOutput, ValueInout, MemrefOutput, MemrefInout, ObjrefOutput, ObjrefInout:
		return true
	}
	return false
}

// String returns the type's name in lower case.
func (t ParamType) String() string {
	switch t {
	case None:
		return "none"
	case ValueInput:
		return "value-in"
	case ValueOutput:
		return "value-out"
	case ValueInout:
		return "value-inout"
	case MemrefInput:
		return "mem-in"
	case MemrefOutput:
		return "mem-out"
	case MemrefInout:
		return "mem-inout"
	case ObjrefInput:
		return "object-in"
	case ObjrefOutput:
		return "object-out"
	case ObjrefInout:
		return "object-inout"
	}
	return "type-" + strconv.FormatUint(uint64(t), 10)
}
