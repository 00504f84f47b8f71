package wasm

import (
	"context"
	"fmt"
	"strings"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"goatee/softtee/coreapi"
	"goatee/softtee/wasm/module"
)

// importModule is the name under which a TA imports the functions of the Core API: the one that the linker gives to what
// is not defined.
const importModule = "env"

// Binding is one function that a TA may import.
type Binding struct {
	Name string
	// Signature has a letter for each parameter and, after a colon, for the result: i is i32, I is i64.
	Signature string
	// Section is where the function is specified: a section of the TEE Internal Core API 1.3.1, or OP-TEE, or C.
	Section string
	// fn is nil for what is not built yet: calling it panics the TA, and says so.
	fn func(t *coreapi.TA, a args) uint32
}

// Built reports whether the function does something.
func (b *Binding) Built() bool { return b.fn != nil }

// args are the parameters of a call.
type args []uint64

func (a args) u32(i int) uint32 { return uint32(a[i]) }

func fromBool(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}

// Bindings returns all functions that a TA may import, sorted by name. The import check, the binding itself and the list
// of names that the dev kit's linker lets pass are made from it.
func Bindings() []Binding { return append([]Binding(nil), bindings...) }

// funcType is the type that a signature stands for.
func (b *Binding) funcType() module.FuncType {
	params, result, _ := strings.Cut(b.Signature, ":")
	types := func(letters string) []byte {
		var out []byte
		for _, l := range letters {
			if l == 'I' {
				out = append(out, module.I64)
			} else {
				out = append(out, module.I32)
			}
		}
		return out
	}
	return module.FuncType{Params: types(params), Results: types(result)}
}

// checkImports says which import the TEE does not have, or has with another type.
func checkImports(m *module.Module) error {
	known := make(map[string]*Binding, len(bindings))
	for i := range bindings {
		known[bindings[i].Name] = &bindings[i]
	}
	for _, im := range m.Imports {
		if im.Kind != module.KindFunc {
			return fmt.Errorf("it imports %s.%s, which is no function: a TA brings its own memory, tables and globals", im.Module, im.Name)
		}
		b := known[im.Name]
		if im.Module != importModule || b == nil {
			return fmt.Errorf("it imports the function %s.%s, which this TEE does not have", im.Module, im.Name)
		}
		if have, want := m.Types[im.Type], b.funcType(); !have.Equal(want) {
			return fmt.Errorf("it imports %s as %v, and it is %v; was it declared otherwise than in the dev kit's headers?", im.Name, have, want)
		}
	}
	return nil
}

// bind makes the module that TAs import from.
func bind(ctx context.Context, rt wazero.Runtime) error {
	b := rt.NewHostModuleBuilder(importModule)
	for i := range bindings {
		row := &bindings[i]
		t := row.funcType()
		b.NewFunctionBuilder().WithGoModuleFunction(row.host(len(t.Results) > 0), t.Params, t.Results).Export(row.Name)
	}
	_, err := b.Instantiate(ctx)
	return err
}

// host is the function as the engine calls it. The context is the instance that calls.
func (b *Binding) host(result bool) api.GoModuleFunc {
	name, fn := b.Name, b.fn
	if fn == nil {
		return func(ctx context.Context, _ api.Module, _ []uint64) {
			ta := ctx.(*instance).ta
			ta.Enter(name)
			ta.NotBuilt()
		}
	}
	return func(ctx context.Context, _ api.Module, stack []uint64) {
		ta := ctx.(*instance).ta
		ta.Enter(name)
		if r := fn(ta, stack); result {
			stack[0] = uint64(r)
		}
	}
}

