package sys

import (
	"bytes"
	"errors"
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

func TestReserveAndDiscard(t *testing.T) {
	b, err := MapReserve(64 << 20)
	if err != nil {
		t.Fatal(err)
	}
	defer Unmap(b)
	b[4096] = 1
	if err := Discard(b[4096:8192]); err != nil || b[4096] != 0 {
		t.Errorf("Discard: %v, byte is %d", err, b[4096])
	}
}

func TestSecret(t *testing.T) {
	b, err := MapSecret(4096)
	if errors.Is(err, syscall.ENOSYS) {
		t.Skipf("this kernel has no secret memory: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer Unmap(b)
	b[0] = 1
	if b[0] != 1 || b[4095] != 0 {
		t.Error("secret memory does not keep what is written")
	}
}

func TestKernelVersion(t *testing.T) {
	if major, _ := KernelVersion(); major < 4 {
		t.Errorf("major version %d", major)
	}
}
