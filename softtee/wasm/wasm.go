// Package wasm is the engine of the software TEE for trusted applications (TAs) as WebAssembly modules, compiled to
// machine code by wazero, of which it is the only importer. It binds the names that a TA imports to the Core API, lays
// out a TA's memory, and turns traps into panics with the C stack.
//
// A module is rewritten before it is compiled (package instrument), so that a TA that computes for ever can be stopped
// and lets others run meanwhile; and because of that the place of a panic is looked up in the original.
//
// What this package is not: it knows no sessions and no rules of instances; package softtee does.
package wasm

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"goatee/softtee/engine"
	"goatee/softtee/wasm/instrument"
	"goatee/softtee/wasm/module"
)

const exportEnter = instrument.ExportEnter

// Options are what the operator decides. The zero value is usable.
type Options struct {
	// NoNullCheck leaves the memory below a TA's stack readable and writable, instead of making NULL and what lies around
	// it an error. It makes code that loads and stores much faster by a few percent.
	NoNullCheck bool
	// SecretMemory keeps the TAs' memory from the kernel and all other processes (memfd_secret). Where it cannot be had,
	// opening a session fails and says why.
	SecretMemory bool
	// CacheDir is where compiled modules are kept between processes; "" keeps them in memory only.
	CacheDir string
	// MaxMemory bounds the stack, data and heap of an instance together, in bytes; default 256 MiB.
	MaxMemory uint32
	// MaxImage bounds the size of an image in bytes; default 32 MiB.
	MaxImage int
	// Log takes what the operator should know; nil drops it.
	Log *slog.Logger
}

// Bounds of what an image may ask for.
const (
	maxTable      = 1 << 18
	callStackBase = 256 << 10 // bytes of machine stack, and eight times TA_STACK_SIZE
)

// Engine implements engine.Engine. It starts when it is first needed.
type Engine struct {
	opt   Options
	began time.Time

	mu      sync.Mutex
	runtime wazero.Runtime
	cache   *diskCache
	modules map[[32]byte]*loading

	compiling sync.Mutex // one module at a time, on all processors
}

// now is the time since the engine began.
func (e *Engine) now() time.Duration { return time.Since(e.began) }

// loading is a module that is used, or is being loaded for somebody.
type loading struct {
	ready chan struct{} // closed when the rest is there
	m     *Module
	err   error
	users int // guarded by Engine.mu
}

// New makes an engine.
func New(o Options) *Engine {
	if o.MaxMemory == 0 {
		o.MaxMemory = 256 << 20
	}
	if o.MaxImage == 0 {
		o.MaxImage = 32 << 20
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Engine{opt: o, began: time.Now(), modules: map[[32]byte]*loading{}}
}

// Module implements engine.Module.
type Module struct {
	engine    *Engine
	info      *engine.Info
	decoded   *module.Module
	options   instrument.Options
	layout    layout
	callStack uint32
	compiled  wazero.CompiledModule

	symbolsOnce sync.Once
	symbols     *symbols
}

// Info implements engine.Module.
func (m *Module) Info() *engine.Info { return m.info }

// Load implements engine.Engine. An image that is loaded already, or is being loaded, is shared.
func (e *Engine) Load(ctx context.Context, name string, image []byte) (engine.Module, error) {
	digest := sha256.Sum256(image)
	e.mu.Lock()
	l := e.modules[digest]
	first := l == nil
	if first {
		l = &loading{ready: make(chan struct{})}
		e.modules[digest] = l
	}
	l.users++
	e.mu.Unlock()
	if first {
		l.m, l.err = e.load(ctx, image)
		if l.err == nil {
			l.m.info.Digest = digest
		}
		close(l.ready)
	}
	select {
	case <-l.ready:
	case <-ctx.Done():
		e.drop(digest)
		return nil, ctx.Err()
	}
	if l.err != nil {
		e.drop(digest)
		if !first && errors.Is(l.err, context.Canceled) && ctx.Err() == nil {
			return e.Load(ctx, name, image) // the one who loaded it for us has left
		}
		return nil, fmt.Errorf("wasm: %s: %w", name, l.err)
	}
	return l.m, nil
}

// drop is the end of one user of a module. The last one frees it.
func (e *Engine) drop(digest [32]byte) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	l := e.modules[digest]
	if l.users--; l.users > 0 {
		return nil
	}
	delete(e.modules, digest)
	if l.m == nil {
		return nil
	}
	return l.m.compiled.Close(context.Background())
}

// Close implements engine.Module.
func (m *Module) Close() error { return m.engine.drop(m.info.Digest) }

// Close implements engine.Engine.
func (e *Engine) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.runtime == nil {
		return nil
	}
	err := e.runtime.Close(context.Background())
	if e.cache != nil {
		err = errors.Join(err, e.cache.close())
	}
	e.runtime, e.cache = nil, nil
	return err
}