var bindings = []Binding{
	{"TEE_AEDecryptFinal", "iiiiiii:i", "6.6.5", func(t *coreapi.TA, a args) uint32 {
		return uint32(t.AEDecryptFinal(a.u32(0), a.u32(1), a.u32(2), a.u32(3), a.u32(4), a.u32(5), a.u32(6)))
	}},
	{"TEE_AEEncryptFinal", "iiiiiii:i", "6.6.4", func(t *coreapi.TA, a args) uint32 {
		return uint32(t.AEEncryptFinal(a.u32(0), a.u32(1), a.u32(2), a.u32(3), a.u32(4), a.u32(5), a.u32(6)))
	}},
	{"TEE_AEInit", "iiiiii:i", "6.6.1", func(t *coreapi.TA, a args) uint32 {
		return uint32(t.AEInit(a.u32(0), a.u32(1), a.u32(2), a.u32(3), a.u32(4), a.u32(5)))
	}},
	{"TEE_AEUpdate", "iiiii:i", "6.6.3", func(t *coreapi.TA, a args) uint32 {
		return uint32(t.AEUpdate(a.u32(0), a.u32(1), a.u32(2), a.u32(3), a.u32(4)))
	}},
	{"TEE_AEUpdateAAD", "iii:", "6.6.2", func(t *coreapi.TA, a args) uint32 { t.AEUpdateAAD(a.u32(0), a.u32(1), a.u32(2)); return 0 }},
	{"TEE_AllocateOperation", "iiii:i", "6.2.1", func(t *coreapi.TA, a args) uint32 {
		return uint32(t.AllocateOperation(a.u32(0), a.u32(1), a.u32(2), a.u32(3)))
	}},
	{"TEE_AllocatePersistentObjectEnumerator", "i:i", "5.8.1", nil},
	{"TEE_AllocatePropertyEnumerator", "i:i", "4.4.8", func(t *coreapi.TA, a args) uint32 { return uint32(t.AllocatePropertyEnumerator(a.u32(0))) }},
	{"TEE_AllocateTransientObject", "iii:i", "5.6.1", func(t *coreapi.TA, a args) uint32 {
		return uint32(t.AllocateTransientObject(a.u32(0), a.u32(1), a.u32(2)))
	}},
	{"TEE_AsymmetricDecrypt", "iiiiiii:i", "6.7.1", nil},
	{"TEE_AsymmetricEncrypt", "iiiiiii:i", "6.7.1", nil},
	{"TEE_AsymmetricSignDigest", "iiiiiii:i", "6.7.2", nil},
	{"TEE_AsymmetricVerifyDigest", "iiiiiii:i", "6.7.3", nil},
	{"TEE_BigIntAbs", "ii:i", "8", nil},
	{"TEE_BigIntAdd", "iii:", "8", nil},
	{"TEE_BigIntAddMod", "iiii:", "8", nil},
	{"TEE_BigIntAssign", "ii:i", "8", nil},
	{"TEE_BigIntCmp", "ii:i", "8", nil},
	{"TEE_BigIntCmpS32", "ii:i", "8", nil},
	{"TEE_BigIntComputeExtendedGcd", "iiiii:", "8", nil},
	{"TEE_BigIntComputeFMM", "iiiii:", "8", nil},
	{"TEE_BigIntConvertFromFMM", "iiii:", "8", nil},
	{"TEE_BigIntConvertFromOctetString", "iiii:i", "8", nil},
	{"TEE_BigIntConvertFromS32", "ii:", "8", nil},
	{"TEE_BigIntConvertToFMM", "iiii:", "8", nil},
	{"TEE_BigIntConvertToOctetString", "iii:i", "8", nil},
	{"TEE_BigIntConvertToS32", "ii:i", "8", nil},
	{"TEE_BigIntDiv", "iiii:", "8", nil},
	{"TEE_BigIntExpMod", "iiiii:i", "8", nil},
	{"TEE_BigIntFMMContextSizeInU32", "i:i", "8", nil},
	{"TEE_BigIntFMMSizeInU32", "i:i", "8", nil},
	{"TEE_BigIntGetBit", "ii:i", "8", nil},
	{"TEE_BigIntGetBitCount", "i:i", "8", nil},
	{"TEE_BigIntInit", "ii:", "8", nil},
	{"TEE_BigIntInitFMM", "ii:", "8", nil},
	{"TEE_BigIntInitFMMContext", "iii:", "8", nil},
	{"TEE_BigIntInitFMMContext1", "iii:i", "8", nil},
	{"TEE_BigIntInvMod", "iii:", "8", nil},
	{"TEE_BigIntIsProbablePrime", "ii:i", "8", nil},
	{"TEE_BigIntMod", "iii:", "8", nil},
	{"TEE_BigIntMul", "iii:", "8", nil},
	{"TEE_BigIntMulMod", "iiii:", "8", nil},
	{"TEE_BigIntNeg", "ii:", "8", nil},
	{"TEE_BigIntRelativePrime", "ii:i", "8", nil},
	{"TEE_BigIntSetBit", "iii:i", "8", nil},
	{"TEE_BigIntShiftRight", "iii:", "8", nil},
	{"TEE_BigIntSquare", "ii:", "8", nil},
	{"TEE_BigIntSquareMod", "iii:", "8", nil},
	{"TEE_BigIntSub", "iii:", "8", nil},
	{"TEE_BigIntSubMod", "iiii:", "8", nil},
	{"TEE_CacheClean", "ii:i", "OP-TEE", nil},
	{"TEE_CacheFlush", "ii:i", "OP-TEE", nil},
	{"TEE_CacheInvalidate", "ii:i", "OP-TEE", nil},
	{"TEE_CheckMemoryAccessRights", "iii:i", "4.11.1", func(t *coreapi.TA, a args) uint32 {
		return uint32(t.CheckMemoryAccessRights(a.u32(0), a.u32(1), a.u32(2)))
	}},
	{"TEE_CipherDoFinal", "iiiii:i", "6.4.3", func(t *coreapi.TA, a args) uint32 {
		return uint32(t.CipherDoFinal(a.u32(0), a.u32(1), a.u32(2), a.u32(3), a.u32(4)))
	}},
	{"TEE_CipherInit", "iii:", "6.4.1", func(t *coreapi.TA, a args) uint32 { t.CipherInit(a.u32(0), a.u32(1), a.u32(2)); return 0 }},
	{"TEE_CipherUpdate", "iiiii:i", "6.4.2", func(t *coreapi.TA, a args) uint32 {
		return uint32(t.CipherUpdate(a.u32(0), a.u32(1), a.u32(2), a.u32(3), a.u32(4)))
	}},
	{"TEE_CloseAndDeletePersistentObject", "i:", "5.7.3", nil},
	{"TEE_CloseAndDeletePersistentObject1", "i:i", "5.7.3", nil},
	{"TEE_CloseObject", "i:", "5.5.6", nil},
	{"TEE_CloseTASession", "i:", "4.9.2", func(t *coreapi.TA, a args) uint32 { t.CloseTASession(a.u32(0)); return 0 }},
	{"TEE_CopyObjectAttributes", "ii:", "5.6.7", nil},
	{"TEE_CopyObjectAttributes1", "ii:i", "5.6.6", func(t *coreapi.TA, a args) uint32 { return uint32(t.CopyObjectAttributes1(a.u32(0), a.u32(1))) }},
	{"TEE_CopyOperation", "ii:", "6.2.8", nil},
	{"TEE_CreatePersistentObject", "iiiiiiii:i", "5.7.2", nil},
	{"TEE_DeriveKey", "iiii:", "6.8.1", func(t *coreapi.TA, a args) uint32 { t.DeriveKey(a.u32(0), a.u32(1), a.u32(2), a.u32(3)); return 0 }},
	{"TEE_DigestDoFinal", "iiiii:i", "6.3.2", func(t *coreapi.TA, a args) uint32 {
		return uint32(t.DigestDoFinal(a.u32(0), a.u32(1), a.u32(2), a.u32(3), a.u32(4)))
	}},
	{"TEE_DigestExtract", "iii:i", "6.3.3", nil},
	{"TEE_DigestUpdate", "iii:", "6.3.1", func(t *coreapi.TA, a args) uint32 { t.DigestUpdate(a.u32(0), a.u32(1), a.u32(2)); return 0 }},
	{"TEE_Event_AddSources", "iii:i", "9.7", nil},
	{"TEE_Event_CancelSources", "iii:i", "9.7", nil},
	{"TEE_Event_CloseQueue", "i:i", "9.7", nil},
	{"TEE_Event_DropSources", "iii:i", "9.7", nil},
	{"TEE_Event_ListSources", "iii:i", "9.7", nil},
	{"TEE_Event_OpenQueue", "iiiii:i", "9.7", nil},
	{"TEE_Event_TimerCreate", "iIi:i", "9.7", nil},
	{"TEE_Event_Wait", "iiiii:i", "9.7", nil},
	{"TEE_Free", "i:", "4.11.6", func(t *coreapi.TA, a args) uint32 { t.Free(a.u32(0)); return 0 }},
	{"TEE_FreeOperation", "i:", "6.2.2", func(t *coreapi.TA, a args) uint32 { t.FreeOperation(a.u32(0)); return 0 }},
	{"TEE_FreePersistentObjectEnumerator", "i:", "5.8.2", nil},
	{"TEE_FreePropertyEnumerator", "i:", "4.4.9", func(t *coreapi.TA, a args) uint32 { t.FreePropertyEnumerator(a.u32(0)); return 0 }},
	{"TEE_FreeTransientObject", "i:", "5.6.2", func(t *coreapi.TA, a args) uint32 { t.FreeTransientObject(a.u32(0)); return 0 }},
	{"TEE_GenerateKey", "iiii:i", "5.6.8", func(t *coreapi.TA, a args) uint32 {
		return uint32(t.GenerateKey(a.u32(0), a.u32(1), a.u32(2), a.u32(3)))
	}},
	{"TEE_GenerateRandom", "ii:", "6.9.1", func(t *coreapi.TA, a args) uint32 { t.GenerateRandom(a.u32(0), a.u32(1)); return 0 }},
	{"TEE_GetCancellationFlag", ":i", "4.10.1", func(t *coreapi.TA, a args) uint32 { return fromBool(t.GetCancellationFlag()) }},
	{"TEE_GetInstanceData", ":i", "4.11.3", func(t *coreapi.TA, a args) uint32 { return t.GetInstanceData() }},
	{"TEE_GetNextPersistentObject", "iiii:i", "5.8.5", nil},
	{"TEE_GetNextProperty", "i:i", "4.4.13", func(t *coreapi.TA, a args) uint32 { return uint32(t.GetNextProperty(a.u32(0))) }},
	{"TEE_GetObjectBufferAttribute", "iiii:i", "5.5.4", func(t *coreapi.TA, a args) uint32 {
		return uint32(t.GetObjectBufferAttribute(a.u32(0), a.u32(1), a.u32(2), a.u32(3)))
	}},
	{"TEE_GetObjectInfo", "ii:", "5.5", nil},
	{"TEE_GetObjectInfo1", "ii:i", "5.5.1", func(t *coreapi.TA, a args) uint32 { return uint32(t.GetObjectInfo1(a.u32(0), a.u32(1))) }},
	{"TEE_GetObjectValueAttribute", "iiii:i", "5.5.5", func(t *coreapi.TA, a args) uint32 {
		return uint32(t.GetObjectValueAttribute(a.u32(0), a.u32(1), a.u32(2), a.u32(3)))
	}},
	{"TEE_GetOperationInfo", "ii:", "6.2.3", func(t *coreapi.TA, a args) uint32 { t.GetOperationInfo(a.u32(0), a.u32(1)); return 0 }},
	{"TEE_GetOperationInfoMultiple", "iii:i", "6.2.4", nil},
	{"TEE_GetPropertyAsBinaryBlock", "iiii:i", "4.4.5", func(t *coreapi.TA, a args) uint32 {
		return uint32(t.GetPropertyAsBinaryBlock(a.u32(0), a.u32(1), a.u32(2), a.u32(3)))
	}},
	{"TEE_GetPropertyAsBool", "iii:i", "4.4.2", func(t *coreapi.TA, a args) uint32 { return uint32(t.GetPropertyAsBool(a.u32(0), a.u32(1), a.u32(2))) }},
	{"TEE_GetPropertyAsIdentity", "iii:i", "4.4.7", func(t *coreapi.TA, a args) uint32 {
		return uint32(t.GetPropertyAsIdentity(a.u32(0), a.u32(1), a.u32(2)))
	}},
	{"TEE_GetPropertyAsString", "iiii:i", "4.4.1", func(t *coreapi.TA, a args) uint32 {
		return uint32(t.GetPropertyAsString(a.u32(0), a.u32(1), a.u32(2), a.u32(3)))
	}},
	{"TEE_GetPropertyAsU32", "iii:i", "4.4.3", func(t *coreapi.TA, a args) uint32 { return uint32(t.GetPropertyAsU32(a.u32(0), a.u32(1), a.u32(2))) }},
	{"TEE_GetPropertyAsU64", "iii:i", "4.4.4", func(t *coreapi.TA, a args) uint32 { return uint32(t.GetPropertyAsU64(a.u32(0), a.u32(1), a.u32(2))) }},
	{"TEE_GetPropertyAsUUID", "iii:i", "4.4.6", func(t *coreapi.TA, a args) uint32 { return uint32(t.GetPropertyAsUUID(a.u32(0), a.u32(1), a.u32(2))) }},
	{"TEE_GetPropertyName", "iii:i", "4.4.12", func(t *coreapi.TA, a args) uint32 { return uint32(t.GetPropertyName(a.u32(0), a.u32(1), a.u32(2))) }},
	{"TEE_GetREETime", "i:", "7.2.5", func(t *coreapi.TA, a args) uint32 { t.GetREETime(a.u32(0)); return 0 }},
	{"TEE_GetSystemTime", "i:", "7.2.1", func(t *coreapi.TA, a args) uint32 { t.GetSystemTime(a.u32(0)); return 0 }},
	{"TEE_GetTAPersistentTime", "i:i", "7.2.3", func(t *coreapi.TA, a args) uint32 { return uint32(t.GetTAPersistentTime(a.u32(0))) }},
	{"TEE_InitRefAttribute", "iiii:", "5.6.5", func(t *coreapi.TA, a args) uint32 {
		t.InitRefAttribute(a.u32(0), a.u32(1), a.u32(2), a.u32(3))
		return 0
	}},
	{"TEE_InitValueAttribute", "iiii:", "5.6.5", func(t *coreapi.TA, a args) uint32 {
		t.InitValueAttribute(a.u32(0), a.u32(1), a.u32(2), a.u32(3))
		return 0
	}},
	{"TEE_InvokeTACommand", "iiiiii:i", "4.9.3", func(t *coreapi.TA, a args) uint32 {
		return uint32(t.InvokeTACommand(a.u32(0), a.u32(1), a.u32(2), a.u32(3), a.u32(4), a.u32(5)))
	}},
	{"TEE_IsAlgorithmSupported", "ii:i", "6.2.9", func(t *coreapi.TA, a args) uint32 { return uint32(t.IsAlgorithmSupported(a.u32(0), a.u32(1))) }},
	{"TEE_MACCompareFinal", "iiiii:i", "6.5.4", func(t *coreapi.TA, a args) uint32 {
		return uint32(t.MACCompareFinal(a.u32(0), a.u32(1), a.u32(2), a.u32(3), a.u32(4)))
	}},
	{"TEE_MACComputeFinal", "iiiii:i", "6.5.3", func(t *coreapi.TA, a args) uint32 {
		return uint32(t.MACComputeFinal(a.u32(0), a.u32(1), a.u32(2), a.u32(3), a.u32(4)))
	}},
	{"TEE_MACInit", "iii:", "6.5.1", func(t *coreapi.TA, a args) uint32 { t.MACInit(a.u32(0), a.u32(1), a.u32(2)); return 0 }},
	{"TEE_MACUpdate", "iii:", "6.5.2", func(t *coreapi.TA, a args) uint32 { t.MACUpdate(a.u32(0), a.u32(1), a.u32(2)); return 0 }},
	{"TEE_Malloc", "ii:i", "4.11.4", func(t *coreapi.TA, a args) uint32 { return t.Malloc(a.u32(0), a.u32(1)) }},
	{"TEE_MaskCancellation", ":i", "4.10.3", func(t *coreapi.TA, a args) uint32 { return fromBool(t.MaskCancellation()) }},
	{"TEE_MemCompare", "iii:i", "4.11.8", func(t *coreapi.TA, a args) uint32 { return uint32(t.MemCompare(a.u32(0), a.u32(1), a.u32(2))) }},
	{"TEE_MemFill", "iii:", "4.11.9", func(t *coreapi.TA, a args) uint32 { t.MemFill(a.u32(0), a.u32(1), a.u32(2)); return 0 }},
	{"TEE_MemMove", "iii:", "4.11.7", func(t *coreapi.TA, a args) uint32 { t.MemMove(a.u32(0), a.u32(1), a.u32(2)); return 0 }},
	{"TEE_OpenPersistentObject", "iiiii:i", "5.7.1", nil},
	{"TEE_OpenTASession", "iiiiii:i", "4.9.1", func(t *coreapi.TA, a args) uint32 {
		return uint32(t.OpenTASession(a.u32(0), a.u32(1), a.u32(2), a.u32(3), a.u32(4), a.u32(5)))
	}},
	{"TEE_Panic", "i:", "4.8.1", func(t *coreapi.TA, a args) uint32 { t.Panic(a.u32(0)); return 0 }},
	{"TEE_Peripheral_Close", "i:i", "9.7", nil},
	{"TEE_Peripheral_CloseMultiple", "ii:i", "9.7", nil},
	{"TEE_Peripheral_GetPeripherals", "iii:i", "9.7", nil},
	{"TEE_Peripheral_GetState", "iiii:i", "9.7", nil},
	{"TEE_Peripheral_GetStateTable", "iii:i", "9.7", nil},
	{"TEE_Peripheral_Open", "i:i", "9.7", nil},
	{"TEE_Peripheral_OpenMultiple", "ii:i", "9.7", nil},
	{"TEE_Peripheral_Read", "iii:i", "9.7", nil},
	{"TEE_Peripheral_SetState", "iiii:i", "9.7", nil},
	{"TEE_Peripheral_Write", "iii:i", "9.7", nil},
	{"TEE_PopulateTransientObject", "iii:i", "5.6.4", func(t *coreapi.TA, a args) uint32 {
		return uint32(t.PopulateTransientObject(a.u32(0), a.u32(1), a.u32(2)))
	}},
	{"TEE_ReadObjectData", "iiii:i", "5.9.1", nil},
	{"TEE_Realloc", "ii:i", "4.11.5", func(t *coreapi.TA, a args) uint32 { return t.Realloc(a.u32(0), a.u32(1)) }},
	{"TEE_RenamePersistentObject", "iii:i", "5.7.4", nil},
	{"TEE_ResetOperation", "i:", "6.2.5", func(t *coreapi.TA, a args) uint32 { t.ResetOperation(a.u32(0)); return 0 }},
	{"TEE_ResetPersistentObjectEnumerator", "i:", "5.8.3", nil},
	{"TEE_ResetPropertyEnumerator", "i:", "4.4.11", func(t *coreapi.TA, a args) uint32 { t.ResetPropertyEnumerator(a.u32(0)); return 0 }},
	{"TEE_ResetTransientObject", "i:", "5.6.3", func(t *coreapi.TA, a args) uint32 { t.ResetTransientObject(a.u32(0)); return 0 }},
	{"TEE_RestrictObjectUsage", "ii:", "5.5", nil},
	{"TEE_RestrictObjectUsage1", "ii:i", "5.5.3", func(t *coreapi.TA, a args) uint32 { return uint32(t.RestrictObjectUsage1(a.u32(0), a.u32(1))) }},
	{"TEE_SeekObjectData", "iIi:i", "5.9.4", nil},
	{"TEE_SetInstanceData", "i:", "4.11.2", func(t *coreapi.TA, a args) uint32 { t.SetInstanceData(a.u32(0)); return 0 }},
	{"TEE_SetOperationKey", "ii:i", "6.2.6", func(t *coreapi.TA, a args) uint32 { return uint32(t.SetOperationKey(a.u32(0), a.u32(1))) }},
	{"TEE_SetOperationKey2", "iii:i", "6.2.7", nil},
	{"TEE_SetTAPersistentTime", "i:i", "7.2.4", func(t *coreapi.TA, a args) uint32 { return uint32(t.SetTAPersistentTime(a.u32(0))) }},
	{"TEE_StartPersistentObjectEnumerator", "ii:i", "5.8.4", nil},
	{"TEE_StartPropertyEnumerator", "ii:", "4.4.10", func(t *coreapi.TA, a args) uint32 { t.StartPropertyEnumerator(a.u32(0), a.u32(1)); return 0 }},
	{"TEE_TruncateObjectData", "ii:i", "5.9.3", nil},
	{"TEE_UnmaskCancellation", ":i", "4.10.2", func(t *coreapi.TA, a args) uint32 { return fromBool(t.UnmaskCancellation()) }},
	{"TEE_Wait", "i:i", "7.2.2", func(t *coreapi.TA, a args) uint32 { return uint32(t.Wait(a.u32(0))) }},
	{"TEE_WriteObjectData", "iii:i", "5.9.2", nil},
	{"__GP11_TEE_AEDecryptFinal", "iiiiiii:i", "6.6.5", func(t *coreapi.TA, a args) uint32 {
		return uint32(t.AEDecryptFinal(a.u32(0), a.u32(1), a.u32(2), a.u32(3), a.u32(4), a.u32(5), a.u32(6)))
	}},
	{"__GP11_TEE_AEEncryptFinal", "iiiiiii:i", "6.6.4", func(t *coreapi.TA, a args) uint32 {
		return uint32(t.AEEncryptFinal(a.u32(0), a.u32(1), a.u32(2), a.u32(3), a.u32(4), a.u32(5), a.u32(6)))
	}},
	{"__GP11_TEE_AEInit", "iiiiii:i", "6.6.1", func(t *coreapi.TA, a args) uint32 {
		return uint32(t.AEInit(a.u32(0), a.u32(1), a.u32(2), a.u32(3), a.u32(4), a.u32(5)))
	}},
	{"__GP11_TEE_AEUpdate", "iiiii:i", "6.6.3", func(t *coreapi.TA, a args) uint32 {
		return uint32(t.AEUpdate(a.u32(0), a.u32(1), a.u32(2), a.u32(3), a.u32(4)))
	}},
	{"__GP11_TEE_AEUpdateAAD", "iii:", "6.6.2", func(t *coreapi.TA, a args) uint32 { t.AEUpdateAAD(a.u32(0), a.u32(1), a.u32(2)); return 0 }},
	{"__GP11_TEE_AllocateTransientObject", "iii:i", "5.6.1", func(t *coreapi.TA, a args) uint32 {
		return uint32(t.AllocateTransientObject(a.u32(0), a.u32(1), a.u32(2)))
	}},
	{"__GP11_TEE_AsymmetricDecrypt", "iiiiiii:i", "6.7.1", nil},
	{"__GP11_TEE_AsymmetricEncrypt", "iiiiiii:i", "6.7.1", nil},
	{"__GP11_TEE_AsymmetricSignDigest", "iiiiiii:i", "6.7.2", nil},
	{"__GP11_TEE_AsymmetricVerifyDigest", "iiiiiii:i", "6.7.3", nil},
	{"__GP11_TEE_BigIntConvertFromOctetString", "iiii:i", "8", nil},
	{"__GP11_TEE_BigIntConvertToOctetString", "iii:i", "8", nil},
	{"__GP11_TEE_BigIntFMMContextSizeInU32", "i:i", "8", nil},
	{"__GP11_TEE_BigIntFMMSizeInU32", "i:i", "8", nil},
	{"__GP11_TEE_BigIntInit", "ii:", "8", nil},
	{"__GP11_TEE_BigIntInitFMM", "ii:", "8", nil},
	{"__GP11_TEE_BigIntInitFMMContext", "iii:", "8", nil},
	{"__GP11_TEE_BigIntShiftRight", "iii:", "8", nil},
	{"__GP11_TEE_CheckMemoryAccessRights", "iii:i", "4.11.1", func(t *coreapi.TA, a args) uint32 {
		return uint32(t.CheckMemoryAccessRights(a.u32(0), a.u32(1), a.u32(2)))
	}},
	{"__GP11_TEE_CipherDoFinal", "iiiii:i", "6.4.3", func(t *coreapi.TA, a args) uint32 {
		return uint32(t.CipherDoFinal(a.u32(0), a.u32(1), a.u32(2), a.u32(3), a.u32(4)))
	}},
	{"__GP11_TEE_CipherInit", "iii:", "6.4.1", func(t *coreapi.TA, a args) uint32 { t.CipherInit(a.u32(0), a.u32(1), a.u32(2)); return 0 }},
	{"__GP11_TEE_CipherUpdate", "iiiii:i", "6.4.2", func(t *coreapi.TA, a args) uint32 {
		return uint32(t.CipherUpdate(a.u32(0), a.u32(1), a.u32(2), a.u32(3), a.u32(4)))
	}},
	{"__GP11_TEE_CreatePersistentObject", "iiiiiiii:i", "5.7.2", nil},
	{"__GP11_TEE_DeriveKey", "iiii:", "6.8.1", func(t *coreapi.TA, a args) uint32 { t.DeriveKey(a.u32(0), a.u32(1), a.u32(2), a.u32(3)); return 0 }},
	{"__GP11_TEE_DigestDoFinal", "iiiii:i", "6.3.2", func(t *coreapi.TA, a args) uint32 {
		return uint32(t.DigestDoFinal(a.u32(0), a.u32(1), a.u32(2), a.u32(3), a.u32(4)))
	}},
	{"__GP11_TEE_DigestUpdate", "iii:", "6.3.1", func(t *coreapi.TA, a args) uint32 { t.DigestUpdate(a.u32(0), a.u32(1), a.u32(2)); return 0 }},
	{"__GP11_TEE_FreeOperation", "i:", "6.2.2", func(t *coreapi.TA, a args) uint32 { t.FreeOperation(a.u32(0)); return 0 }},
	{"__GP11_TEE_GenerateKey", "iiii:i", "5.6.8", func(t *coreapi.TA, a args) uint32 {
		return uint32(t.GenerateKey(a.u32(0), a.u32(1), a.u32(2), a.u32(3)))
	}},
	{"__GP11_TEE_GenerateRandom", "ii:", "6.9.1", func(t *coreapi.TA, a args) uint32 { t.GenerateRandom(a.u32(0), a.u32(1)); return 0 }},
	{"__GP11_TEE_GetNextPersistentObject", "iiii:i", "5.8.5", nil},
	{"__GP11_TEE_GetObjectBufferAttribute", "iiii:i", "5.5.4", func(t *coreapi.TA, a args) uint32 {
		return uint32(t.GetObjectBufferAttribute(a.u32(0), a.u32(1), a.u32(2), a.u32(3)))
	}},
	{"__GP11_TEE_GetObjectInfo", "ii:", "5.5", nil},
	{"__GP11_TEE_GetObjectInfo1", "ii:i", "5.5.1", func(t *coreapi.TA, a args) uint32 { return uint32(t.GetObjectInfo1(a.u32(0), a.u32(1))) }},
	{"__GP11_TEE_GetOperationInfoMultiple", "iii:i", "6.2.4", nil},
	{"__GP11_TEE_GetPropertyAsBinaryBlock", "iiii:i", "4.4.5", func(t *coreapi.TA, a args) uint32 {
		return uint32(t.GetPropertyAsBinaryBlock(a.u32(0), a.u32(1), a.u32(2), a.u32(3)))
	}},
	{"__GP11_TEE_GetPropertyAsString", "iiii:i", "4.4.1", func(t *coreapi.TA, a args) uint32 {
		return uint32(t.GetPropertyAsString(a.u32(0), a.u32(1), a.u32(2), a.u32(3)))
	}},
	{"__GP11_TEE_GetPropertyName", "iii:i", "4.4.12", func(t *coreapi.TA, a args) uint32 { return uint32(t.GetPropertyName(a.u32(0), a.u32(1), a.u32(2))) }},
	{"__GP11_TEE_InitRefAttribute", "iiii:", "5.6.5", func(t *coreapi.TA, a args) uint32 {
		t.InitRefAttribute(a.u32(0), a.u32(1), a.u32(2), a.u32(3))
		return 0
	}},
	{"__GP11_TEE_InitValueAttribute", "iiii:", "5.6.5", func(t *coreapi.TA, a args) uint32 {
		t.InitValueAttribute(a.u32(0), a.u32(1), a.u32(2), a.u32(3))
		return 0
	}},
	{"__GP11_TEE_InvokeTACommand", "iiiiii:i", "4.9.3", func(t *coreapi.TA, a args) uint32 {
		return uint32(t.InvokeTACommand(a.u32(0), a.u32(1), a.u32(2), a.u32(3), a.u32(4), a.u32(5)))
	}},
	{"__GP11_TEE_MACCompareFinal", "iiiii:i", "6.5.4", func(t *coreapi.TA, a args) uint32 {
		return uint32(t.MACCompareFinal(a.u32(0), a.u32(1), a.u32(2), a.u32(3), a.u32(4)))
	}},
	{"__GP11_TEE_MACComputeFinal", "iiiii:i", "6.5.3", func(t *coreapi.TA, a args) uint32 {
		return uint32(t.MACComputeFinal(a.u32(0), a.u32(1), a.u32(2), a.u32(3), a.u32(4)))
	}},
	{"__GP11_TEE_MACInit", "iii:", "6.5.1", func(t *coreapi.TA, a args) uint32 { t.MACInit(a.u32(0), a.u32(1), a.u32(2)); return 0 }},
	{"__GP11_TEE_MACUpdate", "iii:", "6.5.2", func(t *coreapi.TA, a args) uint32 { t.MACUpdate(a.u32(0), a.u32(1), a.u32(2)); return 0 }},
	{"__GP11_TEE_Malloc", "ii:i", "4.11.4", func(t *coreapi.TA, a args) uint32 { return t.Malloc(a.u32(0), a.u32(1)) }},
	{"__GP11_TEE_MemCompare", "iii:i", "4.11.8", func(t *coreapi.TA, a args) uint32 { return uint32(t.MemCompare(a.u32(0), a.u32(1), a.u32(2))) }},
	{"__GP11_TEE_MemFill", "iii:", "4.11.9", func(t *coreapi.TA, a args) uint32 { t.MemFill(a.u32(0), a.u32(1), a.u32(2)); return 0 }},
	{"__GP11_TEE_MemMove", "iii:", "4.11.7", func(t *coreapi.TA, a args) uint32 { t.MemMove(a.u32(0), a.u32(1), a.u32(2)); return 0 }},
	{"__GP11_TEE_OpenPersistentObject", "iiiii:i", "5.7.1", nil},
	{"__GP11_TEE_OpenTASession", "iiiiii:i", "4.9.1", func(t *coreapi.TA, a args) uint32 {
		return uint32(t.OpenTASession(a.u32(0), a.u32(1), a.u32(2), a.u32(3), a.u32(4), a.u32(5)))
	}},
	{"__GP11_TEE_PopulateTransientObject", "iii:i", "5.6.4", func(t *coreapi.TA, a args) uint32 {
		return uint32(t.PopulateTransientObject(a.u32(0), a.u32(1), a.u32(2)))
	}},
	{"__GP11_TEE_ReadObjectData", "iiii:i", "5.9.1", nil},
	{"__GP11_TEE_Realloc", "ii:i", "4.11.5", func(t *coreapi.TA, a args) uint32 { return t.Realloc(a.u32(0), a.u32(1)) }},
	{"__GP11_TEE_RenamePersistentObject", "iii:i", "5.7.4", nil},
	{"__GP11_TEE_SeekObjectData", "iii:i", "5.9.4", nil},
	{"__GP11_TEE_SetOperationKey", "ii:i", "6.2.6", func(t *coreapi.TA, a args) uint32 { return uint32(t.SetOperationKey(a.u32(0), a.u32(1))) }},
	{"__GP11_TEE_SetOperationKey2", "iii:i", "6.2.7", nil},
	{"__GP11_TEE_TruncateObjectData", "ii:i", "5.9.3", nil},
	{"__GP11_TEE_WriteObjectData", "iii:i", "5.9.2", nil},
	{"__tee_tcp_close", "i:i", "Sockets API 1.0", nil},
	{"__tee_tcp_error", "i:i", "Sockets API 1.0", nil},
	{"__tee_tcp_ioctl", "iiii:i", "Sockets API 1.0", nil},
	{"__tee_tcp_open", "iii:i", "Sockets API 1.0", nil},
	{"__tee_tcp_recv", "iiii:i", "Sockets API 1.0", nil},
	{"__tee_tcp_send", "iiii:i", "Sockets API 1.0", nil},
	{"__tee_udp_close", "i:i", "Sockets API 1.0", nil},
	{"__tee_udp_error", "i:i", "Sockets API 1.0", nil},
	{"__tee_udp_ioctl", "iiii:i", "Sockets API 1.0", nil},
	{"__tee_udp_open", "iii:i", "Sockets API 1.0", nil},
	{"__tee_udp_recv", "iiii:i", "Sockets API 1.0", nil},
	{"__tee_udp_send", "iiii:i", "Sockets API 1.0", nil},
	{"longjmp", "ii:", "C", nil},
	{"printf", "ii:i", "C", func(t *coreapi.TA, a args) uint32 { return uint32(t.Printf(a.u32(0), a.u32(1))) }},
	{"putchar", "i:i", "C", func(t *coreapi.TA, a args) uint32 { return uint32(t.Putchar(a.u32(0))) }},
	{"puts", "i:i", "C", func(t *coreapi.TA, a args) uint32 { return uint32(t.Puts(a.u32(0))) }},
	{"setjmp", "i:i", "C", nil},
	{"snprintf", "iiii:i", "C", func(t *coreapi.TA, a args) uint32 { return uint32(t.Snprintf(a.u32(0), a.u32(1), a.u32(2), a.u32(3))) }},
	{"snprintk", "iiii:i", "OP-TEE", func(t *coreapi.TA, a args) uint32 { return uint32(t.Snprintf(a.u32(0), a.u32(1), a.u32(2), a.u32(3))) }},
	{"tee_invoke_supp_plugin", "iiiiii:i", "OP-TEE", nil},
	{"tee_map_zi", "ii:i", "OP-TEE", nil},
	{"tee_unmap", "ii:i", "OP-TEE", nil},
	{"trace_printf", "iiiiii:", "OP-TEE", func(t *coreapi.TA, a args) uint32 {
		t.TracePrintf(a.u32(0), a.u32(1), a.u32(2), a.u32(3), a.u32(4), a.u32(5))
		return 0
	}},
	{"vprintf", "ii:i", "C", func(t *coreapi.TA, a args) uint32 { return uint32(t.Printf(a.u32(0), a.u32(1))) }},
	{"vsnprintf", "iiii:i", "C", func(t *coreapi.TA, a args) uint32 { return uint32(t.Snprintf(a.u32(0), a.u32(1), a.u32(2), a.u32(3))) }},
	{"vsnprintk", "iiii:i", "OP-TEE", func(t *coreapi.TA, a args) uint32 { return uint32(t.Snprintf(a.u32(0), a.u32(1), a.u32(2), a.u32(3))) }},
}
