// Package devkit builds trusted applications from C: it writes out the dev kit that the program carries (package sdkc),
// compiles the kit's library once for each compiler, and runs make with the kit's rules on a TA directory. It needs
// clang, wasm-ld and make; the TEE itself does not.
package devkit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
	"sync"

	sdkc "goatee/sdk/c"
	"goatee/softtee/engine"
	"goatee/softtee/wasm/module"
)

// CacheDir is where the kit is written to unless told otherwise: goatee in the user's cache directory.
func CacheDir() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("devkit: there is no cache directory for this user; set XDG_CACHE_HOME or HOME: %w", err)
	}
	return filepath.Join(dir, "goatee"), nil
}

// Kit is a dev kit on disk.
type Kit struct {
	Dir   string // TA_DEV_KIT_DIR
	Tools Tools
}

// Open finds the tools and writes the kit, with its library, below cache, unless it is there. Kits of different versions
// and compilers do not disturb each other, and several processes may do this at the same time.
func Open(ctx context.Context, cache string) (*Kit, error) {
	tools, err := FindTools(ctx)
	if err != nil {
		return nil, err
	}
	id, err := identity(tools)
	if err != nil {
		return nil, err
	}
	k := &Kit{Dir: filepath.Join(cache, "devkit-"+id), Tools: tools}
	if _, err := os.Stat(filepath.Join(k.Dir, "complete")); err == nil {
		return k, nil
	}
	if err := os.MkdirAll(cache, 0o700); err != nil {
		return nil, fmt.Errorf("devkit: %w", err)
	}
	tmp, err := os.MkdirTemp(cache, "devkit-*.tmp")
	if err != nil {
		return nil, fmt.Errorf("devkit: %w", err)
	}
	defer os.RemoveAll(tmp)
	if err := k.write(ctx, tmp); err != nil {
		return nil, err
	}
	return k, k.install(tmp)
}

// install moves a complete kit to its place. Somebody else's that came first is as good; a damaged one makes way.
func (k *Kit) install(tmp string) error {
	if err := os.WriteFile(filepath.Join(tmp, "complete"), nil, 0o600); err != nil {
		return fmt.Errorf("devkit: %w", err)
	}
	err := os.Rename(tmp, k.Dir)
	if err == nil {
		return nil
	}
	if _, there := os.Stat(filepath.Join(k.Dir, "complete")); there == nil {
		return nil
	}
	if err := os.RemoveAll(k.Dir); err != nil {
		return fmt.Errorf("devkit: %w", err)
	}
	if err := os.Rename(tmp, k.Dir); err != nil {
		return fmt.Errorf("devkit: %w", err)
	}
	return nil
}

// identity names a kit by its files and its compiler.
func identity(t Tools) (string, error) {
	h := sha256.New()
	fmt.Fprintf(h, "%s %d %s\n", t.CC, t.Version, t.LD)
	err := fs.WalkDir(sdkc.Files, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := sdkc.Files.ReadFile(path)
		fmt.Fprintf(h, "%s %d\n", path, len(b))
		h.Write(b)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("devkit: %w", err)
	}
	return hex.EncodeToString(h.Sum(nil)[:8]), nil
}

// write writes the kit to dir and builds its library.
func (k *Kit) write(ctx context.Context, dir string) error {
	if err := os.CopyFS(dir, sdkc.Files); err != nil {
		return fmt.Errorf("devkit: writing the kit: %w", err)
	}
	sources, err := filepath.Glob(filepath.Join(dir, "lib", "*.c"))
	if err != nil {
		return fmt.Errorf("devkit: %w", err)
	}
	sort.Strings(sources)
	objects := make([]object, len(sources))
	errs := make([]error, len(sources))
	gate := make(chan struct{}, runtime.GOMAXPROCS(0))
	var wg sync.WaitGroup
	for i, src := range sources {
		wg.Go(func() {
			gate <- struct{}{}
			defer func() { <-gate }()
			objects[i], errs[i] = k.compile(ctx, dir, src)
		})
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return err
	}
	lib, err := archive(objects)
	if err != nil {
		return fmt.Errorf("devkit: the library: %w", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "lib", "libta.a"), lib, 0o600); err != nil {
		return fmt.Errorf("devkit: %w", err)
	}
	return nil
}