// load prepares an image.
func (e *Engine) load(ctx context.Context, image []byte) (*Module, error) {
	m, err := e.inspect(image)
	if err != nil {
		return nil, err
	}
	code, err := instrument.Rewrite(m.decoded, m.options)
	if err != nil {
		return nil, err
	}
	e.compiling.Lock()
	defer e.compiling.Unlock()
	if err := e.start(); err != nil {
		return nil, err
	}
	m.compiled, err = e.compile(ctx, code)
	if err != nil {
		return nil, e.explainInvalid(ctx, image, err)
	}
	return m, nil
}

// Inspect reads what an image says about itself and checks all that can be checked without compiling it: its header, its
// imports and exports, what it asks for.
func (e *Engine) Inspect(image []byte) (*engine.Info, error) {
	m, err := e.inspect(image)
	if err != nil {
		return nil, err
	}
	m.info.Digest = sha256.Sum256(image)
	return m.info, nil
}

func (e *Engine) inspect(image []byte) (*Module, error) {
	if len(image) > e.opt.MaxImage {
		return nil, fmt.Errorf("it has %d bytes, at most %d are allowed", len(image), e.opt.MaxImage)
	}
	d, err := module.Decode(image)
	if err != nil {
		return nil, err
	}
	info, err := module.ReadInfo(d)
	if err != nil {
		return nil, err
	}
	m := &Module{engine: e, info: info, decoded: d}
	if err := checkImports(d); err != nil {
		return nil, err
	}
	if m.options.Entries, err = entries(d); err != nil {
		return nil, err
	}
	return m, m.plan()
}

// entryPoints are the exports that a TA must have: names, of which one is enough, and type. TEE Internal Core API 1.3.1
// section 4.3; the others are those of a TA that was built for version 1.1.
var entryPoints = [numEntries]struct {
	names           []string
	params, results int
}{
	entryInvoke:       {[]string{"TA_InvokeCommandEntryPoint", "__GP11_TA_InvokeCommandEntryPoint"}, 4, 1},
	entryOpen:         {[]string{"TA_OpenSessionEntryPoint", "__GP11_TA_OpenSessionEntryPoint"}, 3, 1},
	entryClose:        {[]string{"TA_CloseSessionEntryPoint"}, 1, 0},
	entryCreate:       {[]string{"TA_CreateEntryPoint"}, 0, 1},
	entryDestroy:      {[]string{"TA_DestroyEntryPoint"}, 0, 0},
	entryConstructors: {[]string{"__wasm_call_ctors"}, 0, 0},
}

// entries finds the entry points.
func entries(d *module.Module) ([]uint32, error) {
	var out []uint32
	for _, ep := range entryPoints {
		index, found, name := uint32(0), false, ""
		for _, name = range ep.names {
			if index, found = d.Export(name, module.KindFunc); found {
				break
			}
		}
		if !found {
			return nil, fmt.Errorf("it does not export the function %s", ep.names[0])
		}
		want := module.FuncType{Params: []byte(strings.Repeat(string([]byte{module.I32}), ep.params)), Results: []byte(strings.Repeat(string([]byte{module.I32}), ep.results))}
		if have, _ := d.FuncType(index); !have.Equal(want) {
			return nil, fmt.Errorf("it exports %s as %v, and it should be %v; is it declared as in the dev kit's headers?", name, have, want)
		}
		out = append(out, index)
	}
	return out, nil
}

// plan lays out the memory of the module's instances.
func (m *Module) plan() error {
	if len(m.decoded.Memories) != 1 {
		return fmt.Errorf("it has no memory")
	}
	if m.decoded.Start != nil {
		return fmt.Errorf("it has a start function, which a TA does not need: its constructors are called by the TEE")
	}
	l, err := module.ReadLayout(m.decoded)
	if err != nil {
		return err
	}
	stack := (uint64(m.info.StackSize) + pageSize - 1) &^ (pageSize - 1)
	if stack == 0 || stack >= uint64(l.StackTop) {
		return fmt.Errorf("its TA_STACK_SIZE is %d, and it can be from 1 to %d", m.info.StackSize, l.StackTop-1)
	}
	most := uint64(m.engine.opt.MaxMemory)
	own := stack + uint64(l.HeapBase-l.StackTop) + uint64(m.info.DataSize)
	if own > most {
		return fmt.Errorf("its stack, data and heap take %d bytes (TA_STACK_SIZE %d, TA_DATA_SIZE %d), and the operator allows %d", own, m.info.StackSize, m.info.DataSize, most)
	}
	a := &m.layout
	a.stackTop = l.StackTop
	a.stackFloor = l.StackTop - uint32(stack)
	a.params = (l.HeapBase + 15) &^ 15
	a.heap = a.params + paramBytes
	a.heapSize = (m.info.DataSize + 15) &^ 15
	a.windows = (a.heap + a.heapSize + pageSize - 1) &^ (pageSize - 1)
	a.consts = constants(m.decoded)
	if end := uint64(m.decoded.Memories[0].Min) * wasmPage; end < uint64(l.HeapBase) {
		return fmt.Errorf("its memory of %d bytes ends before its data", end)
	}
	m.callStack = callStackBase + 8*uint32(stack)
	o := &m.options
	o.MaxTable, o.CallStack, o.StackPointer = maxTable, m.callStack, int(l.StackPointer)
	if m.engine.opt.NoNullCheck {
		o.StackFloor = a.stackFloor
	} else {
		o.Hole = a.stackFloor
		a.hole = a.stackFloor
	}
	first := wasmRound(uint64(a.windows - a.hole))
	o.MinPages = uint32(first / wasmPage)
	o.MaxPages = uint32((first + windowsLimit) / wasmPage)
	return nil
}

