package devkit

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
)

// MinClang is the oldest clang and lld that the kit works with.
const MinClang = 14

// newestClang is the highest version number that is looked for in the names of programs.
const newestClang = 30

// Tools are the programs that build a TA.
type Tools struct {
	CC, LD, Make string
	Version      int // of CC
}

// ErrTools is wrapped by errors about missing or too old programs.
var ErrTools = errors.New("the programs that build TAs are missing")

// installHint is what people are told to type.
const installHint = "install them with: apt-get install clang lld make"

// FindTools looks for clang, wasm-ld and make in PATH: those that TA_CC and TA_LD name, else the plain names, else the
// newest with a version in its name. The error wraps ErrTools and says what to install.
func FindTools(ctx context.Context) (Tools, error) {
	t := Tools{CC: os.Getenv("TA_CC"), LD: os.Getenv("TA_LD")}
	var err error
	if t.CC == "" {
		t.CC = findProgram("clang")
	}
	if t.CC == "" {
		return t, fmt.Errorf("%w: there is no clang; %s", ErrTools, installHint)
	}
	if t.Version, err = version(ctx, t.CC); err != nil {
		return t, fmt.Errorf("%w: %s --version: %w", ErrTools, t.CC, err)
	}
	if t.Version < MinClang {
		return t, fmt.Errorf("%w: %s has version %d, and %d is the oldest that works; install a newer one, or name it in TA_CC", ErrTools, t.CC, t.Version, MinClang)
	}
	if t.LD == "" {
		// The linker that belongs to the compiler, if it is there under its full name.
		t.LD = lookPath(fmt.Sprintf("wasm-ld-%d", t.Version))
	}
	if t.LD == "" {
		t.LD = findProgram("wasm-ld")
	}
	if t.LD == "" {
		return t, fmt.Errorf("%w: there is no wasm-ld, the linker of lld; %s", ErrTools, installHint)
	}
	if v, err := version(ctx, t.LD); err != nil || v < MinClang {
		return t, fmt.Errorf("%w: %s has version %d (%v), and %d is the oldest that works; install a newer one, or name it in TA_LD", ErrTools, t.LD, v, err, MinClang)
	}
	if t.Make = lookPath("make"); t.Make == "" {
		return t, fmt.Errorf("%w: there is no make; %s", ErrTools, installHint)
	}
	return t, nil
}

// findProgram finds a program by its plain name or the newest versioned one.
func findProgram(name string) string {
	if p := lookPath(name); p != "" {
		return p
	}
	for v := newestClang; v >= MinClang; v-- {
		if p := lookPath(fmt.Sprintf("%s-%d", name, v)); p != "" {
			return p
		}
	}
	return ""
}

func lookPath(name string) string {
	p, err := exec.LookPath(name)
	if err != nil {
		return ""
	}
	return p
}

var versionPattern = regexp.MustCompile(`(?:version|LLD) (\d+)\.`)

// version asks a program of LLVM for its major version.
func version(ctx context.Context, program string) (int, error) {
	out, err := exec.CommandContext(ctx, program, "--version").CombinedOutput()
	if err != nil {
		return 0, err
	}
	m := versionPattern.FindSubmatch(out)
	if m == nil {
		return 0, fmt.Errorf("it does not tell its version")
	}
	return strconv.Atoi(string(m[1]))
}