// compile compiles one file of the library.
func (k *Kit) compile(ctx context.Context, dir, src string) (object, error) {
	out := strings.TrimSuffix(src, ".c") + ".o"
	cmd := exec.CommandContext(ctx, k.Tools.CC, "--target=wasm32-unknown-unknown", "-O2", "-g", "-gdwarf-4", "-std=gnu11",
		"-nostdlibinc", "-mbulk-memory", "-msign-ext", "-mmutable-globals", "-fno-common", "-ffunction-sections", "-fdata-sections",
		"-fvisibility=hidden", "-fdebug-prefix-map="+dir+"=goatee", "-fdebug-compilation-dir=goatee", "-I"+filepath.Join(dir, "include"), "-c", src, "-o", out)
	if msg, err := cmd.CombinedOutput(); err != nil {
		return object{}, fmt.Errorf("devkit: compiling the kit's %s: %w\n%s", filepath.Base(src), err, msg)
	}
	data, err := os.ReadFile(out)
	if err != nil {
		return object{}, fmt.Errorf("devkit: %w", err)
	}
	return object{filepath.Base(out), data}, os.Remove(out)
}

// Options say what to build.
type Options struct {
	Dir   string   // of the TA
	Out   string   // file to write; "" or a directory: named after the TA's UUID
	Strip bool     // without debug information and names
	Vars  []string // for make: NAME=VALUE
	Log   io.Writer
}

// Result is a TA that was built.
type Result struct {
	Path  string
	Image []byte
	Info  *engine.Info
}

// Build compiles a TA directory: one with a Makefile that includes the kit's rules, as OP-TEE's examples have it, or with
// a sub.mk alone, or with nothing but C sources. In any case it has a user_ta_header_defines.h. What the compiler says
// goes to Log, and into the error if it failed.
func (k *Kit) Build(ctx context.Context, o Options) (*Result, error) {
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, fmt.Errorf("devkit: %w", err)
	}
	if err := checkDir(dir); err != nil {
		return nil, err
	}
	tmp, err := os.MkdirTemp("", "goatee-ta-")
	if err != nil {
		return nil, fmt.Errorf("devkit: %w", err)
	}
	defer os.RemoveAll(tmp)
	if err := k.make(ctx, dir, tmp, o); err != nil {
		return nil, err
	}
	return k.collect(dir, tmp, o)
}

// checkDir finds out early what make would say less clearly.
func checkDir(dir string) error {
	st, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("devkit: %w", err)
	}
	if !st.IsDir() {
		return fmt.Errorf("devkit: %s is not a directory; a TA is built from the directory that has its sources", dir)
	}
	if strings.ContainsAny(dir, " \t\n$#:%") {
		return fmt.Errorf("devkit: the path %q has a character that make cannot handle; build the TA in another place", dir)
	}
	found := false
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Name() == "user_ta_header_defines.h" {
			found = true
			return fs.SkipAll
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("devkit: %w", err)
	}
	if !found {
		return fmt.Errorf("devkit: %s has no user_ta_header_defines.h, so it is not the directory of a TA", dir)
	}
	return nil
}

