// Package tatest builds trusted applications for tests, with the dev kit and the compiler that the tests need anyway. A
// machine without the compiler fails such tests: it ought to run them, and make test installs it.
package tatest

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"goatee/gp"
	"goatee/sdk/devkit"
)

// Root is the directory of the module.
func Root(t testing.TB) string {
	t.Helper()
	_, file, _, ok := runtime.Caller(0)
	if !ok {
		t.Fatal("tatest: the source of this package cannot be found")
	}
	return filepath.Join(filepath.Dir(file), "..", "..")
}

// Kit opens the dev kit in the user's cache directory.
func Kit(t testing.TB) *devkit.Kit {
	t.Helper()
	cache, err := devkit.CacheDir()
	if err != nil {
		t.Fatal(err)
	}
	k, err := devkit.Open(context.Background(), cache)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// Build builds TA directories, relative to the module's root, into one directory of TAs, which it returns. What the
// compiler says is an error.
func Build(t testing.TB, dirs ...string) string {
	t.Helper()
	k := Kit(t)
	out := t.TempDir()
	for _, d := range dirs {
		var log strings.Builder
		_, err := k.Build(context.Background(), devkit.Options{Dir: filepath.Join(Root(t), d), Out: out, Log: &log})
		if err != nil {
			t.Fatal(err)
		}
		if log.Len() > 0 {
			t.Errorf("building %s: %s", d, log.String())
		}
	}
	return out
}

// Source writes a TA with the given body of C, which defines TA_InvokeCommandEntryPoint and may define anything else, and
// returns its directory. The other entry points, unless the source defines them, do nothing. defines go into
// user_ta_header_defines.h and may set TA_FLAGS, TA_STACK_SIZE and TA_DATA_SIZE.
func Source(t testing.TB, uuid gp.UUID, defines, source string) string {
	t.Helper()
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	header := "#define TA_UUID " + cUUID(uuid) + "\n" + defines + "\n"
	for name, value := range map[string]string{"TA_FLAGS": "0", "TA_STACK_SIZE": "8192", "TA_DATA_SIZE": "65536"} {
		header += "#ifndef " + name + "\n#define " + name + " " + value + "\n#endif\n"
	}
	write("user_ta_header_defines.h", header)
	for _, e := range []struct{ name, code string }{
		{"TA_CreateEntryPoint", "TEE_Result TA_CreateEntryPoint(void) { return TEE_SUCCESS; }\n"},
		{"TA_DestroyEntryPoint", "void TA_DestroyEntryPoint(void) {}\n"},
		{"TA_OpenSessionEntryPoint", "TEE_Result TA_OpenSessionEntryPoint(uint32_t t, TEE_Param p[4], void **s) { (void)t; (void)p; (void)s; return TEE_SUCCESS; }\n"},
		{"TA_CloseSessionEntryPoint", "void TA_CloseSessionEntryPoint(void *s) { (void)s; }\n"},
	} {
		if !strings.Contains(source, e.name) {
			source += e.code
		}
	}
	write("ta.c", "#include <tee_internal_api.h>\n#include <tee_internal_api_extensions.h>\n#line 1 \"ta.c\"\n"+source)
	return dir
}

// cUUID is a UUID as an initializer of a TEE_UUID.
func cUUID(u gp.UUID) string {
	s := strings.ReplaceAll(u.String(), "-", "")
	out := "{ 0x" + s[:8] + ", 0x" + s[8:12] + ", 0x" + s[12:16] + ", {"
	for i := 16; i < 32; i += 2 {
		out += " 0x" + s[i:i+2] + ","
	}
	return out + " } }"
}

// Compile builds the TA of Source and returns its image.
func Compile(t testing.TB, uuid gp.UUID, defines, source string, vars ...string) []byte {
	t.Helper()
	var log strings.Builder
	r, err := Kit(t).Build(context.Background(), devkit.Options{Dir: Source(t, uuid, defines, source), Out: t.TempDir(), Log: &log, Vars: vars})
	if err != nil {
		t.Fatal(err)
	}
	if log.Len() > 0 {
		t.Errorf("compiling: %s", log.String())
	}
	return r.Image
}