// constants finds the constant parts of the data, by the names that the linker gives to segments.
func constants(d *module.Module) []span {
	var out []span
	names := d.SegmentNames()
	for i, s := range d.Data {
		if s.Mode == module.Active && s.Offset.Op == module.OpI32Const && strings.HasPrefix(names[uint32(i)], ".rodata") && len(s.Bytes) > 0 {
			out = append(out, span{uint32(s.Offset.Bits), uint32(len(s.Bytes))})
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].addr < out[j].addr })
	return out
}

// start makes the runtime when it is first needed.
func (e *Engine) start() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.runtime != nil {
		return nil
	}
	ctx := context.Background()
	cfg := wazero.NewRuntimeConfigCompiler().WithCoreFeatures(api.CoreFeaturesV2)
	if e.opt.CacheDir != "" {
		cache, err := openDiskCache(e.opt.CacheDir)
		if err != nil {
			e.opt.Log.Warn("compiled TAs are not cached on disk", "dir", e.opt.CacheDir, "err", err)
		} else {
			e.cache = cache
			cfg = cfg.WithCompilationCache(cache.wazero)
		}
	}
	rt := wazero.NewRuntimeWithConfig(ctx, cfg)
	i32 := api.ValueTypeI32
	_, err := rt.NewHostModuleBuilder(instrument.ImportModule).NewFunctionBuilder().
		WithGoModuleFunction(api.GoModuleFunc(func(ctx context.Context, _ api.Module, stack []uint64) {
			stack[0] = uint64(ctx.(*instance).refill(int32(stack[1])))
		}), []api.ValueType{i32, i32}, []api.ValueType{i32}).Export(instrument.ImportRefill).Instantiate(ctx)
	if err == nil {
		err = bind(ctx, rt)
	}
	if err != nil {
		rt.Close(ctx)
		return err
	}
	e.runtime = rt
	return nil
}

// compile compiles rewritten code, on all processors, or takes it from the disk cache.
func (e *Engine) compile(ctx context.Context, code []byte) (wazero.CompiledModule, error) {
	ctx = experimental.WithCompilationWorkers(ctx, runtime.GOMAXPROCS(0))
	if e.cache == nil {
		return e.runtime.CompileModule(ctx, code)
	}
	return e.cache.compile(ctx, e.runtime, code, e.opt.Log)
}

// explainInvalid gives the engine's opinion of the original instead of the rewritten module, whose numbers mean nothing to
// its author.
func (e *Engine) explainInvalid(ctx context.Context, image []byte, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	rt := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigInterpreter().WithCoreFeatures(api.CoreFeaturesV2))
	defer rt.Close(ctx)
	if _, original := rt.CompileModule(ctx, image); original != nil {
		return fmt.Errorf("it is not valid: %w", original)
	}
	return fmt.Errorf("it cannot be compiled: %w", err)
}

// instantiate makes an instance of a module with a memory.
func (e *Engine) instantiate(m *Module, mem *memory) (api.Module, error) {
	ctx := experimental.WithMemoryAllocator(context.Background(), experimental.MemoryAllocatorFunc(
		func(uint64, uint64) experimental.LinearMemory { return mem }))
	mod, err := e.runtime.InstantiateModule(ctx, m.compiled, anonymous)
	if err != nil {
		return nil, fmt.Errorf("wasm: instantiating TA %v: %w", m.info.UUID, err)
	}
	return mod, nil
}

// anonymous is the configuration of instances: without a name and without functions that are called at the start.
var anonymous = wazero.NewModuleConfig().WithName("").WithStartFunctions()
