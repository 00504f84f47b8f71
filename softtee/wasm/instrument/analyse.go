package instrument

import (
	"fmt"

	"goatee/softtee/wasm/module"
)

// frame is an open block during analysis.
type frame struct {
	base    int // height of the operand stack below the block's parameters
	results int
	loop    int // index into funcInfo.loops that instructions count for, -1 outside of loops
}

// analyse reads the code of a function once: how much there is of it, in which loops, and what it calls.
func (w *rewriter) analyse(i int) error {
	c := &w.m.Codes[i]
	info := &w.info[i]
	typ := w.m.Types[w.m.Functions[i]]
	r := module.NewReader(c.Body, int(c.Offset))
	height, most := 0, 0
	frames := []frame{{results: len(typ.Results), loop: -1}}
	for len(frames) > 0 {
		in, err := next(r)
		if err != nil {
			return err
		}
		top := &frames[len(frames)-1]
		info.add(top.loop, 1)
		height = max(height-int(in.pop), top.base) + int(in.push)
		switch in.op {
		case opBlock, opLoop, opIf:
			params, results := w.blockType(in.block)
			f := frame{base: max(height-params, top.base), results: results, loop: top.loop}
			if in.op == opLoop {
				f.loop = len(info.loops)
				info.loops = append(info.loops, loop{})
			}
			frames = append(frames, f)
		case opElse:
			height = top.base
		case opEnd:
			height = top.base + top.results
			frames = frames[:len(frames)-1]
		case opUnreachable, opBr, opBrTable, opReturn:
			height = top.base
		case opCall:
			t, ok := w.m.FuncType(uint32(in.a))
			if !ok {
				return &module.Error{Offset: int(c.Offset) + in.start, What: fmt.Sprintf("a call of function %d, which there is not", in.a)}
			}
			height = max(height-len(t.Params), top.base) + len(t.Results)
			if int(in.a) >= w.m.ImportedFuncs {
				info.callees = append(info.callees, call{uint32(int(in.a) - w.m.ImportedFuncs), top.loop})
			} else {
				info.add(top.loop, importWeight)
			}
		case opCallIndirect:
			if in.a < uint64(len(w.m.Types)) {
				t := w.m.Types[in.a]
				height = max(height-len(t.Params), top.base) + len(t.Results)
			}
			info.add(top.loop, leafWeight)
			info.indirect = true
		case opPrefixFC:
			if in.sub == fcMemoryInit {
				info.segments = append(info.segments, uint32(in.a))
			}
		}
		most = max(most, height)
	}
	if !r.Done() {
		return &module.Error{Offset: r.Offset(), What: "code after the end of a function"}
	}
	info.frame = uint32(frameBase + 8*(len(typ.Params)+len(c.Locals)+most))
	return nil
}

// add adds weight to a loop, or to the function.
func (f *funcInfo) add(loop, weight int) {
	if loop >= 0 {
		f.loops[loop].weight += weight
	} else {
		f.weight += weight
	}
}

// blockType returns how many parameters and results a block has.
func (w *rewriter) blockType(b int64) (params, results int) {
	switch {
	case b == -64: // empty
		return 0, 0
	case b < 0:
		return 0, 1
	case b < int64(len(w.m.Types)):
		return len(w.m.Types[b].Params), len(w.m.Types[b].Results)
	}
	return 0, 0
}

// decide says which functions burn fuel at their entry, and which take from the call stack or must know what is left.
//
// A function that calls nothing but small functions, and has no loop, is small itself if all of it together is: its
// callers pay for it. A function that is part of a recursion, or has a large frame, takes its frame off the call stack.
// Whoever can reach such a function passes on what is left.
func (w *rewriter) decide() {
	cyclic, order := w.cycles()
	for _, i := range order { // callees first
		f := &w.info[i]
		f.stacks = cyclic[i] || f.frame > leafFrame
		f.deep = f.stacks || f.indirect
		f.burns = cyclic[i] || f.indirect || len(f.loops) > 0 && f.weight > leafWeight
		for _, c := range f.callees {
			callee := &w.info[c.callee]
			f.deep = f.deep || callee.deep
			f.burns = f.burns || callee.burns
		}
		if !f.burns && f.total(w) > leafWeight {
			f.burns = true
		}
	}
	// What is in one recursion is decided by the first of it; the others hear of it here.
	for changed := true; changed; {
		changed = false
		for _, i := range order {
			f := &w.info[i]
			for _, c := range f.callees {
				if w.info[c.callee].deep && !f.deep {
					f.deep, changed = true, true
				}
			}
		}
	}
}

// total is the weight of a function outside of loops, with the functions that do not pay for themselves.
func (f *funcInfo) total(w *rewriter) int {
	sum := f.weight
	for _, c := range f.callees {
		if callee := &w.info[c.callee]; c.loop < 0 && !callee.burns {
			sum += callee.total(w)
		}
	}
	return sum
}

// weigh adds to all weights what the callees do not pay for themselves.
func (w *rewriter) weigh() {
	totals := make([]int, len(w.info))
	for i := range w.info {
		if f := &w.info[i]; !f.burns {
			totals[i] = f.total(w)
		}
	}
	for i := range w.info {
		f := &w.info[i]
		for _, c := range f.callees {
			f.add(c.loop, totals[c.callee])
		}
	}
}

// cycles finds the functions that can call themselves, directly or not, and an order in which callees come first (Tarjan's
// strongly connected components, without recursion of its own). An indirect call may call whatever calls indirectly:
// functions that do are taken as one recursion.
func (w *rewriter) cycles() (cyclic []bool, order []int) {
	n := len(w.info)
	cyclic = make([]bool, n)
	index, low := make([]int, n), make([]int, n) // index 0: not seen
	onStack := make([]bool, n)
	var stack []int
	type visit struct{ f, next int }
	var visits []visit
	seen := 0
	begin := func(f int) {
		seen++
		index[f], low[f] = seen, seen
		stack = append(stack, f)
		onStack[f] = true
		visits = append(visits, visit{f: f})
	}
	for root := range n {
		if index[root] == 0 {
			begin(root)
		}
		for len(visits) > 0 {
			v := &visits[len(visits)-1]
			if v.next < len(w.info[v.f].callees) {
				g := int(w.info[v.f].callees[v.next].callee)
				v.next++
				if g == v.f {
					cyclic[g] = true
				}
				if index[g] == 0 {
					begin(g)
				} else if onStack[g] {
					low[v.f] = min(low[v.f], index[g])
				}
				continue
			}
			f := v.f
			visits = visits[:len(visits)-1]
			if len(visits) > 0 {
				up := visits[len(visits)-1].f
				low[up] = min(low[up], low[f])
			}
			if low[f] != index[f] {
				continue
			}
			for size := 0; ; size++ {
				g := stack[len(stack)-1]
				stack = stack[:len(stack)-1]
				onStack[g] = false
				order = append(order, g)
				if g != f || size > 0 {
					cyclic[g] = true
				}
				if g == f {
					break
				}
			}
		}
	}
	for i := range w.info {
		cyclic[i] = cyclic[i] || w.info[i].indirect
	}
	return cyclic, order
}
