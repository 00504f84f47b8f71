package instrument

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"goatee/softtee/wasm/module"
)

// The test suite of the WebAssembly specification comes with the engine's module, as binaries and scripts in JSON. Here
// each script is run on rewritten modules: every result and every trap must be as the specification says.

// suiteDir finds the suite in the module cache.
func suiteDir(t testing.TB) string {
	t.Helper()
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/tetratelabs/wazero").Output()
	if err != nil {
		t.Fatalf("finding the engine's module: %v", err)
	}
	dir := filepath.Join(strings.TrimSpace(string(out)), "internal/integration_test/spectest/v2/testdata")
	if _, err := os.Stat(dir); err != nil {
		t.Fatalf("the engine's module has no specification tests: %v", err)
	}
	return dir
}

type script struct {
	Commands []command `json:"commands"`
}

type command struct {
	Type     string  `json:"type"`
	Line     int     `json:"line"`
	Name     string  `json:"name"`
	As       string  `json:"as"`
	Filename string  `json:"filename"`
	Text     string  `json:"text"`
	Action   action  `json:"action"`
	Expected []value `json:"expected"`
}

type action struct {
	Type   string  `json:"type"`
	Module string  `json:"module"`
	Field  string  `json:"field"`
	Args   []value `json:"args"`
}

type value struct {
	Type  string          `json:"type"`
	Lane  string          `json:"lane_type"`
	Value json.RawMessage `json:"value"`
}

// suite is one script being run.
type suite struct {
	t       *testing.T
	ctx     context.Context
	dir     string
	rt      wazero.Runtime
	last    api.Module
	named   map[string]api.Module
	linked  bool // modules of the script share what they export: from here on it is about linking
	refills int
	ran     int // assertions
	skipped int // assertions about modules that cannot be rewritten
}

func TestSpecification(t *testing.T) {
	dir := suiteDir(t)
	scripts, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil || len(scripts) < 100 {
		t.Fatalf("%d scripts, %v", len(scripts), err)
	}
	var ran, skipped, refills int
	for _, path := range scripts {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".json"), func(t *testing.T) {
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			var sc script
			if err := json.Unmarshal(raw, &sc); err != nil {
				t.Fatal(err)
			}
			s := newSuite(t, dir)
			defer s.rt.Close(s.ctx)
			for _, c := range sc.Commands {
				s.command(c)
			}
			ran, skipped, refills = ran+s.ran, skipped+s.skipped, refills+s.refills
		})
	}
	t.Logf("%d assertions ran, %d are about modules that a TA cannot be, %d refills", ran, skipped, refills)
	if ran < 40_000 || refills < ran/2 {
		t.Errorf("%d assertions with %d refills: most of the suite does not run any more", ran, refills)
	}
}

func newSuite(t *testing.T, dir string) *suite {
	ctx := context.Background()
	s := &suite{t: t, ctx: ctx, dir: dir, named: map[string]api.Module{},
		rt: wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().WithCoreFeatures(api.CoreFeaturesV2))}
	i32 := api.ValueTypeI32
	_, err := s.rt.NewHostModuleBuilder(ImportModule).NewFunctionBuilder().
		WithGoModuleFunction(api.GoModuleFunc(func(_ context.Context, _ api.Module, stack []uint64) {
			if int32(stack[1]) < 0 {
				panic(errors.New("call stack exhausted"))
			}
			s.refills++
			stack[0] = 50 // little, so that the slow path is taken often
		}), []api.ValueType{i32, i32}, []api.ValueType{i32}).Export(ImportRefill).Instantiate(ctx)
	if err != nil {
		t.Fatal(err)
	}
	b := s.rt.NewHostModuleBuilder("spectest")
	print := func(name string, params ...api.ValueType) {
		b.NewFunctionBuilder().WithGoModuleFunction(api.GoModuleFunc(func(context.Context, api.Module, []uint64) {}), params, nil).Export(name)
	}
	print("print")
	print("print_i32", i32)
	print("print_i64", api.ValueTypeI64)
	print("print_f32", api.ValueTypeF32)
	print("print_f64", api.ValueTypeF64)
	print("print_i32_f32", i32, api.ValueTypeF32)
	print("print_f64_f64", api.ValueTypeF64, api.ValueTypeF64)
	if _, err := b.Instantiate(ctx); err != nil {
		t.Fatal(err)
	}
	return s
}

