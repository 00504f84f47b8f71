package sys

import (
	"bytes"
	"errors"
	"os"
	"syscall"
	"testing"
)

func TestSealed(t *testing.T) {
	f, err := Sealed("goatee-test", 8192)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := f.Truncate(0); !errors.Is(err, syscall.EPERM) {
		t.Errorf("shrinking a sealed file: %v, want EPERM", err)
	}
	if err := f.Truncate(1 << 20); !errors.Is(err, syscall.EPERM) {
		t.Errorf("growing a sealed file: %v, want EPERM", err)
	}
	a, err := MapShared(f, 8192)
	if err != nil {
		t.Fatal(err)
	}
	defer Unmap(a)
	b, err := MapShared(f, 8192)
	if err != nil {
		t.Fatal(err)
	}
	defer Unmap(b)
	copy(a, "hello")
	if !bytes.HasPrefix(b, []byte("hello")) {
		t.Error("two mappings do not share")
	}
}

func TestReservation(t *testing.T) {
	b, err := Reserve(64 << 20)
	if err != nil {
		t.Fatal(err)
	}
	defer Unmap(b)
	if err := Commit(b[:1<<20]); err != nil {
		t.Fatal(err)
	}
	b[4096] = 1
	if err := Discard(b[4096:8192]); err != nil || b[4096] != 0 {
		t.Errorf("Discard: %v, byte is %d", err, b[4096])
	}
	b[8192] = 2
	f, err := Sealed("goatee-test", 8192)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	shared, err := MapShared(f, 8192)
	if err != nil {
		t.Fatal(err)
	}
	defer Unmap(shared)
	copy(shared[4096:], "shared")
	if err := MapOver(b[4096:8192], FD(f), 4096); err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(b[4096:], []byte("shared")) || b[8192] != 2 {
		t.Errorf("mapped over: %q, then %d", b[4096:4102], b[8192])
	}
	b[4097] = 'H'
	if !bytes.HasPrefix(shared[4096:], []byte("sHared")) {
		t.Error("what is mapped over is not shared")
	}
	if err := Uncover(b[4096:8192]); err != nil || b[4096] != 0 {
		t.Errorf("Uncover: %v, byte is %d", err, b[4096])
	}
	if shared[4097] != 'H' {
		t.Error("uncovering changed the file")
	}
}

func TestSecret(t *testing.T) {
	b, err := Reserve(1 << 20)
	if err != nil {
		t.Fatal(err)
	}
	defer Unmap(b)
	err = CommitSecret(b[:8192])
	if errors.Is(err, syscall.ENOSYS) {
		t.Skipf("this kernel has no secret memory: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	b[1] = 1
	mem, err := os.Open("/proc/self/mem")
	if err != nil {
		t.Fatal(err)
	}
	defer mem.Close()
	if _, err := mem.ReadAt(make([]byte, 1), addressOf(b)); err == nil {
		t.Error("the kernel reads secret memory")
	}
	if b[1] != 1 || b[8191] != 0 {
		t.Error("secret memory does not keep what is written")
	}
}

func TestKernelVersion(t *testing.T) {
	if major, _ := KernelVersion(); major < 4 {
		t.Errorf("major version %d", major)
	}
}
