package softtee

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"goatee/gp"
	"goatee/softtee/engine"
)

// ta is a loaded TA. It is guarded by TEE.mu.
type ta struct {
	module engine.Module
	info   *engine.Info
	file   fileID // what it was loaded from; zero for images and pseudo TAs
	users  int    // instances, and one for being in TEE.loaded
}

// fileID tells whether a file is the same as before.
type fileID struct {
	path  string
	size  int64
	mtime time.Time
}

// errUnknown is the error for a TA that there is not.
var errUnknown = errors.New("no such TA")

func checkDirs(dirs []string) error {
	for _, d := range dirs {
		st, err := os.Stat(d)
		if err != nil {
			return fmt.Errorf("softtee: the TA directory: %w", err)
		}
		if !st.IsDir() {
			return fmt.Errorf("softtee: %s is not a directory; TAs are looked for in directories, under UUID.ta", d)
		}
	}
	return nil
}

// find finds the file of a TA.
func (t *TEE) find(u gp.UUID) (fileID, error) {
	for _, d := range t.cfg.Dirs {
		path := filepath.Join(d, u.String()+".ta")
		st, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fileID{}, fmt.Errorf("softtee: %w", err)
		}
		return fileID{path, st.Size(), st.ModTime()}, nil
	}
	where := "no TA directory is configured"
	if len(t.cfg.Dirs) > 0 {
		where = "looked for " + u.String() + ".ta in " + strings.Join(t.cfg.Dirs, ", ")
	}
	return fileID{}, fmt.Errorf("softtee: %w as %v: %s", errUnknown, u, where)
}

// load returns a TA for a new instance, which gives it back with put. The error is errUnknown, or says what is wrong with
// the image.
func (t *TEE) load(ctx context.Context, u gp.UUID) (*ta, error) {
	var file fileID
	_, builtIn := t.pseudo[u]
	if _, ok := t.images[u]; !ok && !builtIn {
		var err error
		if file, err = t.find(u); err != nil {
			return nil, err
		}
	}
	t.mu.Lock()
	if a := t.loaded[u]; a != nil && a.file == file {
		a.users++
		t.mu.Unlock()
		return a, nil
	}
	t.mu.Unlock()
	m, err := t.open(ctx, u, file)
	if err != nil {
		return nil, err
	}
	a := &ta{module: m, info: m.Info(), file: file, users: 2}
	t.mu.Lock()
	old := t.loaded[u]
	t.loaded[u] = a
	t.mu.Unlock()
	if old != nil {
		t.put(old)
	}
	return a, nil
}

// open loads the module of a TA.
func (t *TEE) open(ctx context.Context, u gp.UUID, file fileID) (engine.Module, error) {
	if m := t.pseudo[u]; m != nil {
		return m, nil
	}
	name, data := "image "+u.String(), t.images[u].data
	if file.path != "" {
		var err error
		name = file.path
		if data, err = os.ReadFile(name); err != nil {
			return nil, fmt.Errorf("softtee: %w", err)
		}
	}
	m, err := t.engine.Load(ctx, name, data)
	if err != nil {
		return nil, err
	}
	if got := m.Info().UUID; got != u {
		return nil, errors.Join(fmt.Errorf("softtee: %s is the TA %v; a TA's file is called after its UUID", name, got), m.Close())
	}
	return m, nil
}

// put is the end of one use of a TA.
func (t *TEE) put(a *ta) {
	t.mu.Lock()
	a.users--
	last := a.users == 0
	t.mu.Unlock()
	if last {
		if err := a.module.Close(); err != nil {
			t.cfg.Log.Error("freeing a TA's code", "ta", a.info.UUID, "err", err)
		}
	}
}

// enumerate lists the TAs with a flag, for the device pseudo TA.
func (t *TEE) enumerate(flag uint32) []gp.UUID {
	var out []gp.UUID
	add := func(info *engine.Info) {
		if info.Flags&flag != 0 && !slices.Contains(out, info.UUID) {
			out = append(out, info.UUID)
		}
	}
	for _, m := range t.pseudo {
		add(m.Info())
	}
	for _, im := range t.images {
		if info, err := t.engine.Inspect(im.data); err == nil {
			add(info)
		}
	}
	for _, d := range t.cfg.Dirs {
		files, _ := filepath.Glob(filepath.Join(d, "*.ta"))
		for _, f := range files {
			data, err := os.ReadFile(f)
			if err != nil {
				continue
			}
			if info, err := t.engine.Inspect(data); err == nil && filepath.Base(f) == info.UUID.String()+".ta" {
				add(info)
			}
		}
	}
	slices.SortFunc(out, func(a, b gp.UUID) int { return slices.Compare(a[:], b[:]) })
	return out
}