// rewriteForTest rewrites a module that keeps its exports. ok is false if no TA can be such a module.
func rewriteForTest(raw []byte) (out []byte, ok bool, err error) {
	m, err := module.Decode(raw)
	if err != nil {
		return nil, true, err
	}
	o := Options{MaxPages: 65536, CallStack: 1 << 20, MaxTable: 1 << 20, StackPointer: -1, exports: true}
	if len(m.Memories) > 0 {
		o.MinPages = m.Memories[0].Min
		if m.Memories[0].HasMax {
			o.MaxPages = m.Memories[0].Max
		}
	}
	for _, im := range m.Imports {
		if im.Kind != module.KindFunc {
			return nil, false, nil
		}
	}
	for _, t := range m.Tables {
		if t.Min > o.MaxTable {
			return nil, false, nil
		}
	}
	if m.Start != nil {
		return nil, false, nil // the start function is not called: TAs have none
	}
	out, err = Rewrite(m, o)
	return out, true, err
}

func (s *suite) load(c command) {
	raw, err := os.ReadFile(filepath.Join(s.dir, c.Filename))
	if err != nil {
		s.t.Fatal(err)
	}
	s.last = nil
	out, ok, err := rewriteForTest(raw)
	if err != nil {
		s.t.Fatalf("line %d: %s: %v", c.Line, c.Filename, err)
	}
	if ok {
		compiled, err := s.rt.CompileModule(s.ctx, out)
		if err != nil {
			s.t.Fatalf("line %d: the rewritten %s is not valid: %v", c.Line, c.Filename, err)
		}
		// A module that imports from one that could not be rewritten cannot be instantiated.
		s.last, _ = s.rt.InstantiateModule(s.ctx, compiled, wazero.NewModuleConfig().WithName(strconv.Itoa(c.Line)))
	}
	if c.Name != "" {
		s.named[c.Name] = s.last
	}
}

func (s *suite) command(c command) {
	switch c.Type {
	case "module":
		s.load(c)
	case "register":
		s.linked = true
	case "action", "assert_return", "assert_trap", "assert_exhaustion":
		mod := s.last
		if c.Action.Module != "" {
			mod = s.named[c.Action.Module]
		}
		if mod == nil || s.linked {
			s.skipped++
			return
		}
		s.assert(mod, c)
	}
}

func (s *suite) assert(mod api.Module, c command) {
	s.ran++
	if c.Action.Type == "get" {
		g := mod.ExportedGlobal(c.Action.Field)
		if g == nil || !matches([]uint64{g.Get()}, c.Expected) {
			s.t.Errorf("line %d: global %s is %v, want %s", c.Line, c.Action.Field, g, c.Expected)
		}
		return
	}
	mod.ExportedGlobal("$depth").(api.MutableGlobal).Set(1 << 20)
	var args []uint64
	for _, a := range c.Action.Args {
		args = append(args, a.bits()...)
	}
	fn := mod.ExportedFunction(c.Action.Field)
	if fn == nil {
		s.t.Errorf("line %d: no function %s", c.Line, c.Action.Field)
		return
	}
	got, err := fn.Call(s.ctx, args...)
	switch {
	case c.Type == "assert_exhaustion" && (err == nil || !strings.Contains(err.Error(), "call stack exhausted")):
		s.t.Errorf("line %d: %s(%v): %v, want an exhausted call stack", c.Line, c.Action.Field, args, err)
	case c.Type == "assert_trap" && err == nil:
		s.t.Errorf("line %d: %s(%v) = %v, want the trap %q", c.Line, c.Action.Field, args, got, c.Text)
	case c.Type == "assert_trap" && !strings.Contains(err.Error(), trapText(c.Text)):
		s.t.Errorf("line %d: %s(%v): %v, want the trap %q", c.Line, c.Action.Field, args, err, c.Text)
	case c.Type == "assert_return" && err != nil:
		s.t.Errorf("line %d: %s(%v): %v", c.Line, c.Action.Field, args, err)
	case c.Type == "assert_return" && !matches(got, c.Expected):
		s.t.Errorf("line %d: %s(%v) = %x, want %s", c.Line, c.Action.Field, args, got, c.Expected)
	}
}

