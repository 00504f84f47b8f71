package drivertest

import (
	"strings"
	"testing"
)

// faultCheck says which check catches a fault.
var faultCheck = map[Fault]string{
	VersionChanges:     "version",
	ClaimsSessions:     "options",
	ClaimsMessages:     "options",
	OpenReturnsNothing: "open",
	UnknownTAOpens:     "unknown-ta",
	UnknownTAOrigin:    "unknown-ta",
	SessionWithFailure: "unknown-ta",
	NilSession:         "open-session",
	ForgetsOutput:      "values",
	WritesInput:        "values",
	MixesContexts:      "parallel",
	IgnoresOffset:      "memory",
	ReadsOutside:       "memory",
	WritesOutside:      "memory",
	WritesInputMemory:  "memory",
	KeepsMemory:        "memory",
	WrongSize:          "memory",
	PanicsOnNull:       "null-memory",
	PanicsOnTypes:      "wrong-parameters",
	IgnoresCancel:      "cancel",
	MissesEarlyCancel:  "cancel-early",
	CancelBlocks:       "cancel",
	IgnoresLeaving:     "leave",
	CloseForgets:       "close-driver",
	CloseBlocks:        "close-driver",
	PanicsOnRelease:    "open",
	LeaksGoroutine:     "leaks",
	ErrorWithoutErrno:  "malformed-message",
	ClassifyExecutes:   "classify",
	ClassifyChanges:    "classify",
	ClassifyPanics:     "malformed-message",
	UnknownScope:       "classify",
	ReplyTooLong:       "command",
	KeepsReference:     "references",
	AllocatesTooLittle: "allocate",
	AllocatesDirty:     "allocate",
	AllocatesSame:      "allocate",
}

// TestFake shows that the kit has nothing to say about a driver that keeps the contract, and skips nothing.
func TestFake(t *testing.T) {
	cfg := FakeConfig(NoFault)
	cfg.Patience = 0
	for _, c := range checks {
		k := run(cfg, c)
		for _, f := range k.failures {
			t.Error(f)
		}
		if k.skipped != "" {
			t.Errorf("%s: skipped: %s", c.name, k.skipped)
		}
	}
}

// TestFaults shows that the kit catches every fault, by the check that is meant for it.
func TestFaults(t *testing.T) {
	for f, want := range faultCheck {
		t.Run(string(f), func(t *testing.T) {
			t.Parallel()
			failures := Check(FakeConfig(f))
			for _, failure := range failures {
				if failure.Check == want {
					return
				}
			}
			var all []string
			for _, failure := range failures {
				all = append(all, failure.Error())
			}
			t.Errorf("not caught by %s; failures:\n%s", want, strings.Join(all, "\n"))
		})
	}
}