// make runs make in the TA's directory, with the output in tmp.
func (k *Kit) make(ctx context.Context, dir, tmp string, o Options) error {
	args := []string{"--no-print-directory", "-C", dir, "-j" + fmt.Sprint(runtime.GOMAXPROCS(0)),
		"TA_DEV_KIT_DIR=" + k.Dir, "O=" + tmp, "TA_CC=" + k.Tools.CC, "TA_LD=" + k.Tools.LD}
	if o.Strip {
		args = append(args, "TA_STRIP=y")
	}
	switch {
	case exists(filepath.Join(dir, "Makefile")):
	case exists(filepath.Join(dir, "sub.mk")):
		args = append(args, "-f", filepath.Join(k.Dir, "mk", "ta_dev_kit.mk"), "BINARY=ta")
	default:
		sub, err := plainSub(dir, tmp)
		if err != nil {
			return err
		}
		args = append(args, "-f", filepath.Join(k.Dir, "mk", "ta_dev_kit.mk"), "BINARY=ta", "-I", sub)
	}
	args = append(args, o.Vars...)
	cmd := exec.CommandContext(ctx, k.Tools.Make, args...)
	var out strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.Env = append(os.Environ(), "MAKEFLAGS=", "MAKELEVEL=")
	err := cmd.Run()
	if o.Log != nil {
		io.WriteString(o.Log, diagnostics(out.String()))
	}
	if err != nil {
		return fmt.Errorf("devkit: building %s failed: %w\n%s", dir, err, strings.TrimSpace(diagnostics(out.String())))
	}
	return nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// plainSub writes a sub.mk for a directory that has only sources.
func plainSub(dir, tmp string) (string, error) {
	sources, err := filepath.Glob(filepath.Join(dir, "*.c"))
	if err != nil || len(sources) == 0 {
		return "", fmt.Errorf("devkit: %s has neither a Makefile, nor a sub.mk, nor C sources", dir)
	}
	sub := filepath.Join(tmp, "sub")
	if err := os.Mkdir(sub, 0o700); err != nil {
		return "", fmt.Errorf("devkit: %w", err)
	}
	text := "global-incdirs-y += . $(wildcard include)\n"
	for _, s := range sources {
		text += "srcs-y += " + filepath.Base(s) + "\n"
	}
	return sub, os.WriteFile(filepath.Join(sub, "sub.mk"), []byte(text), 0o600)
}

// diagnostics leaves out make's own progress and remarks that repeat what the compiler has said.
func diagnostics(out string) string {
	var keep []string
	for _, line := range strings.Split(out, "\n") {
		if strings.HasPrefix(line, "  CC\t") || strings.HasPrefix(line, "  LD\t") || strings.HasPrefix(line, "  AR\t") ||
			strings.HasPrefix(line, "make: Entering") || strings.HasPrefix(line, "make: Leaving") {
			continue
		}
		keep = append(keep, line)
	}
	s := strings.Trim(strings.Join(keep, "\n"), "\n")
	if s != "" {
		s += "\n"
	}
	return s
}

// collect takes the TA out of tmp and checks what it says of itself.
func (k *Kit) collect(dir, tmp string, o Options) (*Result, error) {
	built, err := filepath.Glob(filepath.Join(tmp, "*.ta"))
	if err != nil || len(built) != 1 {
		return nil, fmt.Errorf("devkit: make has built %d TAs in %s, and there should be one; does the Makefile include $(TA_DEV_KIT_DIR)/mk/ta_dev_kit.mk?", len(built), dir)
	}
	image, err := os.ReadFile(built[0])
	if err != nil {
		return nil, fmt.Errorf("devkit: %w", err)
	}
	m, err := module.Decode(image)
	if err != nil {
		return nil, fmt.Errorf("devkit: what was built from %s cannot be read: %w", dir, err)
	}
	info, err := module.ReadInfo(m)
	if err != nil {
		return nil, fmt.Errorf("devkit: what was built from %s is not a TA: %w", dir, err)
	}
	info.Digest = sha256.Sum256(image)
	binary := strings.TrimSuffix(filepath.Base(built[0]), ".ta")
	if binary != "ta" && !strings.EqualFold(binary, info.UUID.String()) {
		return nil, fmt.Errorf("devkit: the Makefile of %s says BINARY=%s, and user_ta_header_defines.h says TA_UUID %v; make them the same", dir, binary, info.UUID)
	}
	path := o.Out
	if st, err := os.Stat(path); path == "" || err == nil && st.IsDir() {
		path = filepath.Join(path, info.UUID.String()+".ta")
	}
	if err := writeFile(path, image); err != nil {
		return nil, fmt.Errorf("devkit: %w", err)
	}
	return &Result{Path: path, Image: image, Info: info}, nil
}

// writeFile replaces a file as a whole.
func writeFile(path string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*.tmp")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if _, err := f.Write(data); err != nil {
		f.Close()
		return err
	}
	if err := f.Chmod(0o644); err != nil {
		f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