// trapText is what the engine says for a trap of the specification.
func trapText(spec string) string {
	switch {
	case strings.HasPrefix(spec, "uninitialized element"), strings.HasPrefix(spec, "undefined"), strings.HasPrefix(spec, "out of bounds table"):
		return "invalid table access"
	case strings.HasPrefix(spec, "indirect call"):
		return "indirect call type mismatch"
	case strings.HasPrefix(spec, "invalid conversion"):
		return "invalid conversion to integer"
	case strings.HasPrefix(spec, "out of bounds memory"):
		return "out of bounds memory access"
	}
	return strings.TrimPrefix(spec, "null ")
}

func (v value) String() string { return v.Type + ":" + string(v.Value) }

func (v value) strings() []string {
	var list []string
	if json.Unmarshal(v.Value, &list) == nil {
		return list
	}
	var one string
	_ = json.Unmarshal(v.Value, &one)
	return []string{one}
}

// laneBits is the width of a number of the suite.
func (v value) laneBits() int {
	switch cmp := v.Type + v.Lane; {
	case strings.HasSuffix(cmp, "i8"):
		return 8
	case strings.HasSuffix(cmp, "i16"):
		return 16
	case strings.HasSuffix(cmp, "32"):
		return 32
	}
	return 64
}

// bits turns an argument into the engine's form.
func (v value) bits() []uint64 {
	if v.Type != "v128" {
		s := v.strings()[0]
		if s == "null" {
			return []uint64{0}
		}
		n, _ := strconv.ParseUint(s, 10, 64)
		if v.Type == "externref" || v.Type == "funcref" {
			n++
		}
		return []uint64{n}
	}
	out := []uint64{0, 0}
	w := v.laneBits()
	for i, s := range v.strings() {
		n, err := strconv.ParseUint(s, 10, 64)
		if err != nil {
			n = 0 // a NaN pattern, in expectations only
		}
		out[i*w/64] |= n & (math.MaxUint64 >> (64 - w)) << (i * w % 64)
	}
	return out
}

// matches compares results with what is expected, NaN patterns included.
func matches(got []uint64, want []value) bool {
	i := 0
	for _, w := range want {
		lanes, width := w.strings(), w.laneBits()
		if w.Type == "externref" || w.Type == "funcref" {
			if i >= len(got) || (lanes[0] == "null") != (got[i] == 0) {
				return false
			}
			i++
			continue
		}
		if w.Type != "v128" {
			if i >= len(got) || !matchesNumber(got[i], lanes[0], width) {
				return false
			}
			i++
			continue
		}
		if i+1 >= len(got) {
			return false
		}
		for l, s := range lanes {
			lane := got[i+l*width/64] >> (l * width % 64) & (math.MaxUint64 >> (64 - width))
			if !matchesNumber(lane, s, width) {
				return false
			}
		}
		i += 2
	}
	return i == len(got)
}

func matchesNumber(got uint64, want string, width int) bool {
	if strings.HasPrefix(want, "nan:") {
		if width == 32 {
			return math.IsNaN(float64(math.Float32frombits(uint32(got))))
		}
		return math.IsNaN(math.Float64frombits(got))
	}
	n, err := strconv.ParseUint(want, 10, 64)
	return err == nil && n == got&(math.MaxUint64>>(64-width))
}
