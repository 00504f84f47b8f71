package wasm

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sort"
	"syscall"
	"time"

	"github.com/tetratelabs/wazero"
)

// maxCached is how much the disk cache keeps, in bytes. What was used longest ago goes first.
const maxCached = 256 << 20

// diskCache keeps machine code between processes. wazero's own cache executes what it finds; this one gives it only what
// is as it was written: an entry carries a digest, and one that does not match is made again. The directory must be the
// user's own, since whoever can write there can have code executed.
//
// wazero reads and writes files in a directory that it is given once. That is a private one here (stage), which exists
// only while a module is compiled; entries are moved in and out.
type diskCache struct {
	dir    string
	stage  string
	inner  string // the directory inside of stage that wazero uses; its name has wazero's version and the machine
	wazero wazero.CompilationCache
}

var entryMagic = []byte("goatee module 1\n")

func openDiskCache(dir string) (*diskCache, error) {
	dir = filepath.Join(dir, "modules")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	st, err := os.Stat(dir)
	if err != nil {
		return nil, err
	}
	if sys, ok := st.Sys().(*syscall.Stat_t); !ok || int(sys.Uid) != os.Geteuid() || st.Mode()&0o022 != 0 {
		return nil, fmt.Errorf("%s is writable for others, or belongs to somebody else: machine code from there is not to be trusted", dir)
	}
	stage, err := os.MkdirTemp(dir, "stage-")
	if err != nil {
		return nil, err
	}
	w, err := wazero.NewCompilationCacheWithDir(stage)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(stage))
	}
	inner, err := os.ReadDir(stage)
	if err != nil || len(inner) != 1 {
		return nil, errors.Join(err, os.RemoveAll(stage), fmt.Errorf("the engine's cache has an unknown form"))
	}
	c := &diskCache{dir: dir, stage: stage, inner: filepath.Join(stage, inner[0].Name()), wazero: w}
	return c, os.RemoveAll(stage)
}

func (c *diskCache) close() error {
	return errors.Join(c.wazero.Close(context.Background()), os.RemoveAll(c.stage))
}

// compile compiles code with the entry that belongs to it, and makes the entry if there was none. Trouble with the cache
// costs time and nothing else. It is not to be called concurrently.
func (c *diskCache) compile(ctx context.Context, rt wazero.Runtime, code []byte, log *slog.Logger) (wazero.CompiledModule, error) {
	key := sha256.Sum256(append([]byte(filepath.Base(c.inner)+"\n"), code...))
	path := filepath.Join(c.dir, hex.EncodeToString(key[:]))
	if err := os.MkdirAll(c.inner, 0o700); err != nil {
		log.Warn("the cache of compiled TAs cannot be used", "err", err)
	}
	defer os.RemoveAll(c.stage)
	hit := c.takeOut(path, log)
	m, err := rt.CompileModule(ctx, code)
	if err != nil && hit { // perhaps the entry is to blame
		log.Warn("a cached module could not be used and is made again", "entry", path, "err", err)
		hit = false
		if err := errors.Join(os.Remove(path), os.RemoveAll(c.inner), os.MkdirAll(c.inner, 0o700)); err != nil {
			log.Warn("the cache of compiled TAs cannot be used", "err", err)
		}
		m, err = rt.CompileModule(ctx, code)
	}
	if err == nil && !hit {
		if err := c.putIn(path); err != nil {
			log.Warn("a compiled TA could not be cached", "err", err)
		}
	}
	return m, err
}

// takeOut gives wazero an entry, if there is one and it is whole.
func (c *diskCache) takeOut(path string, log *slog.Logger) bool {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return false
	}
	name, content, ok := parseEntry(b)
	if err != nil || !ok {
		log.Warn("a damaged entry of the cache of compiled TAs is made again", "entry", path, "err", err)
		_ = os.Remove(path)
		return false
	}
	_ = os.Chtimes(path, time.Now(), time.Now())
	return os.WriteFile(filepath.Join(c.inner, name), content, 0o600) == nil
}

// parseEntry checks an entry: magic, digest of the rest, name of wazero's file in 64 digits, its content.
func parseEntry(b []byte) (name string, content []byte, ok bool) {
	rest, ok := bytes.CutPrefix(b, entryMagic)
	if !ok || len(rest) < sha256.Size+64 {
		return "", nil, false
	}
	digest := sha256.Sum256(rest[sha256.Size:])
	if !bytes.Equal(digest[:], rest[:sha256.Size]) {
		return "", nil, false
	}
	name = string(rest[sha256.Size : sha256.Size+64])
	if _, err := hex.DecodeString(name); err != nil {
		return "", nil, false
	}
	return name, rest[sha256.Size+64:], true
}

// putIn makes an entry of what wazero has written.
func (c *diskCache) putIn(path string) error {
	files, err := filepath.Glob(filepath.Join(c.inner, "*"))
	if err != nil || len(files) != 1 || len(filepath.Base(files[0])) != 64 {
		return fmt.Errorf("the engine has left %d files, %v", len(files), err)
	}
	content, err := os.ReadFile(files[0])
	if err != nil {
		return err
	}
	body := append([]byte(filepath.Base(files[0])), content...)
	digest := sha256.Sum256(body)
	f, err := os.CreateTemp(c.dir, "new-")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = f.Write(bytes.Join([][]byte{entryMagic, digest[:], body}, nil))
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return c.prune()
}

// prune removes what was used longest ago until the rest is small enough.
func (c *diskCache) prune() error {
	entries, err := os.ReadDir(c.dir)
	if err != nil {
		return err
	}
	var files []fs.FileInfo
	total := int64(0)
	for _, e := range entries {
		info, err := e.Info()
		switch {
		case err != nil:
		case info.Mode().IsRegular():
			files = append(files, info)
			total += info.Size()
		case info.IsDir() && time.Since(info.ModTime()) > time.Hour: // the stage of a process that was killed
			_ = os.RemoveAll(filepath.Join(c.dir, info.Name()))
		}
	}
	sort.Slice(files, func(i, j int) bool { return files[i].ModTime().Before(files[j].ModTime()) })
	for _, f := range files {
		if total <= maxCached {
			break
		}
		if err := os.Remove(filepath.Join(c.dir, f.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		total -= f.Size()
	}
	return nil
}
