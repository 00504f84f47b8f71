package wasm

import (
	"debug/dwarf"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"goatee/softtee/engine"
	"goatee/softtee/wasm/instrument"
	"goatee/softtee/wasm/module"
)

// symbols tells what stands where in a module's code, from its debug information and its name section. It is read when a
// TA has panicked for the first time.
type symbols struct {
	names map[uint32]string
	data  *dwarf.Data // nil without debug information
}

func newSymbols(m *module.Module) *symbols {
	s := &symbols{names: m.FunctionNames()}
	section := func(name string) []byte { return m.Custom(".debug_" + name) }
	if section("info") == nil {
		return s
	}
	d, err := dwarf.New(section("abbrev"), nil, nil, section("info"), section("line"), nil, section("ranges"), section("str"))
	if err != nil {
		return s
	}
	for _, name := range []string{"addr", "line_str", "str_offsets", "rnglists", "loclists"} {
		if b := section(name); b != nil && d.AddSection(".debug_"+name, b) != nil {
			return s
		}
	}
	s.data = d
	return s
}

// locate returns the frames of a place in the rewritten code: one, and one more for each function that was inlined
// there.
func (m *Module) locate(fn, offset uint32) []engine.Frame {
	m.symbolsOnce.Do(func() { m.symbols = newSymbols(m.decoded) })
	old, ok := instrument.Locate(m.decoded, m.options, offset)
	if ok {
		if frames := m.symbols.frames(uint64(old)); len(frames) > 0 {
			return frames
		}
	}
	name := m.symbols.names[fn]
	if name == "" {
		name = fmt.Sprintf("function %d", fn)
	}
	return []engine.Frame{{Func: name}}
}

// frames looks an address up, innermost function first.
func (s *symbols) frames(pc uint64) []engine.Frame {
	if s.data == nil {
		return nil
	}
	r := s.data.Reader()
	cu, err := r.SeekPC(pc)
	if err != nil {
		return nil
	}
	file, line, files := s.line(cu, pc)
	var frames []engine.Frame // outermost first
	depth := 0
	for {
		e, err := r.Next()
		if err != nil || e == nil || e.Tag == dwarf.TagCompileUnit {
			break
		}
		if e.Tag == 0 {
			if depth--; depth < 0 {
				break
			}
			continue
		}
		inside := e.Tag != dwarf.TagSubprogram && e.Tag != dwarf.TagInlinedSubroutine && e.Tag != dwarf.TagLexDwarfBlock || s.contains(e, pc)
		if inside && e.Tag == dwarf.TagInlinedSubroutine && len(frames) > 0 {
			outer := &frames[len(frames)-1]
			callFile, _ := e.Val(dwarf.AttrCallFile).(int64)
			callLine, _ := e.Val(dwarf.AttrCallLine).(int64)
			if callFile >= 0 && callFile < int64(len(files)) && files[callFile] != nil {
				outer.File, outer.Line = tidy(files[callFile].Name), int(callLine)
			}
		}
		if inside && (e.Tag == dwarf.TagSubprogram || e.Tag == dwarf.TagInlinedSubroutine) {
			frames = append(frames, engine.Frame{Func: s.name(e)})
		}
		switch {
		case e.Children && inside:
			depth++
		case e.Children:
			r.SkipChildren()
		}
	}
	if len(frames) == 0 {
		return nil
	}
	inner := &frames[len(frames)-1]
	inner.File, inner.Line = file, line
	for i, j := 0, len(frames)-1; i < j; i, j = i+1, j-1 {
		frames[i], frames[j] = frames[j], frames[i]
	}
	return frames
}

// contains reports whether an entry's code has an address.
func (s *symbols) contains(e *dwarf.Entry, pc uint64) bool {
	ranges, err := s.data.Ranges(e)
	if err != nil {
		return false
	}
	for _, r := range ranges {
		if r[0] <= pc && pc < r[1] {
			return true
		}
	}
	return false
}

// name is a function's name, which may stand at the place that it was declared or is inlined from.
func (s *symbols) name(e *dwarf.Entry) string {
	for range 4 {
		if n, ok := e.Val(dwarf.AttrName).(string); ok {
			return n
		}
		off, ok := e.Val(dwarf.AttrAbstractOrigin).(dwarf.Offset)
		if !ok {
			off, ok = e.Val(dwarf.AttrSpecification).(dwarf.Offset)
		}
		if !ok {
			break
		}
		r := s.data.Reader()
		r.Seek(off)
		next, err := r.Next()
		if err != nil || next == nil {
			break
		}
		e = next
	}
	return "?"
}

// line finds the row of the line table that an address belongs to.
func (s *symbols) line(cu *dwarf.Entry, pc uint64) (file string, line int, files []*dwarf.LineFile) {
	lr, err := s.data.LineReader(cu)
	if err != nil || lr == nil {
		return "", 0, nil
	}
	var row, best dwarf.LineEntry
	found := false
	for {
		if err := lr.Next(&row); err != nil {
			if !errors.Is(err, io.EOF) {
				return "", 0, nil
			}
			break
		}
		// Rows of different functions come in any order: the nearest one before the address counts.
		if row.Address <= pc && !row.EndSequence && (!found || row.Address >= best.Address) {
			best, found = row, true
		}
	}
	if !found || best.File == nil {
		return "", 0, lr.Files()
	}
	return tidy(best.File.Name), best.Line, lr.Files()
}

// tidy makes a path relative to where the TA was built.
func tidy(name string) string { return strings.TrimPrefix(path.Clean(name), "./") }
